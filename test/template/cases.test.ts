import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { equals } from '../../src/value/compare.ts';
import { fromJson } from '../../src/value/json.ts';
import { typeName } from '../../src/value/kinds.ts';
import { repr } from '../../src/value/repr.ts';
import type { Dict, Value } from '../../src/value/value.ts';
import { failure, scopeOf, scratch, templar } from './_templar.ts';

/** Templates with ansible-core's own answers. `mode`: t a template file, s a playbook string, w a condition. */
const field = (dict: Value | undefined, name: string): Value | undefined => (dict instanceof Map ? dict.get(name) : undefined);
const file = fromJson(readFileSync(join(import.meta.dirname, 'cases.json'), 'utf8'));
const named = (value: Value | undefined): Map<string, Value> =>
  new Map(value instanceof Map ? [...value].map(([key, item]): [string, Value] => [String(key), item]) : []);

const folder = scratch();
for (const [name, text] of named(field(file, 'files'))) writeFileSync(join(folder, name), String(text));

const evaluate = (mode: string, source: string, vars: ReadonlyMap<string, Value>): Value => {
  const engine = templar();
  const scope = scopeOf(vars, engine);
  if (mode === 's') return engine.resolve(source, scope);
  if (mode === 'w') return engine.condition(source, scope);
  const path = join(folder, 'case.j2');
  writeFileSync(path, source);
  return engine.renderFile(path, scope, [folder]);
};
const CODES: Readonly<Record<string, readonly string[]>> = {
  AnsibleUndefinedVariable: ['E_UNDEFINED'],
  AnsibleError: ['E_TEMPLATE', 'E_SYNTAX', 'E_UNDEFINED'],
  ZeroDivisionError: ['E_TEMPLATE'],
};
const withoutAddresses = (value: Value): Value => (typeof value === 'string' ? value.replace(/0x7f[\da-f]+/g, '0x7f') : value);

describe('ansible-core agrees', () => {
  const cases = field(file, 'cases') as Dict[];
  test.each(cases.map(item => [String(item.get('id')), String(item.get('src')), item] as const))('%s %s', (_, source, item) => {
    const vars = new Map([...named(field(file, 'vars')), ...named(item.get('vars'))]);
    const mode = String(item.get('mode'));
    const error = item.get('err');
    if (typeof error === 'string') {
      const { code, message } = failure(() => evaluate(mode, source, vars));
      expect(CODES[error]).toContain(code);
      expect(String(item.get('msg'))).toContain(message);
      return;
    }
    const [got, want] = [withoutAddresses(evaluate(mode, source, vars)), withoutAddresses(item.get('want') ?? null)];
    expect(repr(got)).toBe(repr(want));
    expect(typeName(got)).toBe(item.get('wtype'));
    expect(equals(got, want)).toBe(true);
  });
});
