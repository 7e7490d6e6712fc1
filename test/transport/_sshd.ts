import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Address } from '../../src/model/session.ts';
import { connector, type ConnectorOptions } from '../../src/transport/connector.ts';
import { freePort, keygen } from './_keys.ts';
import { clock } from './_shells.ts';

/** Is there an sshd that can be run as root here? */
export const canServe = process.getuid?.() === 0 && spawnSync('sshd', ['-V']).error === undefined;

export interface Sshd {
  readonly dir: string;
  readonly port: number;
  /** A user key that it accepts. */
  readonly userKey: string;
  /** `type base64` of its host keys. */
  readonly hostKeys: Readonly<Record<'ed25519' | 'ecdsa', string>>;
  /** What it has said so far. */
  log(): string;
  stop(): Promise<void>;
}

export interface SshdOptions {
  /** Further lines of sshd_config. */
  readonly config?: readonly string[];
  /** What to run it under: another namespace, say. */
  readonly under?: readonly string[];
}

/** A real sshd on a loopback port with keys of its own. Nothing of the machine's ssh is touched. */
export const startSshd = async ({ config = [], under = [] }: SshdOptions = {}): Promise<Sshd> => {
  const dir = mkdtempSync(join(tmpdir(), 'kplay-sshd-'));
  mkdirSync('/run/sshd', { recursive: true });
  const hostKeys = { ed25519: keygen(join(dir, 'host_ed25519')), ecdsa: keygen(join(dir, 'host_ecdsa'), 'ecdsa') };
  const userKey = join(dir, 'user');
  writeFileSync(join(dir, 'authorized_keys'), `${keygen(userKey)}\n`);
  const port = await freePort();
  const lines = [
    `Port ${port}`,
    'ListenAddress 127.0.0.1',
    `HostKey ${dir}/host_ed25519`,
    `HostKey ${dir}/host_ecdsa`,
    `PidFile ${dir}/pid`,
    `AuthorizedKeysFile ${dir}/authorized_keys`,
    'StrictModes no',
    'UsePAM no',
    'PasswordAuthentication no',
    'KbdInteractiveAuthentication no',
    'MaxStartups 100',
    'LogLevel VERBOSE',
  ];
  writeFileSync(join(dir, 'sshd_config'), [...config, ...lines, ''].join('\n'));
  const [file = '', ...args] = [...under, '/usr/sbin/sshd', '-D', '-e', '-f', join(dir, 'sshd_config')];
  const child = spawn(file, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  const log = await listening(child);
  const stop = async (): Promise<void> => {
    const gone = new Promise(resolve => child.once('exit', resolve));
    child.kill();
    await gone;
    rmSync(dir, { recursive: true, force: true });
  };
  return { dir, port, userKey, hostKeys, log, stop };
};

/** Resolves with what tells its log, once it listens. */
const listening = (child: ChildProcess): Promise<() => string> =>
  new Promise((resolve, reject) => {
    let log = '';
    child.stderr?.on('data', (chunk: Buffer) => {
      log += chunk.toString();
      if (log.includes('Server listening')) resolve(() => log);
    });
    child.once('exit', code => reject(new Error(`sshd exits ${code}: ${log}`)));
  });

/** known_hosts text for an sshd's keys. */
export const known = ({ port, hostKeys }: Sshd, host = '127.0.0.1'): string =>
  Object.values(hostKeys)
    .map(key => `[${host}]:${port} ${key}\n`)
    .join('');

export const knownFile = (dir: string, text: string): string => {
  const file = join(mkdtempSync(join(dir, 'known-')), 'known_hosts');
  writeFileSync(file, text);
  return file;
};

export const addressOf = ({ port, userKey }: Sshd, more: Partial<Address> = {}): Address => ({
  name: 'web1',
  connection: 'ssh',
  host: '127.0.0.1',
  port,
  user: 'root',
  privateKeyFile: userKey,
  timeoutMs: 10_000,
  ...more,
});

/** A connector that sees nothing of this machine's own ssh settings, and trusts the given sshds. */
export const trusting = (sshds: readonly Sshd[], more: Partial<ConnectorOptions> = {}): ReturnType<typeof connector> => {
  const [first] = sshds;
  if (!first) throw new Error('no sshd');
  const text = sshds.map(sshd => known(sshd)).join('');
  return connector({
    clock,
    hostKeyPolicy: 'strict',
    knownHostsFiles: [knownFile(first.dir, text)],
    sshConfigFile: 'none',
    keepaliveMs: 0,
    home: first.dir,
    ...more,
  });
};

/** A real ssh-agent without keys. */
export const startAgent = async (socket: string): Promise<{ readonly socket: string; stop(): void }> => {
  const child = spawn('ssh-agent', ['-D', '-a', socket], { stdio: ['ignore', 'pipe', 'ignore'] });
  // It speaks once it listens.
  await once(child.stdout, 'data');
  return { socket, stop: () => void child.kill() };
};

/** A TCP proxy whose connections can be cut (reset) or frozen (silence). */
export const startProxy = async (to: number): Promise<{ port: number; cut(): void; freeze(): void; stop(): void }> => {
  const sockets = new Set<ReturnType<typeof connect>>();
  const server = createServer(client => {
    const upstream = connect(to, '127.0.0.1');
    for (const [from, into] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(from);
      from.on('error', () => into.destroy()).on('close', () => into.destroy());
      from.pipe(into);
    }
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const cut = (): void => sockets.forEach(socket => socket.destroy());
  return {
    port: typeof address === 'object' && address ? address.port : 0,
    cut,
    freeze: () => sockets.forEach(socket => socket.unpipe().pause()),
    stop: () => {
      cut();
      server.close();
    },
  };
};
