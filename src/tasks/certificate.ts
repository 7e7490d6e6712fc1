import type { KeyObject, X509Certificate } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import * as z from 'zod';
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
import { issue, type Issuer } from './x509/issue.ts';
import { KEY_TYPES, makeKey, privatePem, readKey, typeOf } from './x509/keys.ts';
import { canonical, canonicalSet } from './x509/names.ts';
import { DAY_MS, daysLeft, described, issuerOf, nameText, readCertificate, subjectOf, whenItExpires } from './x509/read.ts';

const args = z
  .strictObject({
    path: path.describe('The certificate on the host.'),
    key_path: path.describe('Its private key on the host.'),
    common_name: str.describe('Who it is for (CN).'),
    organization: list.default([]).describe('Organizations of the subject (O), which Kubernetes reads as groups.'),
    subject_alt_names: list
      .default([])
      .describe('Names and addresses it holds for: `DNS:kubernetes.default`, `IP:10.96.0.1`; what they are need not be said.'),
    usages: listOf(choice('serverAuth', 'clientAuth')).default([]).describe('What it may be used for. Empty: anything.'),
    days: int.default(365).describe('Days that a new certificate is valid.'),
    renew_days: int.default(30).describe('It is renewed when fewer days than these are left.'),
    ca: bool.default(false).describe('Make a self-signed CA. Give it to the controller (delegate_to: localhost): its key signs there.'),
    ca_cert: optional(str).describe('Certificate of the CA that signs, on the controller.'),
    ca_key: optional(str).describe('Key of the CA that signs, on the controller, which it never leaves.'),
    key_type: choice(...KEY_TYPES)
      .default('ECDSA-P256')
      .describe('Kind of the private key; a key of another kind is replaced, but that of a CA stays.'),
    foreign: choice('replace', 'refuse')
      .default('replace')
      .describe(
        'What to do about a certificate that another CA signed. To refuse protects a cluster from a controller that has lost its CA.',
      ),
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
      if (canonical(name) === undefined) context.addIssue(`subject_alt_names: '${name}' is neither a DNS name nor an IP address`);
  });
type Args = z.output<typeof args>;

interface Ready {
  readonly given: Args;
  /** Unset for a CA itself, and in check mode where an earlier task would have made the CA. */
  readonly authority: Required<Issuer> | undefined;
  readonly now: Date;
}
type Seen = readonly [at: Stat, keyAt: Stat, pem: Buffer | undefined, key: Buffer | undefined, ...ids: Ids];

/** A new certificate holds since a while, for hosts whose clock is behind the controller's. */
const BACKDATE_MS = 3_600_000;

/** The CA's certificate and key, found on the controller. E_FILE or E_ARGS where they are not what they should be. */
const readAuthority = async (certPath: string, keyPath: string, controller: Controller, now: Date): Promise<Required<Issuer>> => {
  const certificate = readCertificate((await readSource(certPath, controller)).text);
  if (certificate === undefined) throw new KplayError('E_FILE', `${certPath} holds no certificate`);
  const key = readKey((await readSource(keyPath, controller)).text, keyPath);
  if (key === undefined) throw new KplayError('E_FILE', `${keyPath} holds no private key`);
  if (!certificate.ca) throw new KplayError('E_ARGS', `${certPath} is the certificate of ${subjectOf(certificate)}, which is no CA`);
  if (!certificate.checkPrivateKey(key)) throw new KplayError('E_ARGS', `${keyPath} is not the key of ${certPath}`);
  if (certificate.validToDate < now)
    throw new KplayError('E_ARGS', `the CA ${certPath} expired at ${certificate.validToDate.toISOString()}`, {
      hint: 'renew the CA first',
    });
  return { certificate, key };
};

const prepare = async (given: Args, controller: Controller): Promise<Ready> => {
  const now = new Date();
  const find = (name: string | undefined): string | undefined => {
    try {
      return name === undefined ? undefined : controller.find(name, 'files');
    } catch (error) {
      if (controller.check && error instanceof KplayError && error.code === 'E_FILE') return undefined;
      throw error;
    }
  };
  const [certPath, keyPath] = [find(given.ca_cert), find(given.ca_key)];
  const there = certPath !== undefined && keyPath !== undefined;
  return { given, now, authority: there ? await readAuthority(certPath, keyPath, controller, now) : undefined };
};

const wanted = ({ given, authority }: Ready): Fields => {
  const { common_name, organization, subject_alt_names, usages, ca, ca_cert, days } = given;
  const subject = nameText({ CN: common_name, O: organization });
  const signer = authority ? subjectOf(authority.certificate) : `what ${ca_cert} will be`;
  return {
    subject,
    issuer: ca ? subject : signer,
    ca,
    subject_alt_names: canonicalSet(subject_alt_names),
    usages: [...new Set(usages)].toSorted(),
    days,
  };
};

const change = (key: string, before: Plain, after: Plain): Change => ({ key, before, after });

const expiry = ({ given, now }: Ready, certificate: X509Certificate): Changes => {
  const left = daysLeft(certificate, now);
  return left < given.renew_days ? [change('expires', whenItExpires(left), whenItExpires(given.days))] : [];
};

/** Everything for which a new certificate is needed, each under its name. */
const differences = (ready: Ready, certificate: X509Certificate | undefined, key: KeyObject | undefined): Changes => {
  const { given, authority, now } = ready;
  const want = Object.entries(wanted(ready));
  if (certificate === undefined)
    return [...want.map(([name, after]) => change(name, null, after)), change('expires', null, whenItExpires(given.days))];
  const found = described(certificate);
  const said = want.flatMap(([name, after]) => (isDeepStrictEqual(found[name], after) ? [] : [change(name, found[name] ?? null, after)]));
  const fits = key !== undefined && certificate.checkPrivateKey(key);
  const signer = authority?.certificate;
  const signed = signer === undefined || (certificate.checkIssued(signer) && certificate.verify(signer.publicKey));
  if (!signed && given.foreign === 'refuse')
    throw new KplayError('E_STATE', `${given.path} was signed by another CA than ${given.ca_cert} (it says ${issuerOf(certificate)})`, {
      hint: 'put back the CA that signed it; foreign: replace issues it anew',
    });
  return [
    ...said,
    ...expiry(ready, certificate),
    ...(certificate.validFromDate > now ? [change('valid_from', certificate.validFromDate.toISOString(), 'now')] : []),
    ...(fits ? [] : [change('public_key', 'of another key', `of ${given.key_path}`)]),
    ...(signed || said.some(({ key: name }) => name === 'issuer') ? [] : [change('signature', 'of another CA', `of ${given.ca_cert}`)]),
  ];
};

/** A CA that is there is only renewed, with its key: all that it has issued stays good. E_STATE for anything else that would be a new CA. */
const renewal = (ready: Ready, certificate: X509Certificate, key: KeyObject | undefined): Changes => {
  const { given } = ready;
  const refuse = (what: string): never => {
    throw new KplayError('E_STATE', `${given.path} is there already, and ${what}`, {
      hint: 'a CA is not replaced in place: what it has issued would become void. Put back what is missing, or move its files away',
    });
  };
  const [found, want] = [subjectOf(certificate), wanted(ready)['subject']];
  if (!certificate.ca) refuse('it is no CA');
  if (found !== want) refuse(`its subject is ${found}, not ${want}`);
  if (key === undefined) return refuse(`its key is not at ${given.key_path}`);
  if (!certificate.checkPrivateKey(key)) refuse(`${given.key_path} is not its key`);
  const due = expiry(ready, certificate);
  if (due.length > 0 && issuerOf(certificate) !== found)
    refuse(`expires soon, but only ${issuerOf(certificate)}, which issued it, can renew it`);
  return due;
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
  const usable = old && (given.ca || typeOf(old) === given.key_type) ? old : undefined;
  const issued = given.ca && certificate ? renewal(ready, certificate, usable) : differences(ready, certificate, usable);
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
    ...issued.map(one => ({ path: files.certificate.path, ...one })),
    ...files.certificate.changes,
  ];
  return { files, certificate, key, reissue, changes };
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
    const stated = {
      commonName: given.common_name,
      organization: given.organization,
      names: canonicalSet(given.subject_alt_names),
      usages: [...new Set(given.usages)],
      ca: given.ca,
      notBefore: new Date(now.getTime() - BACKDATE_MS),
      notAfter: new Date(now.getTime() + given.days * DAY_MS),
    };
    const issuer = given.ca ? { key } : authority;
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
