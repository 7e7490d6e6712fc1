import { homedir } from 'node:os';
import { resolve } from 'node:path';
import { KplayError } from '../model/errors.ts';

/** What was written, the folder relative paths are taken from, and the setting's name for whoever got it wrong. */
export type Read<T> = (text: string, dir: string, name: string) => T;

/** `~`, `$VAR` and Ansible's `{{CWD}}`, then relative to `dir`. */
export const expandPath = (text: string, dir: string): string =>
  resolve(
    dir,
    text
      .trim()
      .replace(/^~(?=\/|$)/, homedir())
      .replaceAll(/\$\{?(\w+)\}?/g, (_whole, name: string) => process.env[name] ?? '')
      .replaceAll('{{CWD}}', process.cwd()),
  );
/** Relative to the file that says it. */
export const path: Read<string> = expandPath;
export const paths =
  (separator: string): Read<readonly string[]> =>
  (text, dir, name) =>
    text
      .split(separator)
      .filter(part => part.trim() !== '')
      .map(part => path(part, dir, name));
export const count: Read<number> = (text, _dir, name) => {
  if (!/^\d+$/.test(text.trim())) throw new KplayError('E_USAGE', `${name} must be a whole number, not ${JSON.stringify(text)}`);
  return Number(text);
};
export const flag: Read<boolean> = (text, _dir, name) => {
  const word = text.trim().toLowerCase();
  if (['1', 'yes', 'y', 'true', 't', 'on'].includes(word)) return true;
  if (['0', 'no', 'n', 'false', 'f', 'off', ''].includes(word)) return false;
  throw new KplayError('E_USAGE', `${name} must be yes or no, not ${JSON.stringify(text)}`);
};
/** `LABEL@FILE` or `FILE`; `prompt` is no file. */
export const identities: Read<readonly string[]> = (text, dir) =>
  text.split(',').flatMap(part => {
    const [, label = '', from = ''] = /^\s*([^@]*@)?(.*?)\s*$/s.exec(part) ?? [];
    return from === '' ? [] : [label + (from === 'prompt' ? from : expandPath(from, dir))];
  });
export const word: Read<string> = text => text.trim().replace(/^(["'])(.*)\1$/, '$2');
export const seconds: Read<number> = (text, dir, name) => count(text, dir, name) * 1000;

export const list: Read<readonly string[]> = text => text.split(',').map(part => part.trim());
export const plugins: Read<readonly string[]> = (...given) => list(...given).map(name => name.replace(/^ansible\.builtin\./, ''));
export const oneOf =
  <T extends string>(...choices: readonly T[]): Read<T> =>
  (text, _dir, name) => {
    const choice = choices.find(one => one === text.trim());
    if (choice !== undefined) return choice;
    throw new KplayError('E_USAGE', `${name} must be one of ${choices.join(', ')}, not ${JSON.stringify(text)}`);
  };
