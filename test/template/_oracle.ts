import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { KplayError } from '../../src/model/errors.ts';
import { fromJson } from '../../src/value/json.ts';
import { typeName } from '../../src/value/kinds.ts';
import { OMIT } from '../../src/value/omit.ts';
import { repr } from '../../src/value/repr.ts';
import type { SemanticsVersion } from '../../src/model/semantics.ts';
import type { Value } from '../../src/value/value.ts';
import { parseYaml, parseYamlAll } from '../../src/yaml/parse.ts';
import { scopeOf, scratch, templar } from './_templar.ts';

export type Mode = 's' | 't' | 'w' | 'x';
export type Case = readonly [mode: Mode, source: string];
/** Python's type name and repr, or no type and the error. */
export type Answer = readonly [type: string | null, text: string];

/** The collections that come with the first oracle; the second one has ansible-core alone. */
const collections = (): string => {
  const lib = join(process.env['KPLAY_ORACLE'] ?? '', '..', 'lib');
  return existsSync(lib)
    ? readdirSync(lib)
        .map(name => join(lib, name, 'site-packages'))
        .join(':')
    : '';
};

/** One Python process answers all cases. `bin` is the folder of ansible's virtual environment. */
export const askAnsible = (
  bin: string,
  vars: string,
  files: Readonly<Record<string, string>>,
  cases: readonly Case[],
): readonly Answer[] => {
  const request = `{"vars": ${vars}, "files": ${JSON.stringify(files)}, "cases": ${JSON.stringify(cases)}}`;
  const done = spawnSync(join(bin, 'python3'), ['-I', join(import.meta.dirname, 'oracle.py')], {
    input: request,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    env: {
      PATH: process.env['PATH'],
      HOME: '/root',
      KPLAY_TEST: 'from-env',
      LANG: 'C.UTF-8',
      TZ: process.env['TZ'],
      ...(bin !== process.env['KPLAY_ORACLE'] && { ANSIBLE_COLLECTIONS_PATH: collections() }),
    },
  });
  if (done.error) throw done.error;
  if (done.status !== 0) throw new Error(`the oracle failed: ${done.stderr}`);
  // oracle.py prints exactly this.
  return JSON.parse(done.stdout) as Answer[];
};

const YAML = {
  parseYaml: (text: string): Value => parseYaml(text, '<from_yaml>').value,
  parseYamlAll: (text: string): Value[] => parseYamlAll(text, '<from_yaml_all>').map(({ value }) => value),
};

/** Our own answers, in the same form. */
export const askKplay = (
  vars: string,
  files: Readonly<Record<string, string>>,
  cases: readonly Case[],
  semantics: SemanticsVersion = '2.18',
): readonly Answer[] => {
  const folder = scratch();
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return cases.map(([mode, source]): Answer => {
    const engine = templar(YAML, semantics);
    const values = new Map([...(fromJson(vars) as Map<Value, Value>)].map(([key, value]): [string, Value] => [String(key), value]));
    const scope = scopeOf(values, engine);
    const evaluate = (): Value => {
      switch (mode) {
        case 's':
          return engine.resolve(source, scope, { searchPath: [folder] });
        case 'x':
          return engine.resolve(`{{ [${source}] }}`, scope, { searchPath: [folder] });
        case 'w':
          return engine.condition(source, scope);
        case 't': {
          const path = join(folder, 'page');
          writeFileSync(path, source);
          return engine.renderFile(path, scope, [folder]);
        }
      }
    };
    try {
      const value = evaluate();
      // Ansible's templates raise there; tasks leave the argument out.
      if (value === OMIT) return [null, 'omitted'];
      return [typeName(value), repr(value)];
    } catch (error) {
      if (!(error instanceof KplayError)) throw error;
      return [null, `${error.code}: ${error.message}`];
    }
  });
};
