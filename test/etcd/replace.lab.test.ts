import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeEach, expect, test, vi } from 'vitest';
import { changedBy, changedCounts, kplay, NEW, type Run, told } from './_cluster.ts';
import { addressOf, fileOf, type Host, HOSTS, LAB, on, registry } from './_hosts.ts';

vi.setConfig({ testTimeout: 300_000 });

const inventory = (): string =>
  fileOf(
    'scratch',
    `[etcds]
${HOSTS.map(host => `${host} ansible_host=${addressOf(host)}`).join('\n')}
[masters]
[nodes]
[all:vars]
etcd_version=${NEW}
etcd_interface=host0
registry=${registry()}
${readFileSync(LAB, 'utf8').replace(/[^]*\[all:vars\]/, '')}`,
  );
const wipe = (host: Host): string => on(host, 'docker rm -f etcd >/dev/null 2>&1 || :; rm -rf /var/etcd');
const CTL = 'docker exec etcd etcdctl';
const containers = (): string[] => HOSTS.map(host => on(host, `docker inspect --format '{{.Id}} {{.State.Pid}}' etcd`));

let hosts = '';
const run = (playbook: string, ...more: readonly string[]): Promise<Run> =>
  kplay('-i', hosts, playbook, '-e', `etcd_backup_to=${join(dirname(hosts), 'backups')}`, ...more);
const replace = (...more: readonly string[]): Promise<Run> => run('etcd-replace.yaml', ...more);
const recorded = (): string => readFileSync(join(dirname(hosts), 'pki/scratch/etcd.cluster_id'), 'utf8').trim();

beforeEach(async () => {
  HOSTS.forEach(wipe);
  hosts = inventory();
  const founded = await run('k8s.yaml', '--tags', 'etcd', '--limit', 'etcds');
  expect(founded.rc, told(founded)).toBe(0);
  on('h1', `${CTL} put kept kept`);
});
afterAll(() => HOSTS.forEach(wipe));

test('a member that lost its disk is made anew, and the others do not notice', async () => {
  for (const args of [[], ['-e', 'member=h2']]) {
    const refused = await replace(...args);
    expect([refused.rc, changedBy(refused)], told(refused)).toEqual([2, []]);
    expect(told(refused)).toMatch(args.length === 0 ? /which member\?/ : /h2 is healthy: nothing was changed/);
  }
  const before = containers();
  on('h2', 'docker stop etcd; rm -rf /var/etcd/data');
  on('h3', 'docker stop etcd');
  const refused = await replace('-e', 'member=h2');
  expect([refused.rc, changedBy(refused)], told(refused)).toEqual([2, []]);
  on('h3', `docker start etcd; until ${CTL} endpoint health 2>/dev/null; do sleep 1; done`);
  before[2] = containers()[2] ?? '';

  const replaced = await replace('-e', 'member=h2');
  expect(replaced.rc, told(replaced)).toBe(0);
  expect(on('h2', `${CTL} get kept --print-value-only --consistency=s`)).toBe('kept');
  expect(on('h1', `${CTL} member list | grep -c 'started.*false$'`)).toBe('3');
  const after = containers();
  expect([after[0], after[2]]).toEqual([before[0], before[2]]);

  const again = await run('k8s.yaml', '--tags', 'etcd', '--limit', 'etcds');
  expect(changedCounts(again), told(again)).toEqual({ h1: 0, h2: 0, h3: 0 });
});

test('a healthy one is replaced by force, and its data is kept; a cluster is torn down when it is the one that is meant', async () => {
  const replaced = await replace('-e', 'member=h3', '-e', 'force=true');
  expect(replaced.rc, told(replaced)).toBe(0);
  expect(on('h3', 'ls -d /var/etcd/data.*/member | wc -l')).toBe('1');

  expect(told(await run('teardown.yaml', '-e', 'cluster=other'))).toContain('this is the cluster scratch');
  expect(told(await run('teardown.yaml', '-e', 'cluster=scratch', '-e', 'etcd_record=/nowhere'))).toContain(
    'nothing says which one was founded',
  );
  expect(told(await run('teardown.yaml', '-e', 'cluster=scratch', '-e', 'cluster_id=1'))).toContain(
    `is cluster ${recorded()}, but the one that was founded is 1`,
  );
  expect(containers()).toHaveLength(HOSTS.length);

  const gone = await run('teardown.yaml', '-e', 'cluster=scratch');
  expect(gone.rc, told(gone)).toBe(0);
  for (const host of HOSTS) expect(on(host, 'docker ps -aq; ls /var/etcd')).not.toMatch(/^data$|^[0-9a-f]{12}$/m);
  const again = await run('teardown.yaml', '-e', 'cluster=scratch');
  expect(changedCounts(again), told(again)).toEqual({ h1: 0, h2: 0, h3: 0 });
});
