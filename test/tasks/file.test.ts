import {
  chmodSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readlinkSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { file } from '../../src/tasks/file.ts';
import { converge, runOnce, shells } from './_converge.ts';

const fresh = () => mkdtempSync(join(tmpdir(), 'kplay-'));
const mode = (path: string) => (lstatSync(path).mode & 0o7777).toString(8);

describe.for(shells)('file in $name', shell => {
  const twice = async (args: unknown, expected: readonly string[]) => {
    const { first, second } = await converge(file, args, { shell });
    expect(first.changes.map(({ key }) => key)).toEqual(expected);
    expect(second.changes).toEqual([]);
    return first.result;
  };

  test('directory, with all its parents', async () => {
    const dir = fresh();
    const path = join(dir, "a b/it's/c");
    const result = await twice({ path, state: 'directory', mode: 'u=rwx,g=rxs,o=' }, ['state', 'mode']);
    expect(result).toEqual({
      path,
      uid: 0,
      gid: 0,
      owner: 'root',
      group: 'root',
      mode: '02750',
      state: 'directory',
      size: statSync(path).size,
    });
    expect([mode(join(dir, 'a b')), mode(path)]).toEqual(['2750', '2750']);
    await twice({ path, state: 'directory', mode: '0755' }, ['mode']);
    expect(mode(path)).toBe('755');
    await twice({ path: join(dir, 'plain/'), state: 'directory' }, ['state']);
    expect(mode(join(dir, 'plain'))).toBe('755');
  });

  test('attributes of a file, behind a symlink or not', async () => {
    const dir = fresh();
    writeFileSync(join(dir, 'f'), '', { mode: 0o644 });
    symlinkSync('f', join(dir, 'l'));
    const result = await twice({ path: join(dir, 'l'), state: 'file', mode: 'g-r,o=', owner: 'nobody', group: 0 }, ['owner', 'mode']);
    expect(result).toMatchObject({ path: join(dir, 'f'), owner: 'nobody', mode: '0600', state: 'file' });
    await twice({ path: join(dir, 'l'), owner: 'nobody', follow: false }, ['owner']);
    expect([lstatSync(join(dir, 'l')).uid, statSync(join(dir, 'l')).uid]).toEqual([65_534, 65_534]);
  });

  test('touch makes a file, then always moves its times', async () => {
    const path = join(fresh(), '-n');
    const { first, second } = await converge(file, { path, state: 'touch', mode: '0600' }, { shell });
    expect([first.changes.map(({ key }) => key), mode(path)]).toEqual([['state', 'mode', 'mtime', 'atime'], '600']);
    expect(second.changes.map(({ key }) => key)).toEqual(['mtime', 'atime']);
    expect(second.result).toMatchObject({ dest: path, state: 'file' });
    await twice({ path, state: 'touch', modification_time: 'preserve', access_time: 'preserve' }, []);
    await twice({ path, state: 'file', modification_time: '202001020304.05', access_time: '05.06.2021', access_time_format: '%d.%m.%Y' }, [
      'mtime',
      'atime',
    ]);
    expect([statSync(path).mtime, statSync(path).atime]).toEqual([new Date(2020, 0, 2, 3, 4, 5), new Date(2021, 5, 5)]);
  });

  test('symlinks', async () => {
    const dir = fresh();
    const path = join(dir, 'l');
    writeFileSync(join(dir, 'f'), 'x');
    mkdirSync(join(dir, 'd'));
    const result = await twice({ path, state: 'link', src: 'f' }, ['state', 'src']);
    expect(result).toMatchObject({ dest: path, src: 'f', state: 'link', mode: '0777' });
    await twice({ path, state: 'link', src: 'd' }, ['src']);
    await twice({ path, state: 'link', src: join(dir, 'f'), mode: '0600' }, ['src', 'mode']);
    expect([readlinkSync(path), mode(join(dir, 'f'))]).toEqual([join(dir, 'f'), '600']);
    await twice({ path, state: 'link', src: 'gone', force: true, follow: false }, ['src']);
    await expect(runOnce(file, { path, state: 'link', src: 'gone2' }, { shell })).rejects.toMatchObject({ code: 'E_STATE' });
    await expect(runOnce(file, { path: join(dir, 'f'), state: 'link', src: 'd' }, { shell })).rejects.toMatchObject({
      message: `refusing to convert from file to symlink for ${join(dir, 'f')}`,
    });
    await twice({ path: join(dir, 'f'), state: 'link', src: 'd', force: true }, ['state', 'src']);
    await twice({ path: join(dir, 'd'), state: 'link', src: '/tmp', force: true }, ['state', 'src']);
    mkdirSync(join(dir, 'full/x'), { recursive: true });
    await expect(runOnce(file, { path: join(dir, 'full'), state: 'link', src: '/tmp', force: true }, { shell })).rejects.toMatchObject({
      message: `the directory ${join(dir, 'full')} is not empty, refusing to convert it`,
    });
  });

  test('hard links', async () => {
    const dir = fresh();
    const [src, path] = [join(dir, 'f'), join(dir, 'h')];
    writeFileSync(src, 'x');
    const result = await twice({ path, state: 'hard', src }, ['state']);
    expect(result).toMatchObject({ dest: path, src, state: 'hard' });
    writeFileSync(join(dir, 'other'), '');
    linkSync(join(dir, 'other'), join(dir, 'another'));
    await expect(runOnce(file, { path: join(dir, 'other'), state: 'hard', src }, { shell })).rejects.toMatchObject({
      message: 'Cannot link, different hard link exists at destination',
    });
    await twice({ path: join(dir, 'other'), state: 'hard', src, force: true }, ['state']);
    expect(statSync(src).nlink).toBe(3);
  });

  test('absent removes files, trees and links, not what links lead to', async () => {
    const dir = fresh();
    mkdirSync(join(dir, 'd/x'), { recursive: true });
    symlinkSync('d', join(dir, 'l'));
    expect(await twice({ path: join(dir, 'l'), state: 'absent' }, ['state'])).toEqual({ path: join(dir, 'l'), state: 'absent' });
    expect(existsSync(join(dir, 'd/x'))).toBe(true);
    await twice({ path: join(dir, 'd'), state: 'absent' }, ['state']);
    expect(existsSync(join(dir, 'd'))).toBe(false);
  });

  test('recurse sets what differs below, links followed or not', async () => {
    const dir = fresh();
    mkdirSync(join(dir, 'd/sub'), { recursive: true });
    mkdirSync(join(dir, 'out'));
    writeFileSync(join(dir, 'd/sub/line\nbreak'), '', { mode: 0o644 });
    writeFileSync(join(dir, 'out/f'), '', { mode: 0o644 });
    symlinkSync('../out', join(dir, 'd/link'));
    symlinkSync('nowhere', join(dir, 'd/dangling'));
    chmodSync(join(dir, 'd'), 0o755);
    const args = { path: join(dir, 'd'), recurse: true, mode: 'u=rwX,g=rX,o=', owner: 'nobody' };
    const { first, second } = await converge(file, { ...args, follow: false }, { shell });
    expect(second.changes).toEqual([]);
    expect(new Set(first.changes.map(({ path }) => path))).toEqual(
      new Set([undefined, ...['sub', 'sub/line\nbreak', 'link', 'dangling'].map(name => join(dir, 'd', name))]),
    );
    expect([mode(join(dir, 'd')), mode(join(dir, 'd/sub')), mode(join(dir, 'd/sub/line\nbreak')), mode(join(dir, 'out/f'))]).toEqual([
      '750',
      '750',
      '640',
      '644',
    ]);
    await converge(file, args, { shell });
    expect([mode(join(dir, 'out')), mode(join(dir, 'out/f')), statSync(join(dir, 'out/f')).uid]).toEqual(['750', '640', 65_534]);
    expect((await runOnce(file, args, { shell })).changes).toEqual([]);
  });

  test.for([
    [{ path: '/no/such', state: 'file' }, 'E_STATE', 'file (/no/such) is absent, cannot continue'],
    [{ path: '/tmp', state: 'file' }, 'E_STATE', 'file (/tmp) is directory, cannot continue'],
    [{ path: '/etc/passwd', state: 'directory' }, 'E_STATE', '/etc/passwd already exists as a file'],
    [{ path: '/tmp/kplay-x', state: 'link' }, 'E_STATE', 'src is required for creating new symlinks'],
    [{ path: '/tmp/kplay-x', state: 'hard', src: '/no/such' }, 'E_STATE', 'src does not exist'],
    [{ path: '/tmp/kplay-x', state: 'touch', src: '/tmp' }, 'E_ARGS', "src option requires state to be 'link' or 'hard'"],
    [{ path: '/tmp/kplay-x', state: 'touch', recurse: true }, 'E_ARGS', "recurse option requires state to be 'directory'"],
    [{ path: '/', state: 'absent' }, 'E_STATE', 'refusing to remove the root directory'],
    [{ path: '/tmp', owner: 'no-such-user' }, 'E_STATE', 'chown failed: failed to look up user no-such-user'],
  ] as const)('refuses %o', async ([args, code, message]) => {
    await expect(runOnce(file, args, { shell })).rejects.toMatchObject({ code, message });
  });
});

test('check mode changes nothing', async () => {
  const dir = fresh();
  utimesSync(dir, 1, 1);
  for (const state of ['touch', 'directory'])
    expect(
      (await runOnce(file, { path: join(dir, 'x'), state, owner: 'not-yet' }, { mode: { check: true, diff: false } })).changes.length,
    ).toBeGreaterThan(0);
  expect(statSync(dir).mtimeMs).toBe(1000);
});
