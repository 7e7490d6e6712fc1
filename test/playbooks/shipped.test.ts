import { join } from 'node:path';
import { expect, test } from 'vitest';
import { folder, kplay } from '../cli/_kplay.ts';

const HOME = join(import.meta.dirname, '../..');
const CLUSTER = ['-i', join(HOME, 'inventories/lab-cluster')] as const;
const templates = join(HOME, 'playbooks/roles');

test.for([
  ['k8s.yaml', 'cd-prod'],
  ['k8s.yaml', 'lab'],
  ['upgrade.yaml', 'lab'],
  ['etcd-backup.yaml', 'lab'],
  ['converge.yaml', 'lab'],
  ['etcd-replace.yaml', 'lab'],
  ['site.yaml', 'lab-cluster'],
  ['drain.yaml', 'lab-cluster'],
  ['cordon.yaml', 'lab-cluster'],
  ['uncordon.yaml', 'lab-cluster'],
  ['status.yaml', 'lab-cluster'],
  ['upgrade.yaml', 'lab-cluster'],
  ['rollback.yaml', 'lab-cluster'],
  ['reboot.yaml', 'lab-cluster'],
  ['converge.yaml', 'lab-cluster'],
  ['scale-out.yaml', 'lab-cluster'],
  ['scale-in.yaml', 'lab-cluster'],
  ['teardown.yaml', 'lab-cluster'],
])('%s has no mistake that can be known, with inventories/%s', async ([playbook = '', inventory = '']) => {
  const { code, stderr } = await kplay(folder({}), ['run', '-i', join(HOME, 'inventories', inventory), playbook, '--syntax-check']);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
});

test('a cluster is built in layers, each with a tag', async () => {
  const { stdout } = await kplay(folder({}), ['run', ...CLUSTER, 'site.yaml', '--list-tags']);
  const plays = [...stdout.matchAll(/play #\d+ \((.*?)\): .*TAGS: \[(.*)\]/g)].map(([, hosts, tags]) => `${hosts}: ${tags}`);
  expect(plays).toEqual([
    'etcds:masters:nodes: preflight',
    'etcds:masters:nodes: runtime',
    'etcds:masters:nodes: pki',
    'etcds: etcd',
    'masters: masters',
    'masters:nodes: nodes',
    'masters: dns',
    'masters:nodes: smoke',
  ]);
});

const render = async (template: string, host: string, ...vars: readonly string[]): Promise<string> => {
  const defaults = ['cluster/defaults', 'cluster/vars', `${template.split('/')[0]}/defaults`].map(name =>
    join(templates, name, 'main.yml'),
  );
  const extra = [...defaults.map(file => `@${file}`), ...vars].flatMap(one => ['-e', one]);
  const { stdout, stderr } = await kplay(folder({}), ['render', join(templates, template), ...CLUSTER, '--host', host, ...extra]);
  return stderr + stdout;
};

test('an API server knows every etcd, over TLS, and its own address', async () => {
  const flags = (await render('masters/templates/apiserver.j2', 'h2')).split('\n');
  expect(flags).toContain('--advertise-address=10.89.0.12');
  expect(flags).toContain('--etcd-servers=https://10.89.0.11:2379,https://10.89.0.12:2379,https://10.89.0.13:2379');
  expect(flags).toContain('--etcd-certfile=/etc/kubernetes/pki/apiserver-etcd-client.crt');
});

test('who leaves is balanced over and written to no more', async () => {
  const balanced = await render('loadbalancer/templates/haproxy.cfg.j2', 'h1', 'leaving=h2');
  expect([...balanced.matchAll(/^ {2}server (\S+)/gm)].map(([, host]) => host)).toEqual(['h1', 'h3']);
  const flags = (await render('masters/templates/apiserver.j2', 'h1', 'leaving=h2,h5')).split('\n');
  expect(flags).toContain('--etcd-servers=https://10.89.0.11:2379,https://10.89.0.13:2379');
});

test('masters hold the address in an order of their own', async () => {
  const priorities = await Promise.all(
    ['h1', 'h2', 'h3'].map(host => render('loadbalancer/templates/keepalived.conf.j2', host, 'kube_vip=10.89.0.100')),
  );
  expect(priorities.map(text => /priority (\d+)/.exec(text)?.[1])).toEqual(['100', '99', '98']);
  for (const text of priorities) expect(text).toContain('10.89.0.100/32');
});
