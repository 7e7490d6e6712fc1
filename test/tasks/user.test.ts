import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { group } from '../../src/tasks/group.ts';
import { user } from '../../src/tasks/user.ts';
import { busyboxRoot } from './_accounts.ts';
import { runOnce } from './_converge.ts';

const HASH = '$6$salt$Uj0kIuVlVYYFrnCJYsi5eHoiwWFGAJ9wEjsTZUZgmkQ8SF8ecL8VPaZIz3SWB9fNVmUPgYmzVbbmZFvXhJy9N0';

describe.runIf(process.getuid?.() === 0)('with busybox alone', () => {
  const shell = busyboxRoot();
  const run = async (args: object, check = false) => runOnce(user, { name: 'ann', ...args }, { shell, mode: { check, diff: false } });
  const file = (name: string): string => readFileSync(join(shell.root, 'etc', name), 'utf8');
  const keys = async (args: object): Promise<readonly string[]> => (await run(args)).changes.map(({ key }) => key);

  test('groups come and go once', async () => {
    const here = async (args: object) => runOnce(group, { name: 'crew', ...args }, { shell });
    expect((await here({ gid: 1234 })).result).toEqual({ name: 'crew', state: 'present', gid: 1234, system: false });
    expect((await here({ gid: 1234 })).changes).toEqual([]);
    expect((await here({ gid: 1235 })).changes).toEqual([{ key: 'gid', before: 1234, after: 1235 }]);
    expect(file('group')).toContain('crew:x:1235:\n');
    expect((await here({ gid: 10 })).result).toEqual({
      changed: false,
      failed: true,
      name: 'crew',
      msg: '10 in /etc/group already is the number of wheel',
    });
    expect((await here({ name: 'gang', gid: 10 })).result).toMatchObject({ failed: true, name: 'gang' });
    expect((await here({ name: 'gang', gid: 10, non_unique: true })).result).toMatchObject({ gid: 10 });
    expect((await here({ state: 'absent' })).changes).toEqual([{ key: 'state', before: 'present', after: 'absent' }]);
    expect((await here({ state: 'absent' })).changes).toEqual([]);
    expect(await here({ name: 'gang', state: 'absent' })).toMatchObject({ result: { name: 'gang', state: 'absent' } });
  });

  test('an account is made, changed and removed', async () => {
    const wanted = { uid: 3000, group: 'staff', groups: 'wheel', comment: "Ann O'Neil", shell: '/bin/sh', password: HASH };
    const made = await run(wanted);
    expect(made.changes).toEqual([{ key: 'state', before: 'absent', after: 'present' }]);
    expect(made.result).toEqual({
      name: 'ann',
      state: 'present',
      system: false,
      create_home: true,
      password: 'NOT_LOGGING_PASSWORD',
      uid: 3000,
      group: 50,
      comment: "Ann O'Neil",
      home: '/home/ann',
      shell: '/bin/sh',
      groups: 'wheel',
    });
    expect(file('shadow')).toContain(`ann:${HASH}:`);
    expect(readFileSync(join(shell.root, 'home/ann/.profile'), 'utf8')).toBe('x\n');
    expect((await run(wanted)).changes).toEqual([]);
    expect((await run({})).changes).toEqual([]);

    const moved = await run({
      uid: 3001,
      group: 10,
      groups: ['staff'],
      comment: 'A',
      shell: '/bin/false',
      home: '/home/other',
      move_home: true,
      expires: 86_400 * 20_000,
    });
    expect(moved.changes.map(({ key }) => key)).toEqual(['uid', 'group', 'comment', 'home', 'shell', 'expires', 'groups']);
    expect(file('passwd')).toContain('ann:x:3001:10:A:/home/other:/bin/false\n');
    expect(file('group')).toBe('root:x:0:\nwheel:x:10:root\nstaff:x:50:ann\n');
    expect(file('shadow')).toMatch(/^ann:.*:20000:$/m);
    expect(readFileSync(join(shell.root, 'home/other/.profile'), 'utf8')).toBe('x\n');

    expect(await keys({ groups: ['wheel'], append: true })).toEqual(['groups']);
    expect(await keys({ groups: ['staff'], append: true })).toEqual([]);
    expect(await keys({ groups: [] })).toEqual(['groups']);
    expect(await keys({ groups: [] })).toEqual([]);
    expect(await keys({ expires: -1 })).toEqual(['expires']);
    expect(await keys({ expires: -1, password: `${HASH}x`, update_password: 'on_create' })).toEqual([]);
    expect(await keys({ password_lock: true })).toEqual(['password_lock']);
    expect(await keys({ password_lock: true, password: HASH })).toEqual([]);
    expect(await keys({ password_lock: false })).toEqual(['password_lock']);

    expect((await run({ state: 'absent', remove: true })).result).toEqual({ name: 'ann', state: 'absent', force: false, remove: true });
    expect(await keys({ state: 'absent' })).toEqual([]);
  });

  test('check mode and bad input', async () => {
    const made = await run({ name: 'bob', group: 'nope' }, true);
    expect(made).toEqual({ changes: [{ key: 'state', before: 'absent', after: 'present' }], result: {} });
    expect(file('passwd')).not.toContain('bob');
    expect(await runOnce(group, { name: 'crew', gid: 10 }, { shell, mode: { check: true, diff: false } })).toMatchObject({
      changes: [{ key: 'state', before: 'absent', after: 'present' }],
      result: {},
    });
    expect((await run({ uid: 0 })).result).toEqual({
      changed: false,
      failed: true,
      name: 'ann',
      msg: '0 in /etc/passwd already is the number of root',
      rc: 4,
    });
    expect(file('passwd')).not.toContain('ann');
    await expect(run({ group: 'nope' })).rejects.toMatchObject({ code: 'E_STATE', message: 'Group nope does not exist' });
    await expect(run({ groups: 'wheel,nope' })).rejects.toMatchObject({ code: 'E_STATE' });
  });

  test('no hash of a password is in what may be shown', async () => {
    const { changes, result } = await run({ name: 'eve', password: HASH });
    const second = await run({ name: 'eve', password: HASH.replace('salt', 'pepr') });
    expect(second.changes.map(({ key }) => key)).toEqual(['password']);
    expect(JSON.stringify([changes, result, second])).not.toContain('$6$');
  });
});

test.for([{ name: 'a', local: true, umask: '077' }, { name: 'a', uid: 'x' }, { name: 'a', stat: 1 }, {}])('%o is refused', raw => {
  expect(user.args.safeParse(raw).success).toBe(false);
});
test.for([
  { name: 'a', force: true, local: true },
  { name: 'a', non_unique: true },
])('group refuses %o', raw => {
  expect(group.args.safeParse(raw).success).toBe(false);
});
