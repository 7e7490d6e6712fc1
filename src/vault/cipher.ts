import { createCipheriv, createDecipheriv, createHmac, pbkdf2Sync, timingSafeEqual } from 'node:crypto';

/** What a password and a salt give: AES-256-CTR's key and first counter, and the key of the HMAC. */
export interface Keys {
  readonly cipher: Buffer;
  readonly hmac: Buffer;
  readonly counter: Buffer;
}
export interface Sealed {
  readonly hmac: Buffer;
  readonly ciphertext: Buffer;
}

const ROUNDS = 10_000;
const BLOCK_BYTES = 16;

/** Takes milliseconds of processor time: that is its purpose. */
export const deriveKeys = (secret: Uint8Array, salt: Uint8Array): Keys => {
  const derived = pbkdf2Sync(secret, salt, ROUNDS, 80, 'sha256');
  return { cipher: derived.subarray(0, 32), hmac: derived.subarray(32, 64), counter: derived.subarray(64) };
};

export const seal = (plaintext: Uint8Array, keys: Keys): Sealed => {
  const missing = BLOCK_BYTES - (plaintext.length % BLOCK_BYTES);
  const cipher = createCipheriv('aes-256-ctr', keys.cipher, keys.counter);
  // CTR needs no padding; Ansible pads all the same (PKCS #7).
  const ciphertext = Buffer.concat([cipher.update(plaintext), cipher.update(Buffer.alloc(missing, missing)), cipher.final()]);
  return { ciphertext, hmac: hmacOf(ciphertext, keys) };
};

/** Undefined when these are not the keys it was sealed with, or it was changed since. */
export const unseal = ({ ciphertext, hmac }: Sealed, keys: Keys): Buffer | undefined => {
  const expected = hmacOf(ciphertext, keys);
  if (hmac.length !== expected.length || !timingSafeEqual(hmac, expected)) return undefined;
  const cipher = createDecipheriv('aes-256-ctr', keys.cipher, keys.counter);
  const padded = Buffer.concat([cipher.update(ciphertext), cipher.final()]);
  return padded.subarray(0, padded.length - (padded.at(-1) ?? 0));
};

const hmacOf = (ciphertext: Uint8Array, { hmac }: Keys): Buffer => createHmac('sha256', hmac).update(ciphertext).digest();
