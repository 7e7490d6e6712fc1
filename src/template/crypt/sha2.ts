import { createHash, hash } from 'node:crypto';
import { cryptDigits } from './base64.ts';

interface Kind {
  readonly algorithm: 'sha256' | 'sha512';
  readonly prefix: string;
  readonly order: readonly (readonly number[])[];
}
/** Groups that walk the digest in three columns, turning by one column each time. */
const columns = (height: number, turn: (at: number) => number): number[][] =>
  Array.from({ length: height }, (_, at) => [0, 1, 2].map(column => at + height * ((column + turn(at)) % 3)));
export const SHA256: Kind = { algorithm: 'sha256', prefix: '$5$', order: [...columns(10, at => (3 - (at % 3)) % 3), [31, 30]] };
export const SHA512: Kind = { algorithm: 'sha512', prefix: '$6$', order: [...columns(21, at => at % 3), [63]] };

/** What a round hashes depends on 2, 3 and 7 dividing its number: forms are laid out once, as rounds are many. */
const CYCLE = 2 * 3 * 7;
/** Printed only when it is another one. */
const DEFAULT_ROUNDS = 5000;

const digestOf = (algorithm: Kind['algorithm'], parts: readonly Uint8Array[]): Buffer => {
  const sum = createHash(algorithm);
  for (const part of parts) sum.update(part);
  return sum.digest();
};
const stretched = (bytes: Buffer, length: number): Buffer => (length === 0 ? Buffer.of() : Buffer.alloc(length, bytes));

/** The digest that the rounds begin with: key and salt mixed by the bits of the key's length. */
const first = (algorithm: Kind['algorithm'], key: Buffer, salt: Buffer): Buffer => {
  const inner = digestOf(algorithm, [key, salt, key]);
  const bits: Buffer[] = [];
  for (let left = key.length; left > 0; left >>>= 1) bits.push(left & 1 ? inner : key);
  return digestOf(algorithm, [key, salt, stretched(inner, key.length), ...bits]);
};

/** `$5$` and `$6$`: Drepper's SHA-crypt. */
export const sha2Crypt = ({ algorithm, prefix, order }: Kind, secret: string, salt: string, rounds: number): string => {
  const [key, seed] = [Buffer.from(secret), Buffer.from(salt)];
  let digest = first(algorithm, key, seed);
  const repeat = (bytes: Buffer, times: number): Buffer[] => Array.from({ length: times }, () => bytes);
  const keys = stretched(digestOf(algorithm, repeat(key, key.length)), key.length);
  const salts = stretched(digestOf(algorithm, repeat(seed, 16 + (digest[0] ?? 0))), seed.length);
  const forms = Array.from({ length: CYCLE }, (_, round) => {
    const middle = Buffer.concat([round % 3 ? salts : Buffer.of(), round % 7 ? keys : Buffer.of()]);
    const [before, after] = round & 1 ? [keys, digest] : [digest, keys];
    return { text: Buffer.concat([before, middle, after]), at: round & 1 ? before.length + middle.length : 0 };
  });
  for (let round = 0; round < rounds; round++) {
    const { text, at } = forms[round % CYCLE] ?? { text: digest, at: 0 };
    digest.copy(text, at);
    digest = hash(algorithm, text, 'buffer');
  }
  return `${prefix}${rounds === DEFAULT_ROUNDS ? '' : `rounds=${rounds}$`}${salt}$${cryptDigits(digest, order)}`;
};
