import * as z from 'zod';
import type { Plain } from '../model/module.ts';
import { type Stat, stat } from '../probes/stat.ts';
import { sh } from '../shell/sh.ts';
import { bool, choice, int, list, listOf, mode, optional, str } from './args.ts';
import { defineModule } from './define.ts';
import { actEdit, type EditArgs, editOf, type EditPlan, type EditSeen, observeEdit, planEdit } from './edit.ts';

/** Fields of the file, by argument; its order is that of their names. */
const fields = {
  allow_downgrade_to_insecure: optional(bool).describe('Lists may lose their signature.'),
  allow_insecure: optional(bool).describe('Lists need no signature.'),
  allow_weak: optional(bool).describe('Weak digests will do.'),
  architectures: optional(list).describe('Architectures to fetch lists for.'),
  by_hash: optional(bool).describe('Fetch lists by their digest.'),
  check_date: optional(bool).describe('Refuse lists that are from the future.'),
  check_valid_until: optional(bool).describe('Refuse lists that are too old.'),
  components: optional(list).describe('Components: `main`.'),
  date_max_future: optional(int).describe('Seconds from the future that are taken.'),
  enabled: optional(bool).describe('Whether apt uses it.'),
  inrelease_path: optional(str).describe('Path of InRelease in the repository.'),
  languages: optional(list).describe('Languages of descriptions.'),
  name: str.describe('Name of the repository; the file is named for it.'),
  pdiffs: optional(bool).describe('Fetch differences.'),
  signed_by: optional(str).describe(
    'The key: a file on the host, a fingerprint, or the key itself as text. Not a URL: fetch that with get_url.',
  ),
  suites: optional(list).describe('Suites: `bookworm`.'),
  targets: optional(list).describe('Further things to fetch.'),
  trusted: optional(bool).describe('Take the repository as it is, signed or not.'),
  types: listOf(choice('deb', 'deb-src')).default(['deb']).describe('What is in it.'),
  uris: optional(list).describe('Where it is.'),
};
const args = z
  .strictObject({
    ...fields,
    mode: mode.default('0644').describe("Permissions of the repository's file."),
    state: choice('present', 'absent').default('present').describe('Whether the file is there.'),
  })
  .superRefine(({ signed_by }, context) => {
    if (/^\w+:\/\//.test(signed_by ?? '')) context.addIssue('signed_by is no URL here: fetch the key with get_url, and name its file');
  });
type Args = z.output<typeof args>;
type Seen = readonly [...EditSeen, ...keys: (Stat | undefined)[]];

const slugOf = ({ name }: Args): string =>
  name
    .toLowerCase()
    .replace(/[_\s]+/g, '-')
    .replace(/[^a-z0-9-]+/g, '');
const fileOf = (given: Args): string => `/etc/apt/sources.list.d/${slugOf(given)}.sources`;
/** Where Ansible keeps a key that it fetched itself. */
const keysOf = (given: Args): readonly string[] => ['asc', 'gpg'].map(ext => `/etc/apt/keyrings/${slugOf(given)}.${ext}`);

const fieldName = (key: string): string => {
  if (key === 'name') return 'X-Repolib-Name';
  if (key === 'uris') return 'URIs';
  return key.replace(/(^|_)([a-z])/g, (_, start: string, letter: string) => (start === '' ? '' : '-') + letter.toUpperCase());
};
const written = (value: Plain): string => {
  if (typeof value === 'boolean') return ` ${value ? 'yes' : 'no'}`;
  const text = Array.isArray(value) ? value.join(' ') : String(value);
  if (!text.includes('\n')) return ` ${text}`;
  const lines = text.trim().split(/\r?\n/);
  return `\n${lines.map(line => `    ${line.trim() || '.'}`).join('\n')}`;
};
/** sources.list(5), in deb822 style. */
const textOf = (given: Args): string =>
  Object.keys(fields)
    .toSorted()
    .flatMap(key => {
      const value = given[key as keyof typeof fields] as Plain | undefined;
      return value === undefined ? [] : [`${fieldName(key)}:${written(value)}\n`];
    })
    .join('');

const editArgs = (given: Args): EditArgs => ({ ...editOf(fileOf(given)), mode: given.mode });
const planned = (given: Args, [at, bytes, uid, gid]: Seen, check: boolean, diff: boolean): EditPlan =>
  planEdit(editArgs(given), [at, bytes, uid, gid], () => ({ after: Buffer.from(textOf(given)), msg: '' }), { check, diff });

/** ansible.builtin.deb822_repository: a repository of apt's in a file of its own. */
export const deb822Repository = defineModule<Seen>()({
  name: 'deb822_repository',
  summary: "Manage apt's repositories.",
  args,
  reach: 'host',
  observe: given => [
    ...observeEdit(editArgs(given)),
    ...(given.state === 'absent' ? keysOf(given).map(subject => ({ kind: stat, subject })) : []),
  ],

  analyze(given, seen, { check, diff }) {
    if (given.state === 'present') return planned(given, seen, check, diff).changes.map(change => ({ path: fileOf(given), ...change }));
    const [at, , , , ...keys] = seen;
    return [at, ...keys].flatMap(found =>
      found?.node === undefined ? [] : [{ path: found.path, key: 'state', before: 'file', after: 'absent' }],
    );
  },
  act(given, seen, changes) {
    const [at, bytes, uid, gid] = seen;
    if (given.state === 'absent') return [{ script: sh`rm -f -- ${changes.map(({ path = '' }) => path)}` }];
    return [actEdit(editArgs(given), [at, bytes, uid, gid], planned(given, seen, false, false))];
  },
  result: given =>
    given.state === 'absent'
      ? { repo: null, dest: fileOf(given), key_filename: keysOf(given)[1] ?? null }
      : { repo: textOf(given), dest: fileOf(given), key_filename: given.signed_by?.startsWith('/') === true ? given.signed_by : null },
});
