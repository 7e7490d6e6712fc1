import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import { PassThrough } from 'node:stream';
import type { Clock } from '../model/clock.ts';
import { KplayError } from '../model/errors.ts';
import type { Connection } from '../model/session.ts';
import type { Channel } from '../shell/channel.ts';
import { connectionOver, provenWithin } from './connection.ts';
import type { AskPassphrase } from './credentials.ts';
import { callKeeper, type KeeperPlace, openSocket, privateFolder, startKeeper } from './keeper-place.ts';
import {
  type Ask,
  type Closed,
  firstLine,
  FRAMES,
  type Greeting,
  hearLines,
  line,
  type Opened,
  type Opening,
  type Tell,
  unframe,
  untold,
} from './keeper-wire.ts';
import { LinkLost } from './link-lost.ts';
import type { Route } from './route.ts';
import { interrupted } from './shell.ts';

/** The keeper is not there any more. Whoever finds out connects by itself. */
class KeeperGone extends Error {}
const GONE = 'the keeper of connections ended';

export interface KeepingOptions {
  readonly place: () => KeeperPlace;
  readonly clock: Clock;
  readonly askPassphrase?: AskPassphrase;
  /** Told once that connections cannot be kept, which is no reason to stop. */
  readonly warn: (message: string) => void;
}

/** Whoever keeps logins. Gives a connection over one that was kept, or that will be; undefined when none can be kept. Fails as any connect does. */
export interface Keeps {
  connect(route: Route, keepMs: number, signal: AbortSignal | undefined): Promise<Connection | undefined>;
}

/** The keeper as a run knows it: looked for, or started, when the first connection is wanted. */
export class Keeping implements Keeps {
  readonly #options: KeepingOptions;
  readonly #passphrases = new Map<string, Promise<string | undefined>>();
  #keeper: Promise<Keeper | undefined> | undefined;
  constructor(options: KeepingOptions) {
    this.#options = options;
  }

  async connect(route: Route, keepMs: number, signal: AbortSignal | undefined): Promise<Connection | undefined> {
    const keeper = await (this.#keeper ??= this.#reach());
    try {
      return await keeper?.connect(route, keepMs, signal);
    } catch (error) {
      if (error instanceof KeeperGone) return undefined;
      throw error;
    }
  }

  /** Asked once for each file, however often the run comes back to the keeper. */
  #passphrase(file: string): Promise<string | undefined> {
    const known = this.#passphrases.get(file) ?? Promise.resolve(this.#options.askPassphrase?.(file));
    this.#passphrases.set(file, known);
    return known;
  }

  async #reach(): Promise<Keeper | undefined> {
    const { clock, warn } = this.#options;
    const there = await this.#find().catch((error: unknown) => {
      if (!(error instanceof KplayError)) throw error;
      warn(`connections are not kept: ${error.message} ${error.hint ?? ''}`.trimEnd());
    });
    if (!there) return undefined;
    return new Keeper({ ...there, clock, ask: file => this.#passphrase(file), onOver: () => (this.#keeper = undefined) });
  }

  async #find(): Promise<{ socket: Socket; path: string }> {
    const place = this.#options.place();
    privateFolder(place.folder);
    const there = (await callKeeper(place)) ?? (await startKeeper(place).then(() => callKeeper(place)));
    if (there) return there;
    throw new KplayError('E_CONNECT', `No keeper answers in ${place.folder}.`);
  }
}

interface Lease {
  /** What messages call the host. */
  readonly host: string;
  readonly answer: PromiseWithResolvers<boolean>;
  lost?: string;
}

interface KeeperParts {
  readonly socket: Socket;
  /** Where it leads to. */
  readonly path: string;
  readonly clock: Clock;
  readonly ask: AskPassphrase;
  /** Called when it takes no more logins. */
  readonly onOver: () => void;
}

/** A run's side of a keeper, from the first connection until the last one is closed. */
class Keeper {
  readonly #run = randomBytes(16).toString('hex');
  readonly #parts: KeeperParts;
  readonly #leases = new Map<number, Lease>();
  #connecting = 0;
  #nextId = 1;

  constructor(parts: KeeperParts) {
    this.#parts = parts;
    const { socket, onOver } = parts;
    socket.on('error', () => undefined).on('end', () => socket.destroy());
    socket.on('close', () => {
      onOver();
      for (const lease of this.#leases.values()) {
        lease.lost ??= GONE;
        lease.answer.reject(new KeeperGone());
      }
    });
    hearLines<Tell>(socket, message => void this.#hear(message));
    this.#say({ run: this.#run });
  }

  /** Takes what is kept as long as it proves to be alive, else a new login. */
  async connect(route: Route, keepMs: number, signal: AbortSignal | undefined): Promise<Connection> {
    this.#connecting += 1;
    try {
      for (;;) {
        const id = this.#nextId++;
        const isKept = await this.#login(id, route, keepMs, signal);
        try {
          return await this.#overLogin(id, route, isKept);
        } catch (error) {
          if (this.#parts.socket.destroyed) throw new KeeperGone();
          if (!isKept) throw error;
        }
      }
    } finally {
      this.#connecting -= 1;
      this.#endIfUnused();
    }
  }

  #overLogin(id: number, route: Route, isKept: boolean): Promise<Connection> {
    const { clock } = this.#parts;
    const { identity, timeoutMs } = route.target;
    const over = (): Promise<Connection> =>
      connectionOver({
        host: identity.inventoryName,
        clock,
        timeoutMs,
        lost: () => this.#lost(id),
        end: keep => this.#end(id, keep),
        start: async command => programOver(await this.#open(id, { command, env: route.env })),
        forward: (host, port) => this.#open(id, { host, port }),
      });
    // As long as a login may take is enough for it to answer.
    return isKept ? provenWithin(clock, timeoutMs, () => this.#end(id, false), over) : over();
  }

  /** Says whether it is a kept one. */
  async #login(id: number, route: Route, keepMs: number, signal: AbortSignal | undefined): Promise<boolean> {
    const { inventoryName: host } = route.target.identity;
    if (!this.#parts.socket.writable) throw new KeeperGone();
    if (signal?.aborted) throw interrupted(host);
    const answer = Promise.withResolvers<boolean>();
    const onAbort = (): void => answer.reject(interrupted(host));
    signal?.addEventListener('abort', onAbort, { once: true });
    this.#leases.set(id, { host, answer });
    this.#say({ ask: 'login', id, route, keepMs });
    try {
      return await answer.promise;
    } catch (error) {
      this.#end(id, false);
      throw error;
    } finally {
      signal?.removeEventListener('abort', onAbort);
    }
  }

  async #hear(message: Tell): Promise<void> {
    if (message.tell === 'passphrase') {
      const passphrase = await this.#parts.ask(message.file);
      return this.#say({ ask: 'passphrase', file: message.file, ...(passphrase !== undefined && { passphrase }) });
    }
    const lease = this.#leases.get(message.id);
    if (!lease) return;
    if (message.tell === 'login') lease.answer.resolve(message.isKept);
    else if (message.tell === 'failed') lease.answer.reject(untold(message.error));
    else lease.lost ??= message.why;
  }

  #say(message: Greeting | Ask): void {
    const { socket } = this.#parts;
    if (socket.writable) socket.write(line(message));
  }

  #lost(id: number): string | undefined {
    const lease = this.#leases.get(id);
    return lease ? lease.lost : 'closed';
  }

  #end(id: number, keep: boolean): void {
    if (!this.#leases.delete(id)) return;
    this.#say({ ask: 'end', id, keep });
    this.#endIfUnused();
  }

  #endIfUnused(): void {
    if (this.#leases.size > 0 || this.#connecting > 0) return;
    this.#parts.onOver();
    this.#parts.socket.end();
  }

  /** A socket of its own for a program or a stream. */
  async #open(id: number, opening: Opening): Promise<Socket> {
    const lease = this.#leases.get(id);
    const socket = await openSocket(this.#parts.path).catch(() => undefined);
    socket?.on('error', () => undefined).write(line({ of: this.#run, login: id, ...opening }));
    const opened = socket && (await firstLine<Opened>(socket));
    if (socket && opened && opened.error === undefined) return socket;
    socket?.destroy();
    // Without an answer there is no keeper.
    if (!opened && lease === this.#leases.get(id)) this.#parts.socket.destroy();
    const lost = opened ? opened.lost : GONE;
    if (lease && lost !== undefined) lease.lost ??= lost;
    throw opened?.error ? untold(opened.error) : new LinkLost(lease?.host ?? 'the host', GONE, false);
  }
}

/** A program whose streams travel over a socket. */
const programOver = (socket: Socket): Channel => {
  const streams = { [FRAMES.stdout]: new PassThrough(), [FRAMES.stderr]: new PassThrough() };
  const { promise: closed, resolve } = Promise.withResolvers<string>();
  const hear = unframe((kind, bytes) => {
    if (kind === FRAMES.closed) return resolve((JSON.parse(bytes.toString()) as Closed).why);
    const stream = streams[kind as 1 | 2];
    if (stream.write(bytes)) return;
    socket.pause();
    stream.once('drain', () => socket.resume());
  });
  socket.on('data', hear);
  socket.on('end', () => socket.destroy()).on('close', () => resolve(GONE));
  return { stdin: socket, stdout: streams[1], stderr: streams[2], closed, close: () => void socket.destroy() };
};
