import type { HostState } from './host.ts';

/** Hosts of a play by name. One list serves all scopes, which are made by the thousand, until somebody leaves or comes back. */
export class Roll {
  readonly all: readonly string[];
  readonly #hosts: readonly HostState[];
  #turns: number | undefined;
  #present: readonly string[] = [];
  #failed: readonly string[] = [];
  constructor(hosts: readonly HostState[]) {
    this.#hosts = hosts;
    this.all = hosts.map(({ name }) => name);
  }

  /** Those that have not left. */
  get present(): readonly string[] {
    this.#call();
    return this.#present;
  }
  get failed(): readonly string[] {
    this.#call();
    return this.#failed;
  }

  #call(): void {
    const turns = this.#hosts[0]?.turnstile.turns;
    if (turns === this.#turns) return;
    this.#turns = turns;
    this.#present = this.#hosts.filter(({ left }) => !left).map(({ name }) => name);
    this.#failed = this.#hosts.filter(({ failed }) => failed).map(({ name }) => name);
  }
}
