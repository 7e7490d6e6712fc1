import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { KplayError } from '../../model/errors.ts';

export const KEY_TYPES = ['ECDSA-P256', 'RSA-2048'] as const;
export type KeyType = (typeof KEY_TYPES)[number];

/** A new private key. */
export const makeKey = (type: KeyType): KeyObject =>
  type === 'RSA-2048'
    ? generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
    : generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;

/** As KEY_TYPES call it, or what Node calls it. */
export const typeOf = ({ asymmetricKeyType: type, asymmetricKeyDetails: details }: KeyObject): string => {
  if (type === 'rsa') return `RSA-${details?.modulusLength}`;
  if (type !== 'ec') return String(type);
  return details?.namedCurve === 'prime256v1' ? 'ECDSA-P256' : `ECDSA-${details?.namedCurve}`;
};

/** A private key in PEM; undefined where the text is none. E_STATE where it needs a passphrase: it is a key, and nobody wants it replaced. */
export const readKey = (pem: Buffer | string | undefined, path: string): KeyObject | undefined => {
  if (pem === undefined) return undefined;
  if (pem.includes('ENCRYPTED'))
    throw new KplayError('E_STATE', `${path} is a private key with a passphrase`, {
      hint: 'take the passphrase off, or move the file away',
    });
  try {
    return createPrivateKey(pem);
  } catch {
    return undefined;
  }
};

export const privatePem = (key: KeyObject): Buffer => Buffer.from(key.export({ type: 'pkcs8', format: 'pem' }));
export const publicPem = (key: KeyObject): Buffer => Buffer.from(createPublicKey(key).export({ type: 'spki', format: 'pem' }));
