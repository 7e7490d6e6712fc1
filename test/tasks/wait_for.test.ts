import { spawn } from 'node:child_process';
import { mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Fields } from '../../src/model/module.ts';
import { waitFor } from '../../src/tasks/wait_for.ts';
import { runOnce, type Shell, shells } from './_converge.ts';

let port = 0;
let closed = 0;
// The programs run synchronously here, so the server lives in a process of its own.
const SERVER = `require('node:net').createServer(s => { s.on('error', () => {}); s.write('HELLO v1.2\\n') }).listen(0, '127.0.0.1', function () { console.log(this.address().port) })`;
const child = spawn(process.execPath, ['-e', SERVER], { stdio: ['ignore', 'pipe', 'inherit'] });
beforeAll(async () => {
  port = await new Promise<number>(done => {
    child.stdout.once('data', (chunk: Buffer) => done(Number(chunk.toString())));
  });
  closed = await new Promise<number>(done => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => done(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
});
afterAll(() => {
  child.kill();
});

const file = (text: string): string => {
  const path = join(mkdtempSync(join(tmpdir(), 'kplay-wait-')), 'a file');
  writeFileSync(path, text);
  return path;
};

describe.for(shells)('in $name', shell => {
  const wait = async (args: object, where: Shell = shell): Promise<Fields> =>
    (await runOnce(waitFor, { timeout: 1, ...args }, { shell: where })).result;

  test('ports', async () => {
    expect(await wait({ port })).toEqual({
      changed: false,
      state: 'started',
      port,
      path: null,
      search_regex: null,
      match_groups: [],
      match_groupdict: {},
      elapsed: expect.any(Number),
    });
    expect(await wait({ port: closed, state: 'stopped' })).toMatchObject({ state: 'stopped', port: closed });
    expect(await wait({ port: closed })).toMatchObject({
      failed: true,
      msg: `Timeout when waiting for 127.0.0.1:${closed}`,
      elapsed: expect.any(Number),
    });
    expect(await wait({ port, state: 'stopped' })).toMatchObject({
      failed: true,
      msg: `Timeout when waiting for 127.0.0.1:${port} to stop.`,
    });
    expect(await wait({ port: closed, msg: 'no luck' })).toMatchObject({ failed: true, msg: 'no luck' });
  });

  test('what a port sends', async () => {
    expect(await wait({ port, search_regex: 'v1.[0-9]', connect_timeout: 1, timeout: 3 })).toMatchObject({ search_regex: 'v1.[0-9]' });
    expect(await wait({ port, search_regex: 'bye', connect_timeout: 1 })).toMatchObject({
      failed: true,
      msg: `Timeout when waiting for search string bye in 127.0.0.1:${port}`,
    });
  });

  test('files', async () => {
    const path = file('first\nversion=12 ok\n');
    expect(await wait({ path })).toMatchObject({ path, state: 'file', mode: '0644', size: 20 });
    expect(await wait({ path: `${path}.gone`, state: 'absent' })).toMatchObject({ state: 'absent' });
    expect(await wait({ path, state: 'absent' })).toMatchObject({ failed: true, msg: `Timeout when waiting for ${path} to be absent.` });
    expect(await wait({ path: `${path}.gone` })).toMatchObject({ failed: true, msg: `Timeout when waiting for file ${path}.gone` });
    expect(await wait({ path, search_regex: '^version=([0-9]+) (ok)$' })).toMatchObject({ match_groups: ['12', 'ok'] });
    expect(await wait({ path, search_regex: 'nothing' })).toMatchObject({
      msg: `Timeout when waiting for search string nothing in ${path}`,
    });
  });

  test('connections that end', async () => {
    expect(await wait({ port: closed, state: 'drained' })).toMatchObject({ state: 'drained' });
    expect(await wait({ port: closed, host: '::1', state: 'drained', exclude_hosts: ['10.0.0.1'] })).toMatchObject({ state: 'drained' });
  });

  test('time alone', async () => {
    expect(await wait({ timeout: 0, delay: 0 })).toMatchObject({ elapsed: 0 });
  });
});

test('named groups come from Perl or Python', async () => {
  const path = file('version=12\n');
  const { result } = await runOnce(waitFor, { path, search_regex: 'version=(?P<number>\\d+)', timeout: 1 });
  expect(result).toMatchObject({ match_groupdict: { number: '12' }, match_groups: ['12'] });
});

test('curl alone can try a port', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'kplay-curl-'));
  for (const tool of ['curl', 'date', 'sleep', 'grep']) symlinkSync(`/usr/bin/${tool}`, join(dir, tool));
  const curl: Shell = { name: 'curl', argv: ['/bin/dash'], path: dir };
  const wait = async (args: object): Promise<Fields> =>
    (await runOnce(waitFor, { timeout: 2, connect_timeout: 1, ...args }, { shell: curl })).result;
  expect(await wait({ port })).toMatchObject({ state: 'started', port });
  expect(await wait({ port: closed })).toMatchObject({ failed: true });
  expect(await wait({ port, search_regex: 'HELLO' })).toMatchObject({ state: 'started' });
});

test('a host that can try no port says what would help', async () => {
  const bare: Shell = { name: 'bare', argv: ['/bin/dash'], path: '/nonexistent' };
  await expect(runOnce(waitFor, { port, timeout: 1 }, { shell: bare })).rejects.toMatchObject({ code: 'E_PROBE' });
});

test('check mode skips', async () => {
  expect((await runOnce(waitFor, { port }, { mode: { check: true, diff: false } })).result).toMatchObject({
    skipped: true,
    changed: false,
  });
});

test.for([
  { port: 1, path: '/a' },
  { path: '/a', state: 'stopped' },
  { path: '/a', state: 'drained' },
  { port: 1, exclude_hosts: 'x' },
  { port: 1, active_connection_states: 'OPEN' },
])('%o is refused', raw => {
  expect(waitFor.args.safeParse(raw).success).toBe(false);
});
test('a broken expression is refused', async () => {
  await expect(runOnce(waitFor, { path: '/a', search_regex: '(' })).rejects.toMatchObject({ code: 'E_ARGS' });
});
