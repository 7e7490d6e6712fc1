import { join } from 'node:path';
import type { Group, Host } from '../inventory/group.ts';
import { type Inventory, shortName } from '../inventory/inventory.ts';
import type { Value } from '../value/value.ts';
import type { YamlOptions } from '../yaml/parse.ts';
import { VarsFolders } from './files.ts';
import type { Vars } from './layered.ts';

/** Levels of a host's variables that only depend on its groups, lowest first. */
type GroupLevels = readonly Vars[];

/**
 * What inventory, group_vars and host_vars say about hosts, untemplated. Files are read when first needed, and once; what add_host and
 * group_by change is seen.
 */
export class HostVariables {
  readonly #inventory: Inventory;
  readonly #folders: VarsFolders;
  readonly #playbookDir: string | undefined;
  readonly #hosts = new Map<Host, readonly Vars[]>();
  /** Hosts of the same groups share their levels. */
  readonly #groups = new Map<string, GroupLevels>();
  #revision: number;

  constructor(inventory: Inventory, playbookDir: string | undefined, reading: YamlOptions = {}) {
    this.#inventory = inventory;
    this.#playbookDir = playbookDir;
    this.#folders = new VarsFolders(reading);
    this.#revision = inventory.revision;
  }

  /** For `Parts.host`: each level that Ansible knows, from low to high. */
  layers(host: Host): readonly Vars[] {
    if (this.#revision !== this.#inventory.revision) {
      this.#revision = this.#inventory.revision;
      this.#hosts.clear();
      this.#groups.clear();
    }
    const known = this.#hosts.get(host);
    if (known) return known;
    const levels = [
      ...this.#groupLevels(this.#groupsOf(host)),
      host.vars,
      this.#identity(host),
      ...this.#besideInventory('host_vars', [host]),
      ...this.#besidePlaybook('host_vars', [host]),
    ].filter(({ size }) => size > 0);
    this.#hosts.set(host, levels);
    return levels;
  }

  /** The same as one mapping: what `ansible-inventory --host` shows. */
  merged(host: Host): ReadonlyMap<Value, Value> {
    return mergedVars(this.layers(host));
  }
  /** What is said about the host itself, its groups' variables apart: `ansible-inventory --export`. */
  own(host: Host): ReadonlyMap<Value, Value> {
    const files = [...this.#besideInventory('host_vars', [host]), ...this.#besidePlaybook('host_vars', [host])];
    return mergedVars([host.vars, this.#identity(host), ...files]);
  }
  /** One group's own variables. */
  ofGroup(group: Group): ReadonlyMap<Value, Value> {
    const files = [...this.#besideInventory('group_vars', [group]), ...this.#besidePlaybook('group_vars', [group])];
    const priority: [Value, Value][] = group.priority === 1 ? [] : [['ansible_group_priority', group.priority]];
    return new Map([...group.vars, ...files.flatMap(vars => [...vars]), ...priority]);
  }

  /** `all` counts for every host, implicit localhost too. */
  #groupsOf(host: Host): readonly Group[] {
    const all = this.#inventory.groups.get('all');
    return [...(all ? [all] : []), ...this.#inventory.groupsOf(host).filter(group => group !== all)];
  }
  #groupLevels(groups: readonly Group[]): GroupLevels {
    const key = groups.map(({ name }) => name).join(' ');
    const known = this.#groups.get(key);
    if (known) return known;
    const [all = [], others] = [groups.slice(0, 1), groups.slice(1)];
    const levels = [
      ...groups.map(group => group.vars),
      ...this.#besideInventory('group_vars', all),
      ...this.#besidePlaybook('group_vars', all),
      ...this.#besideInventory('group_vars', others),
      ...this.#besidePlaybook('group_vars', others),
    ];
    this.#groups.set(key, levels);
    return levels;
  }

  /** A later source beats an earlier one, whatever the groups. */
  #besideInventory(kind: 'group_vars' | 'host_vars', owners: readonly { readonly name: string }[]): readonly Vars[] {
    return this.#inventory.folders.flatMap(folder => owners.flatMap(({ name }) => this.#folders.of(join(folder, kind), name)));
  }
  #besidePlaybook(kind: 'group_vars' | 'host_vars', owners: readonly { readonly name: string }[]): readonly Vars[] {
    const folder = this.#playbookDir;
    return folder === undefined ? [] : owners.flatMap(({ name }) => this.#folders.of(join(folder, kind), name));
  }

  /** Ansible holds these among a host's inventory variables, so host_vars, plays and `-e` may override them. */
  #identity(host: Host): Vars {
    return new Map<string, Value>([
      ['inventory_hostname', host.name],
      ['inventory_hostname_short', shortName(host.name)],
      ['group_names', [...this.#inventory.groupNames(host)]],
    ]);
  }
}

/** Later ones win; there may be ten thousand hosts. */
const mergedVars = (levels: readonly Vars[]): ReadonlyMap<Value, Value> => {
  const merged = new Map<Value, Value>();
  for (const vars of levels) for (const [name, value] of vars) merged.set(name, value);
  return merged;
};
