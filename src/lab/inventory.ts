import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HOST_KEYS } from './base.ts';
import type { Host, Lab } from './lab.ts';
import { inventoryOf, keyOf, knownHostsOf } from './lab.ts';

/** Members of the etcd cluster: an odd number, so that a majority outlives one of them. */
const ETCDS = 3;

/** The lab as Ansible's ini inventory. */
export const inventoryIni = (lab: Lab, hosts: readonly Host[]): string => `[all]
${hosts.map(({ name, address }) => `${name} ansible_host=${address}\n`).join('')}
[etcds]
${hosts
  .slice(0, ETCDS)
  .map(({ name }) => `${name}\n`)
  .join('')}
[all:vars]
ansible_user=root
ansible_ssh_private_key_file=${keyOf(lab)}
ansible_ssh_common_args=-o UserKnownHostsFile=${knownHostsOf(lab)} -o StrictHostKeyChecking=yes
ansible_python_interpreter=/usr/bin/python3
`;

/** The hosts' real keys, by name and by address (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT). */
const knownHosts = async (hosts: readonly Host[]): Promise<string> => {
  const lines = hosts.flatMap(host =>
    HOST_KEYS.map(async path => {
      const [algorithm = '', key = ''] = (await readFile(join(host.root, `${path}.pub`), 'utf8')).split(' ');
      return `${host.name},${host.address} ${algorithm} ${key}\n`;
    }),
  );
  return (await Promise.all(lines)).join('');
};

/** Writes what clients need to reach the hosts. */
export const writeInventory = async (lab: Lab, hosts: readonly Host[]): Promise<void> => {
  await writeFile(inventoryOf(lab), inventoryIni(lab, hosts));
  await writeFile(knownHostsOf(lab), await knownHosts(hosts));
};
