import { KplayError } from '../model/errors.ts';
import type { Source } from '../model/source.ts';
import { truth } from '../value/kinds.ts';
import { str } from '../value/repr.ts';
import type { YamlEntry, YamlNode } from '../yaml/node.ts';
import { expandHosts } from './hostname.ts';
import type { Inventory, Origin } from './inventory.ts';
import { placed } from './placed.ts';

/** Brings a YAML inventory into an inventory: a mapping of groups of `hosts`, `vars` and `children`. Throws E_INVENTORY. */
export const populateFromYaml = (inventory: Inventory, root: YamlNode, origin: Origin): void => {
  const file = new YamlInventory(inventory, origin);
  for (const entry of root.entries()) file.group(entry);
};

class YamlInventory {
  readonly #inventory: Inventory;
  readonly #origin: Origin;
  constructor(inventory: Inventory, origin: Origin) {
    this.#inventory = inventory;
    this.#origin = origin;
  }

  group({ key, value: body }: YamlEntry): void {
    const name = textKey(key, 'a group');
    if (body.kind !== 'mapping' && body.value !== null) {
      this.#warn(`"${name}" is skipped: a group is a mapping of hosts, vars and children`, body.at);
      return;
    }
    placed(key.at, () => this.#inventory.addGroup(name));
    for (const part of body.entries()) this.#part(name, part);
  }

  #part(group: string, { key, value: body }: YamlEntry): void {
    const known = key.value === 'vars' || key.value === 'children' || key.value === 'hosts';
    if (body.value === null) return;
    if (known && typeof body.value === 'string') this.#entry(group, key.value, { key: body, value: NOTHING });
    else if (known && body.kind === 'mapping') for (const entry of body.entries()) this.#entry(group, key.value, entry);
    else if (known)
      throw new KplayError('E_INVENTORY', `"${key.value}" of the group "${group}" must be a mapping`, {
        at: body.at,
        hint: 'every line under it ends in ":"',
      });
    else this.#warn(`"${str(key.value)}" in the group "${group}" is skipped: a group has hosts, vars and children`, key.at);
  }

  #entry(group: string, part: 'vars' | 'children' | 'hosts', entry: YamlEntry): void {
    if (part === 'vars') placed(entry.key.at, () => this.#inventory.set(group, str(entry.key.value), entry.value.value));
    else if (part === 'children') this.#child(group, entry);
    else placed(entry.key.at, () => this.#host(group, entry));
  }
  #child(group: string, entry: YamlEntry): void {
    this.group(entry);
    placed(entry.key.at, () => this.#inventory.addChild(group, textKey(entry.key, 'a group')));
  }
  #host(group: string, { key, value: vars }: YamlEntry): void {
    const { names, port } = expandHosts(textKey(key, 'a host'));
    if (vars.kind !== 'mapping' && truth(vars.value))
      throw new KplayError('E_INVENTORY', "a host's variables must be a mapping", { at: vars.at });
    for (const name of names) {
      this.#inventory.addHost(name, { group, origin: this.#origin, ...(port === undefined ? {} : { port }) });
      for (const entry of vars.entries()) this.#inventory.set(name, str(entry.key.value), entry.value.value);
    }
  }

  #warn(message: string, at: Source): void {
    this.#inventory.warnings.push({ severity: 'warning', code: 'E_INVENTORY', message, at });
  }
}

/** What follows a name written instead of a mapping: `hosts: web1`. */
const NOTHING: YamlNode = {
  kind: 'scalar',
  at: { file: '', line: 1, col: 1 },
  value: null,
  items: () => [],
  entries: () => [],
  get: () => undefined,
};

const textKey = ({ value, at }: YamlNode, what: string): string => {
  if (typeof value === 'string') return value;
  throw new KplayError('E_INVENTORY', `the name of ${what} must be a text, not ${str(value)}`, { at, hint: 'put it in quotes' });
};
