import { Blowfish } from './blowfish.ts';

const BCRYPT_DIGITS = './ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const RFC_DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const translated = (text: string, from: string, to: string): string => text.replace(/./g, char => to[from.indexOf(char)] ?? '');
const decode = (text: string): Buffer => Buffer.from(translated(text, BCRYPT_DIGITS, RFC_DIGITS), 'base64');
const encode = (bytes: Buffer): string => translated(bytes.toString('base64').replace(/=+$/, ''), RFC_DIGITS, BCRYPT_DIGITS);

const SALT_BYTES = 16;
const KEY_BYTES = 72;
const CIPHERTEXT_BYTES = 23;
const words = (bytes: Buffer): Int32Array => Int32Array.from({ length: bytes.length / 4 }, (_, at) => bytes.readInt32BE(4 * at));
/** The last of 22 digits has bits to spare; they are cleared. */
export const canonicalSalt = (salt: string): string => encode(decode(salt).subarray(0, SALT_BYTES));

/** `$2b$` and its like; `salt` has 22 of bcrypt's digits, `cost` is the binary logarithm of its rounds. */
export const bcrypt = (ident: string, secret: string, salt: string, cost: number): string => {
  const key = words(Buffer.alloc(KEY_BYTES, Buffer.from(`${secret}\0`)));
  const seed = words(decode(salt));
  const cipher = new Blowfish();
  cipher.expand(key, seed);
  for (let left = 2 ** cost; left > 0; left--) {
    cipher.expand(key);
    cipher.expand(seed);
  }
  const block = words(Buffer.from('OrpheanBeholderScryDoubt'));
  for (let at = 0; at < block.length; at += 2) for (let times = 0; times < 64; times++) cipher.encrypt(block, at);
  const bytes = Buffer.alloc(4 * block.length);
  for (const [at, word] of block.entries()) bytes.writeInt32BE(word, 4 * at);
  return `$${ident}$${String(cost).padStart(2, '0')}$${salt}${encode(bytes.subarray(0, CIPHERTEXT_BYTES))}`;
};
