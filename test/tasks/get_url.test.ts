import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { getUrl } from '../../src/tasks/get_url.ts';
import { busybox, dash, runOnce, type Shell } from './_converge.ts';
import { webServer } from './_web.ts';

const fresh = (): string => mkdtempSync(join(tmpdir(), 'kplay-get-'));
/** coreutils, and wget or nothing that can ask a web server. */
const only = (...names: readonly string[]): Shell => {
  const dir = fresh();
  const tools =
    'cat chmod chown cmp cp cut date grep mktemp mv readlink rm sed sha1sum md5sum sha256sum stat tail tr uname dirname getent head mkdir touch';
  for (const tool of [...tools.split(' '), ...names]) symlinkSync(`/usr/bin/${tool}`, join(dir, tool));
  return { name: names.join(' ') || 'nothing', argv: ['/bin/dash'], path: dir };
};
const base = await webServer();
const hex = (algorithm: string, text: string): string => createHash(algorithm).update(text).digest('hex');

describe.for([dash, only('wget'), busybox])('with $name', shell => {
  const get = async (path: string, args: object, check = false) =>
    runOnce(getUrl, { url: base + path, use_proxy: false, ...args }, { shell, mode: { check, diff: false } });

  test('a file is fetched, and is no change when it is the same', async () => {
    const dest = join(fresh(), "it's a file");
    const first = await get('/text', { dest, mode: '0640' });
    expect(first.result).toMatchObject({
      changed: true,
      dest,
      status_code: 200,
      checksum_dest: null,
      checksum_src: hex('sha1', 'one\ntwo\n'),
      md5sum: hex('md5', 'one\ntwo\n'),
      mode: '0640',
      state: 'file',
      size: 8,
    });
    expect([readFileSync(dest, 'utf8'), readdirSync(join(dest, '..')).length]).toEqual(['one\ntwo\n', 1]);
    expect((await get('/text', { dest })).result).toMatchObject({ changed: false, mode: '0640' });
    expect((await get('/text', { dest, mode: '0600' })).result).toMatchObject({ changed: true, mode: '0600' });
    writeFileSync(dest, 'old');
    expect((await get('/text', { dest, force: true, backup: true })).result).toMatchObject({
      changed: true,
      checksum_dest: hex('sha1', 'old'),
    });
    expect([statSync(dest).mode & 0o777, readdirSync(join(dest, '..')).length]).toEqual([0o600, 2]);
  });

  test('what has the checksum is not fetched', async () => {
    const dest = join(fresh(), 'f');
    const checksum = `sha256:${hex('sha256', 'one\ntwo\n')}`;
    expect((await get('/text', { dest, checksum })).result).toMatchObject({ changed: true });
    const second = await get('/gone-meanwhile', { dest, checksum });
    expect([second.changes, second.result]).toMatchObject([[], { changed: false, msg: 'file already exists' }]);
    expect((await get('/gone-meanwhile', { dest, checksum, mode: '0600' })).changes).toHaveLength(1);
    await expect(get('/text', { dest, checksum: `sha1:${'0'.repeat(40)}` })).rejects.toThrow(/checksum for .* did not match/);
    expect(readFileSync(dest, 'utf8')).toBe('one\ntwo\n');
  });

  test('a list of checksums', async () => {
    const dest = join(fresh(), 'f');
    const checksum = `sha256:${base}/files/SHA256SUMS`;
    expect((await get('/files/dated.txt', { dest, checksum })).result).toMatchObject({ changed: true });
    expect((await get('/files/dated.txt', { dest, checksum })).changes).toEqual([]);
    await expect(get('/text', { dest, checksum })).rejects.toThrow(/Unable to find a checksum for file 'text'/);
    await expect(get('/text', { dest, checksum: `sha256:${base}/missing` })).rejects.toMatchObject({ code: 'E_STATE' });
  });

  test('into a folder, and errors', async () => {
    const dest = fresh();
    expect((await get('/text', { dest })).result).toMatchObject({ dest: join(dest, 'text'), changed: true });
    expect((await get('/text', { dest })).result).toMatchObject({ changed: false });
    await expect(get('/missing', { dest: join(dest, 'x') })).rejects.toThrow(/Request failed: HTTP Error 404/);
    await expect(get('/text', { dest: join(dest, 'no/such') })).rejects.toThrow(/does not exist/);
    expect(existsSync(join(dest, 'x'))).toBe(false);
  });
});

test('only what is newer is fetched, and check mode asks', async () => {
  const dest = join(fresh(), 'f');
  const get = async (args: object = {}, check = false) =>
    (await runOnce(getUrl, { url: `${base}/files/dated.txt`, dest, use_proxy: false, ...args }, { mode: { check, diff: false } })).result;
  expect(await get({}, true)).toMatchObject({ changed: true });
  expect(existsSync(dest)).toBe(false);
  expect(await get()).toMatchObject({ changed: true, status_code: 200 });
  expect(await get()).toMatchObject({ changed: false, status_code: 304 });
  expect(await get({}, true)).toMatchObject({ changed: false });
  expect(await get({ mode: '0600' })).toMatchObject({ changed: true, status_code: 304, mode: '0600' });
});

test('a name that the server gives', async () => {
  const dest = fresh();
  await runOnce(getUrl, { url: `${base}/named?x=1`, dest, use_proxy: false }, {});
  expect(readdirSync(dest)).toEqual(['given.txt']);
});

test('a host that has nothing to ask with says so', async () => {
  await expect(runOnce(getUrl, { url: `${base}/text`, dest: join(fresh(), 'f') }, { shell: only() })).rejects.toMatchObject({
    code: 'E_PROBE',
    hint: expect.stringContaining('curl or wget'),
  });
});

test.for([
  { url: 'ftp://x/y' },
  { url: 'http://x/y', checksum: 'abc' },
  { url: 'http://x/y', checksum: 'crc32:abc' },
  { url: 'http://x/y', checksum: 'sha1:xyz' },
])('refuses %o', raw => {
  expect(getUrl.args.safeParse({ dest: '/f', ...raw }).success).toBe(false);
});
