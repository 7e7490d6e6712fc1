import type { Clock } from '../model/clock.ts';
import type { Probe } from '../model/probe.ts';
import type { RulesOff } from './rules.ts';

/** Who looks: the machine, and the user, environment and folder the look is taken with. */
export interface Viewpoint {
  readonly target: string;
  /** Become user, environment, chdir. */
  readonly identity: string;
}
/** An act that has been started. Until it ends, only what is observed behind it on its own target holds. */
export interface Act {
  readonly target: string;
  readonly reach: 'host' | 'world';
  /** The tick after which it cannot go on, whoever is told of its end. */
  readonly untilTick?: number;
}
/** Taken when a look is sent; says what may have happened since. */
export interface Stamp {
  readonly target: string;
  readonly targetEpoch: number;
  readonly worldEpoch: number;
  readonly waits: number;
  readonly tick: number;
  /** Something else was acting when the look was taken: it proves nothing. */
  readonly tainted: boolean;
}
interface Held {
  readonly stamp: Stamp;
  readonly seen: unknown;
}

/**
 * How long what was seen counts. A pass over very many hosts takes longer than a few seconds, and if all had to be looked at anew in each pass, a
 * converged run would never look ahead.
 */
const maxAgeMs = (hosts: number): number => Math.min(Math.max(5_000, hosts * 100), 60_000);

/** What has been seen of every target, and whether it still counts (look-ahead rules 2, 3 and 5). */
export class Observations {
  readonly #held = new Map<string, Map<string, Held>>();
  readonly #epochs = new Map<string, number>();
  readonly #acting = new Set<Act>();
  #world = 0;
  #waits = 0;
  #maxAgeMs = maxAgeMs(1);
  readonly #clock: Clock;
  readonly #off: RulesOff;

  constructor(clock: Clock, off: RulesOff) {
    this.#clock = clock;
    this.#off = off;
  }

  /** Before so many hosts go through a batch together. */
  enter(hosts: number): void {
    this.#maxAgeMs = maxAgeMs(hosts);
  }

  begin(target: string, reach: Act['reach'], limitMs?: number): Act {
    const act = { target, reach, ...(limitMs !== undefined && { untilTick: this.#clock.tick() + limitMs }) };
    this.#acting.add(act);
    this.#invalidate(act);
    return act;
  }
  end(act: Act): void {
    this.#acting.delete(act);
  }

  /** Time was let pass on purpose: what was seen before it says nothing any more. */
  passed(): void {
    this.#waits += 1;
  }

  /** Before a look is sent. `behind`: the act the look is queued behind on the same shell. */
  stamp(target: string, behind?: Act): Stamp {
    return {
      target,
      targetEpoch: this.#epochs.get(target) ?? 0,
      worldEpoch: this.#world,
      waits: this.#waits,
      tick: this.#clock.tick(),
      tainted: [...this.#acting].some(act => act !== behind && this.#goesOn(act) && (act.target === target || act.reach === 'world')),
    };
  }

  put(viewpoint: Viewpoint, probe: Probe, stamp: Stamp, seen: unknown): void {
    const key = `${viewpoint.target}\0${viewpoint.identity}\0${probe.kind.name}`;
    let subjects = this.#held.get(key);
    if (!subjects) this.#held.set(key, (subjects = new Map()));
    subjects.set(probe.subject, { stamp, seen });
  }

  /** The held sight, if it is still what a look now would show; a sight may be an Error. */
  get({ target, identity }: Viewpoint, probe: Probe): { readonly seen: unknown } | undefined {
    const held = this.#held.get(`${target}\0${identity}\0${probe.kind.name}`)?.get(probe.subject);
    return held && this.#valid(held.stamp) ? held : undefined;
  }

  /** Forgets everything; at the end of a play. */
  clear(): void {
    this.#held.clear();
  }

  #goesOn({ untilTick }: Act): boolean {
    return untilTick === undefined || this.#clock.tick() <= untilTick;
  }
  #valid({ target, targetEpoch, worldEpoch, waits, tick, tainted }: Stamp): boolean {
    if (!this.#off.has(5) && (waits !== this.#waits || this.#clock.tick() - tick > this.#maxAgeMs)) return false;
    if (!this.#off.has(2) && targetEpoch !== (this.#epochs.get(target) ?? 0)) return false;
    return !tainted && (this.#off.has(3) || worldEpoch === this.#world);
  }
  #invalidate({ target, reach }: Act): void {
    this.#epochs.set(target, (this.#epochs.get(target) ?? 0) + 1);
    if (reach === 'world') this.#world += 1;
  }
}
