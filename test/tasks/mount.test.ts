import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { mount } from '../../src/tasks/mount.ts';
import { dashRoot, replaceProgram } from './_accounts.ts';
import { runOnce } from './_converge.ts';

describe.runIf(process.getuid?.() === 0)('mount with mounts of its own', () => {
  const shell = dashRoot();
  const at = (path: string): string => join(shell.root, path);
  const put = (path: string, text: string): void => {
    mkdirSync(join(at(path), '..'), { recursive: true });
    writeFileSync(at(path), text);
  };
  const said = (): string => {
    const text = existsSync(at('said')) ? readFileSync(at('said'), 'utf8') : '';
    writeFileSync(at('said'), '');
    return text;
  };
  const fstab = (): string => readFileSync(at('etc/fstab'), 'utf8');
  const keys = async (args: object, check = false): Promise<readonly string[]> =>
    (await runOnce(mount, args, { shell, mode: { check, diff: true } })).changes.map(({ key }) => key);
  put('etc/fstab', '# none\n');
  put('proc/self/mountinfo', '20 1 8:1 / / rw - ext4 /dev/root rw\n21 20 8:1 /srv /mnt/bound rw - ext4 /dev/root rw\n');
  mkdirSync(at('mnt/bound'), { recursive: true });
  replaceProgram(
    shell,
    'mount',
    `echo "mount $*" >>/said
for last; do :; done
case $* in *bad*) echo "mount: bad thing" >&2; exit 32 ;; *remount*) exit ;; esac
echo "30 20 0:50 / $last rw - tmpfs tmpfs rw" >>/proc/self/mountinfo`,
  );
  replaceProgram(shell, 'umount', `echo "umount $*" >>/said; busybox sed -i "\\# $1 #d" /proc/self/mountinfo`);
  const wanted = { path: '/mnt/a/b', src: 'tmpfs', fstype: 'tmpfs' };

  test('mounted, once; the mount point is made', async () => {
    expect(await keys({ ...wanted, state: 'mounted' }, true)).toEqual(['content', 'mount']);
    expect([existsSync(at('mnt/a')), fstab(), said()]).toEqual([false, '# none\n', '']);
    expect(await keys({ ...wanted, state: 'mounted' })).toEqual(['content', 'mount']);
    expect([fstab(), said()]).toEqual(['# none\ntmpfs /mnt/a/b tmpfs defaults 0 0\n', 'mount /mnt/a/b\n']);
    expect(await keys({ ...wanted, state: 'mounted' })).toEqual([]);
    expect(await keys({ ...wanted, state: 'mounted', opts: 'size=1m' })).toEqual(['content', 'remount']);
    expect(said()).toBe('mount -o remount /mnt/a/b\n');
    expect(await keys({ path: '/mnt/a/b', state: 'remounted', opts: 'ro' })).toEqual(['remount']);
    expect(said()).toBe('mount -o remount,ro /mnt/a/b\n');
  });

  test('unmounted, then absent, once each', async () => {
    expect(await keys({ path: '/mnt/a/b', state: 'unmounted' })).toEqual(['unmount']);
    expect(await keys({ path: '/mnt/a/b', state: 'unmounted' })).toEqual([]);
    expect(await keys({ ...wanted, opts: 'size=1m', state: 'mounted' })).toEqual(['mount']);
    expect(await keys({ path: '/mnt/a/b', state: 'absent' })).toEqual(['content', 'unmount']);
    expect([fstab(), existsSync(at('mnt/a')), existsSync(at('mnt/a/b'))]).toEqual(['# none\n', true, false]);
    expect(await keys({ path: '/mnt/a/b', state: 'absent' })).toEqual([]);
  });

  test('what fails leaves nothing behind', async () => {
    await expect(keys({ path: '/mnt/bad/b', src: 'x', fstype: 'ext4', state: 'mounted' })).rejects.toThrow(
      /Error mounting \/mnt\/bad\/b: mount: bad thing/,
    );
    expect([fstab(), existsSync(at('mnt/bad')), existsSync(at('mnt'))]).toEqual(['# none\n', false, true]);
  });

  test('ephemeral keeps to its source', async () => {
    said();
    const bound = { path: '/mnt/bound', fstype: 'none', opts: 'bind', state: 'ephemeral' };
    expect(await keys({ ...bound, src: '/srv' })).toEqual(['remount']);
    expect(said()).toBe('mount -o remount -t none -o bind /srv /mnt/bound\n');
    await expect(keys({ ...bound, src: '/other' })).rejects.toMatchObject({ code: 'E_STATE' });
    expect(await keys({ ...bound, path: '/mnt/new', src: '/srv' })).toEqual(['mount']);
    expect([said(), fstab()]).toEqual(['mount -t none -o bind /srv /mnt/new\n', '# none\n']);
  });

  test('options that are a secret are not shown', async () => {
    const { changes, result } = await runOnce(
      mount,
      { ...wanted, state: 'present', opts: 'password=secret', opts_no_log: true },
      { shell, mode: { check: true, diff: true } },
    );
    expect([changes.length, JSON.stringify([changes, result]).includes('secret')]).toEqual([1, false]);
  });
});

test.for([{ path: '/a' }, { path: '/a', state: 'mounted' }, { path: '/a', state: 'ephemeral', src: 'x' }])('refuses %o', raw => {
  expect(mount.args.safeParse(raw).success).toBe(false);
});
