/**
 * Puts one task's lines into inventory order: the first unfinished host's lines pass at once, later hosts' lines are held back until
 * it is done.
 */
export class InOrder {
  readonly #emit: (lines: readonly string[]) => void;
  #waiting: string[] = [];
  readonly #held = new Map<string, string[]>();
  readonly #done = new Set<string>();

  constructor(emit: (lines: readonly string[]) => void) {
    this.#emit = emit;
  }

  start(hosts: readonly string[]): void {
    this.flush();
    this.#waiting = [...hosts];
  }

  add(host: string, lines: readonly string[], done: boolean): void {
    if (!this.#waiting.includes(host)) {
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
    this.#waiting = [];
    this.#done.clear();
  }

  #advance(): void {
    for (let host = this.#waiting[0]; host !== undefined; host = this.#waiting[0]) {
      this.#release(host);
      if (!this.#done.has(host)) return;
      this.#waiting.shift();
    }
  }

  #release(host: string): void {
    const lines = this.#held.get(host);
    this.#held.delete(host);
    if (lines !== undefined && lines.length > 0) this.#emit(lines);
  }
}
