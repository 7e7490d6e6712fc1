import { X509Certificate } from 'node:crypto';
import type { Fields } from '../../model/module.ts';
import { type Usage, USAGES } from './issue.ts';
import { namesIn } from './names.ts';

/** A certificate in PEM; undefined where the text is none. */
export const readCertificate = (pem: Buffer | string | undefined): X509Certificate | undefined => {
  try {
    return pem === undefined ? undefined : new X509Certificate(pem);
  } catch {
    return undefined;
  }
};

/** `CN=kubernetes-admin, O=system:masters`, in an order of its own, so that equal names are equal texts. */
export const nameText = (name: object): string =>
  Object.entries(name as Readonly<Record<string, string | readonly string[]>>)
    .flatMap(([type, value]) => [value].flat().map(each => `${type}=${each}`))
    .toSorted()
    .join(', ');
export const subjectOf = (certificate: X509Certificate): string => nameText(namesOf(certificate).subject);
export const issuerOf = (certificate: X509Certificate): string => nameText(namesOf(certificate).issuer);

/** Node.js 24 loads half of tls for it, and where that is the first half, tls is without createSecureContext for as long as the process lives. */
const namesOf = (certificate: X509Certificate): { readonly subject: object; readonly issuer: object } => {
  process.getBuiltinModule('node:tls');
  return certificate.toLegacyObject();
};

const USAGE_NAMES = new Map<string, Usage>(Object.entries(USAGES).map(([name, id]) => [id, name as Usage]));

/** What a certificate says, as the certificate module's arguments say it. */
export const described = (certificate: X509Certificate): Fields => ({
  subject: subjectOf(certificate),
  issuer: issuerOf(certificate),
  ca: certificate.ca,
  subject_alt_names: namesIn(certificate.subjectAltName),
  // Node means the extended ones.
  usages: (certificate.keyUsage ?? []).map(id => USAGE_NAMES.get(id) ?? id).toSorted(),
  days: Math.floor((certificate.validToDate.getTime() - certificate.validFromDate.getTime()) / DAY_MS),
});

export const DAY_MS = 86_400_000;
/** Whole days, rounded down: -1 since the moment it expired. */
export const daysLeft = ({ validToDate }: X509Certificate, now: Date): number =>
  Math.floor((validToDate.getTime() - now.getTime()) / DAY_MS);
export const whenItExpires = (days: number): string => (days < 0 ? `${-1 - days} days ago` : `in ${days} days`);
