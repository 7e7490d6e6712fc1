/**
 * Puts one task's lines into inventory order: the first unfinished host's lines pass at once, later hosts' lines are held back until
 * it is done.
 */
export class InOrder {
  readonly #emit: (lines: readonly string[]) => void;
  /** In inventory order; a set, since a task may be for thousands of hosts. */
  #waiting = new Set<string>();
  readonly #held = new Map<string, string[]>();
  readonly #done = new Set<string>();

  constructor(emit: (lines: readonly string[]) => void) {
    this.#emit = emit;
  }

  start(hosts: readonly string[]): void {
    this.flush();
    this.#waiting = new Set(hosts);
  }

  add(host: string, lines: readonly string[], done: boolean): void {
    if (!this.#waiting.has(host)) {
      this.#emit(lines);
      return;
    }
    this.#held.set(host, [...(this.#held.get(host) ?? []), ...lines]);
    if (done) this.#done.add(host);
    this.#advance();
  }

  /** Lets everything through, finished or not, still in order. */
  flush(): void {
    for (const host of this.#waiting) this.#release(host);
    this.#waiting.clear();
    this.#done.clear();
  }

  #advance(): void {
    for (const host of this.#waiting) {
      this.#release(host);
      if (!this.#done.has(host)) return;
      this.#waiting.delete(host);
    }
  }

  #release(host: string): void {
    const lines = this.#held.get(host);
    this.#held.delete(host);
    if (lines !== undefined && lines.length > 0) this.#emit(lines);
  }
}
