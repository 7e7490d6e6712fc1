import type { Duplex } from 'node:stream';
import { KplayError } from '../model/errors.ts';
import type { Connection } from '../model/session.ts';
import type { Channel } from '../shell/channel.ts';
import { connectionOver } from './connection.ts';
import { LinkLost } from './link-lost.ts';
import { type Dial, tcp } from './dial.ts';
import { type Login, login, type LoginParts } from './login.ts';
import { processStream } from './process.ts';
import type { Hop, Route } from './route.ts';

/** Hosts that are jumped over: one login each, shared by all that lie behind it, ended with the last of them. */
export class Jumps {
  readonly #logins = new Map<string, { readonly login: Promise<Login>; users: number }>();

  async use(hops: readonly Hop[], open: () => Promise<Login>): Promise<Reached> {
    const key = hops.map(({ user, host, port }) => `${user}@${host}:${port}`).join(',');
    const known = this.#logins.get(key);
    const shared =
      known &&
      (await known.login.then(
        each => each.lost() === undefined,
        () => false,
      ))
        ? known
        : { login: open(), users: 0 };
    this.#logins.set(key, shared);
    shared.users += 1;
    const release = (): void => {
      shared.users -= 1;
      if (shared.users > 0) return;
      if (this.#logins.get(key) === shared) this.#logins.delete(key);
      void shared.login.then(
        each => each.end(),
        () => undefined,
      );
    };
    try {
      return { login: await shared.login, release };
    } catch (error) {
      release();
      throw error;
    }
  }
}

/** An ssh2 connection along a route, of which the first host may have been dialled already. */
export const connectSsh = async (route: Route, jumps: Jumps, parts: LoginParts, signal?: AbortSignal, dial?: Dial): Promise<Connection> => {
  const { target } = route;
  const { login: last, release } = await reach(route, jumps, parts, signal, dial);
  return connectionOver({
    host: target.identity.inventoryName,
    clock: parts.clock,
    timeoutMs: target.timeoutMs,
    lost: () => last.lost(),
    end: release,
    start: command => execute(last, target, command, route.env),
    forward: (host, port) => forward(last, target, host, port),
  });
};

/** A login, and how to end it with all that was opened for it. */
export interface Reached {
  readonly login: Login;
  release(): void;
}

/** Logs in to a route's target. */
export const reach = (
  { jumps: before, target, proxyCommand }: Route,
  jumps: Jumps,
  parts: LoginParts,
  signal?: AbortSignal,
  dial?: Dial,
): Promise<Reached> => along([...before, target], dial ?? firstDial([...before, target], proxyCommand), jumps, parts, signal);

const firstDial = ([first]: readonly Hop[], proxyCommand: string | undefined): Dial =>
  proxyCommand === undefined
    ? tcp(first!.host, first!.port)
    : () => Promise.resolve(processStream(['/bin/sh', '-c', `exec ${proxyCommand}`]));

/** Logs in to the last of the hops, over those before it. */
const along = async (
  hops: readonly Hop[],
  dial: Dial,
  jumps: Jumps,
  parts: LoginParts,
  signal: AbortSignal | undefined,
): Promise<Reached> => {
  const hop = hops.at(-1) as Hop;
  const before = hops.slice(0, -1);
  if (before.length === 0) {
    const only = await login(hop, parts, dial, signal);
    return { login: only, release: () => only.end() };
  }
  const via = await jumps.use(before, async () => {
    const { login: jump, release } = await along(before, dial, jumps, parts, undefined);
    return { ...jump, end: release };
  });
  try {
    const through: Dial = () => forward(via.login, before.at(-1) as Hop, hop.host, hop.port);
    const last = await login(hop, parts, through, signal);
    const release = (): void => {
      last.end();
      via.release();
    };
    return { login: { ...last, shown: [...via.login.shown, ...last.shown] }, release };
  } catch (error) {
    via.release();
    throw error;
  }
};

/** A TCP stream from the login's host. */
export const forward = ({ client, lost }: Login, { identity }: Hop, host: string, port: number): Promise<Duplex> =>
  new Promise((resolve, reject) => {
    const gone = lost();
    if (gone !== undefined) return reject(new LinkLost(identity.inventoryName, gone, false));
    client.forwardOut('127.0.0.1', 0, host, port, (error, stream) => {
      const message = `${host} port ${port} cannot be reached from ${identity.inventoryName}`;
      if (error) reject(new KplayError('E_CONNECT', `${message}: ${error.message}.`, { cause: error }));
      else resolve(stream);
    });
  });

/** Starts a program on the login's host. */
export const execute = ({ client, lost }: Login, { identity }: Hop, command: string, env: Route['env']): Promise<Channel> =>
  new Promise((resolve, reject) => {
    const gone = lost();
    if (gone !== undefined) return reject(new LinkLost(identity.inventoryName, gone, false));
    client.exec(command, { env }, (error, channel) => {
      if (error) {
        const hint = 'sshd allows MaxSessions (10) channels in a connection; each identity takes one.';
        return reject(new KplayError('E_CONNECT', `${identity.inventoryName} opens no further channel: ${error.message}.`, { hint }));
      }
      const closed = new Promise<string>(done => {
        channel.once('close', (code?: number | null, signal?: string) => {
          done(lost() ?? (code === undefined ? 'the channel was closed' : signal ? `ended by ${signal}` : `exit status ${code}`));
        });
      });
      const close = (): void => {
        channel.resume();
        channel.stderr.resume();
        channel.end();
        channel.close();
      };
      resolve({ stdin: channel, stdout: channel, stderr: channel.stderr, closed, close });
    });
  });
