import { KplayError } from '../model/errors.ts';
import { truth } from '../value/kinds.ts';
import { str } from '../value/repr.ts';
import type { Dict, Value } from '../value/value.ts';
import type { YamlNode } from '../yaml/node.ts';
import type { Host } from './group.ts';
import { type Inventory, shortName } from './inventory.ts';

export type HostVars = ReadonlyMap<string, Value>;
/** A template's value with these variables in sight. */
export type Evaluate = (template: string, vars: HostVars) => Value;

const OPTIONS = ['plugin', 'strict', 'compose', 'groups', 'keyed_groups', 'leading_separator'];

/**
 * `plugin: constructed`: variables (`compose`) and groups (`groups`, `keyed_groups`) for the hosts that earlier sources name, from what those
 * sources say about them. Without `strict` an expression that fails is passed over. Throws E_INVENTORY with the place.
 * (ansible/plugins/inventory/constructed.py)
 */
export const populateFromConstructed = (inventory: Inventory, root: YamlNode, evaluate: Evaluate): void => {
  const stray = root.entries().find(({ key }) => !OPTIONS.includes(str(key.value)));
  if (stray)
    throw new KplayError('E_INVENTORY', `constructed: the option "${str(stray.key.value)}" is not supported`, {
      at: stray.key.at,
      hint: `there are: ${OPTIONS.join(', ')}`,
    });
  const construction = new Construction(inventory, root, evaluate);
  for (const host of inventory.hosts.values()) construction.apply(host);
};

class Construction {
  readonly #inventory: Inventory;
  readonly #root: YamlNode;
  readonly #evaluate: Evaluate;
  readonly #strict: boolean;
  readonly #leadingSeparator: boolean;
  readonly #compose: Dict;
  readonly #groups: Dict;
  readonly #keyed: readonly Value[];

  constructor(inventory: Inventory, root: YamlNode, evaluate: Evaluate) {
    this.#inventory = inventory;
    this.#root = root;
    this.#evaluate = evaluate;
    this.#strict = this.#flag('strict', false);
    this.#leadingSeparator = this.#flag('leading_separator', true);
    this.#compose = this.#mapping('compose');
    this.#groups = this.#mapping('groups');
    const keyed = root.get('keyed_groups')?.value ?? [];
    this.#keyed = Array.isArray(keyed) ? keyed : [keyed];
  }

  apply(host: Host): void {
    const before = this.#variables(host);
    for (const [name, expression] of this.#compose) {
      const value = this.#attempt(`${str(name)} of the host ${host.name}`, `{{${str(expression)}}}`, before);
      if (value !== undefined) this.#inventory.set(host.name, str(name), value);
    }
    const vars = this.#variables(host);
    for (const [name, condition] of this.#groups) {
      const group = safeName(str(name));
      const holds = this.#attempt(
        `whether the host ${host.name} is in ${group}`,
        `{% if ${str(condition)} %}True{% else %}False{% endif %}`,
        vars,
      );
      if (holds === undefined || str(holds) !== 'True') continue;
      this.#inventory.addGroup(group);
      this.#inventory.addChild(group, host.name);
    }
    for (const keyed of this.#keyed) {
      if (!(keyed instanceof Map) || keyed.size === 0) throw this.#error('keyed_groups', `an entry must be a mapping, not ${str(keyed)}`);
      this.#key(host, keyed, vars);
    }
  }

  /** What groups and the host say, and who it is; not group_vars and host_vars. */
  #variables(host: Host): HostVars {
    return new Map<string, Value>([
      ...this.#inventory.groupsOf(host).flatMap(group => [...group.vars]),
      ...host.vars,
      ['inventory_hostname', host.name],
      ['inventory_hostname_short', shortName(host.name)],
      ['group_names', [...this.#inventory.groupNames(host)]],
    ]);
  }

  #key(host: Host, keyed: Dict, vars: HostVars): void {
    const expression = str(keyed.get('key') ?? null);
    const key = this.#attempt(`a group of the host ${host.name}`, `{{${expression}}}`, vars);
    if (key === undefined) return;
    const fallback = keyed.get('default_value') ?? null;
    const trailing = keyed.get('trailing_separator') ?? null;
    if (fallback !== null && trailing !== null)
      throw this.#error('keyed_groups', 'default_value and trailing_separator exclude each other');
    if (!truth(key) && !(key === '' && fallback !== null)) {
      const empty = Array.isArray(key) || key instanceof Map;
      if (this.#strict && !empty) throw this.#error('keyed_groups', `${expression} is empty for the host ${host.name}`);
      return;
    }
    const parentTemplate = keyed.get('parent_group') ?? null;
    const parent = truth(parentTemplate) ? this.#attempt('parent_group', str(parentTemplate), vars) : null;
    if (parent === undefined) return;
    const prefix = str(keyed.get('prefix') ?? '');
    const separator = str(keyed.get('separator') ?? '_');
    const lead = prefix === '' && !this.#leadingSeparator ? '' : separator;
    for (const bare of this.#bareNames(key, { separator, fallback, trailing: trailing !== false })) {
      const group = safeName(prefix + lead + bare);
      this.#inventory.addGroup(group);
      this.#inventory.addHost(host.name, { group });
      if (truth(parent)) this.#inventory.addGroup(safeName(str(parent)));
      if (truth(parent)) this.#inventory.addChild(safeName(str(parent)), group);
    }
  }
  #bareNames(key: Value, how: { separator: string; fallback: Value; trailing: boolean }): readonly string[] {
    const named = (value: Value): string => str(value === '' && how.fallback !== null ? how.fallback : value);
    if (Array.isArray(key)) return key.map(named);
    if (key instanceof Map)
      return [...key].map(([name, value]) =>
        value === '' && how.fallback === null && !how.trailing ? str(name) : `${str(name)}${how.separator}${named(value)}`,
      );
    if (typeof key === 'string') return [named(key)];
    throw this.#error('keyed_groups', `a key must be a text, a list or a mapping, not ${str(key)}`);
  }

  /** Undefined: it fails, and may. */
  #attempt(what: string, template: string, vars: HostVars): Value | undefined {
    try {
      return this.#evaluate(template, vars);
    } catch (error) {
      if (!(error instanceof KplayError)) throw error;
      if (this.#strict) throw this.#error('strict', `${what} cannot be told: ${error.message}`);
      return undefined;
    }
  }

  #flag(name: string, otherwise: boolean): boolean {
    const value = this.#root.get(name)?.value ?? otherwise;
    if (typeof value === 'boolean') return value;
    throw this.#error(name, `it must be yes or no, not ${str(value)}`);
  }
  #mapping(name: string): Dict {
    const value = this.#root.get(name)?.value ?? new Map();
    if (value instanceof Map) return value;
    throw this.#error(name, `it must be a mapping, not ${str(value)}`);
  }
  #error(option: string, message: string): KplayError {
    return new KplayError('E_INVENTORY', `constructed: ${option}: ${message}`, { at: (this.#root.get(option) ?? this.#root).at });
  }
}

/** A group's name as a variable's: anything else becomes `_`. */
const safeName = (name: string): string => name.replace(/^[\p{Nd}]|[^\p{L}\p{N}_]/gu, '_');
