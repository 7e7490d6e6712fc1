import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import type { AnyAuthMethod, AuthHandlerMiddleware, Client, ConnectConfig, NextAuthHandler, ServerHostKeyAlgorithm } from 'ssh2';
import type { Clock } from '../model/clock.ts';
import { KplayError } from '../model/errors.ts';
import { type Credential, credentials, type KeyRing, type Ssh2 } from './credentials.ts';
import type { HostKeys } from './host-keys.ts';
import type { Hop } from './route.ts';
import { interrupted } from './shell.ts';

/** What logins share. */
export interface LoginParts {
  readonly ssh2: Ssh2;
  readonly hostKeys: HostKeys;
  readonly ring: KeyRing;
  readonly clock: Clock;
}

/** An authenticated ssh connection. */
export interface Login {
  readonly client: Client;
  /** Why it is gone, once it is. */
  lost(): string | undefined;
  end(): void;
}

/** Pauses before another try when sshd drops connections it has no time for (MaxStartups), as OpenSSH clients under Ansible wait: 2ⁿ−1 s. */
const PAUSES_MS = [1000, 3000, 7000];

/** Connects and authenticates. `dial` gives the stream to speak over: a TCP socket, or a channel of the host before. */
export const login = async (hop: Hop, parts: LoginParts, dial: Dial, signal?: AbortSignal): Promise<Login> => {
  for (const pauseMs of PAUSES_MS) {
    try {
      return await attempt(hop, parts, dial, signal);
    } catch (error) {
      if (!(error instanceof Dropped)) throw error;
      // Not all at once again: many hosts may share the sshd that is busy.
      await parts.clock.wait(pauseMs * (0.5 + Math.random() / 2), signal);
    }
  }
  return attempt(hop, parts, dial, signal);
};

/** The host hung up before anyone had tried to log in. */
class Dropped extends KplayError {}

/** A stream to speak ssh over. Its errors are heard by ssh2, which has to get it at once. */
export type Dial = () => Promise<Duplex>;

export const tcp =
  (host: string, port: number): Dial =>
  () =>
    // A quarter of a second for each address, Node's default, is too short for far hosts.
    Promise.resolve(connect({ host, port, noDelay: true, autoSelectFamilyAttemptTimeout: 1500 }));

const attempt = async (hop: Hop, parts: LoginParts, dial: Dial, signal: AbortSignal | undefined): Promise<Login> => {
  const serverHostKey = (await parts.hostKeys.algorithms(hop.identity)) as ServerHostKeyAlgorithm[];
  const stream = await dial();
  const client = new parts.ssh2.Client();
  const { ready, fail, lost, config } = converse(hop, parts, client);
  const onAbort = (): void => fail(interrupted(hop.identity.inventoryName));
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    client.connect({ ...config, sock: stream, algorithms: { serverHostKey } });
    if (signal?.aborted) onAbort();
    await ready;
    return { client, lost, end: () => end(client, stream) };
  } catch (error) {
    stream.destroy();
    throw error;
  } finally {
    signal?.removeEventListener('abort', onAbort);
  }
};

interface Conversation {
  readonly ready: Promise<void>;
  readonly fail: (error: unknown) => void;
  readonly lost: () => string | undefined;
  readonly config: ConnectConfig;
}

/** Our side of the dialogue: whether to trust the host, what to show it, and what its silence means. */
const converse = (hop: Hop, { ssh2, hostKeys, ring }: LoginParts, client: Client): Conversation => {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const tried: string[] = [];
  const ways = credentials(hop, ring, ssh2);
  let lost: string | undefined;

  client.on('ready', resolve);
  client.on('error', (error: Error & { level?: string }) => {
    // ssh2 goes on with the next way.
    if (error.level === 'agent') return void tried.push(`agent (${error.message})`);
    lost ??= error.message || 'connection failed';
    reject(failure(hop, error, tried));
  });
  client.on('close', () => {
    lost ??= 'closed by the host';
    reject(failure(hop, Object.assign(new Error('it hung up'), { code: 'ECONNRESET' }), tried));
  });
  client.on('change password', () => reject(refused(hop, [...tried, 'password (expired: it has to be changed first)'])));

  const hostVerifier = (key: Buffer, verify: (trusted: boolean) => void): void => {
    hostKeys.verify(hop.identity, key).then(
      () => verify(true),
      (error: unknown) => {
        reject(error);
        verify(false);
      },
    );
  };
  const authHandler: AuthHandlerMiddleware = (left, _partial, next) => {
    offer(ways, tried, left, next).catch(reject);
  };
  const { user: username, timeoutMs: readyTimeout, keepaliveMs: keepaliveInterval, keepaliveCountMax } = hop;
  const config = { username, readyTimeout, keepaliveInterval, keepaliveCountMax, hostVerifier, authHandler };
  return { ready: promise, fail: reject, lost: () => lost, config };
};

/** Hands ssh2 the next way to log in that the host still takes, and keeps a record for the message. */
const offer = async (
  ways: AsyncGenerator<Credential>,
  tried: string[],
  left: readonly string[] | null,
  next: NextAuthHandler,
): Promise<void> => {
  for (;;) {
    const { value, done } = await ways.next();
    // `false` ends it; the types do not know that.
    if (done) return next(false as unknown as AnyAuthMethod);
    const { label, method } = value;
    const useless = method && left && !left.includes(method.type === 'agent' ? 'publickey' : method.type);
    tried.push(useless ? `${label} (the host takes ${left.join(', ')} only)` : label);
    if (method && !useless) return next(method);
  }
};

/** Says goodbye; a host that no longer listens does not keep us. */
const end = (client: Client, stream: Duplex): void => {
  client.end();
  if ('destroySoon' in stream && typeof stream.destroySoon === 'function') stream.destroySoon();
  else stream.end();
};

const failure = (hop: Hop, error: Error & { level?: string; code?: string | number }, tried: readonly string[]): KplayError => {
  const { host, port, timeoutMs, identity } = hop;
  const { message, level, code } = error;
  const where = `${identity.inventoryName} (${host} port ${port})`;
  if (level === 'client-authentication' || /authentication failures/i.test(message)) return refused(hop, tried);
  if (level === 'client-timeout') {
    const hint = 'Is the host up, and is a firewall in between? --timeout allows more time.';
    return new KplayError('E_CONNECT', `${where} did not answer within ${timeoutMs / 1000} s.`, { hint });
  }
  const text = message || String(code);
  if (tried.length === 0 && (code === 'ECONNRESET' || code === 'EPIPE' || /before handshake/.test(message)))
    return new Dropped('E_CONNECT', `${where} hung up: ${text}.`, {
      hint: 'sshd drops connections beyond its MaxStartups; --forks opens fewer at once.',
    });
  const known = typeof code === 'string' ? REASONS[code] : undefined;
  return new KplayError('E_CONNECT', `${where} cannot be reached: ${known ?? text}.`, { cause: error });
};

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there (connection refused)',
  ENOTFOUND: 'its name does not resolve',
  EAI_AGAIN: 'its name does not resolve at the moment',
  EHOSTUNREACH: 'no route to it',
  ENETUNREACH: 'its network is unreachable',
  ETIMEDOUT: 'it did not answer',
};

const refused = ({ user, host, port, identity }: Hop, tried: readonly string[]): KplayError =>
  new KplayError('E_AUTH', `${identity.inventoryName} (${host} port ${port}) refused every way to log in as ${user}.`, {
    detail: tried.length === 0 ? 'There was nothing to try: no key, no agent, no password.' : `Tried: ${tried.join(', ')}.`,
    hint: 'Name a key (--private-key), load it into an agent, or give a password (-k).',
  });
