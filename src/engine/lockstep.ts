/** Where a host stands in a play: the path of child numbers through sections, blocks and includes. Compared in order. */
export type Position = readonly number[];

export const comparePositions = (a: Position, b: Position): number => {
  const shared = Math.min(a.length, b.length);
  for (let i = 0; i < shared; i++) if (a[i] !== b[i]) return a[i]! - b[i]!;
  return a.length - b.length;
};

/** The hosts that take one task together, in the play's order. */
export class Round {
  readonly hosts: readonly string[];
  readonly #shared = new Map<string, unknown>();
  #left: number;
  readonly #settled: (() => void)[] = [];
  constructor(hosts: readonly string[]) {
    this.hosts = hosts;
    this.#left = hosts.length;
  }
  /** Made by the first of its hosts that asks, the same for all of them. */
  shared<T>(key: string, make: () => T): T {
    if (!this.#shared.has(key)) this.#shared.set(key, make());
    return this.#shared.get(key) as T;
  }
  /** Called once by each host when it is through with the task. */
  settle(): void {
    if (--this.#left === 0) for (const then of this.#settled) then();
  }
  /** Runs when the last host is through. */
  onSettled(then: () => void): void {
    this.#settled.push(then);
  }
}

interface Waiting {
  readonly position: Position;
  readonly resume: (round: Round) => void;
  readonly reject: (reason: Error) => void;
}

/**
 * Ansible's `linear` order for hosts that each walk the play on their own: nobody passes a position before every other live host has
 * reached it or something later. A detached host (one that holds a disruption permit) goes on alone and nobody waits for it here.
 */
export class Lockstep {
  readonly #order: ReadonlyMap<string, number>;
  readonly #live: Set<string>;
  readonly #detached = new Set<string>();
  readonly #waiting = new Map<string, Waiting>();
  #ended: Error | undefined;

  constructor(hosts: readonly string[]) {
    this.#order = new Map(hosts.map((host, index) => [host, index]));
    this.#live = new Set(hosts);
  }

  arrive(host: string, position: Position): Promise<Round> {
    if (this.#ended) return Promise.reject(this.#ended);
    if (!this.#live.has(host)) return Promise.resolve(new Round([host]));
    return new Promise((resume, reject) => {
      this.#waiting.set(host, { position, resume, reject });
      this.#release();
    });
  }
  /** The host is out of the play. */
  leave(host: string): void {
    this.#live.delete(host);
    this.#detached.delete(host);
    this.#release();
  }
  detach(host: string): void {
    if (!this.#live.delete(host)) return;
    this.#detached.add(host);
    this.#release();
  }
  attach(host: string): void {
    if (this.#detached.delete(host)) this.#live.add(host);
  }
  /** Everybody who waits, now or later, is refused with this reason. */
  end(reason: Error): void {
    this.#ended = reason;
    for (const { reject } of this.#waiting.values()) reject(reason);
    this.#waiting.clear();
  }

  #release(): void {
    if (this.#waiting.size === 0 || this.#waiting.size < this.#live.size) return;
    let first: Position | undefined;
    for (const { position } of this.#waiting.values()) if (!first || comparePositions(position, first) < 0) first = position;
    const front = [...this.#waiting].filter(([, { position }]) => comparePositions(position, first!) === 0);
    front.sort(([a], [b]) => this.#order.get(a)! - this.#order.get(b)!);
    const round = new Round(front.map(([host]) => host));
    for (const [host] of front) this.#waiting.delete(host);
    // The last one to arrive is not awaiting yet; a moment later all go on in the play's order.
    queueMicrotask(() => {
      for (const [, { resume }] of front) resume(round);
    });
  }
}
