import type { Connection } from '../model/session.ts';
import { connectionOver } from './connection.ts';
import type { Keeps } from './keeping.ts';
import type { Login, LoginParts } from './login.ts';
import type { Route } from './route.ts';
import { type Shelf, shelfKey } from './shelf.ts';
import { execute, forward, Jumps, reach } from './ssh.ts';

/** What `Keeping` is to a run in a process of its own, for one that the keeper runs itself: nothing is relayed. */
export class KeepingHere implements Keeps {
  readonly #shelf: Shelf;
  readonly #parts: LoginParts;
  readonly #jumps = new Jumps();
  constructor(shelf: Shelf, parts: LoginParts) {
    this.#shelf = shelf;
    this.#parts = parts;
  }

  /** Takes what is kept as long as it proves to be alive, else a new login. */
  async connect(route: Route, keepMs: number, signal: AbortSignal | undefined): Promise<Connection> {
    for (;;) {
      const key = await shelfKey(route, this.#parts.ssh2);
      const kept = await this.#shelf.takeTrusted(key, this.#parts.hostKeys);
      const reached = kept ?? (await reach(route, this.#jumps, this.#parts, signal));
      let over = false;
      const end = (keep: boolean): void => {
        if (!over) this.#shelf.handBack(key, reached, keep ? keepMs : undefined);
        over = true;
      };
      try {
        return await this.#over(route, reached.login, end, kept !== undefined);
      } catch (error) {
        if (kept === undefined) throw error;
      }
    }
  }

  async #over({ target, env }: Route, login: Login, end: (keep: boolean) => void, isKept: boolean): Promise<Connection> {
    const { clock } = this.#parts;
    const proven = new AbortController();
    // The host of a kept login may have gone without a word: as long as a login may take is enough.
    if (isKept)
      clock.wait(target.timeoutMs, proven.signal).then(
        () => end(false),
        () => undefined,
      );
    try {
      return await connectionOver({
        host: target.identity.inventoryName,
        clock,
        timeoutMs: target.timeoutMs,
        lost: () => login.lost(),
        end,
        start: command => execute(login, target, command, env),
        forward: (host, port) => forward(login, target, host, port),
      });
    } finally {
      proven.abort();
    }
  }
}
