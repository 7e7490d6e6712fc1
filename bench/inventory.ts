import { execFileSync } from 'node:child_process';
import type { Host } from './hosts.ts';

/** A host with what the playbooks' templates ask of an inventory. */
export interface Listed extends Host {
  /** Its groups but `all`. */
  readonly groups: readonly string[];
  /** All hosts of the inventory, itself among them. */
  readonly all: readonly string[];
}
interface Group {
  readonly hosts?: readonly string[];
  readonly children?: readonly string[];
}
type Groups = Readonly<Record<string, Group>>;
interface List {
  readonly _meta: { readonly hostvars: Readonly<Record<string, Readonly<Record<string, string>>>> };
}

const holds = (groups: Groups, group: string, host: string): boolean => {
  const { hosts = [], children = [] } = groups[group] ?? {};
  return hosts.includes(host) || children.some(child => holds(groups, child, host));
};

/** The hosts that a pattern names, by `kplay inventory --list`. */
export const hostsOf = (kplay: string, inventory: string, pattern: string): readonly Listed[] => {
  const list = (...args: readonly string[]): List & Groups =>
    JSON.parse(execFileSync(kplay, ['inventory', '--list', '-i', inventory, ...args], { encoding: 'utf8' })) as List & Groups;
  const { _meta: whole, ...groups } = list();
  return Object.entries(list('-l', pattern)._meta.hostvars).map(([name, vars]) => ({
    name,
    address: vars['ansible_host'] ?? name,
    user: vars['ansible_user'] ?? 'root',
    keyFile: vars['ansible_ssh_private_key_file'] ?? '',
    groups: Object.keys(groups).filter(group => group !== 'all' && holds(groups, group, name)),
    all: Object.keys(whole.hostvars),
  }));
};
