import type { Duplex } from 'node:stream';
import type { AnyAuthMethod, AuthHandlerMiddleware, Client, ConnectConfig, ServerHostKeyAlgorithm } from 'ssh2';
import type { Clock } from '../model/clock.ts';
import { KplayError } from '../model/errors.ts';
import type { Dial } from './dial.ts';
import { type Credential, credentials, type KeyRing, type Ssh2 } from './credentials.ts';
import type { HostIdentity, HostKeys } from './host-keys.ts';
import type { Hop } from './route.ts';
import { interrupted } from './shell.ts';
import { sh } from '../shell/sh.ts';

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
  /** The keys that were trusted on the way: of the hosts jumped over, then of the host itself. */
  readonly shown: readonly ShownKey[];
  /** Why it is gone, once it is: from the client's `close` on. */
  lost(): string | undefined;
  end(): void;
}

export interface ShownKey {
  readonly identity: HostIdentity;
  readonly key: Buffer;
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

const attempt = async (hop: Hop, parts: LoginParts, dial: Dial, signal: AbortSignal | undefined): Promise<Login> => {
  const serverHostKey = (await parts.hostKeys.algorithms(hop.identity)) as ServerHostKeyAlgorithm[];
  const stream = await dial();
  const client = new parts.ssh2.Client();
  const { ready, fail, patience, config, ...login } = converse(hop, parts, client);
  const onAbort = (): void => fail(interrupted(hop.identity.inventoryName));
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    client.connect({ ...config, sock: stream, algorithms: { serverHostKey } });
    if (signal?.aborted) onAbort();
    patience.start();
    await ready;
    return { client, ...login, end: () => end(client, stream) };
  } catch (error) {
    stream.destroy();
    throw error;
  } finally {
    patience.stop();
    signal?.removeEventListener('abort', onAbort);
  }
};

/** A time limit for the other side, switched off while our own side is thinking (a user types a passphrase). */
interface Patience {
  start(): void;
  stop(): void;
}

const patienceOf = (clock: Clock, limitMs: number, over: () => void): Patience => {
  let waiting = new AbortController();
  const stop = (): void => waiting.abort();
  const start = (): void => {
    stop();
    waiting = new AbortController();
    clock.wait(limitMs, waiting.signal).then(over, () => undefined);
  };
  return { start, stop };
};

interface Conversation extends Pick<Login, 'shown' | 'lost'> {
  readonly ready: Promise<void>;
  readonly fail: (error: unknown) => void;
  readonly patience: Patience;
  readonly config: ConnectConfig;
}

/** Our side of the dialogue: whether to trust the host, what to show it, and what its silence means. */
const converse = (hop: Hop, { ssh2, hostKeys, ring, clock }: LoginParts, client: Client): Conversation => {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const tried: string[] = [];
  const ways = credentials(hop, ring, ssh2);
  const patience = patienceOf(clock, hop.timeoutMs, () => reject(silent(hop)));
  const shown: ShownKey[] = [];
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
      () => {
        shown.push({ identity: hop.identity, key });
        verify(true);
      },
      (error: unknown) => {
        reject(error);
        verify(false);
      },
    );
  };
  const authHandler: AuthHandlerMiddleware = (left, _partial, next) => {
    patience.stop();
    offer(ways, tried, left).then(method => {
      patience.start();
      // `false` ends it; the types do not know that.
      next(method ?? (false as unknown as AnyAuthMethod));
    }, reject);
  };
  const { user: username, keepaliveMs: keepaliveInterval, keepaliveCountMax } = hop;
  const config = { username, readyTimeout: 0, keepaliveInterval, keepaliveCountMax, hostVerifier, authHandler };
  return { ready: promise, fail: reject, shown, lost: () => lost, patience, config };
};

/** The next way to log in that the host still takes, with a record for the message; undefined when there is none. */
const offer = async (
  ways: AsyncGenerator<Credential>,
  tried: string[],
  left: readonly string[] | null,
): Promise<AnyAuthMethod | undefined> => {
  for (;;) {
    const { value, done } = await ways.next();
    if (done) return undefined;
    const { label, method } = value;
    const useless = method && left && !left.includes(method.type === 'agent' ? 'publickey' : method.type);
    tried.push(useless ? `${label} (the host takes ${left.join(', ')} only)` : label);
    if (method && !useless) return method;
  }
};

/** Says goodbye; a host that no longer listens does not keep us. */
const end = (client: Client, stream: Duplex): void => {
  client.end();
  if ('destroySoon' in stream && typeof stream.destroySoon === 'function') stream.destroySoon();
  else stream.end();
};

const failure = (hop: Hop, error: Error & { level?: string; code?: string | number }, tried: readonly string[]): KplayError => {
  const { message, level, code } = error;
  const where = nameOf(hop);
  if (level === 'client-authentication' || /authentication failures/i.test(message)) return refused(hop, tried);
  const text = message || String(code);
  if (tried.length === 0 && (code === 'ECONNRESET' || code === 'EPIPE' || /before handshake/.test(message)))
    return new Dropped('E_CONNECT', `${where} hung up: ${text}.`, {
      hint: 'sshd drops connections beyond its MaxStartups; --forks opens fewer at once.',
    });
  const known = typeof code === 'string' ? REASONS[code] : undefined;
  return new KplayError('E_CONNECT', `${where} cannot be reached: ${known ?? text}.`, { cause: error, ...hintOf(code) });
};

const silent = (hop: Hop): KplayError => {
  const hint = 'Is the host up, and is a firewall in between? --timeout allows more time.';
  return new KplayError('E_CONNECT', `${nameOf(hop)} did not answer within ${hop.timeoutMs / 1000} s.`, { hint });
};

const hintOf = (code: unknown): { hint?: string } => {
  if (code === 'ECONNREFUSED') return { hint: 'Is sshd running, and is ansible_port right?' };
  return code === 'ENOTFOUND' ? { hint: 'Give its address in ansible_host.' } : {};
};

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there (connection refused)',
  ENOTFOUND: 'its name does not resolve',
  EAI_AGAIN: 'its name does not resolve at the moment',
  EHOSTUNREACH: 'no route to it',
  ENETUNREACH: 'its network is unreachable',
  ETIMEDOUT: 'it did not answer',
};

const refused = (hop: Hop, tried: readonly string[]): KplayError =>
  new KplayError('E_AUTH', `${nameOf(hop)} refused every way to log in as ${hop.user}.`, {
    detail: tried.length === 0 ? 'There was nothing to try: no key, no agent, no password.' : `Tried: ${tried.join(', ')}.`,
    hint: hintFor(tried),
  });

const hintFor = (tried: readonly string[]): string => {
  const locked = tried.map(label => /^key (.*) \(its passphrase is not known\)$/.exec(label)?.[1]).find(file => file !== undefined);
  return locked === undefined
    ? 'Name a key (--private-key), load it into an agent, or give a password (-k).'
    : `Open the key first: ${sh`ssh-add ${locked}`}`;
};

const nameOf = ({ host, port, identity }: Hop): string => `${identity.inventoryName} (${host} port ${port})`;
