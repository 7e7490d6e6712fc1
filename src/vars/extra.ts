import { resolve } from 'node:path';
import { KplayError } from '../model/errors.ts';
import type { Value } from '../value/value.ts';
import { parseYaml, type YamlOptions } from '../yaml/parse.ts';
import { readVarsFile, varsOf } from './files.ts';
import type { Vars } from './layered.ts';

/** `k=v` text in pairs, split like a shell does; undefined when a quote is left open. */
export type SplitPairs = (text: string) => ReadonlyMap<string, string> | undefined;
export interface ExtraOptions extends YamlOptions {
  readonly splitPairs: SplitPairs;
  /** What relative `@file`s are taken from. */
  readonly cwd: string;
}

/** What `-e` gives, later ones winning: `k=v …` (texts), YAML or JSON text, or `@file`. Throws E_USAGE, E_FILE, E_VAULT or E_YAML. */
export const readExtraVars = (options: readonly string[], how: ExtraOptions): Vars =>
  new Map(options.filter(option => option !== '').flatMap(option => [...readOne(option, how)]));

const readOne = (option: string, { splitPairs, cwd, ...reading }: ExtraOptions): Vars => {
  if (option.startsWith('@')) return readVarsFile(resolve(cwd, option.slice(1)), reading);
  if (/^[./]/.test(option)) throw new KplayError('E_USAGE', `-e ${option} looks like a file`, { hint: `write -e @${option}` });
  if (option.startsWith('{')) return varsOf(parseYaml(option, '-e', reading));
  if (option.startsWith('[')) throw new KplayError('E_USAGE', '-e takes variables by name, not a list');
  const pairs = splitPairs(option);
  if (!pairs) throw new KplayError('E_USAGE', `-e ${option} opens a quote or a template that it does not close`);
  return new Map<string, Value>(pairs);
};
