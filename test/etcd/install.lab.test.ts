import { beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import {
  changedBy,
  changedCounts,
  converge,
  crowd,
  everywhere,
  fingerprint,
  found,
  gateway,
  get,
  healthy,
  images,
  inventory,
  kplay,
  load,
  MEMBERS,
  NEW,
  NOTHING,
  OLD,
  on,
  put,
  statusOf,
  told,
  wipe,
} from './_cluster.ts';

const [first, second, third] = MEMBERS;
const nothingThere = (): void =>
  expect(everywhere('docker ps -aq --filter name=etcd; ls -A /var/etcd/data 2>/dev/null || :').join('')).toBe('');

vi.setConfig({ testTimeout: 240_000 });

describe('what founding refuses, with nothing changed', () => {
  beforeAll(wipe);

  test('an even number of members', async () => {
    const run = await kplay('-i', inventory([first, second]), 'k8s.yaml', '--tags', 'etcd');
    expect(run.rc).toBe(2);
    expect(told(run)).toContain('2 members bear no more failures than 1');
    expect(changedBy(run)).toEqual([]);
    nothingThere();
  });

  test('two members at one address', async () => {
    const names = [`a ansible_host=${first}`, `b ansible_host=${first}`, `c ansible_host=${second}`];
    const run = await kplay('-i', inventory(names), 'k8s.yaml', '--tags', 'etcd');
    expect(run.rc).toBe(2);
    expect(told(run)).toContain('an address of its own');
    expect(changedBy(run)).toEqual([]);
    nothingThere();
  });

  test('a run that leaves a member out', async () => {
    const run = await kplay('-i', 'inventories/lab', 'k8s.yaml', '--tags', 'etcd', '--limit', `${first},${second}`);
    expect(told(run)).toContain(`leaves out ${third}`);
    expect(changedBy(run)).toEqual([]);
    nothingThere();
  });

  test('a data folder that is not empty; the other members do not start either', async () => {
    on(second, 'mkdir -p /var/etcd/data && touch /var/etcd/data/.precious');
    const run = await converge();
    expect(run.rc).toBe(2);
    expect(told(run)).toContain(`/var/etcd/data on ${second} is not empty (/var/etcd/data/.precious)`);
    expect(changedBy(run)).toEqual([]);
    expect(everywhere('docker ps -aq --filter name=etcd')).toEqual(['', '', '']);
    expect(on(second, 'ls -A /var/etcd/data')).toBe('.precious');
    wipe();
  });

  test('a clock that is off', async () => {
    on(second, `printf '#!/bin/sh\\n/bin/date -d "1 minute" "$@"\\n' > /usr/local/bin/date; chmod 755 /usr/local/bin/date`);
    onTestFinished(() => void on(second, 'rm /usr/local/bin/date'));
    const run = await converge();
    expect(run.rc).toBe(2);
    expect(told(run)).toMatch(/the clock of 10\.89\.0\.12 is (59|6\d) s ahead of the controller's/);
    expect(changedBy(run)).toEqual([]);
    nothingThere();
  });

  test('an image that does not exist', async () => {
    const run = await converge('-e', 'etcd_version=9.9.9');
    expect(run.rc).toBe(2);
    expect(told(run)).toMatch(/manifest.*(unknown|not found)/);
    expect(changedBy(run)).toEqual([]);
    nothingThere();
  });
});

describe('a cluster of three', () => {
  beforeAll(async () => {
    const { seconds } = await found();
    console.log(`founded in ${seconds.toFixed(1)} s`);
  });

  test('is one cluster with one leader, and every member takes writes', async () => {
    const states = await Promise.all(MEMBERS.map(statusOf));
    expect(new Set(states.map(({ header }) => header.cluster_id)).size).toBe(1);
    expect(new Set(states.map(({ leader }) => leader)).size).toBe(1);
    expect(states.map(({ version }) => version)).toEqual([OLD, OLD, OLD]);
    const { members } = await gateway<{ members: { name: string }[] }>(first, 'cluster/member/list');
    expect(members.map(({ name }) => name).toSorted()).toEqual(MEMBERS);
    for (const member of MEMBERS) {
      await put(member, `by/${member}`, `written through ${member}`);
      for (const other of MEMBERS) expect(await get(other, `by/${member}`)).toBe(`written through ${member}`);
    }
  });

  test('an inventory that lost a member is refused', async () => {
    const run = await kplay('-i', inventory([first, second]), 'k8s.yaml', '--tags', 'etcd');
    expect(run.rc).toBe(2);
    expect(told(run)).toContain(`etcd has the member ${third}, and [etcds] does not`);
    expect(changedBy(run)).toEqual([]);
  });

  test('no member may found another cluster', () => {
    for (const args of everywhere(`docker inspect --format '{{join .Args " "}}' etcd`))
      expect(args).toMatch(/-initial-cluster-state existing$/);
  });

  test('again: nothing changes, quickly', async () => {
    const before = fingerprint();
    const runs = [await converge(), await converge(), await converge()];
    for (const run of runs) {
      expect(run.rc, told(run)).toBe(0);
      expect(run.outcomes.filter(({ status }) => status === 'ok').length).toBeGreaterThan(10);
      expect(changedCounts(run)).toEqual(NOTHING);
    }
    expect(fingerprint()).toEqual(before);
    const seconds = Math.min(...runs.map(run => run.seconds));
    console.log(`again in ${seconds.toFixed(2)} s`);
    expect(seconds).toBeLessThan(2 * crowd());
  });

  test('a container made anew by hand keeps its data', async () => {
    await put(first, 'kept', 'yes');
    on(second, 'docker rm -f etcd >/dev/null');
    const run = await converge();
    expect(changedBy(run), told(run)).toEqual([`${second} run etcd in docker`]);
    await healthy(...MEMBERS);
    expect(await get(second, 'kept')).toBe('yes');
    expect(changedCounts(await converge())).toEqual(NOTHING);
  });

  test('an image that does not exist leaves every member running', async () => {
    const before = fingerprint();
    const run = await converge('-e', 'etcd_version=3.4.99');
    expect(run.rc).toBe(2);
    expect(told(run)).toMatch(/manifest.*(unknown|not found)/);
    expect(changedBy(run)).toEqual([]);
    expect(fingerprint()).toEqual(before);
  });

  test('another version by k8s.yaml and 50 forks: never more than one member down', async () => {
    if (images().includes(NEW)) await found();
    const clients = load();
    const run = await converge('-e', `etcd_version=${NEW}`, '-f', '50');
    const report = await clients.end();
    console.log(`k8s.yaml -f 50: ${JSON.stringify(report)}`);
    expect(run.rc, told(run)).toBe(0);
    expect(images()).toEqual([NEW, NEW, NEW]);
    expect(report.lost).toEqual([]);
    expect(report.mostDown, report.together.join('\n')).toBeLessThanOrEqual(1);
    expect(report.acknowledged).toBeGreaterThan(20);
  });

  test.for([OLD, '3.7.0', '3.3.27'])('a version that the cluster cannot go to: %s', async version => {
    const before = fingerprint();
    const run = await converge('-e', `etcd_version=${version}`);
    expect(run.rc).toBe(2);
    expect(told(run)).toContain(`the cluster is at minor version 5 (its members run ${NEW}) and cannot go to ${version}`);
    expect(changedBy(run)).toEqual([]);
    expect(fingerprint()).toEqual(before);
  });

  test('a member that lost its data is refused, and cannot found a second cluster', async () => {
    await put(first, 'agreed', 'by the cluster that is');
    on(second, 'docker stop -t 5 etcd >/dev/null; rm -rf /var/etcd/data');
    const before = [on(first, `docker inspect --format '{{.Id}}' etcd`), on(third, `docker inspect --format '{{.Id}}' etcd`)];
    const run = await converge('-e', `etcd_version=${NEW}`);
    expect(run.rc).toBe(2);
    expect(told(run)).toContain(`${second} has no data in /var/etcd/data while ${first}, ${third} has`);
    expect(changedBy(run)).toEqual([]);
    expect([on(first, `docker inspect --format '{{.Id}}' etcd`), on(third, `docker inspect --format '{{.Id}}' etcd`)]).toEqual(before);
    // Nor does it found one when it is started by hand: its flags say that the cluster exists. It panics for its log, or is let in again.
    on(second, 'docker start etcd >/dev/null');
    const until = performance.now() + 10_000;
    while (performance.now() < until)
      expect(['by the cluster that is', 'no answer']).toContain(await get(second, 'agreed').catch(() => 'no answer'));
    on(second, 'docker stop -t 1 etcd >/dev/null');
  });
});
