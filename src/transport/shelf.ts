import { hash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { ParsedKey } from 'ssh2';
import type { Clock } from '../model/clock.ts';
import type { Lasting } from './connection.ts';
import type { Ssh2 } from './credentials.ts';
import type { HostKeys } from './host-keys.ts';
import type { Hop, Route } from './route.ts';
import type { Reached } from './ssh.ts';

/** A login, and a connection over it where its last run left one. */
export interface Rested {
  readonly reached: Reached;
  readonly connection?: Lasting;
  /** What sshd was asked to set for its shell. */
  readonly env?: Route['env'];
}

interface Kept {
  readonly rested: Rested;
  /** Aborted when it is taken, or gone. */
  readonly left: AbortController;
  readonly end: () => void;
}

/** Logins that nobody uses at the moment, each until its time is over or its link breaks. */
export class Shelf {
  readonly #clock: Clock;
  readonly #onEmpty: () => void;
  readonly #kept = new Map<string, Kept[]>();
  constructor(clock: Clock, onEmpty: () => void) {
    this.#clock = clock;
    this.#onEmpty = onEmpty;
  }

  get isEmpty(): boolean {
    return this.#kept.size === 0;
  }

  put(key: string, rested: Rested, keepMs: number): void {
    const { reached } = rested;
    if (reached.login.lost() !== undefined) return reached.release();
    const end = (): void => {
      this.#remove(key, kept);
      reached.release();
    };
    const kept = { rested, left: new AbortController(), end };
    this.#kept.set(key, [...(this.#kept.get(key) ?? []), kept]);
    this.#clock.wait(keepMs, kept.left.signal).then(end, () => undefined);
    reached.login.client.once('close', end);
  }

  /** The one that was used last. It is the caller's from now on. */
  #take(key: string): Rested | undefined {
    const kept = this.#kept.get(key)?.at(-1);
    if (kept) this.#remove(key, kept);
    return kept?.rested;
  }

  /** A login whose hosts would be trusted now. Where they would not be, a new login says why. */
  async takeTrusted(key: string, hostKeys: HostKeys): Promise<Rested | undefined> {
    const rested = this.#take(key);
    if (!rested) return undefined;
    const { reached } = rested;
    try {
      for (const shown of reached.login.shown) await hostKeys.verify(shown.identity, shown.key);
      return rested;
    } catch {
      reached.release();
      return undefined;
    }
  }

  /** A run hands a login back. One that it would not keep is the end of all others like it: it wants a new login next time. */
  handBack(key: string, reached: Reached, keepMs: number | undefined): void {
    if (keepMs !== undefined) return this.put(key, { reached }, keepMs);
    reached.release();
    for (let other = this.#take(key); other; other = this.#take(key)) other.reached.release();
  }

  #remove(key: string, kept: Kept): void {
    const left = (this.#kept.get(key) ?? []).filter(each => each !== kept);
    if (left.length > 0) this.#kept.set(key, left);
    else this.#kept.delete(key);
    kept.left.abort();
    kept.rested.reached.login.client.off('close', kept.end);
    if (this.isEmpty) this.#onEmpty();
  }
}

/**
 * What a login depends on, as one run finds it: the whole way there, and what there is now to log in with. Whoever has another password, another key in the
 * same file or another set of keys in the agent logs in anew. The keys of the hosts are not in it: they are verified again.
 */
export class ShelfKeys {
  readonly #ssh2: Ssh2;
  /** Being read: most hosts are reached with the same keys, and at the same time. */
  readonly #digests = new Map<string, Promise<string>>();
  readonly #offered = new Map<string, Promise<readonly string[]>>();
  constructor(ssh2: Ssh2) {
    this.#ssh2 = ssh2;
  }

  async of({ target, jumps }: Route): Promise<string> {
    const hops = [...jumps, target];
    const means = await Promise.all(hops.map(hop => this.#meansOf(hop)));
    return hash('sha256', JSON.stringify([hops, means]), 'base64');
  }

  async #meansOf({ keyFile, keyFiles, agentSocket }: Hop): Promise<readonly string[]> {
    const files = keyFile === undefined ? keyFiles : [keyFile, ...keyFiles];
    const texts = await Promise.all(files.map(file => together(this.#digests, file, digestOf)));
    const offered = agentSocket === undefined ? [] : await together(this.#offered, agentSocket, socket => keysIn(socket, this.#ssh2));
    return [...texts, ...offered];
  }
}

const together = <T>(known: Map<string, Promise<T>>, name: string, make: (name: string) => Promise<T>): Promise<T> => {
  let made = known.get(name);
  if (!made) known.set(name, (made = make(name).finally(() => known.delete(name))));
  return made;
};

const digestOf = (file: string): Promise<string> =>
  readFile(file).then(
    text => hash('sha256', text, 'base64'),
    (error: NodeJS.ErrnoException) => String(error.code),
  );

/** The public keys an agent offers. */
const keysIn = (socket: string, ssh2: Ssh2): Promise<readonly string[]> =>
  new Promise(resolve => {
    ssh2.createAgent(socket).getIdentities((error, keys = []) => {
      resolve(error ? [error.message] : keys.map(key => (key as ParsedKey).getPublicSSH().toString('base64')));
    });
  });
