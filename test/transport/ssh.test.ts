import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Connection } from '../../src/model/session.ts';
import { applets, canUnshare, withShell } from './_shells.ts';
import { freePort } from './_keys.ts';
import { addressOf, canServe, type Sshd, type SshdOptions, startProxy, startSshd, trusting } from './_sshd.ts';

const path = applets();
const kinds: readonly { name: string; options: SshdOptions }[] = [
  { name: 'dash', options: {} },
  ...(canUnshare
    ? [{ name: 'busybox', options: { under: withShell('/bin/busybox', undefined, []), config: [`SetEnv PATH=${path}`] } }]
    : []),
];

describe.runIf(canServe).each(kinds)('over ssh to a host with $name', ({ options }) => {
  let sshd: Sshd;
  let connection: Connection;
  beforeAll(async () => {
    sshd = await startSshd(options);
    connection = await trusting([sshd]).connect(addressOf(sshd));
  });
  afterAll(async () => {
    await connection.close();
    await sshd.stop();
  });

  test('carries bytes both ways', async () => {
    const bytes = randomBytes(1 << 20);
    const { rc, stdout, stderr } = await connection.run({ script: 'cat; echo err >&2; exit 4', stdin: bytes });
    expect([rc, stderr.toString(), stdout.equals(bytes)]).toEqual([4, 'err\n', true]);
  });

  test('answers a hundred pipelined requests', async () => {
    const answers = await Promise.all(Array.from({ length: 100 }, (_, i) => connection.run({ script: `echo ${i}` })));
    expect(answers.map(({ stdout }) => stdout.toString())).toEqual(answers.map((_, i) => `${i}\n`));
  });

  test('kills what runs too long, and goes on', async () => {
    const late = connection.run({ script: 'sleep 1000 & wait', timeoutMs: 500 });
    await expect(late).rejects.toMatchObject({ code: 'E_TIMEOUT' });
    expect((await connection.run({ script: 'echo on' })).stdout.toString()).toBe('on\n');
  });

  test('streams with backpressure', async () => {
    let sent = 0;
    const chunk = Buffer.alloc(1 << 16, 7);
    const open = async function* () {
      for (; sent < 1 << 26; sent += chunk.length) yield chunk;
    };
    const stuck = connection.run({ script: 'sleep 1000', stdin: { sizeBytes: 1 << 26, open }, timeoutMs: 1500 });
    await expect(stuck).rejects.toMatchObject({ code: 'E_TIMEOUT' });
    expect(sent).toBeLessThan(1 << 26);
  });
});

describe.runIf(canServe)('an ssh link', () => {
  let sshd: Sshd;
  beforeAll(async () => {
    sshd = await startSshd();
  });
  afterAll(() => sshd.stop());

  test('that is cut tells what had started', async () => {
    const proxy = await startProxy(sshd.port);
    const connection = await trusting([sshd, { ...sshd, port: proxy.port }]).connect(addressOf(sshd, { port: proxy.port }));
    const all = Promise.allSettled(['sleep 30', 'true', 'true'].map(script => connection.run({ script })));
    await connection.forward('127.0.0.1', sshd.port);
    proxy.cut();
    expect((await all).map(outcome => outcome.status === 'rejected' && outcome.reason)).toMatchObject([
      { code: 'E_LINK_LOST', started: true },
      { code: 'E_LINK_LOST', started: true },
      { code: 'E_LINK_LOST', started: false },
    ]);
    await expect(connection.run({ script: 'true' })).rejects.toMatchObject({ code: 'E_LINK_LOST', started: false });
    await connection.close();
    proxy.stop();
  });

  test('that falls silent is noticed by keepalives', async () => {
    const proxy = await startProxy(sshd.port);
    const way = trusting([sshd, { ...sshd, port: proxy.port }], { keepaliveMs: 100 });
    const connection = await way.connect(addressOf(sshd, { port: proxy.port }));
    const running = connection.run({ script: 'sleep 30' });
    proxy.freeze();
    await expect(running).rejects.toMatchObject({ code: 'E_LINK_LOST', started: true });
    await connection.close();
    proxy.stop();
  });

  test('opens TCP streams from the target', async () => {
    const server = createServer(socket => socket.end('hello'));
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const address = server.address();
    const connection = await trusting([sshd]).connect(addressOf(sshd));
    const stream = await connection.forward('127.0.0.1', typeof address === 'object' && address ? address.port : 0);
    const [data] = await once(stream, 'data');
    expect(String(data)).toBe('hello');
    server.close();
    await expect(connection.forward('127.0.0.1', await freePort())).rejects.toMatchObject({ code: 'E_CONNECT' });
    await connection.close();
  });

  test('to a closed port says so', async () => {
    const port = await freePort();
    const failed = trusting([sshd]).connect(addressOf(sshd, { port }));
    await expect(failed).rejects.toMatchObject({ code: 'E_CONNECT', message: expect.stringContaining('refused') });
  });

  test('to a host that says nothing ends at the time limit', async () => {
    const mute = createServer(() => undefined);
    await once(mute.listen(0, '127.0.0.1'), 'listening');
    const address = mute.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    const failed = trusting([sshd]).connect(addressOf(sshd, { port, timeoutMs: 200 }));
    await expect(failed).rejects.toMatchObject({ code: 'E_CONNECT', message: expect.stringContaining('0.2 s') });
    mute.close();
  });

  test('tries again when a busy sshd hangs up', async () => {
    let dropped = 0;
    const busy = createServer(socket => {
      if (dropped++ === 0) socket.destroy();
      else socket.pipe(connect(sshd.port, '127.0.0.1')).pipe(socket);
    });
    await once(busy.listen(0, '127.0.0.1'), 'listening');
    const address = busy.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    const connection = await trusting([sshd, { ...sshd, port }]).connect(addressOf(sshd, { port }));
    expect(dropped).toBe(2);
    await connection.close();
    busy.close();
  });

  test('is given up on abort', async () => {
    const stop = new AbortController();
    const failed = trusting([sshd]).connect(addressOf(sshd), stop.signal);
    stop.abort();
    await expect(failed).rejects.toMatchObject({ code: 'E_INTERRUPTED' });
  });
});
