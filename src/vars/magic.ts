import type { Inventory } from '../inventory/inventory.ts';
import type { Scope } from '../value/scope.ts';
import { PyObject } from '../value/value.ts';
import type { Value } from '../value/value.ts';
import { VarsView } from './layered.ts';

/** What the engine knows of the run, the play and the task. */
export interface MagicContext {
  readonly inventory: Inventory;
  /** Absolute. */
  readonly playbookDir: string;
  /** The value that leaves an argument out. */
  readonly omit: Value;
  /** Which ansible-core is followed: `2.18.0`. */
  readonly ansibleVersion: string;
  readonly checkMode: boolean;
  readonly diffMode: boolean;
  readonly forks: number;
  readonly verbosity: number;
  /** Inventory sources as given. */
  readonly sources: readonly string[];
  readonly limit?: string;
  readonly runTags: readonly string[];
  readonly skipTags: readonly string[];
  readonly configFile?: string;
  /** The variables of other hosts; absent while those are looked at themselves. */
  readonly hostvars?: Value;
  readonly play?: PlayContext;
  /** The role the task belongs to, and those that included it, nearest first. */
  readonly role?: RoleContext & { readonly parents: readonly RoleContext[] };
  /** Folders in which relative file names are looked for. */
  readonly searchPath?: readonly string[];
}
interface RoleContext {
  readonly name: string;
  readonly path: string;
}
export interface PlayContext {
  readonly name: string;
  /** Hosts of the play by name, limited, whatever became of them. */
  readonly allHosts: readonly string[];
  /** Those that have not failed. */
  readonly hosts: readonly string[];
  readonly failed: readonly string[];
  /** Those of the running batch that have not failed. */
  readonly batch: readonly string[];
  /** Roles that the play names, and those that were included since. */
  readonly roles: readonly string[];
  /** Roles that others depend on. */
  readonly dependencies: readonly string[];
}

type Thunk = () => Value;

/** Ansible's magic variables. They beat even extra variables; what a host is called and its groups are among its own variables. */
export const magic = (context: MagicContext): Scope => {
  const values = new Map<string, Thunk>([...ofRun(context), ...ofPlay(context.play), ...ofTask(context)]);
  return { lookup: name => values.get(name)?.(), names: () => values.keys() };
};

const given = (name: string, value: Value | undefined): [string, Thunk][] => (value === undefined ? [] : [[name, () => value]]);

const ofRun = (context: MagicContext): [string, Thunk][] => [
  ['groups', () => context.inventory.namesByGroup()],
  ['playbook_dir', () => context.playbookDir],
  ['omit', () => context.omit],
  ['ansible_version', () => version(context.ansibleVersion)],
  ['ansible_check_mode', () => context.checkMode],
  ['ansible_diff_mode', () => context.diffMode],
  ['ansible_forks', () => context.forks],
  ['ansible_verbosity', () => context.verbosity],
  ['ansible_inventory_sources', () => [...context.sources]],
  ['ansible_run_tags', () => [...context.runTags]],
  ['ansible_skip_tags', () => [...context.skipTags]],
  // What is written for it is run by the controller's own; kplay itself has none.
  ['ansible_playbook_python', () => '/usr/bin/python3'],
  ['ansible_config_file', () => context.configFile ?? null],
  ...given('ansible_limit', context.limit),
  ...given('hostvars', context.hostvars),
];

const ofPlay = (play: PlayContext | undefined): [string, Thunk][] => {
  if (!play) return [];
  const { name, allHosts, hosts, failed, batch, roles, dependencies } = play;
  return [
    ['ansible_play_name', () => name],
    ['ansible_play_hosts_all', () => [...allHosts]],
    ['ansible_play_hosts', () => [...hosts]],
    ['ansible_play_batch', () => [...batch]],
    ['ansible_current_hosts', () => [...hosts]],
    ['ansible_failed_hosts', () => [...failed]],
    ['play_hosts', () => [...batch]],
    ['role_names', () => [...roles]],
    ['ansible_play_role_names', () => [...roles]],
    ['ansible_dependent_role_names', () => [...dependencies]],
    ['ansible_role_names', () => [...new Set([...dependencies, ...roles])]],
  ];
};

const ofTask = ({ role, searchPath }: MagicContext): [string, Thunk][] => [
  ...(role ? ofRole(role, role.parents) : []),
  ...given('ansible_search_path', searchPath && [...searchPath]),
];
const ofRole = ({ name, path }: RoleContext, parents: readonly RoleContext[]): [string, Thunk][] => [
  ['role_name', () => (name.startsWith(`${collectionOf(path)}.`) ? name.slice(`${collectionOf(path)}.`.length) : name)],
  ['ansible_role_name', () => name],
  ['ansible_collection_name', () => collectionOf(path)],
  ['role_path', () => path],
  ...given('ansible_parent_role_names', parents.length > 0 ? parents.map(parent => parent.name) : undefined),
  ...given('ansible_parent_role_paths', parents.length > 0 ? parents.map(parent => parent.path) : undefined),
];
const collectionOf = (path: string): string | null => {
  const [, namespace, collection] = /\/ansible_collections\/([^/]+)\/([^/]+)\/roles\//.exec(path) ?? [];
  return namespace === undefined ? null : `${namespace}.${collection}`;
};

const version = (full: string): Value => {
  const [major = 0, minor = 0, revision = 0] = full.split('.').map(part => Number.parseInt(part, 10));
  return new Map<Value, Value>(Object.entries({ string: full, full, major, minor, revision }));
};

/** `hostvars`: any host's variables by name, each host's scope made when first asked for. */
export class HostVars extends PyObject {
  override readonly typeName = 'HostVars';
  readonly #inventory: Inventory;
  readonly #scopeOf: (host: string) => Scope;
  constructor(inventory: Inventory, scopeOf: (host: string) => Scope) {
    super();
    this.#inventory = inventory;
    this.#scopeOf = scopeOf;
  }
  override item(key: Value): Value | undefined {
    return typeof key === 'string' && this.#inventory.host(key) ? new VarsView(this.#scopeOf(key)) : undefined;
  }
  /** localhost is always among them. */
  override keys(): readonly Value[] {
    return [...new Set([...this.#inventory.hosts.keys(), this.#inventory.host('localhost')?.name ?? 'localhost'])];
  }
}
