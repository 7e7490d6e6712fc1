import { KplayError } from '../model/errors.ts';
import { jsonKey } from '../value/plain.ts';
import { repr, str } from '../value/repr.ts';
import { Unsafe } from '../value/unsafe.ts';
import { Vaulted, withCiphertext } from '../value/vaulted.ts';
import type { Dict, Value } from '../value/value.ts';
import type { Group, Host } from './group.ts';
import type { Inventory } from './inventory.ts';

/** Variables as the vars room merges them, untemplated. */
export type VariablesOf<Owner> = (owner: Owner) => ReadonlyMap<Value, Value>;

/** What Ansible itself puts among a host's variables; never listed (constants.INTERNAL_STATIC_VARS). */
const INTERNAL: ReadonlySet<Value> = new Set(
  (
    'ansible_async_path ansible_collection_name ansible_config_file ansible_dependent_role_names ansible_diff_mode ansible_facts ' +
    'ansible_forks ansible_inventory_sources ansible_limit ansible_play_batch ansible_play_hosts ansible_play_hosts_all ' +
    'ansible_play_role_names ansible_playbook_python ansible_role_name ansible_role_names ansible_run_tags ansible_skip_tags ' +
    'ansible_verbosity ansible_version inventory_dir inventory_file inventory_hostname inventory_hostname_short groups group_names omit ' +
    'hostvars playbook_dir play_hosts role_name role_names role_path role_uuid'
  ).split(' '),
);
const shown = (vars: ReadonlyMap<Value, Value>): Dict => {
  const left: Dict = new Map();
  for (const [name, value] of vars) if (!INTERNAL.has(name)) left.set(name, value);
  return left;
};

export interface Variables {
  readonly ofHost: VariablesOf<Host>;
  /** Groups are shown with their own variables (`--export`); otherwise hosts have them all. */
  readonly ofGroup?: VariablesOf<Group>;
}

/** `ansible-inventory --list`: groups by name with their own hosts and children, and all hosts' variables. */
export const listInventory = (inventory: Inventory, variables: Variables, limit: readonly string[] = []): Dict => {
  const { hosts } = inventory.match('all', limit);
  const listed = new Set(hosts);
  const groups: Dict = new Map();
  const seen = new Set<Group>();
  const list = (group: Group): void => {
    if (seen.has(group)) return;
    seen.add(group);
    const own = group.name === 'all' ? [] : [...group.hosts].filter(host => listed.has(host));
    const entry = filled({ hosts: names(own), children: names(group.children), vars: shown(variables.ofGroup?.(group) ?? NOTHING) });
    if (entry.size > 0) groups.set(group.name, entry);
    for (const child of group.children) list(child);
  };
  const all = inventory.groups.get('all');
  if (all) list(all);
  const hostvars: Dict = new Map();
  for (const host of hosts) {
    const vars = shown(variables.ofHost(host));
    if (vars.size > 0) hostvars.set(host.name, vars);
  }
  return groups.set('_meta', new Map([['hostvars', hostvars]]));
};

/** `ansible-inventory --list --yaml`: groups in one another, with their hosts; a host's variables and a group's are where it comes first. */
export const treeInventory = (inventory: Inventory, variables: Variables, limit: readonly string[] = []): Dict => {
  const listed = new Set(inventory.match('all', limit).hosts);
  const [seenHosts, seenGroups] = [new Set<Host>(), new Set<Group>()];
  const varsOnce = (host: Host): Dict => {
    if (seenHosts.has(host)) return new Map();
    seenHosts.add(host);
    return shown(variables.ofHost(host));
  };
  const tree = (group: Group): Dict => {
    const children: Dict = new Map();
    for (const child of group.children) {
      if (seenGroups.has(child)) children.set(child.name, new Map());
      else for (const [name, body] of tree(child)) children.set(name, body);
      seenGroups.add(child);
    }
    const own = group.name === 'all' ? [] : [...group.hosts].filter(host => listed.has(host));
    const hosts: Dict = new Map(own.map(host => [host.name, varsOnce(host)]));
    const body = filled({ children, hosts, vars: shown(variables.ofGroup?.(group) ?? NOTHING) });
    return body.size === 0 ? new Map() : new Map([[group.name, body]]);
  };
  const all = inventory.groups.get('all');
  return all ? tree(all) : new Map();
};

const NOTHING: ReadonlyMap<Value, Value> = new Map();
const names = (owners: Iterable<Host | Group>): Value[] => [...owners].map(({ name }) => name);
/** What is empty is left out. */
const filled = (parts: Readonly<Record<string, Value[] | Dict>>): Dict =>
  new Map(Object.entries(parts).filter(([, part]) => (Array.isArray(part) ? part.length : part.size) > 0));

/** `ansible-inventory --host`: one host's variables. */
export const listHost = (vars: ReadonlyMap<Value, Value>): Dict => shown(vars);

/** `ansible-inventory --graph`, with `--vars` if they are given. Throws E_USAGE when there is no such group. */
export const graphInventory = (inventory: Inventory, top = 'all', { ofHost, ofGroup }: Partial<Variables> = {}): string => {
  const group = inventory.groups.get(top);
  if (!group) throw new KplayError('E_USAGE', `there is no group "${top}" to draw`);
  const values = (found: ReadonlyMap<Value, Value> = NOTHING, depth: number): string[] =>
    [...shown(found)]
      .map(([name, value]): [string, string] => [str(name), str(value)])
      .toSorted(([left], [right]) => (left < right ? -1 : 1))
      .map(([name, value]) => branch(`{${name} = ${value}}`, depth));
  const draw = (drawn: Group, depth: number): string[] => [
    branch(`@${drawn.name}:`, depth),
    ...[...drawn.children].flatMap(child => draw(child, depth + 1)),
    ...(drawn.name === 'all' ? [] : [...drawn.hosts]).flatMap(host => [branch(host.name, depth + 1), ...values(ofHost?.(host), depth + 2)]),
    ...values(ofGroup?.(drawn), depth + 1),
  ];
  return draw(group, 0).join('\n');
};
const branch = (text: string, depth: number): string => (depth === 0 ? text : `${'  |'.repeat(depth)}--${text}`);

/** Python's `json.dumps(value, indent=4, sort_keys=True, ensure_ascii=False)`; unsorted when keys are of several types, as Ansible does. */
export const inventoryJson = (value: Value): string => json(value, '', sortable(value));

const sortable = (value: Value): boolean => {
  if (Array.isArray(value)) return value.every(sortable);
  if (!(value instanceof Map)) return true;
  const keys = [...value.keys()];
  return (
    (keys.length < 2 || keys.every(key => typeof key === 'string') || keys.every(key => typeof key === 'number')) &&
    [...value.values()].every(sortable)
  );
};
const json = (value: Value, indent: string, sorted: boolean): string => {
  if (value instanceof Vaulted) return json(withCiphertext(value), indent, sorted);
  if (value instanceof Unsafe) return json(new Map([['__ansible_unsafe', value.text]]), indent, sorted);
  const inner = `${indent}    `;
  if (Array.isArray(value))
    return enclosed(
      '[',
      value.map(item => inner + json(item, inner, sorted)),
      `${indent}]`,
    );
  if (value instanceof Map) {
    const keys = sorted ? [...value.keys()].toSorted((left, right) => ((left as string) < (right as string) ? -1 : 1)) : [...value.keys()];
    return enclosed(
      '{',
      keys.map(key => `${inner}${JSON.stringify(jsonKey(key))}: ${json(value.get(key) ?? null, inner, sorted)}`),
      `${indent}}`,
    );
  }
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return JSON.stringify(value);
  return repr(value)
    .replace(/^(-?)inf$/, '$1Infinity')
    .replace(/^nan$/, 'NaN');
};
const enclosed = (open: string, lines: readonly string[], close: string): string =>
  lines.length === 0 ? open + close.trim() : `${open}\n${lines.join(',\n')}\n${close}`;
