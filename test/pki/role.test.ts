import { execFileSync } from 'node:child_process';
import { existsSync, globSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import type { Event } from '../../src/model/event.ts';
import { folder, kplay, type Ran } from '../cli/_kplay.ts';

const ROLE = join(import.meta.dirname, '../../playbooks/roles/pki');
const INVENTORY = `[etcds]
m1 ansible_host=10.0.0.1
e1 ansible_host=10.0.0.5
[masters]
m1 ansible_host=10.0.0.1
m2 node_address=10.0.0.2 node_name=master-2
[nodes]
n1 ansible_host=10.0.0.7
[all:vars]
ansible_connection=local
`;

/** A cluster whose hosts are folders of this machine, named for them. */
const cluster = (play = ''): string =>
  folder({
    'demo.ini': INVENTORY,
    'group_vars/all.yml': 'pki_config_dir: "{{ inventory_dir }}/{{ inventory_hostname }}"\nkube_cluster: demo\n',
    'site.yml': `- hosts: all\n  gather_facts: false\n  tasks:\n    - include_role: {name: ${ROLE}${play}}\n`,
  });
const run = (dir: string, ...args: readonly string[]): Promise<Ran> => kplay(dir, ['run', '-i', 'demo.ini', 'site.yml', ...args]);
const events = ({ stdout }: Ran): Event[] =>
  stdout
    .split('\n')
    .filter(Boolean)
    .map(line => JSON.parse(line) as Event);
const changed = (ran: Ran): string[] =>
  events(ran)
    .flatMap(event => (event.type === 'item' || event.type === 'outcome' ? [event] : []))
    .flatMap(({ outcome, ...event }) =>
      outcome.status === 'changed' && ('item' in event || outcome.result['results'] === undefined)
        ? [`${outcome.host} ${outcome.task.name}${'item' in event ? `: ${event.item}` : ''}`]
        : [],
    );

const openssl = (...args: readonly string[]): string => execFileSync('openssl', args, { encoding: 'utf8', stdio: 'pipe' });
const verify = (ca: string, purpose: 'sslserver' | 'sslclient', leaf: string): string =>
  openssl('verify', '-x509_strict', '-purpose', purpose, '-CAfile', ca, leaf);
const subject = (leaf: string): string => openssl('x509', '-in', leaf, '-noout', '-subject', '-nameopt', 'RFC2253').trim();
const files = (dir: string): string[] =>
  globSync(['pki/**', '{m1,m2,e1,n1}/**'], { cwd: dir }).filter(file => statSync(join(dir, file)).isFile());

/** Lines that only a private key has, plain and as admin.conf holds them. */
const secrets = (dir: string): string[] =>
  globSync(['**/*.key', '**/admin.conf'], { cwd: dir })
    .map(file => readFileSync(join(dir, file), 'utf8'))
    .flatMap(text => [
      ...text.split('\n').filter(line => /^[\w+/=]{20,}$/.test(line)),
      ...[...text.matchAll(/client-key-data: (\S+)/g)].map(([, data = '']) => data.slice(40, 120)),
    ]);

test('a cluster gets what it needs, and the second run changes nothing', async () => {
  const dir = cluster();
  const at = (file: string): string => join(dir, file);
  const told = [await run(dir, '--check', '--diff')];
  expect([told[0]!.code, files(dir)]).toEqual([0, []]);
  const first = await run(dir, '--json', '--diff', '--report', 'report.html');
  expect(first).toMatchObject({ code: 0, stderr: '' });

  const CAS = { ca: 'pki/demo/ca.crt', etcd: 'pki/demo/etcd/ca.crt', front: 'pki/demo/front-proxy-ca.crt' };
  for (const [host, leaf, ca, purposes, name] of [
    ['e1', 'etcd/server', CAS.etcd, ['sslserver', 'sslclient'], 'CN=e1'],
    ['m1', 'etcd/peer', CAS.etcd, ['sslserver', 'sslclient'], 'CN=m1'],
    ['e1', 'etcd/healthcheck-client', CAS.etcd, ['sslclient'], 'CN=kube-etcd-healthcheck-client'],
    ['m2', 'apiserver', CAS.ca, ['sslserver'], 'CN=kube-apiserver'],
    ['m2', 'apiserver-etcd-client', CAS.etcd, ['sslclient'], 'CN=kube-apiserver-etcd-client'],
    ['m1', 'apiserver-kubelet-client', CAS.ca, ['sslclient'], 'CN=kube-apiserver-kubelet-client'],
    ['m1', 'front-proxy-client', CAS.front, ['sslclient'], 'CN=front-proxy-client'],
    ['m1', 'controller-manager', CAS.ca, ['sslclient'], 'CN=system:kube-controller-manager'],
    ['m1', 'scheduler', CAS.ca, ['sslclient'], 'CN=system:kube-scheduler'],
    ['m2', 'kubelet-client', CAS.ca, ['sslclient'], 'CN=system:node:master-2,O=system:nodes'],
    ['n1', 'kubelet', CAS.ca, ['sslserver'], 'CN=n1'],
    ['n1', 'kube-proxy', CAS.ca, ['sslclient'], 'CN=system:kube-proxy'],
    ['n1', 'flannel', CAS.ca, ['sslclient'], 'CN=flannel'],
  ] as const) {
    const path = at(`${host}/pki/${leaf}.crt`);
    for (const purpose of purposes) expect(verify(at(ca), purpose, path)).toContain(': OK');
    expect(subject(path)).toBe(`subject=${name}`);
    expect([statSync(path).mode & 0o777, statSync(at(`${host}/pki/${leaf}.key`)).mode & 0o777]).toEqual([0o644, 0o600]);
  }
  const names = openssl('x509', '-in', at('m2/pki/apiserver.crt'), '-noout', '-ext', 'subjectAltName').split('\n')[1]!;
  expect(names.trim().split(', ').toSorted()).toEqual([
    'DNS:kubernetes',
    'DNS:kubernetes.default',
    'DNS:kubernetes.default.svc',
    'DNS:kubernetes.default.svc.cluster.local',
    'DNS:localhost',
    'DNS:m1',
    'DNS:master-2',
    'IP Address:10.0.0.1',
    'IP Address:10.0.0.2',
    'IP Address:10.96.0.1',
    'IP Address:127.0.0.1',
  ]);
  expect(statSync(at('pki/demo')).mode & 0o777).toBe(0o700);
  expect(globSync('{m1,m2,e1,n1}/**/*ca.key', { cwd: dir })).toEqual([]);
  expect(readFileSync(at('m1/pki/sa.pub'), 'utf8')).toBe(openssl('pkey', '-in', at('m2/pki/sa.key'), '-pubout'));

  const before = files(dir).map(file => [file, statSync(at(file)).mtimeMs, statSync(at(file)).ino]);
  const second = await run(dir, '--json', '--diff');
  expect([second.code, changed(second)]).toEqual([0, []]);
  expect(files(dir).map(file => [file, statSync(at(file)).mtimeMs, statSync(at(file)).ino])).toEqual(before);

  rmSync(at('m1/pki/scheduler.key'));
  told.push(
    first,
    second,
    await run(dir, '--check', '--diff', '-vvv'),
    await run(dir, '--diff', '-vvv', '-e', '{pki_renew_days: 300, pki_days: 400}'),
  );
  const text = [...told.map(({ stdout, stderr }) => stdout + stderr), readFileSync(at('report.html'), 'utf8')].join('\n');
  expect(told.map(({ code }) => code)).toEqual([0, 0, 0, 0, 0]);
  expect(secrets(dir).length).toBeGreaterThan(50);
  expect(text).toContain('subject_alt_names');
  for (const secret of [...secrets(dir), 'PRIVATE']) expect(text).not.toContain(secret);
});

test('kubeconfigs name files that are there; the administrator holds its own', async () => {
  const dir = cluster();
  expect(await run(dir)).toMatchObject({ code: 0 });
  for (const [file, server] of [
    ['m1/controller-manager.conf', 'https://127.0.0.1:6443'],
    ['m2/scheduler.conf', 'https://127.0.0.1:6443'],
    ['n1/kubelet.conf', 'https://10.0.0.1:8443'],
    ['n1/kube-proxy.conf', 'https://10.0.0.1:8443'],
    ['m1/flannel.conf', 'https://10.0.0.1:8443'],
  ] as const) {
    const config = parse(readFileSync(join(dir, file), 'utf8'));
    const { cluster: reached } = config.clusters[0];
    const { user } = config.users[0];
    expect([reached.server, config['current-context'], statSync(join(dir, file)).mode & 0o777]).toEqual([
      server,
      config.contexts[0].name,
      0o600,
    ]);
    expect(verify(reached['certificate-authority'], 'sslclient', user['client-certificate'])).toContain(': OK');
    expect(existsSync(user['client-key'])).toBe(true);
  }
  const admin = parse(readFileSync(join(dir, 'm2/admin.conf'), 'utf8'));
  const held = (name: string): string => Buffer.from(String(admin.users[0].user[name]), 'base64').toString();
  expect(held('client-key-data')).toBe(readFileSync(join(dir, 'pki/demo/admin.key'), 'utf8'));
  expect(held('client-certificate-data')).toBe(readFileSync(join(dir, 'pki/demo/admin.crt'), 'utf8'));
  expect(subject(join(dir, 'pki/demo/admin.crt'))).toBe('subject=CN=kubernetes-admin,O=system:masters');
  expect(verify(join(dir, 'pki/demo/ca.crt'), 'sslclient', join(dir, 'pki/demo/admin.crt'))).toContain(': OK');

  const moved = await run(dir, '--json', '-e', 'kube_vip=10.0.0.100', '--limit', 'm1');
  expect(changed(moved)).toEqual([
    'm1 certificates: apiserver',
    'm1 kubeconfigs: kubelet',
    'm1 kubeconfigs: kube-proxy',
    'm1 kubeconfigs: flannel',
    'm1 kubeconfig of the administrator',
  ]);
});

test('a controller without the authorities refuses to replace them', async () => {
  const dir = cluster(', tasks_from: "{{ part }}"');
  const authority = (): Promise<Ran> => run(dir, '-e', 'part=authority', '--limit', 'n1');
  expect([(await authority()).code, (await run(dir, '-e', 'part=host', '--limit', 'n1')).code]).toEqual([0, 0]);
  renameSync(join(dir, 'pki'), join(dir, 'lost'));
  expect((await authority()).code).toBe(0);
  const before = files(dir).map(file => readFileSync(join(dir, file), 'utf8'));
  const refused = await run(dir, '-e', 'part=host', '--limit', 'n1');
  expect([refused.code, refused.stdout]).toEqual([2, expect.stringContaining('was signed by another CA')]);
  expect(files(dir).map(file => readFileSync(join(dir, file), 'utf8'))).toEqual(before);
});

test('one part alone', async () => {
  const dir = cluster(', tasks_from: "{{ part }}"');
  expect(await run(dir, '-e', 'part=authority')).toMatchObject({ code: 0 });
  expect(files(dir).every(file => file.startsWith('pki/demo/'))).toBe(true);
  expect(await run(dir, '-e', 'part=host', '--limit', 'e1')).toMatchObject({ code: 0 });
  expect(
    files(dir)
      .filter(file => !file.startsWith('pki/'))
      .toSorted(),
  ).toEqual(
    ['ca.crt', 'healthcheck-client.crt', 'healthcheck-client.key', 'peer.crt', 'peer.key', 'server.crt', 'server.key'].map(
      name => `e1/pki/etcd/${name}`,
    ),
  );
});
