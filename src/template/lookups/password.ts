import { isAbsolute, join } from 'node:path';
import { integerArgument, type Named } from '../../value/call.ts';
import { evaluationError } from '../../value/errors.ts';
import { isSequence, truth } from '../../value/kinds.ts';
import { str } from '../../value/repr.ts';
import type { Value } from '../../value/value.ts';
import { PythonRandom } from '../python-random.ts';
import type { Run } from '../run.ts';
import type { Lookup } from './define.ts';

const LOWER = 'abcdefghijklmnopqrstuvwxyz';
const UPPER = LOWER.toUpperCase();
const DIGITS = '0123456789';
const PUNCTUATION = '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~';
/** The classes of Python's string module. */
const CLASSES: Readonly<Record<string, string>> = {
  ascii_letters: LOWER + UPPER,
  ascii_lowercase: LOWER,
  ascii_uppercase: UPPER,
  digits: DIGITS,
  hexdigits: `${DIGITS}abcdefABCDEF`,
  octdigits: '01234567',
  punctuation: PUNCTUATION,
  letters: LOWER + UPPER,
};
const DEFAULT_LENGTH = 20;

const candidates = (chars: Value | undefined): string => {
  if (chars === undefined) return `${LOWER}${UPPER}${DIGITS}.,:-_`;
  const parts = isSequence(chars)
    ? chars.map(str)
    : [...(str(chars).includes(',,') ? [','] : []), ...str(chars).replaceAll(',,', ',').split(',').filter(Boolean)];
  return parts
    .map(part => CLASSES[part] ?? part)
    .join('')
    .replace(/["']/g, '');
};
/** `path key=value …`; a path may hold blanks. */
const parameters = (term: string, named: Named): { path: string; given: Map<string, Value> } => {
  const given = new Map(named);
  const path = term.replace(/\s+(length|encrypt|chars|ident|seed)=(\S*)/g, (_, name: string, value: string) => {
    given.set(name, value.replace(/^(['"])(.*)\1$/, '$2'));
    return '';
  });
  return { path, given };
};

const one = (term: Value, named: Named, run: Run): string => {
  const { path, given } = parameters(str(term), named);
  if (truth(given.get('encrypt') ?? null)) throw evaluationError('the password lookup cannot encrypt here; store the hash in a variable');
  const file = isAbsolute(path) ? path : join(run.searchPath[0] ?? '.', path);
  if (file !== '/dev/null' && run.host.kind(file, true) !== undefined) {
    const stored = run.host.readFile(file).toString('utf8').trimEnd();
    return stored.replace(/ salt=\S*.*$/, '');
  }
  const chars = candidates(given.get('chars'));
  const seed = given.get('seed') ?? null;
  const seeded = seed === null ? undefined : new PythonRandom(seed);
  const below = (limit: number): number => (seeded ? seeded.below(limit) : Math.floor(run.host.random() * limit));
  const wanted = given.get('length');
  const size =
    wanted === undefined ? DEFAULT_LENGTH : typeof wanted === 'string' ? Number(wanted) : integerArgument(wanted, DEFAULT_LENGTH);
  const password = Array.from({ length: size }, () => chars[below(chars.length)] ?? '').join('');
  if (file !== '/dev/null') run.host.writeSecret(file, `${password}\n`);
  return password;
};

/** Reads a password from a file, or makes one up and keeps it there. */
export const password: Lookup = (terms, named, run) => {
  run.impure('the password lookup');
  return terms.map(term => one(term, named, run));
};
