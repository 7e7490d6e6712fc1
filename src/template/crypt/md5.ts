import { createHash } from 'node:crypto';
import { cryptDigits } from './base64.ts';

const ROUNDS = 1000;
const ORDER = [[0, 6, 12], [1, 7, 13], [2, 8, 14], [3, 9, 15], [4, 10, 5], [11]];

const md5 = (...parts: readonly Uint8Array[]): Buffer => {
  const hash = createHash('md5');
  for (const part of parts) hash.update(part);
  return hash.digest();
};
const repeated = (bytes: Buffer, length: number): Buffer => Buffer.alloc(length, bytes);

/** `$1$`: FreeBSD's MD5 crypt (crypt(5)). */
export const md5Crypt = (secret: string, salt: string): string => {
  const [key, seed] = [Buffer.from(secret), Buffer.from(salt)];
  const inner = md5(key, seed, key);
  const bits: Buffer[] = [];
  for (let left = key.length; left > 0; left >>>= 1) bits.push(left & 1 ? Buffer.of(0) : key.subarray(0, 1));
  let digest = md5(key, Buffer.from('$1$'), seed, key.length === 0 ? Buffer.of() : repeated(inner, key.length), ...bits);
  for (let round = 0; round < ROUNDS; round++)
    digest = md5(round & 1 ? key : digest, round % 3 ? seed : Buffer.of(), round % 7 ? key : Buffer.of(), round & 1 ? digest : key);
  return `$1$${salt}$${cryptDigits(digest, ORDER)}`;
};
