import { spawnSync } from 'node:child_process';
import { KplayError } from '../model/errors.ts';
import { fromJson } from '../value/json.ts';
import { unsafe } from '../value/unsafe.ts';
import type { Dict, Value } from '../value/value.ts';
import { withVaulted } from '../value/vaulted.ts';
import type { Vault } from '../vault/vault.ts';
import type { Inventory, Origin } from './inventory.ts';

/** 256 MB of JSON are some million hosts. */
const MAX_OUTPUT_BYTES = 1 << 28;

/**
 * Brings what `SCRIPT --list` prints into an inventory: groups by name, and `_meta.hostvars`; without those, `SCRIPT --host H` is asked for
 * each host (ansible/plugins/inventory/script.py). Throws E_INVENTORY; what the script said is in `detail`.
 */
export const populateFromScript = (inventory: Inventory, origin: Origin, vault: Vault): void => {
  const script = new Script(origin.file, vault);
  const groups = script.ask('--list');
  const hosts = new Set<string>();
  for (const [name, data] of groups) if (name !== '_meta') populateGroup({ inventory, origin, script, hosts }, name, data);
  const meta = groups.get('_meta');
  const known = meta instanceof Map ? (meta.get('hostvars') ?? null) : null;
  if (known !== null && !(known instanceof Map)) throw script.error('its _meta.hostvars is no mapping of hosts');
  for (const host of hosts) {
    const vars = known === null ? script.ask('--host', host) : given(known, host, new Map());
    setAll(inventory, host, script.mapping(vars, `the variables of the host "${host}"`));
  }
};

interface Filling {
  readonly inventory: Inventory;
  readonly origin: Origin;
  readonly script: Script;
  /** Those the script names: it is asked for their variables. */
  readonly hosts: Set<string>;
}

const PARTS = ['hosts', 'vars', 'children'] as const;

/** A list is of hosts; a mapping without any of the parts is of variables, for a host that is named like the group. */
const populateGroup = ({ inventory, origin, script, hosts }: Filling, key: Value, data: Value): void => {
  const group = script.name(key, 'a group');
  inventory.addGroup(group);
  const parts: Dict = !(data instanceof Map)
    ? new Map([['hosts', data]])
    : PARTS.some(part => data.has(part))
      ? data
      : new Map<Value, Value>([
          ['hosts', [group]],
          ['vars', data],
        ]);
  for (const host of script.list(given(parts, 'hosts', []), `the hosts of the group "${group}"`)) {
    const name = script.name(host, 'a host');
    hosts.add(name);
    inventory.addHost(name, { group, origin });
  }
  setAll(inventory, group, script.mapping(given(parts, 'vars', new Map()), `the variables of the group "${group}"`));
  for (const child of script.list(given(parts, 'children', []), `the children of the group "${group}"`)) {
    const name = script.name(child, 'a group');
    inventory.addGroup(name);
    inventory.addChild(group, name);
  }
};

/** Null is something, and wrong. */
const given = (mapping: Dict, key: string, otherwise: Value): Value => (mapping.has(key) ? (mapping.get(key) ?? null) : otherwise);
const setAll = (inventory: Inventory, owner: string, vars: Dict): void => {
  for (const [name, value] of vars) inventory.set(owner, String(name), value);
};

/** An executable, and the JSON it prints. */
class Script {
  readonly #path: string;
  readonly #vault: Vault;
  #stderr = '';
  constructor(path: string, vault: Vault) {
    this.#path = path;
    this.#vault = vault;
  }

  ask(...args: readonly string[]): Dict {
    const { error, status, signal, stdout, stderr } = spawnSync(this.#path, args, {
      encoding: 'utf8',
      maxBuffer: MAX_OUTPUT_BYTES,
      stdio: ['inherit', 'pipe', 'pipe'],
    });
    this.#stderr = stderr ?? '';
    const call = args.join(' ');
    if (error) throw this.error(`${call} cannot be run: ${error.message}`);
    if (status !== 0) throw this.error(`${call} ended with ${status === null ? String(signal) : `status ${status}`}`);
    return this.mapping(this.#parse(stdout, call), `what ${call} prints`);
  }
  #parse(text: string, call: string): Value {
    try {
      return withVaulted(withUnsafe(fromJson(text)), ciphertext => this.#vault.decrypt(ciphertext, this.#path).toString());
    } catch (error) {
      if (!(error instanceof KplayError)) throw error;
      throw this.error(`${call} does not print JSON: ${error.message}`);
    }
  }

  name(value: Value, what: string): string {
    if (typeof value === 'string') return value;
    throw this.error(`the name of ${what} must be a text`);
  }
  list(value: Value, what: string): readonly Value[] {
    if (Array.isArray(value)) return value;
    throw this.error(`${what} must be a list`);
  }
  mapping(value: Value, what: string): Dict {
    if (value instanceof Map) return value;
    throw this.error(`${what} must be a mapping`);
  }
  error(message: string): KplayError {
    const detail = this.#stderr.trim();
    return new KplayError('E_INVENTORY', `the inventory script ${this.#path}: ${message}`, detail === '' ? {} : { detail });
  }
}

/** `{"__ansible_unsafe": TEXT}`, as ansible-inventory writes it, read back. */
const withUnsafe = (value: Value): Value => {
  if (Array.isArray(value)) return value.map(withUnsafe);
  if (!(value instanceof Map)) return value;
  const text = value.size === 1 ? value.get('__ansible_unsafe') : undefined;
  return text === undefined ? new Map([...value].map(([key, item]) => [key, withUnsafe(item)])) : unsafe(text);
};
