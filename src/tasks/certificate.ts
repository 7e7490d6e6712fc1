import { type KeyObject, X509Certificate } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { KplayError } from '../model/errors.ts';
import type { Change, Changes, Controller, Fields, Mode, Plain } from '../model/module.ts';
import { content, secret } from '../probes/content.ts';
import { type Stat, stat } from '../probes/stat.ts';
import { sh } from '../shell/sh.ts';
import { bool, choice, int, list, listOf, optional, path, str } from './args.ts';
import { accounts, type Ids } from './attributes.ts';
import { definePrepared } from './define.ts';
import { readSource } from './source.ts';
import { fileMode, keep, type Kept, kept } from './x509/files.ts';
import { issue, type Issuer, type Usage, USAGES } from './x509/issue.ts';
import { KEY_TYPES, makeKey, privatePem, readKey, typeOf } from './x509/keys.ts';
import { canonical, canonicalSet, namesIn } from './x509/names.ts';

const args = z
  .strictObject({
    path: path.describe('The certificate on the host.'),
    key_path: path.describe('Its private key on the host.'),
    common_name: str.describe('Who it is for (CN).'),
    organization: list.default([]).describe('Organizations of the subject (O), which Kubernetes reads as groups.'),
    subject_alt_names: list.default([]).describe('Names and addresses it holds for: `DNS:kubernetes.default`, `IP:10.96.0.1`.'),
    usages: listOf(choice('serverAuth', 'clientAuth')).default([]).describe('What it may be used for. Empty: anything.'),
    days: int.default(365).describe('Days that a new certificate is valid.'),
    renew_days: int.default(30).describe('It is renewed when fewer days than these are left.'),
    ca: bool.default(false).describe('Make a self-signed CA. Give it to the controller (delegate_to: localhost): its key signs there.'),
    ca_cert: optional(str).describe('Certificate of the CA that signs, on the controller.'),
    ca_key: optional(str).describe('Key of the CA that signs, on the controller, which it never leaves.'),
    key_type: choice(...KEY_TYPES)
      .default('ECDSA-P256')
      .describe('Kind of the private key; a key of another kind is replaced.'),
    rekey: bool.default(false).describe('With each new certificate make a new key too.'),
    owner: optional(str).describe('User name or number that owns both files. Unset leaves the owner alone.'),
    group: optional(str).describe('Group name or number of both files. Unset leaves the group alone.'),
    mode: fileMode.default('0644').describe('Permissions of the certificate.'),
    key_mode: fileMode.default('0600').describe('Permissions of the key.'),
  })
  .superRefine(({ ca, ca_cert, ca_key, rekey, days, renew_days, common_name, subject_alt_names }, context) => {
    if (!ca && (ca_cert === undefined || ca_key === undefined))
      context.addIssue('ca_cert and ca_key are required, unless this is a CA (ca: true)');
    if (ca && (ca_cert ?? ca_key) !== undefined) context.addIssue('a CA signs itself: ca_cert and ca_key cannot be used with ca: true');
    if (ca && rekey) context.addIssue("a CA's key cannot be replaced in place: rekey cannot be used with ca: true");
    if (days <= 0 || renew_days < 0 || renew_days >= days) context.addIssue('renew_days must be less than days, and neither negative');
    if (common_name === '') context.addIssue('common_name must not be empty');
    for (const name of subject_alt_names)
      if (canonical(name) === undefined) context.addIssue(`subject_alt_names: '${name}' is neither DNS:name nor IP:address`);
  });
type Args = z.output<typeof args>;

interface Ready {
  readonly given: Args;
  /** Unset for a CA itself, and in check mode where an earlier task would have made the CA. */
  readonly authority: Required<Issuer> | undefined;
  readonly now: Date;
}
type Seen = readonly [at: Stat, keyAt: Stat, pem: Buffer | undefined, key: Buffer | undefined, ...ids: Ids];

const DAY_MS = 86_400_000;
/** A new certificate holds since a while, for hosts whose clock is behind the controller's. */
const BACKDATE_MS = 3_600_000;

/** The CA's certificate and key. E_FILE or E_ARGS where they are not what they should be. */
const readAuthority = async ({ ca_cert = '', ca_key = '' }: Args, controller: Controller, now: Date): Promise<Required<Issuer>> => {
  const read = async (name: string): Promise<string> => (await readSource(controller.find(name, 'files'), controller)).text ?? '';
  const certificate = readCertificate(await read(ca_cert));
  if (certificate === undefined) throw new KplayError('E_FILE', `${ca_cert} holds no certificate`);
  const key = readKey(await read(ca_key), ca_key);
  if (key === undefined) throw new KplayError('E_FILE', `${ca_key} holds no private key`);
  if (!certificate.ca) throw new KplayError('E_ARGS', `${ca_cert} is the certificate of ${certificate.subject}, which is no CA`);
  if (!certificate.checkPrivateKey(key)) throw new KplayError('E_ARGS', `${ca_key} is not the key of ${ca_cert}`);
  if (certificate.validToDate < now)
    throw new KplayError('E_ARGS', `the CA ${ca_cert} expired at ${certificate.validToDate.toISOString()}`, { hint: 'renew the CA first' });
  return { certificate, key };
};

const prepare = async (given: Args, controller: Controller): Promise<Ready> => {
  const now = new Date();
  if (given.ca) return { given, authority: undefined, now };
  try {
    return { given, authority: await readAuthority(given, controller, now), now };
  } catch (error) {
    if (controller.check && error instanceof KplayError && error.code === 'E_FILE') return { given, authority: undefined, now };
    throw error;
  }
};

const readCertificate = (pem: Buffer | string | undefined): X509Certificate | undefined => {
  try {
    return pem === undefined ? undefined : new X509Certificate(pem);
  } catch {
    // What is no certificate is replaced by one.
    return undefined;
  }
};

/** `CN=kubernetes-admin, O=system:masters`, in an order of its own so that equal subjects are equal texts. */
const nameText = (name: object): string =>
  Object.entries(name as Readonly<Record<string, string | readonly string[]>>)
    .flatMap(([type, value]) => [value].flat().map(each => `${type}=${each}`))
    .toSorted()
    .join(', ');
const subjectText = ({ common_name, organization }: Args): string => nameText({ CN: common_name, O: organization });

const USAGE_NAMES = new Map<string, Usage>(Object.entries(USAGES).map(([name, id]) => [id, name as Usage]));

/** What a certificate says, as the arguments say it. */
const described = (certificate: X509Certificate): Fields => {
  const { subject, issuer } = certificate.toLegacyObject();
  return {
    subject: nameText(subject),
    issuer: nameText(issuer),
    ca: certificate.ca,
    subject_alt_names: namesIn(certificate.subjectAltName),
    // Node calls the extended ones so.
    usages: (certificate.keyUsage ?? []).map(id => USAGE_NAMES.get(id) ?? id).toSorted(),
    days: Math.floor((certificate.validToDate.getTime() - certificate.validFromDate.getTime()) / DAY_MS),
  };
};
const wanted = ({ given, authority }: Ready): Fields => {
  const subject = subjectText(given);
  const issuer = authority
    ? nameText(authority.certificate.toLegacyObject().subject)
    : given.ca
      ? subject
      : `what ${given.ca_cert} will be`;
  const { ca, days } = given;
  return {
    subject,
    issuer,
    ca,
    subject_alt_names: canonicalSet(given.subject_alt_names),
    usages: [...new Set(given.usages)].toSorted(),
    days,
  };
};

const daysLeft = ({ validToDate }: X509Certificate, now: Date): number => Math.floor((validToDate.getTime() - now.getTime()) / DAY_MS);
/** Of whole days rounded down. */
const whenItExpires = (days: number): string => (days < 0 ? `${-1 - days} days ago` : `in ${days} days`);

/** Everything for which a new certificate is needed, each under its name. */
const differences = (ready: Ready, certificate: X509Certificate | undefined, key: KeyObject | undefined): Changes => {
  const { given, authority, now } = ready;
  const found = certificate ? described(certificate) : {};
  const changes: Change[] = Object.entries(wanted(ready)).flatMap(([name, after]) =>
    isDeepStrictEqual(found[name], after) ? [] : [{ key: name, before: found[name] ?? null, after }],
  );
  const differs = (name: string, before: Plain, after: Plain): void => void changes.push({ key: name, before, after });
  const expires = whenItExpires(given.days);
  if (certificate === undefined) return [...changes, { key: 'expires', before: null, after: expires }];
  const left = daysLeft(certificate, now);
  if (left < given.renew_days) differs('expires', whenItExpires(left), expires);
  if (certificate.validFromDate > now) differs('valid_from', certificate.validFromDate.toISOString(), 'now');
  if (key === undefined || !certificate.checkPrivateKey(key)) differs('public_key', 'of another key', `of ${given.key_path}`);
  const signer = authority?.certificate ?? certificate;
  const signed = certificate.checkIssued(signer) && certificate.verify(signer.publicKey);
  if (!signed && !changes.some(change => change.key === 'issuer'))
    differs('signature', 'of another CA', `of ${given.ca_cert ?? given.path}`);
  return changes;
};

interface Plan {
  readonly files: { readonly certificate: Kept; readonly key: Kept };
  /** What is there. */
  readonly certificate: X509Certificate | undefined;
  /** Unset: a new one is to be made. */
  readonly key: KeyObject | undefined;
  readonly reissue: boolean;
  readonly changes: Changes;
}

const plan = (ready: Ready, [at, keyAt, pem, keyPem, ...ids]: Seen, mode: Mode): Plan => {
  const { given } = ready;
  const certificate = readCertificate(pem);
  const old = readKey(keyPem, keyAt.path);
  const usable = old && typeOf(old) === given.key_type ? old : undefined;
  if (given.ca && certificate) refuseOtherCa(given, certificate, old);
  const issued = differences(ready, certificate, usable);
  const reissue = issued.length > 0;
  const key = reissue && given.rekey ? undefined : usable;
  const { owner, group } = given;
  const files = {
    certificate: kept(at, { owner, group, mode: given.mode }, ids, reissue, mode),
    key: kept(keyAt, { owner, group, mode: given.key_mode }, ids, key === undefined, mode),
  };
  const replaced = old ? `${typeOf(old)} (old)` : keyPem ? 'no private key' : null;
  const keyed = key ? [] : [{ path: files.key.path, key: 'key', before: replaced, after: `${given.key_type} (new)` }];
  const changes = [
    ...keyed,
    ...files.key.changes,
    ...issued.map(change => ({ path: files.certificate.path, ...change })),
    ...files.certificate.changes,
  ];
  return { files, certificate, key, reissue, changes };
};

/** All that a CA has issued would become void: only its time may be renewed. */
const refuseOtherCa = (given: Args, certificate: X509Certificate, key: KeyObject | undefined): void => {
  const refuse = (what: string): never => {
    throw new KplayError('E_STATE', `${given.path} is a CA already, and ${what}`, {
      hint: 'a CA is not replaced in place: what it has issued would become void. Put back what is missing, or move its files away',
    });
  };
  const found = nameText(certificate.toLegacyObject().subject);
  if (found !== subjectText(given)) refuse(`its subject is ${found}, not ${subjectText(given)}`);
  if (key === undefined) refuse(`its key is not at ${given.key_path}`);
  else if (!certificate.checkPrivateKey(key)) refuse(`${given.key_path} is not its key`);
  else if (typeOf(key) !== given.key_type) refuse(`its key is ${typeOf(key)}, not ${given.key_type}`);
};

const REAL: Mode = { check: false, diff: false };

/** A certificate and its key, made on the controller. */
export const certificate = definePrepared<Seen, Ready>()({
  name: 'certificate',
  summary: 'Keep an X.509 certificate with its private key, issued by a CA of the controller, or such a CA itself.',
  args,
  reach: 'host',
  prepare,
  observe: ({ given }) => [
    { kind: stat, subject: given.path },
    { kind: stat, subject: given.key_path },
    { kind: content, subject: given.path },
    { kind: secret, subject: given.key_path },
    ...accounts(given),
  ],
  analyze: (ready, seen, mode) => plan(ready, seen, mode).changes,

  /** The key first: a run that is killed in between leaves a key without its certificate, and the next run issues that. */
  act(ready, seen) {
    const { given, authority, now } = ready;
    const { files, key: old, reissue } = plan(ready, seen, REAL);
    const key = old ?? makeKey(given.key_type);
    const [notBefore, notAfter] = [new Date(now.getTime() - BACKDATE_MS), new Date(now.getTime() + given.days * DAY_MS)];
    const { common_name: commonName, organization, subject_alt_names, usages, ca } = given;
    const stated = {
      commonName,
      organization,
      names: canonicalSet(subject_alt_names),
      usages: [...new Set(usages)],
      ca,
      notBefore,
      notAfter,
    };
    const issuer = ca ? { key } : authority;
    if (issuer === undefined) throw new KplayError('E_FILE', `${given.ca_cert} is not there`);
    const text = reissue ? Buffer.from(issue(stated, key, issuer).toString()) : undefined;
    const show = { script: sh`cat -- ${files.certificate.path}` };
    return [...keep(files.key, old ? undefined : privatePem(key)), ...keep(files.certificate, text), show];
  },

  result(ready, seen, _changes, outputs) {
    const { files, certificate: before, reissue } = plan(ready, seen, { check: true, diff: false });
    const paths = { path: files.certificate.path, key_path: files.key.path };
    const shown = outputs ? readCertificate(outputs.at(-1)?.stdout) : reissue ? undefined : before;
    if (shown === undefined) return paths;
    return {
      ...paths,
      not_after: shown.validToDate.toISOString(),
      days_left: daysLeft(shown, ready.now),
      serial: shown.serialNumber,
      fingerprint: shown.fingerprint256,
    };
  },
});
