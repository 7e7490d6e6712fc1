import { equals } from '../value/compare.ts';
import type { Value } from '../value/value.ts';
import { parseAddress } from './hostname.ts';
import type { Inventory } from './inventory.ts';

/** A host that a play adds (add_host), or adds to; `name` may hold a port. */
export interface NewHost {
  readonly name: string;
  readonly groups: readonly string[];
  readonly vars: ReadonlyMap<string, Value>;
}

/** Adds a host with its groups and variables for the rest of the run; false where all of it was so already. E_INVENTORY. */
export const addHost = (inventory: Inventory, { name: written, groups, vars }: NewHost): boolean => {
  const { host: name, port = undefined } = parseAddress(written) ?? { host: written };
  const known = inventory.hosts.get(name);
  const host = known ?? inventory.addHost(name, { group: 'all' });
  const wanted = port === undefined ? [...vars] : [...vars, ['ansible_ssh_port', port] as const];
  const fresh = wanted.filter(([key, value]) => !equals(host.vars.get(key) ?? null, value) || !host.vars.has(key));
  for (const [key, value] of fresh) host.vars.set(key, value);
  const joined = groups.filter(group => inventory.join(group, host));
  const changed = known === undefined || fresh.length > 0 || joined.length > 0;
  if (changed) inventory.reconcile();
  return changed;
};

/** Puts a host, implicit localhost too, into a group below others, making those that are not there; false where all of it was so already. */
export const groupBy = (inventory: Inventory, host: string, group: string, parents: readonly string[]): boolean => {
  const member = inventory.host(host);
  const joined = member !== undefined && inventory.join(group, member);
  const below = inventory.addGroup(group);
  const adopted = parents.filter(name => !below.parents.has(inventory.addGroup(name)));
  for (const parent of adopted) inventory.addChild(parent, group);
  const changed = joined || adopted.length > 0;
  if (changed) inventory.reconcile();
  return changed;
};
