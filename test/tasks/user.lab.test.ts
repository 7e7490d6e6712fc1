import { afterAll, beforeAll, expect, test } from 'vitest';
import { group } from '../../src/tasks/group.ts';
import { user } from '../../src/tasks/user.ts';
import { execute, runOnce } from './_converge.ts';
import { labShell } from './_lab.ts';

const shell = labShell('h4');
const on = (script: string): string => {
  const { rc, stdout, stderr } = execute(shell, script);
  if (rc !== 0) throw new Error(stderr.toString());
  return stdout.toString().trim();
};
const run = async (args: object) => runOnce(user, { name: 'kplay-ann', ...args }, { shell });
const keys = async (args: object): Promise<readonly string[]> => (await run(args)).changes.map(({ key }) => key);
const HASH = '$6$salt$Uj0kIuVlVYYFrnCJYsi5eHoiwWFGAJ9wEjsTZUZgmkQ8SF8ecL8VPaZIz3SWB9fNVmUPgYmzVbbmZFvXhJy9N0';
const clean = (): string =>
  on(
    'userdel -rf kplay-ann >/dev/null 2>&1; groupdel kplay-crew >/dev/null 2>&1; groupdel kplay-ann >/dev/null 2>&1; rm -rf /srv/kplay; :',
  );
beforeAll(clean);
afterAll(clean);

test('groups, with groupadd', async () => {
  const here = async (args: object) => runOnce(group, { name: 'kplay-crew', ...args }, { shell });
  expect((await here({ system: true })).result).toMatchObject({ system: true, gid: expect.any(Number) });
  expect((await here({ gid: 4321 })).changes.map(({ key }) => key)).toEqual(['gid']);
  expect((await here({ gid: 4321 })).changes).toEqual([]);
});

test('an account, with useradd and usermod', async () => {
  const wanted = {
    uid: 4000,
    groups: ['kplay-crew'],
    home: '/srv/kplay/deep/ann',
    shell: '/bin/sh',
    password: HASH,
    password_expire_max: 90,
    expires: 2e9,
  };
  expect((await run(wanted)).result).toMatchObject({ uid: 4000, home: '/srv/kplay/deep/ann', groups: 'kplay-crew' });
  expect(await keys(wanted)).toEqual([]);
  expect(on('stat -c "%U %a" /srv/kplay/deep/ann; ls -A /srv/kplay/deep/ann; id -nG kplay-ann')).toContain('.profile');
  expect(on('getent shadow kplay-ann')).toMatch(new RegExp(`^kplay-ann:${HASH.replaceAll('$', '\\$')}:\\d+:0:90:7::23148:$`));
  expect(await keys({ group: 'kplay-crew', comment: 'A', password_lock: true, password_expire_min: 1, expires: -1 })).toEqual([
    'group',
    'comment',
    'expires',
    'password_expire_min',
    'password_lock',
  ]);
  expect(on('getent shadow kplay-ann | cut -d: -f2')).toBe(`!${HASH}`);
  expect(await keys({ password: HASH, password_lock: true })).toEqual([]);
  expect(await keys({ home: '/srv/kplay/new', move_home: true })).toEqual(['home']);
  expect(on('ls -A /srv/kplay/new')).toContain('.profile');
  expect(await keys({ groups: 'kplay-crew,users', append: true })).toEqual(['groups']);
  expect(on('rm -r /srv/kplay/new; getent group users')).toContain('kplay-ann');
  expect(await keys({})).toEqual(['create_home']);
});

test('a key pair is made once', async () => {
  const wanted = { generate_ssh_key: true, ssh_key_type: 'ed25519' };
  expect((await run(wanted)).result).toMatchObject({
    ssh_key_file: '/srv/kplay/new/.ssh/id_ed25519',
    ssh_public_key: expect.stringMatching(/^ssh-ed25519 \S+ ansible-generated on h4$/),
    ssh_fingerprint: expect.stringContaining('SHA256:'),
  });
  expect(await keys(wanted)).toEqual([]);
  expect(on('stat -c "%U %a" /srv/kplay/new/.ssh /srv/kplay/new/.ssh/id_ed25519')).toBe('kplay-ann 700\nkplay-ann 600');
  expect(await keys({ ...wanted, force: true })).toEqual(['ssh_key']);
});

test('removal', async () => {
  expect(await keys({ state: 'absent', remove: true, force: true })).toEqual(['state']);
  expect(await keys({ state: 'absent' })).toEqual([]);
  expect(on('ls /srv/kplay')).not.toContain('new');
});
