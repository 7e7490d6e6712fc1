import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { type IncomingMessage, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterAll, expect, test } from 'vitest';
import { digestOf, packImage } from '../../src/lab/image.ts';
import { pushImage } from '../../src/lab/push.ts';

const folder = mkdtempSync(join(tmpdir(), 'kplay-image-'));
afterAll(() => rmSync(folder, { recursive: true }));

const rootWith = (name: string, modified: Date): string => {
  const root = join(folder, name);
  mkdirSync(join(root, 'bin'), { recursive: true });
  writeFileSync(join(root, 'bin/hello'), '#!/bin/sh\necho hello\n', { mode: 0o755 });
  utimesSync(join(root, 'bin/hello'), modified, modified);
  return root;
};

test('equal trees give equal images, and the digests name the parts', async () => {
  const one = await packImage(rootWith('one', new Date(0)), ['/bin/hello'], folder);
  const two = await packImage(rootWith('two', new Date()), ['/bin/hello'], folder);
  expect(two).toEqual(one);
  expect(JSON.parse(one.manifest.toString())).toMatchObject({
    config: { digest: digestOf(one.config), size: one.config.length },
    layers: [{ digest: digestOf(one.layer), size: one.layer.length }],
  });
  expect(JSON.parse(one.config.toString())).toMatchObject({
    config: { Cmd: ['/bin/hello'] },
    rootfs: { diff_ids: [digestOf(one.layer)] },
  });
});

/** What the API says a registry does, as far as a push goes; anything else fails the test. */
const fakeRegistry = (held: Map<string, Buffer>) => {
  const answer = async (request: IncomingMessage): Promise<{ status: number; headers?: Record<string, string> }> => {
    const url = new URL(request.url ?? '', 'http://registry');
    const what = `${request.method} ${url.pathname}`;
    const body = await buffer(request);
    if (what === 'POST /v2/root/x/blobs/uploads/') return { status: 202, headers: { location: '/v2/root/x/blobs/uploads/1?state=s' } };
    if (what === 'PUT /v2/root/x/blobs/uploads/1' && url.searchParams.get('state') === 's') {
      const digest = url.searchParams.get('digest') ?? '';
      if (digest !== digestOf(body)) return { status: 400 };
      held.set(`/v2/root/x/blobs/${digest}`, body);
      return { status: 201 };
    }
    if (what === 'PUT /v2/root/x/manifests/1') {
      held.set(url.pathname, body);
      return { status: 201 };
    }
    if (request.method !== 'HEAD') return { status: 500 };
    const found = held.get(url.pathname);
    return found ? { status: 200, headers: { 'docker-content-digest': digestOf(found) } } : { status: 404 };
  };
  return createServer((request, response) => {
    answer(request).then(
      ({ status, headers }) => response.writeHead(status, headers).end(),
      (error: Error) => response.writeHead(500).end(error.message),
    );
  });
};

test('a push stores every part once', async () => {
  const held = new Map<string, Buffer>();
  const server = fakeRegistry(held).listen(0, '127.0.0.1');
  await new Promise(resolve => server.once('listening', resolve));
  const target = { registry: `127.0.0.1:${(server.address() as AddressInfo).port}`, repository: 'root/x', tag: '1' };
  const image = await packImage(rootWith('pushed', new Date(0)), ['/bin/hello'], folder);
  try {
    await expect(pushImage(target, image)).resolves.toBe(true);
    expect([...held.values()]).toEqual([image.config, image.layer, image.manifest]);
    await expect(pushImage(target, image)).resolves.toBe(false);
    await expect(pushImage({ ...target, repository: 'root/y' }, image)).rejects.toMatchObject({ code: 'E_LAB' });
  } finally {
    server.close();
  }
});
