import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import type { AnyAuthMethod, Client, NextAuthHandler, ServerHostKeyAlgorithm } from 'ssh2';
import type { Clock } from '../model/clock.ts';
import { KplayError } from '../model/errors.ts';
import { credentials, type KeyRing, type Ssh2 } from './credentials.ts';
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
    Promise.resolve(connect({ host, port, noDelay: true }));

const attempt = async (hop: Hop, parts: LoginParts, dial: Dial, signal: AbortSignal | undefined): Promise<Login> => {
  const { ssh2, hostKeys, ring } = parts;
  const client = new ssh2.Client();
  const tried: string[] = [];
  const methods = credentials(hop, ring, ssh2, tried);
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let untrusted: unknown;
  let lost: string | undefined;
  const onAbort = (): void => reject(interrupted(hop.identity.inventoryName));

  client.on('ready', resolve);
  client.on('error', (error: Error & { level?: string }) => {
    if (error.level === 'agent') return void tried.push(`agent (${error.message})`);
    lost ??= error.message || 'connection failed';
    reject(untrusted ?? failure(hop, error, tried));
  });
  client.on('close', () => {
    lost ??= 'closed by the host';
    reject(failure(hop, Object.assign(new Error('it hung up'), { code: 'ECONNRESET' }), tried));
  });
  client.on('change password', () => reject(refused(hop, [...tried, 'password (expired: it has to be changed first)'])));
  const serverHostKey = (await hostKeys.algorithms(hop.identity)) as ServerHostKeyAlgorithm[];
  if (signal?.aborted) throw interrupted(hop.identity.inventoryName);
  signal?.addEventListener('abort', onAbort, { once: true });
  const stream = await dial();
  try {
    client.connect({
      sock: stream,
      username: hop.user,
      readyTimeout: hop.timeoutMs,
      keepaliveInterval: hop.keepaliveMs,
      keepaliveCountMax: hop.keepaliveCountMax,
      algorithms: { serverHostKey },
      hostVerifier: (key: Buffer, verify: (ok: boolean) => void): void => {
        hostKeys.verify(hop.identity, key).then(
          () => verify(true),
          (error: unknown) => {
            untrusted = error;
            verify(false);
          },
        );
      },
      authHandler: (left, _partial, next) => void offer(methods, left, next),
    });
    await promise;
    return { client, lost: () => lost, end: () => end(client, stream) };
  } catch (error) {
    stream.destroy();
    throw error;
  } finally {
    signal?.removeEventListener('abort', onAbort);
  }
};

/** Hands ssh2 the next way to log in that the host still takes. */
const offer = async (methods: AsyncGenerator<AnyAuthMethod>, left: readonly string[] | null, next: NextAuthHandler): Promise<void> => {
  for (;;) {
    const { value, done } = await methods.next();
    // `false` ends it; the types do not know that.
    if (done) return next(false as unknown as AnyAuthMethod);
    if (!left || left.includes(value.type === 'agent' ? 'publickey' : value.type)) return next(value);
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
