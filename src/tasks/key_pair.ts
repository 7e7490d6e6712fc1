import type { KeyObject } from 'node:crypto';
import * as z from 'zod';
import { KplayError } from '../model/errors.ts';
import type { Change, Changes, Mode } from '../model/module.ts';
import { content, secret } from '../probes/content.ts';
import { type Stat, stat } from '../probes/stat.ts';
import { choice, optional, path, str } from './args.ts';
import { accounts, type Ids } from './attributes.ts';
import { defineModule } from './define.ts';
import { fileMode, keep, type Kept, kept } from './x509/files.ts';
import { KEY_TYPES, makeKey, privatePem, publicPem, readKey, typeOf } from './x509/keys.ts';

const args = z.strictObject({
  path: path.describe('The private key, PKCS #8 in PEM. What is there stays.'),
  public_path: path.describe('Its public key in PEM.'),
  key_type: choice(...KEY_TYPES)
    .default('ECDSA-P256')
    .describe('Kind of a new key.'),
  owner: optional(str).describe('User name or number that owns both files. Unset leaves the owner alone.'),
  group: optional(str).describe('Group name or number of both files. Unset leaves the group alone.'),
  mode: fileMode.default('0600').describe('Permissions of the private key.'),
  public_mode: fileMode.default('0644').describe('Permissions of the public key.'),
});
type Args = z.output<typeof args>;
type Seen = readonly [at: Stat, publicAt: Stat, pem: Buffer | undefined, publicPem: Buffer | undefined, ...ids: Ids];

interface Plan {
  readonly files: { readonly secret: Kept; readonly public: Kept };
  /** Unset: a new one is to be made. */
  readonly key: KeyObject | undefined;
  /** Is the public key not that of the private key? */
  readonly publish: boolean;
  readonly changes: Changes;
}

/** E_STATE where a key would be replaced: what was signed with it could not be told from forgeries. */
const plan = (given: Args, [at, publicAt, pem, published, ...ids]: Seen, mode: Mode): Plan => {
  const key = readKey(pem, at.path);
  if (key === undefined && (pem ?? published) !== undefined)
    throw new KplayError(
      'E_STATE',
      pem ? `${at.path} holds no private key` : `${publicAt.path} is there, but not its private key ${at.path}`,
      {
        hint: 'a key that is in use is not replaced: put it back, or move its files away',
      },
    );
  const publish = key === undefined || !published?.equals(publicPem(key));
  const { owner, group } = given;
  const files = {
    secret: kept(at, { owner, group, mode: given.mode }, ids, key === undefined, mode),
    public: kept(publicAt, { owner, group, mode: given.public_mode }, ids, publish, mode),
  };
  const made: Change = { path: files.secret.path, key: 'key', before: null, after: `${given.key_type} (new)` };
  const fits: Change = {
    path: files.public.path,
    key: 'public_key',
    before: published ? 'of another key' : null,
    after: `of ${files.secret.path}`,
  };
  const changes = [...(key ? [] : [made]), ...files.secret.changes, ...(publish ? [fits] : []), ...files.public.changes];
  return { files, key, publish, changes };
};

/** A private key and its public key, for signatures without a certificate: tokens of service accounts. */
export const keyPair = defineModule<Seen>()({
  name: 'key_pair',
  summary: 'Keep a private key and its public key.',
  args,
  reach: 'host',
  observe: given => [
    { kind: stat, subject: given.path },
    { kind: stat, subject: given.public_path },
    { kind: secret, subject: given.path },
    { kind: content, subject: given.public_path },
    ...accounts(given),
  ],
  analyze: (given, seen, mode) => plan(given, seen, mode).changes,
  act(given, seen) {
    const { files, key: old, publish } = plan(given, seen, { check: false, diff: false });
    const key = old ?? makeKey(given.key_type);
    return [...keep(files.secret, old ? undefined : privatePem(key)), ...keep(files.public, publish ? publicPem(key) : undefined)];
  },
  result(given, seen) {
    const { files, key } = plan(given, seen, { check: true, diff: false });
    return { path: files.secret.path, public_path: files.public.path, key_type: key ? typeOf(key) : given.key_type };
  },
});
