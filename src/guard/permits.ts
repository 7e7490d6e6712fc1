import type { Clock } from '../model/clock.ts';
import { KplayError } from '../model/errors.ts';
import type { Task as Module } from '../model/module.ts';
import type { Source } from '../model/source.ts';
import { apiserver } from './apiserver.ts';
import { etcdQuorum } from './etcd.ts';
import type { Ask, Guard, Settled } from './guard.ts';
import { nodeDrained } from './node_drained.ts';

const GUARDS: readonly Guard[] = [etcdQuorum, apiserver, nodeDrained];
export const guardNamed = (name: string): Guard | undefined => GUARDS.find(guard => guard.name === name);
export const guardNames = (): readonly string[] => GUARDS.map(({ name }) => name);

/** Modules whose acts take a service down: guarded without being asked on hosts of a guarded group. */
const DISRUPTIVE: ReadonlySet<string> = new Set(['docker_run', 'docker_container', 'systemd', 'systemd_service', 'service', 'reboot']);

const GATE_MS = 120_000;
const SETTLE_MS = 10_000;
const GATE_PAUSE_MS = 500;

/** A `guard:` as written, and where; the place tells one guarded block from another. */
export interface Written {
  readonly value: string;
  readonly at: Source;
}
/** A `guard:` that says: what is in here takes nothing down. */
const NONE = 'none';
/** How long a permit is held: to the end of what carries the written guard, or of the play. */
type Scope = Written | 'play';
interface Wanted {
  readonly guard: Guard;
  readonly group: string;
  readonly scope: Scope;
}
interface Held extends Wanted {
  /** Lets the next host in. */
  readonly free: () => void;
}

export interface PermitOptions {
  /** Guard names by group, from kplay.config.yaml. */
  readonly byGroup: ReadonlyMap<string, string>;
  readonly ask: Ask;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** The host goes on alone, or rejoins the others. */
  readonly alone: { detach(host: string): void; attach(host: string): void };
}

/** Disruption permits of one batch of a play, granted on what the hosts say at that moment; of an exclusive guard, one at a time. */
export class Permits {
  readonly #options: PermitOptions;
  readonly #held = new Map<string, readonly Held[]>();
  readonly #queues = new Map<string, Promise<unknown>>();

  constructor(options: PermitOptions) {
    this.#options = options;
  }

  /** Must an act of this module on this host have a permit that the host does not hold? */
  needed(host: string, written: Written | undefined, module: Module): boolean {
    return this.#wanted(host, written, module).some(({ guard }) => !this.#holds(host, guard));
  }

  /** Resolves when the act may go on. Throws E_GUARD when it is refused, and what the run was interrupted with. */
  async acquire(host: string, written: Written | undefined, module: Module, waiting: (reason: string) => void): Promise<void> {
    const granted: Held[] = [];
    try {
      for (const wanted of this.#wanted(host, written, module)) {
        if (this.#holds(host, wanted.guard)) continue;
        const held = { ...wanted, free: await this.#turn(wanted, waiting) };
        granted.push(held);
        if ((await this.#assess(host, wanted, waiting)) === 'granted') continue;
        granted.pop();
        held.free();
      }
      // Once all have said yes.
      for (const held of granted) await this.#handOver(host, held, waiting);
    } catch (error) {
      for (const { free } of granted) free();
      throw error;
    }
    const before = this.#held.get(host) ?? [];
    this.#held.set(host, [...before, ...granted]);
    if (isAlone(granted) && !isAlone(before)) this.#options.alone.detach(host);
  }

  /** Would the act be permitted as things are? Nothing is held or handed over. Throws E_GUARD when it would be refused. */
  async foresee(host: string, written: Written | undefined, module: Module, waiting: (reason: string) => void): Promise<void> {
    for (const wanted of this.#wanted(host, written, module)) await this.#assess(host, wanted, waiting);
  }

  /** What may be passing is asked again until it is settled, or time is up. Throws E_GUARD when the permit is refused. */
  async #assess(host: string, wanted: Wanted, waiting: (reason: string) => void): Promise<'granted' | 'not needed'> {
    const verdict = await this.#settled(host, wanted, waiting);
    if (verdict.permit !== 'refused') return verdict.permit;
    throw new KplayError('E_GUARD', `${wanted.guard.name}: ${verdict.why}`, { hint: verdict.hint });
  }
  async #settled(host: string, { guard, group }: Wanted, waiting: (reason: string) => void): Promise<Settled> {
    const { clock, signal, ask } = this.#options;
    const until = clock.tick() + SETTLE_MS;
    for (;;) {
      const verdict = await guard.assess(host, group, ask);
      if (verdict.permit !== 'unsettled') return verdict;
      if (clock.tick() > until) return verdict.otherwise;
      waiting(verdict.why);
      await clock.wait(GATE_PAUSE_MS, signal);
    }
  }

  /** An address on its way from one host to another answers nobody for a moment: what is refused for that is tried again for a while. */
  async #handOver(host: string, { guard, group }: Wanted, waiting: (reason: string) => void): Promise<void> {
    const { clock, signal, ask } = this.#options;
    const until = clock.tick() + SETTLE_MS;
    for (;;) {
      try {
        return await guard.handOver?.(host, group, ask);
      } catch (error) {
        if (!(error instanceof KplayError && error.code === 'E_GUARD') || clock.tick() > until) throw error;
        waiting(error.message);
      }
      await clock.wait(GATE_PAUSE_MS, signal);
    }
  }

  /** At the end of what carries the guard: the host must be healthy before the next one may go down. Throws E_GUARD when it is not. */
  async leave(host: string, scope: Scope, waiting: (reason: string) => void): Promise<void> {
    for (const held of this.#held.get(host) ?? []) {
      if (held.scope !== scope) continue;
      try {
        await this.#gate(host, held, waiting);
      } finally {
        this.#give(host, held);
      }
    }
  }

  holdsAny(host: string): boolean {
    return (this.#held.get(host) ?? []).length > 0;
  }
  /** Does the host hold a permit that nobody else may hold meanwhile? */
  isAlone(host: string): boolean {
    return isAlone(this.#held.get(host) ?? []);
  }

  /** Gives all permits back as things are; the next assessment sees what is down. */
  drop(host: string): void {
    for (const held of this.#held.get(host) ?? []) this.#give(host, held);
  }

  #holds(host: string, guard: Guard): boolean {
    return this.#held.get(host)?.some(held => held.guard === guard) ?? false;
  }
  #give(host: string, held: Held): void {
    const all = this.#held.get(host) ?? [];
    const left = all.filter(other => other !== held);
    this.#held.set(host, left);
    if (isAlone(all) && !isAlone(left)) this.#options.alone.attach(host);
    held.free();
  }

  async #gate(host: string, { guard, group }: Wanted, waiting: (reason: string) => void): Promise<void> {
    const { clock, signal, ask } = this.#options;
    const until = clock.tick() + GATE_MS;
    for (;;) {
      const { healthy, why } = await guard.health(host, group, ask);
      if (healthy) return guard.takeBack?.(host, group, ask);
      if (clock.tick() > until)
        throw new KplayError('E_GUARD', `${guard.name}: ${host} did not come back within ${GATE_MS / 1000} s: ${why}`, {
          hint: `look at ${host} (docker logs, journalctl); nothing else was taken down`,
        });
      waiting(`waits for health: ${why}`);
      await clock.wait(GATE_PAUSE_MS, signal);
    }
  }

  /** In an order that is the same for all, so that no two hosts wait for each other. */
  #wanted(host: string, written: Written | undefined, module: Module): readonly Wanted[] {
    if (written?.value === NONE) return [];
    if (written) return this.#named(written).map(guard => ({ guard, group: this.#groupFor(host, guard), scope: written }));
    if (!DISRUPTIVE.has(module.name)) return [];
    for (const [group, name] of this.#options.byGroup) {
      const guard = guardNamed(name);
      if (guard && this.#options.ask.hostsOf(group).includes(host)) return [{ guard, group, scope: 'play' }];
    }
    return [];
  }
  #named({ value, at }: Written): readonly Guard[] {
    const names = value.split(/[\s,]+/);
    for (const name of names)
      if (!guardNamed(name))
        throw new KplayError('E_SYNTAX', `there is no guard '${name}'`, { at, hint: `guards are: ${[...guardNames(), NONE].join(', ')}` });
    return GUARDS.filter(({ name }) => names.includes(name));
  }
  #groupFor(host: string, guard: Guard): string {
    for (const [group, name] of this.#options.byGroup)
      if (name === guard.name && this.#options.ask.hostsOf(group).includes(host)) return group;
    return guard.group;
  }

  #turn({ guard, group }: Wanted, waiting: (reason: string) => void): Promise<() => void> {
    if (!guard.exclusive) return Promise.resolve(() => undefined);
    return this.#queue(`${guard.name} ${group}`, () => waiting(`waits for the ${guard.name} permit`));
  }

  /** First come, first served. Resolves to the function that lets the next one in; an interrupted run waits no longer. */
  async #queue(key: string, waiting: () => void): Promise<() => void> {
    const before = this.#queues.get(key);
    const turn = Promise.withResolvers<void>();
    this.#queues.set(key, turn.promise);
    if (!before) return turn.resolve;
    waiting();
    const { signal } = this.#options;
    const over = Promise.withResolvers<never>();
    const stop = (): void => over.reject(signal.reason as Error);
    signal.addEventListener('abort', stop, { once: true });
    try {
      signal.throwIfAborted();
      await Promise.race([before, over.promise]);
      return turn.resolve;
    } catch (error) {
      turn.resolve();
      throw error;
    } finally {
      signal.removeEventListener('abort', stop);
    }
  }
}

const isAlone = (held: readonly Held[]): boolean => held.some(({ guard }) => guard.exclusive);
