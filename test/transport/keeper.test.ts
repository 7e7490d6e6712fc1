import { randomBytes } from 'node:crypto';
import { chmodSync, copyFileSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { Connection } from '../../src/model/session.ts';
import type { ConnectorOptions } from '../../src/transport/connector.ts';
import { keepConnections, type RunningKeeper } from '../../src/transport/keeper.ts';
import { type KeeperPlace, privateFolder } from '../../src/transport/keeper-place.ts';
import { persistMs } from '../../src/transport/persist.ts';
import { HandClock } from './_clock.ts';
import { alive, scratch } from './_shells.ts';
import { keygen } from './_keys.ts';
import { addressOf, canServe, known, knownFile, type Sshd, startProxy, startSshd, trusting } from './_sshd.ts';

const MINUTE_MS = 60_000;
const ENTRY = join(import.meta.dirname, '../../src/cli/keeper.ts');

/** What runs of one user share: where their keeper is. */
interface Home {
  readonly place: KeeperPlace;
  readonly clock: HandClock;
  readonly keeper: RunningKeeper;
  readonly warnings: string[];
}
const placeIn = (folder: string): KeeperPlace => ({ folder, stamp: 'v1', command: [process.execPath, ENTRY], env: {} });

/** A keeper in this process, whose time passes by hand. */
const home = async (): Promise<Home> => {
  const folder = join(scratch(), 'keeper');
  const clock = new HandClock();
  const keeper = await keepConnections({ folder, stamp: 'v1', clock });
  return { place: { ...placeIn(folder), command: ['false'] }, clock, keeper, warnings: [] };
};
/** The options of a run that wants connections kept for a minute. */
const keeping = ({ place, warnings }: Pick<Home, 'place' | 'warnings'>): Partial<ConnectorOptions> => ({
  keeper: { place: () => place, keepMs: MINUTE_MS, warn: message => warnings.push(message) },
});
const say = async (connection: Connection, script: string): Promise<string> => (await connection.run({ script })).stdout.toString().trim();
/** The TCP connection that a login is: its port on this side. */
const portOf = async (connection: Connection): Promise<string> => (await say(connection, 'echo $SSH_CONNECTION')).split(' ')[1] ?? '';

describe.runIf(canServe)('a kept connection', () => {
  let sshd: Sshd;
  beforeAll(async () => {
    sshd = await startSshd();
  });
  afterAll(() => sshd.stop());

  /** A run's connection; each has a connector of its own, as each run has. */
  const connect = (
    at: Pick<Home, 'place' | 'warnings'>,
    more: Partial<ConnectorOptions> = {},
    address = addressOf(sshd),
  ): Promise<Connection> => trusting([sshd], { ...keeping(at), knownHostsFiles: [file], ...more }).connect(address);
  let file: string;
  beforeAll(() => {
    file = knownFile(sshd.dir, known(sshd));
  });
  /** Another way to the same host, which can be cut. */
  const behindProxy = async () => {
    const proxy = await startProxy(sshd.port);
    const hosts = { knownHostsFiles: [knownFile(sshd.dir, known({ ...sshd, port: proxy.port }))] };
    return { proxy, hosts, address: addressOf(sshd, { port: proxy.port }) };
  };
  const one = async (at: Home, more: Partial<ConnectorOptions> = {}, address = addressOf(sshd)): Promise<string> => {
    const connection = await connect(at, more, address);
    const port = await portOf(connection);
    await connection.close(true);
    return port;
  };

  test('is what the next run goes on with, as whatever user', async () => {
    const at = await home();
    const port = await one(at);
    expect(await one(at)).toBe(port);
    const connection = await connect(at);
    const become = { method: 'su', user: 'nobody', flags: '-s /bin/sh' } as const;
    expect((await connection.run({ script: 'id -un', become })).stdout.toString()).toBe('nobody\n');
    expect(await portOf(connection)).toBe(port);
    await connection.close(true);
    expect(await one(at)).toBe(port);
    expect(at.warnings).toEqual([]);
  });

  test('belongs to one run at a time', async () => {
    const at = await home();
    const runs = await Promise.all([connect(at), connect(at)]);
    const ports = await Promise.all(runs.map(portOf));
    expect(new Set(ports).size).toBe(2);
    await Promise.all(runs.map(run => run.close(true)));
    const again = await Promise.all([connect(at), connect(at)]);
    expect((await Promise.all(again.map(portOf))).toSorted()).toEqual(ports.toSorted());
    await Promise.all(again.map(run => run.close(true)));
  });

  test('is a new one after a close for good (meta: reset_connection)', async () => {
    const at = await home();
    const port = await one(at);
    await (await connect(at)).close();
    expect(await one(at)).not.toBe(port);
  });

  test('ends when its time is over, and the keeper with the last one', async () => {
    const at = await home();
    const port = await one(at);
    await expect.poll(() => at.clock.awaits(MINUTE_MS)).toBe(true);
    at.clock.pass(MINUTE_MS / 2);
    expect(await one(at)).toBe(port);
    await expect.poll(() => at.clock.awaits(MINUTE_MS)).toBe(true);
    at.clock.pass(MINUTE_MS);
    await at.keeper.ended;
    expect(readdirSync(at.place.folder)).toEqual([]);
  });

  test('that nobody wanted leaves no keeper behind', async () => {
    const at = await home();
    at.clock.pass(10_000);
    await at.keeper.ended;
  });

  test('that was cut is not gone on with', async () => {
    const at = await home();
    const { proxy, hosts, address } = await behindProxy();
    const port = await one(at, hosts, address);
    proxy.cut();
    expect(await one(at, hosts, address)).not.toBe(port);
    proxy.stop();
  });

  test('that fell silent is replaced by a new login', async () => {
    const at = await home();
    const { proxy, hosts, address } = await behindProxy();
    const port = await one(at, hosts, address);
    proxy.freeze();
    const clock = new HandClock();
    const later = connect(at, { ...hosts, clock }, address);
    await expect.poll(() => clock.awaits(10_000)).toBe(true);
    clock.pass(10_000);
    const connection = await later;
    expect(await portOf(connection)).not.toBe(port);
    await connection.close();
    proxy.stop();
  });

  test('is no way around known_hosts: a key that is no longer trusted is refused as at a login', async () => {
    const at = await home();
    const hosts = { knownHostsFiles: [knownFile(sshd.dir, known(sshd))] };
    await one(at, hosts);
    writeFileSync(hosts.knownHostsFiles[0]!, known({ ...sshd, hostKeys: { ed25519: keygen(join(sshd.dir, 'other')), ecdsa: '' } }));
    await expect(one(at, hosts)).rejects.toMatchObject({ code: 'E_HOST_KEY', hint: expect.stringContaining('--accept-new') });
  });

  test('is no way around credentials: another key in the file, or another password, logs in anew', async () => {
    const at = await home();
    const privateKeyFile = join(sshd.dir, 'copy');
    copyFileSync(sshd.userKey, privateKeyFile);
    const address = addressOf(sshd, { privateKeyFile });
    const port = await one(at, {}, address);
    expect(await one(at, {}, { ...address, password: 'secret' })).not.toBe(port);
    expect(await one(at, {}, address)).toBe(port);
    keygen(join(sshd.dir, 'stranger'));
    copyFileSync(join(sshd.dir, 'stranger'), privateKeyFile);
    await expect(one(at, {}, address)).rejects.toMatchObject({ code: 'E_AUTH', detail: expect.stringContaining(privateKeyFile) });
  });

  test('asks the run for a passphrase', async () => {
    const at = await home();
    const key = join(sshd.dir, 'locked');
    writeFileSync(join(sshd.dir, 'authorized_keys'), `${keygen(key, 'ed25519', 'open sesame')}\n`, { flag: 'a' });
    const asked: string[] = [];
    const askPassphrase = async (name: string): Promise<string> => (asked.push(name), 'open sesame');
    const address = addressOf(sshd, { privateKeyFile: key });
    const port = await one(at, { askPassphrase }, address);
    expect(await one(at, { askPassphrase }, address)).toBe(port);
    expect(asked).toEqual([key]);
    await expect(one(at, {}, { ...address, passphrase: 'wrong' })).rejects.toMatchObject({ code: 'E_AUTH' });
  });

  test('carries bytes both ways, with backpressure, and kills what runs too long', async () => {
    const at = await home();
    const connection = await connect(at);
    const bytes = randomBytes(1 << 22);
    const { rc, stdout, stderr } = await connection.run({ script: 'cat; echo err >&2; exit 4', stdin: bytes });
    expect([rc, stderr.toString(), stdout.equals(bytes)]).toEqual([4, 'err\n', true]);
    let sent = 0;
    const chunk = Buffer.alloc(1 << 16, 7);
    const open = async function* () {
      for (; sent < 1 << 26; sent += chunk.length) yield chunk;
    };
    const stuck = connection.run({ script: 'sleep 1000', stdin: { sizeBytes: 1 << 26, open }, timeoutMs: 500 });
    await expect(stuck).rejects.toMatchObject({ code: 'E_TIMEOUT' });
    expect(sent).toBeLessThan(1 << 26);
    expect(await say(connection, 'echo on')).toBe('on');
    const port = await portOf(connection);
    await connection.close(true);
    // Its loop had to be given up.
    expect(await one(at)).not.toBe(port);
  });

  test('opens TCP streams from the target', async () => {
    const at = await home();
    const server = createServer(socket => socket.pipe(socket));
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const address = server.address();
    const connection = await connect(at);
    const stream = await connection.forward('127.0.0.1', typeof address === 'object' && address ? address.port : 0);
    stream.end('hello');
    let said = '';
    for await (const chunk of stream) said += String(chunk);
    expect(said).toBe('hello');
    server.close();
    await expect(connection.forward('127.0.0.1', 1)).rejects.toMatchObject({ code: 'E_CONNECT' });
    await connection.close();
  });

  test('that cannot be told fails as without a keeper', async () => {
    const at = await home();
    await expect(connect(at, {}, addressOf(sshd, { port: 1 }))).rejects.toMatchObject({
      code: 'E_CONNECT',
      hint: expect.stringContaining('Is sshd running'),
    });
    const aborted = AbortSignal.abort(new Error('stop'));
    await expect(trusting([sshd], keeping(at)).connect(addressOf(sshd), aborted)).rejects.toMatchObject({ code: 'E_INTERRUPTED' });
  });

  describe('in a process of its own', () => {
    const own = (): Pick<Home, 'place' | 'warnings'> => {
      const place = placeIn(join(scratch(), 'keeper'));
      privateFolder(place.folder);
      onTestFinished(() => pids(place).forEach(pid => alive(pid) && process.kill(pid, 'SIGKILL')));
      return { place, warnings: [] };
    };
    const pids = ({ folder }: KeeperPlace): readonly number[] =>
      readdirSync(folder).flatMap(name => (name.startsWith('keeper-') ? [Number(name.split('-')[1])] : []));

    test('outlives the run, and is there for the next one of the same version only', async () => {
      const at = own();
      const first = await connect(at);
      const port = await portOf(first);
      await first.close(true);
      expect(pids(at.place)).toHaveLength(1);
      const second = await connect(at);
      expect(await portOf(second)).toBe(port);
      const third = await connect({ ...at, place: { ...at.place, stamp: 'v2' } });
      expect(await portOf(third)).not.toBe(port);
      expect(pids(at.place)).toHaveLength(2);
      await Promise.all([second.close(), third.close()]);
      // Nothing is kept any more.
      await expect.poll(() => pids(at.place)).toEqual([]);
    });

    test('that is killed is a lost link, and then another one is started', async () => {
      const at = own();
      const way = trusting([sshd], keeping(at));
      const connection = await way.connect(addressOf(sshd));
      const running = connection.run({ script: 'sleep 1000' });
      await Promise.race([running, connection.forward('127.0.0.1', sshd.port)]);
      const [pid] = pids(at.place) as [number];
      expect(pid).toBeGreaterThan(1);
      process.kill(pid, 'SIGKILL');
      await expect(running).rejects.toMatchObject({ code: 'E_LINK_LOST', started: true });
      await expect(connection.run({ script: 'true' })).rejects.toMatchObject({ code: 'E_LINK_LOST', started: false });
      await connection.close();
      const again = await way.connect(addressOf(sshd));
      expect(await say(again, 'echo on')).toBe('on');
      expect(pids(at.place)).not.toContain(pid);
      await again.close();
      await expect.poll(() => pids(at.place)).toEqual([]);
    });

    test('that two runs start at once serves both', async () => {
      const at = own();
      const runs = await Promise.all([connect(at), connect(at)]);
      expect(await Promise.all(runs.map(run => say(run, 'echo on')))).toEqual(['on', 'on']);
      await Promise.all(runs.map(run => run.close()));
      await expect.poll(() => pids(at.place), { timeout: 10_000 }).toEqual([]);
    });

    test('that does not start, or in a folder that others may enter, is told, and the run connects by itself', async () => {
      const at = own();
      for (const place of [
        { ...at.place, command: ['/nonexistent'] },
        { ...at.place, folder: sshd.dir },
      ]) {
        chmodSync(sshd.dir, 0o755);
        const connection = await connect({ ...at, place });
        expect(await say(connection, 'echo on')).toBe('on');
        await connection.close(true);
      }
      expect(at.warnings).toEqual([expect.stringContaining('No keeper answers'), expect.stringContaining('chmod 700')]);
    });
  });
});

describe('the folder of kept connections', () => {
  test('is made for its user alone', () => {
    const folder = join(scratch(), 'a/keeper');
    privateFolder(folder);
    privateFolder(folder);
  });

  test.each<[what: string, make: (folder: string) => void]>([
    ['others may enter', folder => (mkdirSync(folder), chmodSync(folder, 0o750))],
    ['a link leads to', folder => symlinkSync(scratch(), folder)],
  ])('that %s is refused', (_what, make) => {
    const folder = join(scratch(), 'keeper');
    make(folder);
    expect(() => privateFolder(folder)).toThrow(expect.objectContaining({ code: 'E_USAGE' }));
  });

  test('whose name is too long for a socket is refused', () => {
    expect(() => privateFolder(join(scratch(), 'a'.repeat(80)))).toThrow(expect.objectContaining({ code: 'E_USAGE' }));
  });
});

test.each<[persist: string, ms: number]>([
  ['60', 60_000],
  ['60s', 60_000],
  ['1m30s', 90_000],
  ['no', 0],
  ['yes', 3_600_000],
  ['0', 3_600_000],
  ['2d', 3_600_000],
  ['soon', 0],
])('ControlPersist=%s', (controlpersist, ms) => {
  expect(persistMs({ controlmaster: 'auto', controlpersist })).toBe(ms);
  expect(persistMs({ controlpersist })).toBe(0);
});
