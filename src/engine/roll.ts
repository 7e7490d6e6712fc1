import type { HostState } from './host.ts';

/** Hosts of a play by name. One list serves all scopes, which are made by the thousand, until somebody leaves or comes back. */
export class Roll {
  readonly all: readonly string[];
  readonly #hosts: readonly HostState[];
  #turns: number | undefined;
  #present: readonly string[] = [];
  constructor(hosts: readonly HostState[]) {
    this.#hosts = hosts;
    this.all = hosts.map(({ name }) => name);
  }

  /** Those that have not left. */
  get present(): readonly string[] {
    const turns = this.#hosts[0]?.turnstile.turns;
    if (turns !== this.#turns) {
      this.#turns = turns;
      this.#present = this.#hosts.filter(({ left }) => !left).map(({ name }) => name);
    }
    return this.#present;
  }
}
