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

/** Ansible's magic variables. They beat even extra variables; what a host is called and its groups are among its own variables. */
export const magic = (context: MagicContext): Scope => ({
  lookup: name => TOLD.get(name)?.(context),
  names: () => [...TOLD].flatMap(([name, tell]) => (tell(context) === undefined ? [] : [name])),
});

/** What a context says; undefined where it has none. */
type Tell = (context: MagicContext) => Value | undefined;

const ofPlay =
  (tell: (play: PlayContext) => Value): Tell =>
  ({ play }) =>
    play && tell(play);
const ofRole =
  (tell: (role: RoleContext, parents: readonly RoleContext[]) => Value | undefined): Tell =>
  ({ role }) =>
    role && tell(role, role.parents);

const TOLD: ReadonlyMap<string, Tell> = new Map(
  Object.entries<Tell>({
    groups: ({ inventory }) => inventory.namesByGroup(),
    playbook_dir: ({ playbookDir }) => playbookDir,
    omit: ({ omit }) => omit,
    ansible_version: ({ ansibleVersion }) => version(ansibleVersion),
    ansible_check_mode: ({ checkMode }) => checkMode,
    ansible_diff_mode: ({ diffMode }) => diffMode,
    ansible_forks: ({ forks }) => forks,
    ansible_verbosity: ({ verbosity }) => verbosity,
    ansible_inventory_sources: ({ sources }) => [...sources],
    ansible_run_tags: ({ runTags }) => [...runTags],
    ansible_skip_tags: ({ skipTags }) => [...skipTags],
    // What is written for it is run by the controller's own; kplay itself has none.
    ansible_playbook_python: () => '/usr/bin/python3',
    ansible_config_file: ({ configFile }) => configFile ?? null,
    ansible_limit: ({ limit }) => limit,
    hostvars: ({ hostvars }) => hostvars,
    ansible_play_name: ofPlay(({ name }) => name),
    ansible_play_hosts_all: ofPlay(({ allHosts }) => [...allHosts]),
    ansible_play_hosts: ofPlay(({ hosts }) => [...hosts]),
    ansible_play_batch: ofPlay(({ batch }) => [...batch]),
    ansible_current_hosts: ofPlay(({ hosts }) => [...hosts]),
    ansible_failed_hosts: ofPlay(({ failed }) => [...failed]),
    play_hosts: ofPlay(({ batch }) => [...batch]),
    role_names: ofPlay(({ roles }) => [...roles]),
    ansible_play_role_names: ofPlay(({ roles }) => [...roles]),
    ansible_dependent_role_names: ofPlay(({ dependencies }) => [...dependencies]),
    ansible_role_names: ofPlay(({ dependencies, roles }) => [...new Set([...dependencies, ...roles])]),
    role_name: ofRole(({ name, path }) => shortName(name, collectionOf(path))),
    ansible_role_name: ofRole(({ name }) => name),
    ansible_collection_name: ofRole(({ path }) => collectionOf(path)),
    role_path: ofRole(({ path }) => path),
    ansible_parent_role_names: ofRole((_, parents) => (parents.length > 0 ? parents.map(({ name }) => name) : undefined)),
    ansible_parent_role_paths: ofRole((_, parents) => (parents.length > 0 ? parents.map(({ path }) => path) : undefined)),
    ansible_search_path: ({ searchPath }) => searchPath && [...searchPath],
  }),
);

/** A role without the collection that it is of. */
const shortName = (name: string, collection: string | null): string =>
  name.startsWith(`${collection}.`) ? name.slice(`${collection}.`.length) : name;
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
