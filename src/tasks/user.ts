import * as z from 'zod';
import { KplayError } from '../model/errors.ts';
import type { Change, Changes, Fields, Output, Step } from '../model/module.ts';
import { type Group, groups, sshKey, type SshKey, user as account, type User } from '../probes/user.ts';
import { failure, printed } from './account_results.ts';
import { bool, choice, float, int, list, optional, path, str } from './args.ts';
import { createScript, dayOf, keyScript, modifyScript, passwordScript, PRELUDE, removeScript } from './accounts.ts';
import { defineModule } from './define.ts';

const args = z
  .strictObject({
    name: str.describe('The account.'),
    uid: optional(int).describe('Its number.'),
    non_unique: bool.default(false).describe('The number may be that of another account.'),
    group: optional(str).describe('Primary group, by name or number.'),
    groups: optional(list).describe('Further groups; an empty list takes the account out of all.'),
    append: bool.default(false).describe('Only add to `groups`.'),
    comment: optional(str).describe('Full name (GECOS).'),
    home: optional(path).describe('Home folder.'),
    create_home: bool.default(true).describe('Make the home folder where it is missing.'),
    move_home: bool.default(false).describe('Move the old home folder to a new `home`.'),
    skeleton: optional(path).describe('What a new home folder is copied from.'),
    umask: optional(str).describe('umask for a new home folder.'),
    shell: optional(path).describe('Login shell.'),
    system: bool.default(false).describe('A new account gets a number of the range for the system.'),
    password: optional(str).describe('Hash of the password, as crypt(5) makes it; never the password.'),
    update_password: choice('always', 'on_create').default('always').describe('Whether the password of an account that exists is changed.'),
    password_lock: optional(bool).describe('Whether logging in with the password is locked.'),
    password_expire_min: optional(int).describe('Least days between changes of the password.'),
    password_expire_max: optional(int).describe('Most days between changes of the password.'),
    password_expire_warn: optional(int).describe('Days of warning before that.'),
    password_expire_account_disable: optional(int).describe('Days after that until the account is disabled.'),
    expires: optional(float).describe('When the account expires, in seconds since 1970; negative for never.'),
    state: choice('present', 'absent').default('present').describe('Whether it exists.'),
    remove: bool.default(false).describe('With absent: remove the home folder too.'),
    force: bool.default(false).describe('With absent: though it is logged in. With generate_ssh_key: replace a key that is there.'),
    generate_ssh_key: bool.default(false).describe('Make a key pair without a passphrase.'),
    ssh_key_bits: int.default(0).describe('Size of the key; 0 leaves it to ssh-keygen.'),
    ssh_key_type: str.default('rsa').describe('Kind of key.'),
    ssh_key_file: optional(path).describe('File of the key; relative to the home folder. Unset: .ssh/id_TYPE.'),
    ssh_key_comment: optional(str).describe('Comment in the key. Unset: ansible-generated on HOST.'),
    local: bool.default(false).describe('Look only at /etc/passwd.'),
    uid_min: optional(int).describe('Least number of a new account.'),
    uid_max: optional(int).describe('Greatest number of a new account.'),
  })
  .superRefine(({ local, umask, uid_min, uid_max }, context) => {
    for (const [key, value] of Object.entries({ umask, uid_min, uid_max }))
      if (local && value !== undefined) context.addIssue(`'${key}' can not be used with 'local'`);
  });
export type UserArgs = z.output<typeof args>;
type Seen = [account: User | undefined, groups: readonly Group[], key: SshKey | undefined];

const HIDDEN = 'NOT_LOGGING_PASSWORD';
const keyFile = ({ ssh_key_file, ssh_key_type }: UserArgs): string => ssh_key_file ?? `.ssh/id_${ssh_key_type}`;
const foundIn = ({ local }: UserArgs, seen: User | undefined): User | undefined => (seen?.local === false && local ? undefined : seen);

/** By number first, as Ansible does; E_STATE where there is none. */
const groupNamed = (name: string, table: readonly Group[]): Group => {
  const found =
    (/^\d+$/.test(name) ? table.find(({ gid }) => gid === Number(name)) : undefined) ?? table.find(group => group.name === name);
  if (found === undefined)
    throw new KplayError('E_STATE', `Group ${name} does not exist`, { hint: 'make it first, with the group module' });
  return found;
};
const namesOf = (names: readonly string[], table: readonly Group[]): readonly string[] =>
  [...new Set(names.map(name => name.trim()).filter(name => name !== ''))].map(name => groupNamed(name, table).name);

const groupChange = (wanted: UserArgs, table: readonly Group[]): Changes => {
  if (wanted.groups === undefined) return [];
  const before = table.filter(({ members }) => members.includes(wanted.name)).map(({ name }) => name);
  const asked = namesOf(wanted.groups, table);
  const after = [...new Set(wanted.append ? [...before, ...asked] : asked)];
  const same = before.length === after.length && after.every(name => before.includes(name));
  return same ? [] : [{ key: 'groups', before: before.toSorted(), after: after.toSorted() }];
};
const passwordChanges = (wanted: UserArgs, { password }: User): Changes => {
  const changes: Change[] = [];
  const bare = (hash: string): string => hash.replace(/^!+/, '');
  if (wanted.password !== undefined && wanted.update_password === 'always' && bare(password) !== bare(wanted.password))
    changes.push({ key: 'password', before: HIDDEN, after: HIDDEN });
  const locked = password.startsWith('!');
  if (wanted.password_lock !== undefined && wanted.password_lock !== locked)
    changes.push({ key: 'password_lock', before: locked, after: wanted.password_lock });
  return changes;
};

const moved = (wanted: UserArgs, seen: User, table: readonly Group[]): Changes => {
  const gid = wanted.group === undefined ? undefined : groupNamed(wanted.group, table).gid;
  const fields: readonly (readonly [key: string, before: string | number, after: string | number | undefined])[] = [
    ['uid', seen.uid, wanted.uid],
    ['group', seen.gid, gid],
    ['comment', seen.comment, wanted.comment],
    ['home', seen.home, wanted.home],
    ['shell', seen.shell, wanted.shell],
    ['expires', seen.expireDay, wanted.expires === undefined ? undefined : dayOf(wanted.expires)],
    ['password_expire_min', seen.minDays, wanted.password_expire_min],
    ['password_expire_max', seen.maxDays, wanted.password_expire_max],
    ['password_expire_warn', seen.warnDays, wanted.password_expire_warn],
    ['password_expire_account_disable', seen.inactiveDays, wanted.password_expire_account_disable],
  ];
  const plain = fields.flatMap(([key, before, after]) => (after === undefined || before === after ? [] : [{ key, before, after }]));
  return [...plain, ...groupChange(wanted, table), ...passwordChanges(wanted, seen)];
};

/** Home and key of an account that is, or is about to be, there. */
const belongings = (wanted: UserArgs, seen: User | undefined, key: SshKey | undefined): Changes => {
  const changes: Change[] = [];
  const staysHome = seen !== undefined && (wanted.home === undefined || wanted.home === seen.home);
  if (wanted.create_home && staysHome && !seen.homeExists) changes.push({ key: 'create_home', before: null, after: seen.home });
  const hasKey = seen !== undefined && key !== undefined && (key.privateExists || key.publicKey !== undefined);
  if (wanted.generate_ssh_key && (!hasKey || wanted.force))
    changes.push({ key: 'ssh_key', before: hasKey ? key.path : null, after: key?.path ?? keyFile(wanted) });
  return changes;
};

export const user = defineModule<Seen>()({
  name: 'user',
  summary: 'Manage accounts.',
  args,
  aliases: { user: 'name', createhome: 'create_home' },
  reach: 'host',
  observe: wanted => [
    { kind: account, subject: wanted.name },
    { kind: groups, subject: [wanted.group ?? '', ...(wanted.groups ?? [])].join(',') },
    wanted.generate_ssh_key ? { kind: sshKey, subject: `${wanted.name}:${keyFile(wanted)}` } : undefined,
  ],

  analyze(wanted, [seen, table, key], { check }) {
    const found = foundIn(wanted, seen);
    if (wanted.state === 'absent') return found === undefined ? [] : [{ key: 'state', before: 'present', after: 'absent' }];
    if (found !== undefined) return [...moved(wanted, found, table), ...belongings(wanted, found, key)];
    // In check mode a task before may be what makes the groups.
    if (!check) namesOf([...(wanted.group === undefined ? [] : [wanted.group]), ...(wanted.groups ?? [])], table);
    return [{ key: 'state', before: 'absent', after: 'present' }, ...belongings(wanted, undefined, key)];
  },

  act(wanted, [seen, table], changes): readonly Step[] {
    const look = [account.script([wanted.name])];
    if (wanted.generate_ssh_key) look.push(sshKey.script([`${wanted.name}:${keyFile(wanted)}`]));
    return [changeStep(wanted, foundIn(wanted, seen), table, changes), { script: look.join('\n') }];
  },

  result(wanted, [seen, , key], changes, outputs) {
    const { name, state } = wanted;
    // In check mode Ansible tells nothing of an account that would come or go.
    if (outputs === undefined && changes.some(change => change.key === 'state')) return {};
    const [ran, look] = outputs ?? [];
    const failed = failure(name, ran);
    if (failed !== undefined) return { ...failed, rc: ran?.rc ?? null };
    if (state === 'absent') return { name, state, ...(ran && { force: wanted.force, remove: wanted.remove }), ...printed(ran) };
    const found = foundIn(wanted, seen);
    const after = afterwards(wanted, look) ?? { account: found, key };
    return { name, state, ...how(wanted, found), ...printed(ran), ...told(wanted, after.account, after.key) };
  },
});

/** One program: what fails ends it, and nothing is done after that. */
const changeStep = (wanted: UserArgs, found: User | undefined, table: readonly Group[], changes: Changes): Step => {
  const scriptOf = (...parts: readonly string[]): string => [PRELUDE, ...parts].join('\n');
  if (wanted.state === 'absent') return { exit: 'any', script: scriptOf(removeScript(wanted)) };
  const { name, group, password, password_lock } = wanted;
  const keys = new Set(changes.map(({ key }) => key));
  const main =
    found === undefined
      ? createScript(
          wanted,
          namesOf(wanted.groups ?? [], table),
          group === undefined ? undefined : groupNamed(group, table).gid,
          table.some(other => other.name === name),
        )
      : modifyScript(wanted, found, changes);
  const pair = keys.has('ssh_key') ? [keyScript(wanted, keyFile(wanted))] : [];
  if (password === undefined || (found !== undefined && !keys.has('password'))) return { exit: 'any', script: scriptOf(main, ...pair) };
  const stdin = Buffer.from(`${name}:${password_lock === true ? '!' : ''}${password}\n`);
  return { exit: 'any', script: scriptOf(main, passwordScript, ...pair), stdin };
};

interface After {
  readonly account: User | undefined;
  readonly key: SshKey | undefined;
}
/** The second step looks again. */
const afterwards = (wanted: UserArgs, look: Output | undefined): After | undefined => {
  if (look === undefined) return undefined;
  const { stdout } = look;
  const [found] = account.parse(stdout, [wanted.name]);
  const [key] = wanted.generate_ssh_key ? sshKey.parse(Buffer.from(stdout.toString().split('\0').slice(4).join('\0')), ['']) : [];
  return { account: found instanceof Error ? undefined : found, key: key instanceof Error ? undefined : key };
};
const how = ({ append, move_home, system, create_home, password }: UserArgs, found: User | undefined): Fields => ({
  ...(found === undefined ? { system, create_home } : { append, move_home }),
  ...(password === undefined ? {} : { password: HIDDEN }),
});
const told = ({ groups: asked }: UserArgs, seen: User | undefined, key: SshKey | undefined): Fields => {
  if (seen === undefined) return {};
  const { uid, gid, comment, home, shell } = seen;
  return {
    uid,
    group: gid,
    comment,
    home,
    shell,
    ...(asked === undefined ? {} : { groups: asked.join(',') }),
    ...(key === undefined ? {} : { ssh_key_file: key.path, ssh_public_key: key.publicKey ?? null, ssh_fingerprint: key.fingerprint ?? '' }),
  };
};
