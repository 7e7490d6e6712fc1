import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '../model/clock.ts';
import { KplayError } from '../model/errors.ts';
import type { Address, Connection } from '../model/session.ts';
import { connectionOver } from './connection.ts';
import type { HostKeyPolicy } from './host-keys.ts';
import { processChannel, processStream } from './process.ts';

export interface OpensshOptions {
  readonly clock: Clock;
  readonly hostKeyPolicy: HostKeyPolicy;
  readonly knownHostsFiles?: readonly string[];
  readonly sshConfigFile?: string;
  readonly keepaliveMs: number;
}

/**
 * A connection through the system's `ssh`, for what ssh2 lacks: host certificates, GSSAPI, hardware keys. One master connection carries
 * every channel (ssh_config(5) ControlMaster). It reads ssh's own configuration and asks nothing: no password, no passphrase.
 */
export const connectOpenssh = async (address: Address, options: OpensshOptions): Promise<Connection> => {
  const dir = await mkdtemp(join(tmpdir(), 'kplay-ssh-'));
  const base = ['ssh', ...settings(address, options), '-o', 'ControlMaster=auto', '-o', `ControlPath=${dir}/mux`];
  const host = ['--', address.host];
  let lost: string | undefined;
  try {
    return await connectionOver({
      host: address.name,
      clock: options.clock,
      timeoutMs: address.timeoutMs,
      lost: () => lost,
      async start(command) {
        const channel = await processChannel([...base, '-T', ...host, command]);
        // 255 is ssh's own failure; the loop never exits with it.
        void channel.closed.then(why => (why.includes('255') ? (lost ??= 'ssh ended') : undefined));
        return channel;
      },
      forward: (to, port) => Promise.resolve(processStream([...base, '-W', `${to}:${port}`, ...host])),
      end() {
        const [file, ...args] = base;
        spawn(file as string, [...args, '-O', 'exit', ...host], { stdio: 'ignore' })
          .on('error', () => undefined)
          .on('close', () => void rm(dir, { recursive: true, force: true }));
      },
    });
  } catch (error) {
    throw error instanceof KplayError ? explained(address, error) : error;
  }
};

/** The address and our own settings as ssh's options; whatever is not said here is ssh's own configuration. */
const settings = (address: Address, { hostKeyPolicy, knownHostsFiles, sshConfigFile, keepaliveMs }: OpensshOptions): readonly string[] => {
  const { user, port, privateKeyFile, proxyJump, sshOptions = {}, timeoutMs } = address;
  const checking = { strict: 'yes', 'accept-new': 'accept-new', off: 'no' }[hostKeyPolicy];
  const seconds = (ms: number): number => Math.max(1, Math.ceil(ms / 1000));
  return [
    ...(sshConfigFile === undefined ? [] : ['-F', sshConfigFile]),
    ...['BatchMode=yes', `StrictHostKeyChecking=${checking}`, `ConnectTimeout=${seconds(timeoutMs)}`].flatMap(option => ['-o', option]),
    ...Object.entries(sshOptions).flatMap(([keyword, value]) => ['-o', `${keyword}=${value}`]),
    ...(knownHostsFiles === undefined ? [] : ['-o', `UserKnownHostsFile=${knownHostsFiles.map(file => `"${file}"`).join(' ')}`]),
    ...(keepaliveMs > 0 ? ['-o', `ServerAliveInterval=${seconds(keepaliveMs)}`] : []),
    ...(proxyJump === undefined ? [] : ['-o', `ProxyJump=${proxyJump}`]),
    ...(privateKeyFile === undefined ? [] : ['-i', privateKeyFile]),
    ...(port === undefined ? [] : ['-p', String(port)]),
    ...(user === undefined ? [] : ['-l', user]),
  ];
};

/** What ssh said, as our own kinds of error. */
const explained = ({ name, host, password }: Address, error: KplayError): KplayError => {
  const said = error.detail ?? '';
  const facts = { detail: said, cause: error };
  if (/host key|HOST IDENTIFICATION/i.test(said)) {
    const hint = 'If nobody knows the host yet, --accept-new records its key; a changed or uncertified one has to be looked into.';
    return new KplayError('E_HOST_KEY', `ssh does not trust the host key of ${name} (${host}).`, { ...facts, hint });
  }
  if (/Permission denied|Too many authentication/i.test(said)) {
    const hint =
      password === undefined
        ? 'Name a key (--private-key) or load it into an agent.'
        : 'The openssh connection types no passwords: use a key.';
    return new KplayError('E_AUTH', `ssh could not log in to ${name} (${host}).`, { ...facts, hint });
  }
  return new KplayError('E_CONNECT', `ssh cannot reach ${name} (${host}): ${said.trim().split('\n').at(-1) || error.message}`, facts);
};
