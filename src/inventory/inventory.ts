import { KplayError } from '../model/errors.ts';
import type { Diagnostic } from '../model/errors.ts';
import { isIpAddress } from './hostname.ts';
import { Group, Host } from './group.ts';
import { select } from './pattern.ts';
import type { Selected } from './pattern.ts';
import { unmarked } from '../value/kinds.ts';
import { type Dict, Float, type Value } from '../value/value.ts';

/** Where a host was first heard of; its `inventory_file` and `inventory_dir`. */
export interface Origin {
  readonly file: string;
  readonly folder: string | null;
}
export interface HostOptions {
  readonly group?: string;
  readonly port?: number;
  readonly origin?: Origin;
}

/** What a part of a pattern is that names nothing (Ansible's host_pattern_mismatch). */
export type PatternMismatch = 'warning' | 'error' | 'ignore';

const LOCALHOST: readonly string[] = ['127.0.0.1', 'localhost', '::1'];
const refuse = (message: string): KplayError => new KplayError('E_INVENTORY', message);

/**
 * Hosts and groups, in the order they were first heard of. It grows while it is loaded, and by add_host and group_by while a play runs:
 * `reconcile` after each. Refusals are E_INVENTORY.
 */
export class Inventory {
  /** What loading found odd. */
  readonly warnings: Diagnostic[] = [];
  /** Folders in which group_vars and host_vars are looked for, in the order of the sources. */
  readonly folders: string[] = [];
  readonly #hosts = new Map<string, Host>();
  readonly #groups = new Map<string, Group>();
  #localhost: Host | undefined;
  readonly #members = new Map<Group, readonly Host[]>();
  readonly #memberships = new Map<Host, readonly Group[]>();
  readonly #depths = new Map<Group, number>();
  #namesByGroup: Dict | undefined;
  #revision = 0;

  readonly #mismatch: PatternMismatch;
  constructor(mismatch: PatternMismatch = 'warning') {
    this.#mismatch = mismatch;
    this.addGroup('all');
    this.addGroup('ungrouped');
    this.addChild('all', 'ungrouped');
  }

  /** Without implicit localhost. */
  get hosts(): ReadonlyMap<string, Host> {
    return this.#hosts;
  }
  get groups(): ReadonlyMap<string, Group> {
    return this.#groups;
  }

  /** A host by name. localhost, 127.0.0.1 and ::1 always exist: as the first such host of a file, or as implicit localhost. */
  host(name: string): Host | undefined {
    const host = this.#hosts.get(name);
    if (host || !LOCALHOST.includes(name)) return host;
    this.#localhost ??= implicitLocalhost(name);
    return this.#localhost;
  }

  /** The hosts of a group and of the groups below it. */
  hostsOf(group: Group): readonly Host[] {
    const known = this.#members.get(group);
    if (known) return known;
    const hosts = [...new Set([...group.family()].flatMap(member => [...member.hosts]))];
    this.#members.set(group, hosts);
    return hosts;
  }
  /** All of a host's groups from `all` down: by depth, then priority, then name, so that later ones win. */
  groupsOf(host: Host): readonly Group[] {
    const known = this.#memberships.get(host);
    if (known) return known;
    const groups = new Set([...host.groups].flatMap(group => [group, ...group.ancestors()]));
    const sorted = [...groups].toSorted(
      (left, right) => this.#depth(left) - this.#depth(right) || left.priority - right.priority || (left.name < right.name ? -1 : 1),
    );
    this.#memberships.set(host, sorted);
    return sorted;
  }
  /** `group_names`: sorted, without `all`. */
  groupNames(host: Host): readonly string[] {
    return this.groupsOf(host)
      .map(group => group.name)
      .filter(name => name !== 'all')
      .toSorted();
  }

  /** The magic variable `groups`. */
  namesByGroup(): Dict {
    this.#namesByGroup ??= new Map([...this.#groups.values()].map(group => [group.name, this.hostsOf(group).map(({ name }) => name)]));
    return this.#namesByGroup;
  }
  /** Moves on with every change. */
  get revision(): number {
    return this.#revision;
  }

  /** The hosts a pattern names, kept to those of `limit` if there is one. */
  match(pattern: string | readonly string[], limit: readonly string[] = []): Selected {
    const selected = select(this, pattern, limit);
    const [first] = selected.warnings;
    if (first === undefined || this.#mismatch === 'warning') return selected;
    if (this.#mismatch === 'error') throw refuse(first.replace(', ignoring', ''));
    return { ...selected, warnings: [] };
  }

  addGroup(name: string): Group {
    if (name === '') throw refuse('a group needs a name');
    const known = this.#groups.get(name);
    if (known) return known;
    const group = new Group(name);
    this.#groups.set(name, group);
    this.#forget();
    return group;
  }

  addHost(name: string, { group, port, origin }: HostOptions = {}): Host {
    if (name === '') throw refuse('a host needs a name');
    const host = this.#hosts.get(name) ?? this.#newHost(name, port, origin);
    if (group !== undefined) this.#enter(this.#group(group), host);
    return host;
  }
  #newHost(name: string, port: number | undefined, origin: Origin | undefined): Host {
    const host = new Host(name);
    this.#hosts.set(name, host);
    if (port !== undefined) host.vars.set('ansible_port', port);
    this.set(name, 'inventory_file', origin?.file ?? null);
    this.set(name, 'inventory_dir', origin?.folder ?? null);
    if (LOCALHOST.includes(name)) this.#localhost ??= host;
    return host;
  }

  /** Puts a group, or a host, into a group. Of a group and a host with one name the group is meant. */
  addChild(parent: string, child: string): void {
    const group = this.#group(parent);
    const below = this.#groups.get(child);
    const host = this.#hosts.get(child);
    if (below) this.#adopt(group, below);
    else if (host) this.#enter(group, host);
    else throw refuse(`"${child}" is neither a group nor a host`);
  }

  /** Puts a host, implicit localhost too, into a group, which is made if there is none; false where it was in it already. */
  join(name: string, host: Host): boolean {
    const group = this.addGroup(name);
    const isNew = !group.hosts.has(host);
    this.#enter(group, host);
    return isNew;
  }

  /** A variable of a group or host. Of a group and a host with one name the group is meant, as in Ansible. */
  set(name: string, variable: string, value: Value): void {
    const group = this.#groups.get(name);
    if (group && variable === 'ansible_group_priority') {
      group.priority = priority(value);
      this.#forget();
      return;
    }
    const owner = group ?? this.#hosts.get(name);
    if (!owner) throw refuse(`there is no group or host "${name}"`);
    owner.vars.set(variable, value);
    this.#revision += 1;
  }

  /** Ansible's rules for an inventory as a whole: every group is below `all`, and hosts without any other group are in `ungrouped`. */
  reconcile(): void {
    for (const group of this.#groups.values()) if (group.name !== 'all' && group.parents.size === 0) this.addChild('all', group.name);
    const ungrouped = this.#group('ungrouped');
    for (const host of this.#hosts.values()) {
      // Its own groups mostly tell; those above them cost more to find.
      const others = [...host.groups].some(isOther) || this.groupsOf(host).some(isOther);
      if (!others) this.#enter(ungrouped, host);
      else if (ungrouped.hosts.delete(host)) host.groups.delete(ungrouped);
    }
    this.#forget();
  }

  #group(name: string): Group {
    const group = this.#groups.get(name);
    if (!group) throw refuse(`there is no group "${name}"`);
    return group;
  }
  #enter(group: Group, host: Host): void {
    if (group.hosts.has(host)) return;
    group.hosts.add(host);
    host.groups.add(group);
    this.#forget();
  }
  #adopt(parent: Group, child: Group): void {
    if (parent === child) throw refuse(`the group "${child.name}" cannot be its own child`);
    if (parent.ancestors().has(child)) throw refuse(`"${child.name}" as a child of "${parent.name}" would close a circle of groups`);
    parent.children.add(child);
    child.parents.add(parent);
    this.#forget();
  }
  #forget(): void {
    this.#members.clear();
    this.#memberships.clear();
    this.#depths.clear();
    this.#namesByGroup = undefined;
    this.#revision += 1;
  }

  /** The longest way down from a group without parents. */
  #depth(group: Group): number {
    const known = this.#depths.get(group);
    if (known !== undefined) return known;
    const depth = [...group.parents].reduce((deepest, parent) => Math.max(deepest, this.#depth(parent) + 1), 0);
    this.#depths.set(group, depth);
    return depth;
  }
}

const isOther = ({ name }: Group): boolean => name !== 'all' && name !== 'ungrouped';
const implicitLocalhost = (name: string): Host => {
  const host = new Host(name, true);
  host.vars.set('ansible_connection', 'local');
  return host;
};

/** Python's int(value). */
const priority = (value: Value): number => {
  const given = value instanceof Float ? value.value : unmarked(value);
  if (typeof given === 'number' || typeof given === 'boolean' || typeof given === 'bigint') return Math.trunc(Number(given));
  if (typeof given === 'string' && /^\s*[-+]?[0-9]+(?:_[0-9]+)*\s*$/.test(given)) return Number(given.replaceAll('_', ''));
  throw refuse('ansible_group_priority must be an integer');
};

/** `inventory_hostname_short`: up to the first dot, unless the name is an address. */
export const shortName = (name: string): string => (isIpAddress(name) ? name : name.replace(/\..*$/s, ''));
