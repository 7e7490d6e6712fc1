import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { folder, kplay } from '../cli/_kplay.ts';

const HOME = join(import.meta.dirname, '../..');
const ETCD = join(HOME, 'playbooks/roles/etcd');
const PROD = ['-i', join(HOME, 'inventories/cd-prod')] as const;
/** What its facts and the role's defaults would say of the second member of cd-prod. */
const FACTS = ['-e', `@${join(ETCD, 'defaults/main.yml')}`, '-e', '{ansible_eth0: {ipv4: {address: 10.10.100.192}}}'] as const;

const render = async (template: string, ...more: readonly string[]): Promise<string> => {
  const args = ['render', join(ETCD, 'templates', template), ...PROD, '--host', '10.10.100.192', ...FACTS, ...more];
  const { stdout, stderr } = await kplay(folder({}), args);
  return stdout + stderr;
};

describe("the case study's cd-prod", () => {
  test('its line reaches the members, and nobody else', async () => {
    const args = ['run', '--limit=etcds', ...PROD, 'k8s.yaml', '--tags', 'etcd', '--list-hosts'];
    const { code, stdout } = await kplay(folder({}), args);
    expect([code, [...new Set(stdout.match(/^ +10\.\S+$/gm)?.map(line => line.trim()))]]).toEqual([
      0,
      ['10.10.100.191', '10.10.100.192', '10.10.100.193'],
    ]);
  });

  test('has masters and nodes beside them', async () => {
    const { stdout } = await kplay(folder({}), ['inventory', ...PROD, '--graph']);
    expect(stdout.match(/@\w+/g)?.toSorted()).toEqual(['@all', '@etcds', '@masters', '@nodes', '@ungrouped']);
  });

  test('a member’s docker run line has its addresses, all members, and the three corrections', async () => {
    const peers = ['191', '192', '193'].map(end => `10.10.100.${end}=http://10.10.100.${end}:2380`).join(',');
    expect((await render('etcd-command.j2', '-e', 'etcd_cluster_state=existing')).split(/\s*\\\n\s*|\s*\n/).filter(Boolean)).toEqual([
      'docker run --restart=always -d',
      '-v /var/etcd/data:/var/etcd/data',
      '-v /etc/localtime:/etc/localtime:ro',
      '-p 4001:4001 -p 2380:2380 -p 2379:2379',
      '--name etcd 10.10.190.190:10500/root/etcd:3.4.23',
      '/usr/local/bin/etcd',
      '-name 10.10.100.192',
      '-data-dir /var/etcd/data',
      '-advertise-client-urls http://10.10.100.192:2379,http://10.10.100.192:4001',
      '-listen-client-urls http://0.0.0.0:2379,http://0.0.0.0:4001',
      '-initial-advertise-peer-urls http://10.10.100.192:2380',
      '-listen-peer-urls http://0.0.0.0:2380',
      '-initial-cluster-token etcd-cluster',
      `-initial-cluster ${peers}`,
      '-initial-cluster-state existing',
    ]);
  });
});
