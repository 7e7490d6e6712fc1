import { evaluationError } from '../../value/errors.ts';
import type { Draw } from '../draw.ts';
import { CRYPT_DIGITS } from './base64.ts';
import { bcrypt, canonicalSalt } from './bcrypt.ts';
import { md5Crypt } from './md5.ts';
import { SHA256, SHA512, sha2Crypt } from './sha2.ts';

/** What a hash is made with; each algorithm has its own for what is left out. */
export interface CryptSettings {
  readonly salt?: string | undefined;
  readonly saltSize?: number | undefined;
  readonly rounds?: number | undefined;
  /** bcrypt's variant; the others have none. */
  readonly ident?: string | undefined;
}
interface Algorithm {
  readonly saltSize: number;
  readonly exactSalt?: boolean;
  /** None where their number is fixed. */
  readonly rounds?: { readonly least: number; readonly most: number; readonly usual: number };
  readonly ident?: string;
  hash(secret: string, salt: string, rounds: number, ident: string): string;
}
const SHA_ROUNDS = { least: 1000, most: 999_999_999 };
/** By passlib's names, with the rounds that Ansible has where it leaves the choice to crypt(3). */
const ALGORITHMS: ReadonlyMap<string, Algorithm> = new Map<string, Algorithm>([
  ['md5_crypt', { saltSize: 8, hash: md5Crypt }],
  [
    'sha256_crypt',
    { saltSize: 16, rounds: { ...SHA_ROUNDS, usual: 535_000 }, hash: (secret, salt, rounds) => sha2Crypt(SHA256, secret, salt, rounds) },
  ],
  [
    'sha512_crypt',
    { saltSize: 16, rounds: { ...SHA_ROUNDS, usual: 656_000 }, hash: (secret, salt, rounds) => sha2Crypt(SHA512, secret, salt, rounds) },
  ],
  [
    'bcrypt',
    {
      saltSize: 22,
      exactSalt: true,
      rounds: { least: 4, most: 31, usual: 12 },
      ident: '2b',
      hash: (secret, salt, rounds, ident) => bcrypt(ident, secret, salt, rounds),
    },
  ],
]);
const BCRYPT_IDENTS = ['2a', '2b', '2y'];

export const usualSaltSize = (name: string): number => ALGORITHMS.get(name)?.saltSize ?? 8;
export const usualIdent = (name: string): string | undefined => ALGORITHMS.get(name)?.ident;

export const randomSalt = (size: number, draw: Draw): string =>
  Array.from({ length: size }, () => CRYPT_DIGITS[draw(CRYPT_DIGITS.length)] ?? '').join('');

const refuse = (why: string): never => {
  throw evaluationError(`Could not hash the secret. ${why}`);
};
const checkedSalt = (salt: string, { saltSize, exactSalt = false }: Algorithm): string => {
  if (/[^./0-9A-Za-z]/.test(salt)) refuse('The salt may hold letters, digits, . and / only.');
  if (salt.length > saltSize || (exactSalt && salt.length < saltSize))
    refuse(`The salt must have ${exactSalt ? '' : 'at most '}${saltSize} characters.`);
  return exactSalt ? canonicalSalt(salt) : salt;
};
const saltSizeOf = (wanted: number | undefined, { saltSize, exactSalt = false }: Algorithm): number => {
  if (wanted === undefined) return saltSize;
  if (wanted < 0 || wanted > saltSize || (exactSalt && wanted !== saltSize)) refuse(`A salt of ${wanted} characters is not possible.`);
  return wanted;
};
const roundsOf = (wanted: number | undefined, { rounds }: Algorithm): number => {
  if (!rounds) return wanted === undefined ? 0 : refuse('The number of rounds is fixed.');
  if (wanted === undefined) return rounds.usual;
  return wanted >= rounds.least && wanted <= rounds.most
    ? wanted
    : refuse(`Between ${rounds.least} and ${rounds.most} rounds are possible.`);
};

/** A password as /etc/shadow holds it, by passlib's name of the algorithm; E_TEMPLATE for what passlib refuses. */
export const cryptPassword = (name: string, secret: string, settings: CryptSettings, draw: Draw): string => {
  const algorithm = ALGORITHMS.get(name);
  if (!algorithm) throw evaluationError(`passlib does not support '${name}' algorithm`);
  if (secret.includes('\0')) refuse('It holds a NUL character.');
  const { ident = algorithm.ident ?? '' } = settings;
  if (algorithm.ident !== undefined && !BCRYPT_IDENTS.includes(ident)) refuse(`'${ident}' is no variant of bcrypt.`);
  const rounds = roundsOf(settings.rounds, algorithm);
  const salt = checkedSalt(settings.salt ?? randomSalt(saltSizeOf(settings.saltSize, algorithm), draw), algorithm);
  return algorithm.hash(secret, salt, rounds, ident);
};
