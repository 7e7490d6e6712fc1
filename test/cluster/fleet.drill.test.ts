import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Report } from '../etcd/load.ts';
import {
  addressHolder,
  changedBy,
  containers,
  crowd,
  everywhere,
  type Host,
  HOSTS,
  kplay,
  kubectl,
  lab,
  MASTERS,
  on,
  probe,
  type Run,
  told,
  writer,
} from './_cluster.ts';
import type { Seen } from './probe.ts';

const MINUTES = 60_000;

/** What a run looked like to the two clients that looked on. */
const watched = async (work: () => Promise<Run>): Promise<{ readonly run: Run; readonly asked: Seen; readonly load: Report }> => {
  const [seen, written] = [probe(), await writer()];
  const run = await work();
  const [asked, load] = [await seen(), await written()];
  console.log(
    `${run.seconds.toFixed(1)} s at load ${crowd().toFixed(1)} a core; ${load.acknowledged} writes, ${load.lost.length} lost, longest gap ${load.longestGapMs.toFixed(0)} ms, ` +
      `${load.mostDown} members down at once; ${asked.failed.length} of ${asked.asked} requests failed, longest gap ${asked.longestGapMs.toFixed(0)} ms`,
  );
  return { run, asked, load };
};
/** Ids and processes of these hosts' containers. */
const untouched = async (but: readonly Host[]): Promise<readonly string[]> =>
  (await containers()).filter((_, index) => !but.includes(HOSTS[index]!));
const versions = async (): Promise<readonly string[]> =>
  (await kubectl(`get nodes -o jsonpath='{.items[*].status.nodeInfo.kubeletVersion}'`)).split(' ');
/** Another name in the registry for an image that is there: what it runs is not what its name says. */
const mislabel = (image: string, as: string): Promise<string> =>
  on(
    'h1',
    `registry=$(docker info -f '{{range .RegistryConfig.IndexConfigs}}{{if not .Secure}}{{.Name}}{{end}}{{end}}')
docker pull -q $registry/root/${image} && docker tag $registry/root/${image} $registry/root/${as} && docker push -q $registry/root/${as}`,
  );

describe.runIf(process.env['KPLAY_LAB'])('drills', () => {
  beforeAll(async () => {
    await lab('up', '6', '--docker');
    await lab('images', 'kubernetes');
    expect(told(await kplay('site.yaml'))).toBe('');
    for (const [image, as] of [
      ['hyperkube:v1.34.4', 'hyperkube:v1.33.99'],
      ['etcd:3.6.16', 'etcd:3.5.99'],
    ] as const)
      await mislabel(image, as);
  }, 90 * MINUTES);
  afterAll(() => lab('down'), 5 * MINUTES);

  test('an API server that is not what was asked for is rolled back, and no other is touched', { timeout: 20 * MINUTES }, async () => {
    const before = await untouched(['h1']);
    const { run, asked, load } = await watched(() => kplay('upgrade.yaml', '--limit', 'masters', '-e', 'kube_version=1.33.99'));
    expect(run.rc).toBe(2);
    expect(told(run)).toMatch(/is Kubernetes v1\.34\.4, and not v1\.33\.99[^]*was rolled back and is healthy/);
    expect(await untouched(['h1'])).toEqual(before);
    expect(await on('h1', `docker inspect -f '{{.Config.Image}}' kube-apiserver`)).toMatch(/v1\.33\.13$/);
    expect([asked.failed, load.lost]).toEqual([[], []]);
  });

  test('a member of etcd that is not what was asked for is rolled back, and no other is touched', { timeout: 20 * MINUTES }, async () => {
    const before = await everywhere(MASTERS, `docker inspect -f '{{.Id}} {{.Config.Image}}' etcd`);
    const { run, load } = await watched(() => kplay('upgrade.yaml', '--limit', 'etcds', '-e', 'etcd_version=3.5.99'));
    expect(run.rc).toBe(2);
    expect(told(run)).toMatch(/is etcd 3\.6\.16, and not 3\.5\.99[^]*was rolled back and is healthy/);
    const after = await everywhere(MASTERS, `docker inspect -f '{{.Id}} {{.Config.Image}}' etcd`);
    expect(after.filter((line, index) => line !== before[index])).toHaveLength(1);
    expect(after.map(line => line.split(' ')[1])).toEqual(before.map(line => line.split(' ')[1]));
    expect(load.lost).toEqual([]);
    expect(load.mostDown).toBeLessThanOrEqual(1);
  });

  test.for([
    ['takes pods again', 'uncordon', ''],
    ['which an operator had cordoned, stays so', 'cordon', 'h4'],
  ] as const)(
    'a kubelet that is not what was asked for is rolled back; its node %s',
    { timeout: 20 * MINUTES },
    async ([, verb, cordoned]) => {
      await kubectl(`${verb} h4`);
      const before = await untouched(['h4']);
      const { run } = await watched(() => kplay('upgrade.yaml', '--limit', 'nodes', '-e', 'kube_version=1.33.99'));
      expect(run.rc).toBe(2);
      expect(told(run)).toMatch(/was rolled back and is healthy/);
      expect(await untouched(['h4'])).toEqual(before);
      expect(await kubectl(`get nodes -o jsonpath='{.items[?(@.spec.unschedulable)].metadata.name}'`)).toBe(cordoned);
      expect(await versions()).toEqual(HOSTS.map(() => 'v1.33.13'));
      await kubectl('uncordon h4');
    },
  );

  test('etcd goes to 3.6 up to the last member but one, and back', { timeout: 20 * MINUTES }, async () => {
    const images = (): Promise<readonly string[]> => everywhere(MASTERS, `docker inspect -f '{{.Config.Image}}' etcd | sed 's/.*://'`);
    const { run, load } = await watched(() => kplay('upgrade-etcd.yaml', '--limit', 'h1,h2', '-e', 'etcd_version=3.6.16'));
    expect(told(run)).toBe('');
    expect(await images()).toEqual(['3.6.16', '3.6.16', '3.5.35']);
    const back = await watched(() => kplay('rollback.yaml'));
    expect(told(back.run)).toBe('');
    expect(await images()).toEqual(['3.5.35', '3.5.35', '3.5.35']);
    expect([load.lost, back.load.lost]).toEqual([[], []]);
    expect(Math.max(load.mostDown, back.load.mostDown)).toBeLessThanOrEqual(1);
  });

  test(
    'a playbook that forgot serial takes one API server and one member down at a time, with 50 forks',
    { timeout: 20 * MINUTES },
    async () => {
      const file = join(mkdtempSync(join(tmpdir(), 'kplay-drill-')), 'careless.yaml');
      writeFileSync(
        file,
        `- hosts: masters
  gather_facts: false
  tasks:
    - guard: apiserver
      command: docker restart -t 5 kube-apiserver
    - guard: etcd_quorum
      command: docker restart etcd
`,
      );
      const { run, asked, load } = await watched(() => kplay(file, '-f', '50'));
      expect(told(run)).toBe('');
      expect(load.lost).toEqual([]);
      expect(load.mostDown).toBeLessThanOrEqual(1);
      expect(asked.failed).toEqual([]);
    },
  );

  test('with no API server to ask, a drain and a node upgrade stop, and change nothing', { timeout: 10 * MINUTES }, async () => {
    await everywhere(MASTERS, 'docker stop -t 1 kube-apiserver');
    const runs = [await kplay('drain.yaml', '-e', 'node=h5'), await kplay('upgrade.yaml', '--limit', 'nodes', '-e', 'kube_version=1.34.4')];
    await everywhere(MASTERS, 'docker start kube-apiserver');
    for (const run of runs) {
      expect(run.rc).toBe(2);
      expect(told(run)).toContain('takes requests, so nobody can tell what runs where');
      expect(changedBy(run)).toEqual([]);
    }
  });

  test.for(['haproxy', 'kube-apiserver'])("the address outlives its holder's %s", { timeout: 10 * MINUTES }, async component => {
    const holder = await addressHolder();
    const seen = probe();
    await on(holder, `docker kill ${component} && sleep 8 && docker start ${component}`);
    const { failed, longestGapMs } = await seen();
    console.log(
      `${component} killed: ${failed.length} requests failed, longest gap ${longestGapMs.toFixed(0)} ms at load ${crowd().toFixed(1)} a core`,
    );
    expect(longestGapMs).toBeLessThan(3_000 * crowd());
  });

  test('every host is rebooted in turn, and the cluster comes back by itself', { timeout: 40 * MINUTES }, async () => {
    const { run, load } = await watched(() => kplay('reboot.yaml'));
    expect(told(run)).toBe('');
    expect(load.lost).toEqual([]);
    expect(load.mostDown).toBeLessThanOrEqual(1);
    expect((await kubectl('get nodes --no-headers')).split('\n').map(line => line.split(/\s+/)[1])).toEqual(HOSTS.map(() => 'Ready'));
    expect(changedBy(await kplay('site.yaml'))).toEqual([]);
  });

  test(
    'grown to four members, with one down, an upgrade refuses; and an inventory without the fourth is refused',
    { timeout: 20 * MINUTES },
    async () => {
      const grown = join(mkdtempSync(join(tmpdir(), 'kplay-drill-')), 'grown');
      writeFileSync(grown, '[etcds]\nh4\n');
      expect(told(await kplay('scale-out.yaml', '-i', grown, '-e', 'new=h4'))).toBe('');
      await on('h2', 'docker stop etcd');
      const upgrade = await kplay('upgrade.yaml', '-i', grown, '-e', 'etcd_version=3.6.16');
      await on('h2', 'docker start etcd');
      expect([upgrade.rc, changedBy(upgrade)]).toEqual([2, []]);
      expect(told(upgrade)).toContain('h2 is not healthy');
      const lost = await kplay('site.yaml');
      expect([lost.rc, changedBy(lost)]).toEqual([2, []]);
      expect(told(lost)).toContain('etcd has the member h4');
    },
  );
});
