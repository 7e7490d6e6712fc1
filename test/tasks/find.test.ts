import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Fields } from '../../src/model/module.ts';
import { fetch } from '../../src/tasks/fetch.ts';
import { find } from '../../src/tasks/find.ts';
import { runAction, shells } from './_converge.ts';

const fresh = () => mkdtempSync(join(tmpdir(), 'kplay-'));

describe.for(shells)('find in $name', shell => {
  const forest = () => {
    const dir = fresh();
    mkdirSync(join(dir, 'sub/deep'), { recursive: true });
    writeFileSync(join(dir, 'a.log'), 'abc\n');
    writeFileSync(join(dir, 'sub/b $HOME\nc.log'), 'x'.repeat(5000), { mode: 0o600 });
    writeFileSync(join(dir, 'sub/deep/c.txt'), 'one\nfind me\n');
    writeFileSync(join(dir, '.hidden'), '');
    symlinkSync('sub', join(dir, 'link'));
    utimesSync(join(dir, 'a.log'), 1, 1);
    return dir;
  };
  test.for([
    [{}, ['a.log']],
    [{ recurse: true }, ['a.log', 'sub/b $HOME\nc.log', 'sub/deep/c.txt']],
    [{ recurse: true, depth: 2 }, ['a.log', 'sub/b $HOME\nc.log']],
    [{ recurse: true, patterns: '*.l?g', excludes: '[b]*' }, ['a.log']],
    [{ recurse: true, patterns: ['^.*\\.(txt|md)$'], use_regex: true }, ['sub/deep/c.txt']],
    [{ hidden: true, patterns: '.*' }, ['.hidden']],
    [{ recurse: true, file_type: 'directory' }, ['sub', 'sub/deep']],
    [{ recurse: true, file_type: 'link' }, ['link']],
    [{ recurse: true, size: '1k' }, ['sub/b $HOME\nc.log']],
    [{ recurse: true, age: '10d' }, ['a.log']],
    [{ recurse: true, contains: 'find' }, ['sub/deep/c.txt']],
    [{ recurse: true, mode: '0600' }, ['sub/b $HOME\nc.log']],
    [{ recurse: true, follow: true, patterns: 'c.txt' }, ['link/deep/c.txt', 'sub/deep/c.txt']],
  ] as const)('%o', async ([args, names]) => {
    const dir = forest();
    const result = await runAction(find, { paths: dir, ...args }, { shell });
    const files = result['files'] as readonly Fields[];
    expect(files.map(({ path }) => String(path).slice(dir.length + 1)).toSorted()).toEqual(names);
    expect(result).toMatchObject({ changed: false, matched: names.length, msg: 'All paths examined' });
  });

  test('tells what it could not look at, and digests when asked', async () => {
    const dir = forest();
    const result = await runAction(find, { paths: ['/no/such', dir], get_checksum: true }, { shell });
    expect(result).toMatchObject({
      skipped_paths: { '/no/such': "'/no/such' is not a directory" },
      msg: 'Not all paths examined, check warnings for details',
    });
    expect((result['files'] as readonly Fields[])[0]).toMatchObject({
      checksum: '03cfd743661f07975fa2f1220c5194cbaff48451',
      size: 4,
      pw_name: 'root',
    });
  });

  test('fetch keeps files by host and path, and what is there already', async () => {
    const [dir, src] = [fresh(), join(fresh(), 'x y')];
    writeFileSync(src, 'text');
    const options = { shell, variables: { playbook_dir: dir } };
    const first = await runAction(fetch, { src, dest: 'got' }, options);
    const dest = join(dir, 'got/localhost', src);
    expect([first['changed'], first['dest'], readFileSync(dest, 'utf8')]).toEqual([true, dest, 'text']);
    expect(await runAction(fetch, { src, dest: 'got' }, options)).toMatchObject({ changed: false, file: src, checksum: first['checksum'] });
    expect(await runAction(fetch, { src, dest: 'flat/', flat: true }, options)).toMatchObject({ dest: join(dir, 'flat/x y') });
    expect(readdirSync(join(dir, 'flat'))).toEqual(['x y']);
    expect(statSync(join(dir, 'flat/x y')).mode & 0o777).toBe(0o644);
    chmodSync(src, 0o550);
    await runAction(fetch, { src, dest: 'own', flat: true }, { ...options, viaSftp: true });
    expect(statSync(join(dir, 'own')).mode & 0o777).toBe(0o750);
    expect(await runAction(fetch, { src, dest: 'got' }, { ...options, mode: { check: true, diff: false } })).toMatchObject({
      skipped: true,
    });
  });

  test('fetch refuses', async () => {
    const message = 'the remote file does not exist, not transferring, ignored';
    await expect(runAction(fetch, { src: '/no/such', dest: '/tmp' }, { shell })).rejects.toMatchObject({ code: 'E_STATE', message });
    expect(await runAction(fetch, { src: '/no/such', dest: '/tmp', fail_on_missing: 'no' }, { shell })).toMatchObject({
      changed: false,
      msg: message,
    });
    await expect(runAction(fetch, { src: '/tmp', dest: '/tmp' }, { shell })).rejects.toMatchObject({ code: 'E_STATE' });
    await expect(runAction(fetch, { src: '/etc/passwd', dest: '/tmp', flat: true }, { shell })).rejects.toMatchObject({ code: 'E_STATE' });
  });
});

test.for([{ age: 'old' }, { size: '1x' }, { limit: 0 }])('find refuses %o', async args => {
  await expect(runAction(find, { paths: '/tmp', ...args })).rejects.toMatchObject({ code: 'E_ARGS' });
});
