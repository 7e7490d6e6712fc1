import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { changedBy, crowd, everywhere, HOSTS, kplay, lab, NEW, phases, status, told } from './_cluster.ts';

const MINUTES = 60_000;

/** What a cluster consists of, whatever starts it: process, start and name. */
const processes = (): Promise<readonly string[]> =>
  everywhere(
    HOSTS,
    'ps -o pid=,lstart=,comm= -C etcd,kube-apiserver,kube-controller,kube-scheduler,kubelet,kube-proxy,flanneld,coredns | sort -n',
  );

/** The hosts are the same for all: each cluster is torn down before the next is built. */
describe.runIf(process.env['KPLAY_LAB'])('every runbook in every pattern', () => {
  beforeAll(async () => {
    await lab('up', '6', '--docker');
    await lab('images', 'kubernetes');
  }, 90 * MINUTES);
  afterAll(() => lab('down'), 5 * MINUTES);

  describe.each(['docker', 'systemd', 'systemd-docker', 'static-pods'])('%s', pattern => {
    const run: typeof kplay = (...args) => kplay(...args, '-e', `kube_pattern=${pattern}`);
    /** Once to its end, and once more with nothing to do. */
    const twice = async (...args: readonly string[]): Promise<void> => {
      const first = await run(...args);
      expect(told(first), args.join(' ')).toBe('');
      console.log(`${pattern}: ${args[0]}: ${first.seconds.toFixed(1)} s at load ${crowd().toFixed(1)} a core: ${phases(first)}`);
      const before = await processes();
      const second = await run(...args);
      expect([told(second), changedBy(second)], `${args.join(' ')}, again`).toEqual(['', []]);
      console.log(`${pattern}: ${args[0]} again: ${second.seconds.toFixed(1)} s`);
      expect(await processes()).toEqual(before);
    };

    test('site.yaml', { timeout: 15 * MINUTES }, () => twice('site.yaml'));

    test.for<[playbook: string, args: readonly string[], why: string | RegExp]>([
      ['site.yaml', ['-e', 'kube_version=1.35.4'], 'upgrades go one minor version at a time'],
      ['drain.yaml', [], 'which nodes?'],
      ['cordon.yaml', [], 'which nodes?'],
      ['uncordon.yaml', [], 'which nodes?'],
      ['scale-out.yaml', [], 'which hosts?'],
      ['scale-in.yaml', ['-e', 'leaving=h1,h2,h3'], 'a master and two members of etcd must stay'],
      ['etcd-replace.yaml', ['-e', 'member=h2'], 'h2 is healthy'],
      ['upgrade.yaml', ['-e', 'kube_version=1.32.1'], 'upgrades go one minor version at a time'],
      ['rollback.yaml', ['-e', 'kube_version=1.32.1'], 'upgrades go one minor version at a time'],
      ['reboot.yaml', ['-e', 'node=h4', '-e', 'drain_timeout=soon'], 'wait_timeout'],
      ['teardown.yaml', [], 'all of it will be gone'],
      ['teardown.yaml', ['-e', 'cluster=another'], 'all of it will be gone'],
    ])('%s refuses %j', { timeout: 5 * MINUTES }, async ([playbook, args, why]) => {
      const refused = await run(playbook, ...args);
      expect(refused.rc).toBe(2);
      expect(told(refused)).toMatch(why);
      expect(changedBy(refused)).toEqual([]);
    });

    test('cordon, drain and uncordon a node', { timeout: 10 * MINUTES }, async () => {
      for (const playbook of ['cordon.yaml', 'drain.yaml', 'uncordon.yaml']) await twice(playbook, '-e', 'node=h4');
    });

    test('a node leaves, and joins again', { timeout: 15 * MINUTES }, async () => {
      await twice('scale-in.yaml', '-e', 'leaving=h6');
      expect((await status('-e', `kube_pattern=${pattern}`)).stdout).toContain('h6 is no Node of the cluster');
      await twice('scale-out.yaml', '-e', 'new=h6');
    });

    test('the next minor version', { timeout: 30 * MINUTES }, () => twice('upgrade.yaml', '-e', `kube_version=${NEW}`));

    test('there is no way back from it', { timeout: 5 * MINUTES }, async () => {
      const refused = await run('rollback.yaml');
      expect([refused.rc, changedBy(refused)]).toEqual([2, []]);
      expect(told(refused)).toContain('upgrades go one minor version at a time');
    });

    test('a host is rebooted, and nothing has changed', { timeout: 15 * MINUTES }, async () => {
      expect(told(await run('reboot.yaml', '-e', 'node=h3', '-e', `kube_version=${NEW}`))).toBe('');
      expect(changedBy(await run('site.yaml', '-e', `kube_version=${NEW}`))).toEqual([]);
    });

    test('a member of etcd is made anew', { timeout: 10 * MINUTES }, async () => {
      const replaced = await run('etcd-replace.yaml', '-e', 'member=h2', '-e', 'force=true', '-e', `kube_version=${NEW}`);
      expect(told(replaced)).toBe('');
      expect((await status('-e', `kube_version=${NEW}`, '-e', `kube_pattern=${pattern}`)).stdout).toContain('nothing out of the ordinary');
    });

    test('and down', { timeout: 5 * MINUTES }, async () => {
      await twice('teardown.yaml', '-e', 'cluster=hosts');
      expect(await processes()).toEqual(HOSTS.map(() => ''));
    });
  });
});
