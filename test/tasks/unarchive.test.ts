import { execFileSync, spawnSync } from 'node:child_process';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { unarchive } from '../../src/tasks/unarchive.ts';
import { busybox, dash, runOnce, type Shell, shells } from './_converge.ts';

const NOBODY = Number(execFileSync('id', ['-u', 'nobody']));
const fresh = (): string => mkdtempSync(join(tmpdir(), 'kplay-un-'));
/** A tree in archives of every kind that this machine can make. */
const home = fresh();
mkdirSync(join(home, 'top/sub'), { recursive: true });
writeFileSync(join(home, 'top/a file'), 'a\n', { mode: 0o600 });
writeFileSync(join(home, 'top/sub/b'), 'b\n');
symlinkSync('sub/b', join(home, 'top/l'));
const tar = (name: string, ...options: readonly string[]): string => {
  execFileSync('tar', ['-C', home, ...options, '-cf', join(home, name), 'top']);
  return name;
};
const tars = [
  tar('t.tar'),
  tar('t.tgz', '-z'),
  ...(['xz', 'bzip2', 'zstd'] as const)
    .filter(tool => spawnSync(tool, ['--version']).status === 0)
    .map(tool => tar(`t.tar.${tool}`, `--${tool}`)),
];
/** A zip of one stored file, `top/zip`, byte by byte: not every machine has zip. */
const zipOf = (text: string): Buffer => {
  const [name, body] = [Buffer.from('top/zip'), Buffer.from(text)];
  const about = Buffer.alloc(26);
  about.writeUInt16LE(10, 0);
  about.writeUInt16LE(0x21, 8);
  about.writeUInt32LE(crc32(body), 10);
  about.writeUInt32LE(body.length, 14);
  about.writeUInt32LE(body.length, 18);
  about.writeUInt16LE(name.length, 22);
  const local = Buffer.concat([Buffer.from('PK\x03\x04'), about, name, body]);
  const central = Buffer.concat([Buffer.from('PK\x01\x02\x0a\0'), about, Buffer.alloc(14), name]);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06');
  end.writeUInt16LE(1, 8);
  end.writeUInt16LE(1, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(local.length, 16);
  return Buffer.concat([local, central, end]);
};
const controller = { find: (name: string): string => join(home, name) };
const run = async (args: object, shell: Shell = dash, check = false) =>
  runOnce(unarchive, args, { shell, controller, mode: { check, diff: false } });

const readable = (name: string, shell: Shell): boolean => shell !== busybox || !name.endsWith('zstd');

describe.for(shells)('in $name', shell => {
  test.for(tars.filter(name => readable(name, shell)))('%s is unpacked once', async src => {
    const dest = fresh();
    const first = await run({ src, dest }, shell);
    expect(first.result).toMatchObject({ changed: true, dest, state: 'directory' });
    expect([readFileSync(join(dest, 'top/a file'), 'utf8'), statSync(join(dest, 'top/a file')).mode & 0o777]).toEqual(['a\n', 0o600]);
    expect([readdirSync(join(dest, 'top')).toSorted(), lstatSync(join(dest, 'top/l')).isSymbolicLink()]).toEqual([
      ['a file', 'l', 'sub'],
      true,
    ]);
    expect((await run({ src, dest }, shell)).result).toMatchObject({ changed: false });
    writeFileSync(join(dest, 'top/sub/b'), 'c\n');
    expect((await run({ src: join(home, src), dest, remote_src: true }, shell)).result).toMatchObject({ changed: true });
    expect(readFileSync(join(dest, 'top/sub/b'), 'utf8')).toBe('b\n');
  });

  test('parts of it, and owners and modes', async () => {
    const dest = fresh();
    const args = { src: 't.tgz', dest, extra_opts: ['--strip-components=1'], owner: 'nobody', mode: 'u=rwX,go=rX' };
    const told = await run({ ...args, list_files: true }, shell);
    expect(told.result).toMatchObject({ changed: true, handler: 'TgzArchive' });
    expect((told.result['files'] as string[]).map(name => name.replace(/\/$/, ''))).toEqual(
      expect.arrayContaining(['a file', 'l', 'sub', 'sub/b']),
    );
    expect([statSync(join(dest, 'a file')).mode & 0o777, statSync(join(dest, 'sub/b')).uid]).toEqual([0o644, NOBODY]);
    if (shell === busybox) await expect(run({ ...args, exclude: 'sub' }, shell)).rejects.toThrow(/need GNU tar/);
    else expect((await run(args, shell)).result).toMatchObject({ changed: false });
    const part = fresh();
    if (shell !== busybox) await run({ src: 't.tgz', dest: part, exclude: ['top/sub'] }, shell);
    else await run({ src: 't.tgz', dest: part, include: ['top/a file', 'top/l'] }, shell);
    expect(readdirSync(join(part, 'top')).toSorted()).toEqual(['a file', 'l']);
  });

  test('what is not an archive, not there, or empty', async () => {
    const dest = fresh();
    writeFileSync(join(home, 'text'), 'no archive\n'.repeat(100));
    writeFileSync(join(home, 'empty'), '');
    await expect(run({ src: 'text', dest }, shell)).rejects.toThrow(/Failed to find handler/);
    await expect(run({ src: 'empty', dest }, shell)).rejects.toThrow(/0 bytes/);
    await expect(run({ src: '/no/such', dest, remote_src: true }, shell)).rejects.toThrow(/Source '\/no\/such' does not exist/);
    await expect(run({ src: 't.tar', dest: join(dest, 'none') }, shell)).rejects.toThrow(/must be an existing dir/);
    expect(readdirSync(dest)).toEqual([]);
  });

  test('nothing where creates is there, nor in check mode', async () => {
    const dest = fresh();
    expect((await run({ src: 't.tar', dest, creates: dest }, shell)).result).toMatchObject({ skipped: true, changed: false });
    expect((await run({ src: 't.tar', dest }, shell, true)).result).toMatchObject({ skipped: true });
    expect(existsSync(join(dest, 'top'))).toBe(false);
  });
});

test.runIf(spawnSync('unzip', ['-v']).status === 0)('a zip', async () => {
  writeFileSync(join(home, 't.zip'), zipOf('z\n'));
  const dest = fresh();
  expect((await run({ src: 't.zip', dest, list_files: true })).result).toMatchObject({
    changed: true,
    handler: 'ZipArchive',
    files: ['top', 'top/zip'],
  });
  expect(readFileSync(join(dest, 'top/zip'), 'utf8')).toBe('z\n');
  utimesSync(join(dest, 'top/zip'), 1, 1);
  expect((await run({ src: 't.zip', dest })).result).toMatchObject({ changed: false });
});

test.for([{ include: 'a', exclude: 'b' }, { remote_src: true, copy: true }, { src: 'http://x/y.tgz' }])('refuses %o', raw => {
  expect(unarchive.args.safeParse({ src: 't', dest: '/d', ...raw }).success).toBe(false);
});
