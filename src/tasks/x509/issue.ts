import { createHash, createPublicKey, type KeyObject, randomBytes, sign, X509Certificate } from 'node:crypto';
import { KplayError } from '../../model/errors.ts';
import {
  bitString,
  contentOf,
  explicit,
  implicit,
  integer,
  nothing,
  octetString,
  oid,
  sequence,
  set,
  time,
  utf8,
  valuesIn,
  yes,
} from './der.ts';
import { addressBytes } from './names.ts';

/** Names for extended key usages (RFC 5280 §4.2.1.12). */
export const USAGES = { serverAuth: '1.3.6.1.5.5.7.3.1', clientAuth: '1.3.6.1.5.5.7.3.2' } as const;
export type Usage = keyof typeof USAGES;

/** What a certificate is to say. */
export interface Statement {
  readonly commonName: string;
  readonly organization: readonly string[];
  /** Canonical: `DNS:…`, `IP:…`. */
  readonly names: readonly string[];
  readonly usages: readonly Usage[];
  readonly ca: boolean;
  readonly notBefore: Date;
  readonly notAfter: Date;
}
/** Who signs; without a certificate it signs itself. */
export interface Issuer {
  readonly certificate?: X509Certificate;
  readonly key: KeyObject;
}

/**
 * An X.509 v3 certificate (RFC 5280). Node reads, verifies and signs; only the text to be signed is put together here. E_ARGS where the issuer's
 * key is neither RSA nor ECDSA.
 */
export const issue = (stated: Statement, key: KeyObject, issuer: Issuer): X509Certificate => {
  const publicKey = createPublicKey(key).export({ type: 'spki', format: 'der' });
  const subject = subjectOf(stated);
  const algorithm = signatureAlgorithm(issuer.key);
  const authority = issuer.certificate && partsOf(issuer.certificate);
  const text = sequence(
    explicit(0)(integer(Buffer.of(2))),
    integer(serial()),
    algorithm,
    authority?.subject ?? subject,
    sequence(time(stated.notBefore), time(stated.notAfter)),
    subject,
    publicKey,
    explicit(3)(sequence(...extensions(stated, key, publicKey, authority?.keyId ?? keyId(publicKey)))),
  );
  return new X509Certificate(sequence(text, algorithm, bitString(sign('sha256', text, issuer.key))));
};

/** 127 bits from a random source, as CAs must use since guessable serials helped to forge one; the first bit set keeps the length. */
const serial = (): Buffer => {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return bytes;
};

const signatureAlgorithm = ({ asymmetricKeyType: type }: KeyObject): Buffer => {
  if (type === 'ec') return sequence(oid('1.2.840.10045.4.3.2'));
  if (type === 'rsa') return sequence(oid('1.2.840.113549.1.1.11'), nothing);
  throw new KplayError('E_ARGS', `a CA's key must be RSA or ECDSA, not ${type}`);
};

const subjectOf = ({ organization, commonName }: Statement): Buffer => {
  const attribute = (type: string, value: string): Buffer => set(sequence(oid(type), utf8(value)));
  return sequence(...organization.map(name => attribute('2.5.4.10', name)), attribute('2.5.4.3', commonName));
};

/** SHA-1 of the public key, as RFC 5280 §4.2.1.2 proposes: a name, not a protection. */
const keyId = (publicKey: Buffer): Buffer => {
  const [, bits = Buffer.alloc(0)] = valuesIn(publicKey);
  return createHash('sha1').update(contentOf(bits).subarray(1)).digest();
};

const SUBJECT_KEY_ID = oid('2.5.29.14');
const extension = (id: Buffer, value: Buffer, critical = false): Buffer => sequence(id, ...(critical ? [yes] : []), octetString(value));

const extensions = ({ ca, names, usages }: Statement, key: KeyObject, publicKey: Buffer, authorityId: Buffer): readonly Buffer[] => [
  extension(oid('2.5.29.19'), ca ? sequence(yes) : sequence(), true),
  extension(oid('2.5.29.15'), keyUsage(ca, key), true),
  ...(usages.length === 0 ? [] : [extension(oid('2.5.29.37'), sequence(...usages.map(usage => oid(USAGES[usage]))))]),
  extension(SUBJECT_KEY_ID, octetString(keyId(publicKey))),
  extension(oid('2.5.29.35'), sequence(implicit(0)(authorityId))),
  ...(names.length === 0 ? [] : [extension(oid('2.5.29.17'), sequence(...names.map(generalName)))]),
];
/** digitalSignature, and keyCertSign and cRLSign for a CA; keyEncipherment is for RSA only (RFC 8813). */
const keyUsage = (ca: boolean, { asymmetricKeyType: type }: KeyObject): Buffer => {
  if (ca) return bitString(Buffer.of(0b1000_0110), 1);
  return type === 'rsa' ? bitString(Buffer.of(0b1010_0000), 5) : bitString(Buffer.of(0b1000_0000), 7);
};
const generalName = (name: string): Buffer =>
  name.startsWith('IP:') ? implicit(7)(addressBytes(name.slice('IP:'.length))) : implicit(2)(Buffer.from(name.slice('DNS:'.length)));

/** The subject byte by byte, and how the CA calls its key: both must stand in what it issues exactly so. */
const partsOf = ({ raw }: X509Certificate): { readonly subject: Buffer; readonly keyId?: Buffer } => {
  const [text = Buffer.alloc(0)] = valuesIn(raw);
  const values = valuesIn(text);
  // A certificate of version 1 does not say its version, and has no extensions.
  const subject = values[values[0]?.[0] === 0xa0 ? 5 : 4] ?? Buffer.alloc(0);
  const extended = values.find(value => value[0] === 0xa3);
  const found = extended && valuesIn(valuesIn(extended)[0] ?? sequence()).find(value => valuesIn(value)[0]?.equals(SUBJECT_KEY_ID));
  const id = found && valuesIn(found).at(-1);
  return { subject, ...(id && { keyId: contentOf(contentOf(id)) }) };
};
