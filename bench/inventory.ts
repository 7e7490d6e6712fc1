import { execFileSync } from 'node:child_process';
import type { Host } from './hosts.ts';

/** A host with what the bench's templates ask of an inventory. */
export interface Listed extends Host {
  /** Its groups but `all`. */
  readonly groups: readonly string[];
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
  const listed = execFileSync(kplay, ['inventory', '--list', '-i', inventory, '-l', pattern], { encoding: 'utf8' });
  const { _meta, ...groups } = JSON.parse(listed) as List & Groups;
  return Object.entries(_meta.hostvars).map(([name, vars]) => ({
    name,
    address: vars['ansible_host'] ?? name,
    user: vars['ansible_user'] ?? 'root',
    keyFile: vars['ansible_ssh_private_key_file'] ?? '',
    groups: Object.keys(groups).filter(group => group !== 'all' && holds(groups, group, name)),
  }));
};
