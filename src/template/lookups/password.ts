import { isAbsolute, join } from 'node:path';
import { integerArgument, type Named } from '../../value/call.ts';
import { evaluationError } from '../../value/errors.ts';
import { isSequence, truth } from '../../value/kinds.ts';
import { str } from '../../value/repr.ts';
import type { Value } from '../../value/value.ts';
import { cryptPassword, randomSalt, usualIdent, usualSaltSize } from '../crypt/index.ts';
import { drawWith } from '../draw.ts';
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
/** `path key=value …`; a path may hold blanks. Options inside the term leave nothing of those beside it. */
const parameters = (term: string, named: Named): { path: string; given: Named } => {
  const inner = new Map<string, Value>();
  const path = term.replace(/\s+(length|encrypt|chars|ident|seed)=(\S*)/g, (_, name: string, value: string) => {
    inner.set(name, value.replace(/^(['"])(.*)\1$/, '$2'));
    return '';
  });
  return { path, given: inner.size > 0 ? inner : named };
};

/** What a password's file holds: the password, and what its hash was made with. */
interface Stored {
  readonly password: string;
  readonly salt?: string | undefined;
  readonly ident?: string | undefined;
}
const parsed = (content: string): Stored => {
  const [, password = content, salt, ident] = /^(.*) salt=(.*?)(?: ident=(.*))?$/s.exec(content) ?? [];
  return { password, salt, ident };
};
const written = ({ password, salt, ident }: Stored): string =>
  `${password}${salt === undefined ? '' : ` salt=${salt}${ident === undefined ? '' : ` ident=${ident}`}`}\n`;

const textOption = (value: Value | undefined): string | undefined => (value === undefined || !truth(value) ? undefined : str(value));
const made = (given: Named, run: Run): string => {
  const chars = candidates(given.get('chars'));
  const draw = drawWith(given.get('seed') ?? null, 'the password lookup', run);
  const wanted = given.get('length');
  const size =
    wanted === undefined ? DEFAULT_LENGTH : typeof wanted === 'string' ? Number(wanted) : integerArgument(wanted, DEFAULT_LENGTH);
  return Array.from({ length: size }, () => chars[draw(chars.length)] ?? '').join('');
};
/** With a salt and a variant for the algorithm that is asked for. */
const salted = (stored: Stored, algorithm: string | undefined, ident: string | undefined, run: Run): Stored => {
  if (stored.ident !== undefined && ident !== undefined && ident !== stored.ident)
    throw evaluationError(`The ident parameter provided (${stored.ident}) does not match the stored one (${ident}).`);
  if (algorithm === undefined) return { ...stored, ident: stored.ident ?? ident };
  return {
    password: stored.password,
    salt: stored.salt ?? randomSalt(usualSaltSize(algorithm), drawWith(null, 'the password lookup', run)),
    ident: stored.ident ?? ident ?? usualIdent(algorithm),
  };
};

const one = (term: Value, named: Named, run: Run): string => {
  const { path, given } = parameters(str(term), named);
  const algorithm = textOption(given.get('encrypt'));
  const file = isAbsolute(path) ? path : join(run.searchPath[0] ?? '.', path);
  const keeps = file !== '/dev/null';
  const content = keeps && run.host.kind(file, true) !== undefined ? run.host.readFile(file).toString('utf8').trimEnd() : undefined;
  const before: Stored = content === undefined ? { password: made(given, run) } : parsed(content);
  const stored = salted(before, algorithm, textOption(given.get('ident')), run);
  const changed = content === undefined || (algorithm !== undefined && (before.salt !== stored.salt || before.ident !== stored.ident));
  if (keeps && changed) run.host.writeSecret(file, written(stored));
  return algorithm === undefined
    ? stored.password
    : cryptPassword(algorithm, stored.password, stored, drawWith(null, 'the password lookup', run));
};

/** Reads a password from a file, or makes one up and keeps it there, with the salt of its hash where that is asked for. */
export const password: Lookup = (terms, named, run) => {
  run.impure('the password lookup');
  return terms.map(term => one(term, named, run));
};
