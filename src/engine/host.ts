import type { Counts, Status } from '../model/event.ts';
import type { Fields } from '../model/module.ts';
import type { Probe } from '../model/probe.ts';
import type { Role, Task } from '../playbook/types.ts';
import { fromPlain, type Value } from '../value/value.ts';
import { factVars } from '../vars/facts.ts';
import type { Vars } from '../vars/layered.ts';
import type { Seating } from './seating.ts';

/** Where a value that a host was given during the run belongs in the order of precedence. */
export type Store = 'facts' | 'known' | 'included';

/** What a task was guessed to look at, and where. */
export interface Foreseen {
  readonly place: Seating;
  readonly probes: readonly Probe[];
  /** Its condition was not known yet. */
  readonly perhaps: boolean;
}

/** How often any host of a run left a play or came back to one: what is known of who is there holds until the next time. */
export class Turnstile {
  turns = 0;
}

/** What a run remembers of a host, from play to play. */
export class HostState {
  readonly name: string;
  /** Grows with every value stored: what was computed from an older version is stale. */
  version = 0;
  readonly #stores: Readonly<Record<Store, Map<string, Value>>> = { facts: new Map(), known: new Map(), included: new Map() };
  #factVars: Vars | undefined;
  readonly #own = new Set<string>();
  /** Names of handlers notified since the last flush. */
  readonly notifications = new Set<string>();
  /** Handlers that the flush has yet to run. */
  readonly notified = new Set<object>();
  /** Roles of which a task ran, and those the host has come to the end of, by the role's key; for the play. */
  readonly #rolesBegun = new Set<string>();
  readonly #rolesDone = new Set<string>();
  /** `meta: end_role`: what is left of this role is passed over. */
  #endedRole: Role | undefined;
  /** Of tasks whose turn has yet to come. */
  readonly foreseen = new WeakMap<Task, readonly Foreseen[]>();
  failed = false;
  unreachable = false;
  /** How often errors were cleared: what failed before is forgotten. */
  clearings = 0;
  readonly turnstile: Turnstile;
  #left = false;
  readonly #counts = { ok: 0, changed: 0, unreachable: 0, failed: 0, skipped: 0, rescued: 0, ignored: 0 };

  constructor(name: string, turnstile: Turnstile) {
    this.name = name;
    this.turnstile = turnstile;
  }

  /** `hearsay`: a host had a part in the value. */
  set(store: Store, name: string, value: Value, hearsay = true): void {
    this.version += 1;
    this.#stores[store].set(name, value);
    if (store === 'known') this.#own[hearsay ? 'delete' : 'add'](name);
    if (store === 'facts') this.#factVars = undefined;
  }
  forget(store: Store, ...names: readonly string[]): void {
    this.version += 1;
    for (const name of names.length > 0 ? names : this.#stores[store].keys()) this.#stores[store].delete(name);
    if (store === 'facts') this.#factVars = undefined;
  }
  /** Gathered facts, as variables. */
  get facts(): Vars {
    return (this.#factVars ??= factVars(this.#stores.facts));
  }
  /** Registered results and set_fact. */
  get known(): Vars {
    return this.#stores.known;
  }
  /** Those of them that no host had a part in. */
  get ownFacts(): ReadonlySet<string> {
    return this.#own;
  }
  /** What include_vars has read. */
  get included(): Vars {
    return this.#stores.included;
  }

  /** What a rescue or a rollback sees: https://docs.ansible.com/ansible/2.18/playbook_guide/playbooks_blocks.html */
  failedAt(task: { readonly name: string; readonly action: string }, fields: Fields): void {
    this.set('known', 'ansible_failed_task', fromPlain({ name: task.name, action: task.action }));
    this.set('known', 'ansible_failed_result', fromPlain(fields));
  }

  clearErrors(): void {
    this.failed = false;
    this.unreachable = false;
    this.clearings += 1;
  }

  beginRole(key: string): void {
    this.#rolesBegun.add(key);
  }
  endRole(role: Role): void {
    this.#endedRole = role;
  }
  /** Everything up to the mark at the end of a role that was ended is passed over, whosever task it is. */
  passesOver({ implicit, role }: Task): boolean {
    if (implicit && role === this.#endedRole) this.#endedRole = undefined;
    return this.#endedRole !== undefined;
  }
  completeRole(key: string): void {
    if (this.#rolesBegun.has(key)) this.#rolesDone.add(key);
  }
  hasDoneRole(key: string): boolean {
    return this.#rolesDone.has(key);
  }
  /** Roles are counted afresh in every play, and pending handlers do not outlive one. */
  beginPlay(): void {
    if (this.#left) this.turnstile.turns += 1;
    this.#left = false;
    this.#endedRole = undefined;
    this.#rolesBegun.clear();
    this.#rolesDone.clear();
    this.notifications.clear();
    this.notified.clear();
  }

  /** Ended or failed in this play, cleared errors or not. */
  get left(): boolean {
    return this.#left;
  }
  leave(): void {
    this.#left = true;
    this.turnstile.turns += 1;
  }

  get out(): boolean {
    return this.failed || this.unreachable;
  }
  get counts(): Counts {
    return { ...this.#counts };
  }
  /** Ansible's recap arithmetic: a changed task is also ok, and so is an ignored failure. */
  count(status: Status, changed: boolean): void {
    const counts = this.#counts;
    if (status === 'ok' || status === 'changed' || status === 'ignored') {
      counts.ok += 1;
      if (changed) counts.changed += 1;
      if (status === 'ignored') counts.ignored += 1;
    } else counts[status] += 1;
  }
}
