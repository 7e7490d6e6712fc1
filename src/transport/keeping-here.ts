import { isDeepStrictEqual } from 'node:util';
import type { Connection } from '../model/session.ts';
import { connectionOver, type Lasting, provenWithin } from './connection.ts';
import type { Keeps } from './keeping.ts';
import type { LoginParts } from './login.ts';
import type { Route } from './route.ts';
import { type Rested, type Shelf, ShelfKeys } from './shelf.ts';
import { execute, forward, Jumps, reach, type Reached } from './ssh.ts';

interface Lending {
  readonly key: string;
  readonly keepMs: number;
  readonly env: Route['env'];
}

/** What `Keeping` is to a run in a process of its own, for one that the keeper runs itself: nothing is relayed. */
export class KeepingHere implements Keeps {
  readonly #shelf: Shelf;
  readonly #parts: LoginParts;
  readonly #jumps = new Jumps();
  readonly #keys: ShelfKeys;
  constructor(shelf: Shelf, parts: LoginParts) {
    this.#shelf = shelf;
    this.#keys = new ShelfKeys(parts.ssh2);
    this.#parts = parts;
  }

  /** Takes what is kept as long as it proves to be alive, else a new login. */
  async connect(route: Route, keepMs: number, signal: AbortSignal | undefined): Promise<Connection> {
    for (;;) {
      const key = await this.#keys.of(route);
      const kept = await this.#shelf.takeTrusted(key, this.#parts.hostKeys);
      const reached = kept?.reached ?? (await reach(route, this.#jumps, this.#parts, signal));
      try {
        return this.#lent(
          { key, keepMs, env: route.env },
          reached,
          kept ? await this.#proven(route, kept) : await this.#over(route, reached),
        );
      } catch (error) {
        this.#shelf.handBack(key, reached, undefined);
        if (kept === undefined) throw error;
      }
    }
  }

  /** Its shell, too, goes on with the next run. */
  #lent({ key, keepMs, env }: Lending, reached: Reached, { target, run, forward, settle, leave }: Lasting): Connection {
    const close = async (keep = false): Promise<void> => {
      const rests = keep && (await settle());
      if (rests) return this.#shelf.put(key, { reached, connection, env }, keepMs);
      await leave();
      this.#shelf.handBack(key, reached, undefined);
    };
    const connection: Lasting = { target, run, forward, settle, leave, close };
    return connection;
  }

  /** As long as a login may take is enough for it to answer. */
  #proven(route: Route, { reached, connection, env }: Rested): Promise<Lasting> {
    const { timeoutMs } = route.target;
    return provenWithin(
      this.#parts.clock,
      timeoutMs,
      () => reached.login.end(),
      async () => {
        if (connection && isDeepStrictEqual(env, route.env)) {
          await connection.run({ script: ':' });
          return connection;
        }
        await connection?.leave();
        return await this.#over(route, reached);
      },
    );
  }

  #over({ target, env }: Route, { login }: Reached): Promise<Lasting> {
    return connectionOver({
      host: target.identity.inventoryName,
      clock: this.#parts.clock,
      timeoutMs: target.timeoutMs,
      lost: () => login.lost(),
      end: () => undefined,
      start: command => execute(login, target, command, env),
      forward: (host, port) => forward(login, target, host, port),
    });
  }
}
