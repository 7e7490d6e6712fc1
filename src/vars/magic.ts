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
  lookup: name => MAGIC.get(name)?.tell(context),
  names: () => [...MAGIC].flatMap(([name, { isThere }]) => (isThere(context) ? [name] : [])),
});

/** One of them: a name is there or not without its value being made, which may be a list of all hosts. */
interface Magic {
  readonly isThere: (context: MagicContext) => boolean;
  /** Undefined where it is not there. */
  readonly tell: (context: MagicContext) => Value | undefined;
}
type Role = NonNullable<MagicContext['role']>;

const ofRun = (tell: Magic['tell'], needs?: keyof MagicContext): Magic => ({
  isThere: context => needs === undefined || context[needs] !== undefined,
  tell,
});
const ofPlay = (tell: (play: PlayContext) => Value): Magic => ({
  isThere: ({ play }) => play !== undefined,
  tell: ({ play }) => play && tell(play),
});
const ofRole = (tell: (role: Role) => Value, has: (role: Role) => boolean = () => true): Magic => ({
  isThere: ({ role }) => role !== undefined && has(role),
  tell: ({ role }) => (role && has(role) ? tell(role) : undefined),
});
const isIncluded = ({ parents }: Role): boolean => parents.length > 0;

const MAGIC: ReadonlyMap<string, Magic> = new Map(
  Object.entries({
    groups: ofRun(({ inventory }) => inventory.namesByGroup()),
    playbook_dir: ofRun(({ playbookDir }) => playbookDir),
    omit: ofRun(({ omit }) => omit),
    ansible_version: ofRun(({ ansibleVersion }) => version(ansibleVersion)),
    ansible_check_mode: ofRun(({ checkMode }) => checkMode),
    ansible_diff_mode: ofRun(({ diffMode }) => diffMode),
    ansible_forks: ofRun(({ forks }) => forks),
    ansible_verbosity: ofRun(({ verbosity }) => verbosity),
    ansible_inventory_sources: ofRun(({ sources }) => [...sources]),
    ansible_run_tags: ofRun(({ runTags }) => [...runTags]),
    ansible_skip_tags: ofRun(({ skipTags }) => [...skipTags]),
    // What is written for it is run by the controller's own; kplay itself has none.
    ansible_playbook_python: ofRun(() => '/usr/bin/python3'),
    ansible_config_file: ofRun(({ configFile }) => configFile ?? null),
    ansible_limit: ofRun(({ limit }) => limit, 'limit'),
    hostvars: ofRun(({ hostvars }) => hostvars, 'hostvars'),
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
    ansible_parent_role_names: ofRole(({ parents }) => parents.map(({ name }) => name), isIncluded),
    ansible_parent_role_paths: ofRole(({ parents }) => parents.map(({ path }) => path), isIncluded),
    ansible_search_path: ofRun(({ searchPath }) => searchPath && [...searchPath], 'searchPath'),
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
