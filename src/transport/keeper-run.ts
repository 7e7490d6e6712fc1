import type { Socket } from 'node:net';
import type { Clock } from '../model/clock.ts';
import { KeyRing, type Ssh2 } from './credentials.ts';
import { HostKeys } from './host-keys.ts';
import { type Ask, hearLines, line, type Tell, told } from './keeper-wire.ts';
import type { LoginParts } from './login.ts';
import type { Route } from './route.ts';
import { type Shelf, ShelfKeys } from './shelf.ts';
import { Jumps, reach, type Reached } from './ssh.ts';

/** A login that a run has for itself. */
export interface Lease {
  readonly route: Route;
  readonly keepMs: number;
  /** Aborted when the run wants it no more. */
  readonly left: AbortController;
  /** Sockets of what was opened over it. */
  readonly sockets: Set<Socket>;
  key?: string;
  reached?: Reached;
}

export interface KeeperParts {
  readonly ssh2: Ssh2;
  readonly clock: Clock;
  readonly shelf: Shelf;
}

/**
 * The keeper's side of one run. What a connector keeps to itself as long as a run lasts lives as long here: opened keys, known_hosts as
 * it was read, jump hosts.
 */
export class KeeperRun {
  readonly #socket: Socket;
  readonly #parts: LoginParts;
  readonly #shelf: Shelf;
  readonly #jumps = new Jumps();
  readonly #keys: ShelfKeys;
  readonly #leases = new Map<number, Lease>();
  readonly #questions = new Map<string, (passphrase: string | undefined) => void>();

  constructor(socket: Socket, { ssh2, clock, shelf }: KeeperParts) {
    this.#socket = socket;
    this.#shelf = shelf;
    this.#keys = new ShelfKeys(ssh2);
    const ask = (file: string): Promise<string | undefined> =>
      new Promise(resolve => {
        this.#questions.set(file, resolve);
        this.#tell({ tell: 'passphrase', file });
      });
    this.#parts = { ssh2, clock, hostKeys: new HostKeys(), ring: new KeyRing(ssh2, ask) };
    hearLines<Ask>(socket, message => this.#hear(message));
    socket.on('end', () => socket.destroy());
  }

  lease(id: number): Lease | undefined {
    return this.#leases.get(id);
  }

  /** The run is over. What it did not hand back goes with it, for it may still be at work. */
  end(): void {
    for (const [id, lease] of this.#leases) this.#close(id, lease)?.release();
  }

  #hear(message: Ask): void {
    if (message.ask === 'login') void this.#login(message.id, message.route, message.keepMs);
    else if (message.ask === 'passphrase') this.#questions.get(message.file)?.(message.passphrase);
    else this.#hand(message.id, message.keep);
  }

  #tell(message: Tell): void {
    if (this.#socket.writable) this.#socket.write(line(message));
  }

  async #login(id: number, route: Route, keepMs: number): Promise<void> {
    const lease: Lease = { route, keepMs, left: new AbortController(), sockets: new Set() };
    this.#leases.set(id, lease);
    try {
      lease.key = await this.#keys.of(route);
      const kept = await this.#shelf.takeTrusted(lease.key, this.#parts.hostKeys);
      await kept?.connection?.leave();
      const reached = kept?.reached ?? (await reach(route, this.#jumps, this.#parts, lease.left.signal));
      if (lease.left.signal.aborted) return reached.release();
      lease.reached = reached;
      const { client, lost } = reached.login;
      const onClose = (): void => this.#tell({ tell: 'lost', id, why: lost() ?? '' });
      client.once('close', onClose);
      lease.left.signal.addEventListener('abort', () => client.off('close', onClose));
      this.#tell({ tell: 'login', id, isKept: kept !== undefined });
    } catch (error) {
      this.#leases.delete(id);
      this.#tell({ tell: 'failed', id, error: told(error) });
    }
  }

  #hand(id: number, keep: boolean): void {
    const lease = this.#leases.get(id);
    const reached = lease && this.#close(id, lease);
    if (lease?.key !== undefined && reached) this.#shelf.handBack(lease.key, reached, keep ? lease.keepMs : undefined);
  }

  #close(id: number, { left, sockets, reached }: Lease): Reached | undefined {
    this.#leases.delete(id);
    left.abort();
    for (const socket of sockets) socket.destroy();
    return reached;
  }
}
