import { mkdirSync, mkdtempSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Fields } from '../../src/model/module.ts';
import { uri } from '../../src/tasks/uri.ts';
import { busybox, dash, runOnce, type Shell } from './_converge.ts';
import { webServer } from './_web.ts';

/** coreutils and one program that can ask a web server. */
const only = (name: string): Shell => {
  const dir = mkdtempSync(join(tmpdir(), 'kplay-uri-'));
  for (const tool of ['cat', 'chmod', 'chown', 'cp', 'date', 'grep', 'mktemp', 'mv', 'rm', 'sed', 'stat', 'tail', 'tr', name])
    symlinkSync(`/usr/bin/${tool}`, join(dir, tool));
  return { name, argv: ['/bin/dash'], path: dir };
};
const full = [dash, only('wget')] as const;
const base = await webServer();
const fresh = (): string => mkdtempSync(join(tmpdir(), 'kplay-uri-'));
const ask = async (path: string, args: object = {}, shell: Shell = dash): Promise<Fields> =>
  (await runOnce(uri, { url: path.startsWith('/') ? base + path : path, use_proxy: false, ...args }, { shell })).result;

describe.for([...full, busybox])('with $name', shell => {
  test('a text and a JSON', async () => {
    expect(await ask('/text', { return_content: true }, shell)).toMatchObject({
      changed: false,
      status: 200,
      content: 'one\ntwo\n',
      content_type: 'text/plain',
      redirected: false,
      url: `${base}/text`,
      elapsed: expect.any(Number),
    });
    const json = await ask('/json', {}, shell);
    expect(json).toMatchObject({ json: { a: [1, 'é'] }, x_two_words: 'a', cookies: { a: '1', b: '2' }, cookies_string: 'a=1; b=2' });
    expect(json).not.toHaveProperty('content');
  });

  test('a status that was not wanted', async () => {
    expect(await ask('/missing', {}, shell)).toMatchObject({
      failed: true,
      status: 404,
      msg: 'Status code was 404 and not [200]: HTTP Error 404: Not Found',
    });
    const wanted = await ask('/missing', { status_code: [200, 404] }, shell);
    expect(wanted).toMatchObject({ status: 404 });
    expect(wanted).not.toHaveProperty('failed');
    expect(await ask('http://127.0.0.1:1/', {}, shell)).toMatchObject({
      failed: true,
      status: -1,
      msg: expect.stringMatching(/^Status code was -1 and not \[200\]: Request failed: /),
    });
  });

  test('a form is posted', async () => {
    const { json } = await ask(
      '/echo',
      { method: 'POST', body: { a: 'x y', b: [1, true], c: "it's" }, body_format: 'form-urlencoded' },
      shell,
    );
    expect(json).toMatchObject({
      method: 'POST',
      body: 'a=x+y&b=1&b=True&c=it%27s',
      headers: expect.objectContaining({ 'content-type': 'application/x-www-form-urlencoded', 'user-agent': 'ansible-httpget' }),
    });
  });

  test('creates and removes', async () => {
    expect(await ask('/text', { creates: '/etc' }, shell)).toMatchObject({ changed: false, stdout: "skipped, since '/etc' exists" });
    expect(await ask('/text', { removes: '/nope' }, shell)).toMatchObject({
      changed: false,
      stdout: "skipped, since '/nope' does not exist",
    });
  });
});

describe.for(full)('with $name', shell => {
  test('methods, headers and secrets', async () => {
    const args = { method: 'PUT', body: { k: 'ä"\\', n: 1.5 }, body_format: 'json', headers: { 'X-A': 'b "c"' } };
    const { json } = await ask('/echo', { ...args, url_username: 'me', url_password: 'p"w' }, shell).then(
      result => result as { json: Fields },
    );
    expect(json).toMatchObject({ method: 'PUT', body: '{"k": "\\u00e4\\"\\\\", "n": 1.5}' });
    expect(json['headers']).toMatchObject({
      'x-a': 'b "c"',
      'content-type': 'application/json',
      authorization: `Basic ${Buffer.from('me:p"w').toString('base64')}`,
    });
    expect((await ask('/echo', { method: 'DELETE' }, shell))['json']).toMatchObject({ method: 'DELETE' });
    expect(await ask('/json', { method: 'HEAD' }, shell)).toMatchObject({ status: 200 });
  });

  test('redirects', async () => {
    expect(await ask('/moved', { return_content: true }, shell)).toMatchObject({
      status: 200,
      redirected: true,
      url: `${base}/text`,
      content: 'one\ntwo\n',
    });
    expect(await ask('/moved', { follow_redirects: 'none', status_code: 302 }, shell)).toMatchObject({
      status: 302,
      location: `${base}/text`,
      msg: 'HTTP Error 302: Found',
      body: '',
    });
  });

  test('the text of an error that was wanted', async () => {
    expect(await ask('/text', { method: 'PUT', status_code: 405 }, shell)).toMatchObject({ status: 405, body: 'read only\n' });
    const dest = join(fresh(), 'kept');
    expect(await ask('/text', { method: 'PUT', status_code: 405, dest }, shell)).toMatchObject({
      body: 'read only\n',
      path: dest,
      size: 10,
    });
    expect(readFileSync(dest, 'utf8')).toBe('read only\n');
    const json = await ask('/missing', { status_code: 404 }, shell);
    expect(json).toMatchObject({ json: { why: 'gone' } });
    expect(json).not.toHaveProperty('body');
  });

  test('a body is kept in a file or a folder', async () => {
    const dir = fresh();
    expect(await ask('/text', { dest: dir, mode: '0600' }, shell)).toMatchObject({
      changed: true,
      path: `${dir}/text`,
      mode: '0600',
      size: 8,
      state: 'file',
      owner: expect.any(String),
    });
    expect([readFileSync(join(dir, 'text'), 'utf8'), statSync(join(dir, 'text')).mode & 0o777]).toEqual(['one\ntwo\n', 0o600]);
    mkdirSync(join(dir, 'x'));
    const missing = await ask('/missing', { dest: join(dir, 'x') }, shell);
    expect(missing).toMatchObject({ failed: true, changed: false, path: `${dir}/x/missing` });
    expect(missing).not.toHaveProperty('state');
    expect(await ask('/missing', { dest: join(dir, 'text') }, shell)).toMatchObject({ failed: true, mode: '0600' });
    expect(await ask('/json', { dest: join(dir, 'x', 'a file') }, shell)).toMatchObject({ changed: true, json: { a: [1, 'é'] } });
  });
});

test('a file of the controller, a file of the target', async () => {
  const file = join(fresh(), 'body');
  writeFileSync(file, 'sent');
  const { result } = await runOnce(uri, { url: `${base}/echo`, method: 'POST', src: 'body' }, { controller: { find: () => file } });
  expect(result['json']).toMatchObject({ body: 'sent' });
  expect((await ask('/echo', { method: 'POST', src: file, remote_src: true }))['json']).toMatchObject({ body: 'sent' });
});

test('what busybox cannot do is said', async () => {
  await expect(ask('/echo', { method: 'PUT', body: 'x' }, busybox)).rejects.toMatchObject({ code: 'E_PROBE' });
});
test('check mode skips', async () => {
  expect((await runOnce(uri, { url: `${base}/text` }, { mode: { check: true, diff: false } })).result).toMatchObject({
    skipped: true,
    changed: false,
  });
});
test.for([{ url: 'http://x', method: 'get it' }, { url: 'http://x', body: 'a', src: 'b' }, {}])('%o is refused', raw => {
  expect(uri.args.safeParse(raw).success).toBe(false);
});
test('only web addresses', async () => {
  await expect(ask('file:///etc/passwd')).rejects.toMatchObject({ code: 'E_ARGS' });
});
