import { afterAll, expect, test } from 'vitest';
import { mount } from '../../src/tasks/mount.ts';
import { execute, runOnce } from './_converge.ts';
import { labShell, SPARE_HOST } from './_lab.ts';

const shell = labShell(SPARE_HOST);
const on = (script: string): string => execute(shell, script).stdout.toString().trim();
const keys = async (args: object): Promise<readonly string[]> => (await runOnce(mount, args, { shell })).changes.map(({ key }) => key);
const clean = (): string => on('umount /srv/kplay/* 2>/dev/null; rm -rf /srv/kplay; sed -i "/kplay/d" /etc/fstab');
afterAll(clean);
const options = (path: string): string => on(`findmnt -no OPTIONS ${path}`);

test('a file system with options, and what fstab says of it', async () => {
  clean();
  const wanted = { path: '/srv/kplay/it is', src: 'tmpfs', fstype: 'tmpfs', opts: 'size=1024k,mode=700', state: 'mounted' };
  expect(await keys(wanted)).toEqual(['sha256', 'mount']);
  expect(on("findmnt -no FSTYPE '/srv/kplay/it is'")).toBe('tmpfs');
  expect(on('grep kplay /etc/fstab')).toBe('tmpfs /srv/kplay/it\\040is tmpfs size=1024k,mode=700 0 0');
  expect(await keys(wanted)).toEqual([]);
  expect(await keys({ ...wanted, opts: 'size=2048k,mode=700' })).toEqual(['sha256', 'remount']);
  expect(options("'/srv/kplay/it is'")).toContain('size=2048k');
  expect(await keys({ path: wanted.path, state: 'remounted', opts: 'ro' })).toEqual(['remount']);
  expect(options("'/srv/kplay/it is'")).toMatch(/^ro,/);
  expect(await keys({ path: wanted.path, state: 'unmounted' })).toEqual(['unmount']);
  expect(await keys({ path: wanted.path, state: 'unmounted' })).toEqual([]);
  expect(await keys({ path: wanted.path, state: 'absent' })).toEqual(['sha256']);
  expect(on('grep kplay /etc/fstab; ls /srv/kplay')).toBe('');
});

test('a bind mount, told by its source', async () => {
  clean();
  on('mkdir -p /srv/kplay/from');
  const bind = { path: '/srv/kplay/to', src: '/srv/kplay/from', fstype: 'none', opts: 'bind', state: 'ephemeral' };
  expect(await keys(bind)).toEqual(['mount']);
  expect(await keys(bind)).toEqual(['remount']);
  await expect(keys({ ...bind, src: '/srv' })).rejects.toMatchObject({ code: 'E_STATE' });
  on('ln -s to /srv/kplay/link');
  expect(await keys({ path: '/srv/kplay/link', state: 'unmounted' })).toEqual(['unmount']);
});

test('what cannot be mounted', async () => {
  clean();
  const wanted = { path: '/srv/kplay/none', src: '/dev/no-such', fstype: 'ext4', state: 'mounted' };
  await expect(keys(wanted)).rejects.toThrow(/Error mounting \/srv\/kplay\/none: .*no-such/);
  expect(on('grep kplay /etc/fstab; ls -d /srv/kplay')).toBe('');
});
