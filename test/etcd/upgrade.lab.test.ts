import { beforeAll, describe, expect, test, vi } from 'vitest';
import type { Outcome } from '../../src/model/event.ts';
import {
  changedBy,
  changedCounts,
  converge,
  fingerprint,
  found,
  get,
  healthy,
  images,
  leader,
  load,
  type Member,
  MEMBERS,
  NEW,
  NOTHING,
  OLD,
  on,
  put,
  told,
  upgrade,
} from './_cluster.ts';

const [first, second, third] = MEMBERS;
const backups = (): readonly string[] => ['-e', 'etcd_backup_to=/tmp/kplay-etcd-test'];
const to = (version: string, ...args: readonly string[]) => upgrade('-e', `etcd_version=${version}`, ...backups(), ...args);

vi.setConfig({ testTimeout: 240_000 });
beforeAll(async () => void (await found()));

test('--check --diff tells the containers that would be recreated, and changes nothing', async () => {
  const before = fingerprint();
  const run = await converge('-e', `etcd_version=${NEW}`, '--check', '--diff');
  expect(run.rc, told(run)).toBe(0);
  const containers = run.outcomes.filter(({ task, status }) => task.action === 'docker_run' && status === 'changed');
  expect(containers.map(({ host }) => host).toSorted()).toEqual(MEMBERS);
  for (const { changes } of containers) {
    expect(changes.map(({ key }) => key)).toEqual(['image']);
    expect(changes[0]).toMatchObject({ before: expect.stringContaining(`etcd:${OLD}`), after: expect.stringContaining(`etcd:${NEW}`) });
  }
  expect(run.outcomes.filter(({ task, status }) => status === 'changed' && !task.action.startsWith('docker_'))).toEqual([]);
  expect(fingerprint()).toEqual(before);
});

describe('what an upgrade refuses, with nothing changed', () => {
  test.for([
    ['3.6.4', /cannot go to 3\.6\.4.*one minor version at a time/s],
    ['3.3.27', /cannot go to 3\.3\.27/],
    ['4.0.0', /cannot go to 4\.0\.0/],
    ['newest', /cannot go to newest/],
    ['3.5.1', /can corrupt data/],
  ] as const)('%s', async ([version, why]) => {
    const before = fingerprint();
    const run = await to(version);
    expect(run.rc).toBe(2);
    expect(told(run)).toMatch(why);
    expect(changedBy(run)).toEqual([]);
    expect(fingerprint()).toEqual(before);
  });

  test('a member that is down', async () => {
    on(third, 'docker stop -t 5 etcd >/dev/null');
    const before = fingerprint();
    for (const run of [await to(NEW), await to(NEW, '--limit', first)]) {
      expect(run.rc).toBe(2);
      expect(told(run)).toContain(`${third} is not healthy`);
      expect(changedBy(run)).toEqual([]);
    }
    // The guard says the same where nobody asked first.
    const run = await converge('-e', `etcd_version=${NEW}`, '--limit', first);
    expect(told(run)).toMatch(/would leave 1 of 3 registered members, and 2 are needed/);
    expect(fingerprint()).toEqual(before);
    on(third, 'docker start etcd >/dev/null');
    await healthy(...MEMBERS);
  });
});

test('an etcd that does not run stops at the first follower, whose old container is back', async () => {
  const led = await leader();
  const before = fingerprint();
  const run = await to(NEW, '-e', 'etcd_image=10.89.0.1:10500/root/etcd:broken');
  expect(run.rc).toBe(2);
  expect(told(run)).toMatch(/this etcd is broken on purpose/);
  const touched = new Set(
    run.outcomes.filter(({ task, status }) => task.action === 'docker_run' && status === 'failed').map(({ host }) => host),
  );
  expect([...touched]).toEqual([MEMBERS.find(member => member !== led)]);
  await healthy(...MEMBERS);
  const after = fingerprint();
  const container = (print: string): string => print.split('\n')[0]!;
  for (const [index, member] of MEMBERS.entries())
    if (!touched.has(member)) expect(container(after[index]!)).toBe(container(before[index]!));
  expect(images()).toEqual([OLD, OLD, OLD]);
});

test('before the last member there is a way back', async () => {
  await put(first, 'there', 'and back');
  const canary = await to(NEW, '--limit', `${first},${second}`);
  expect(canary.rc, told(canary)).toBe(0);
  expect(images()).toEqual([NEW, NEW, OLD]);
  const back = await to(OLD);
  expect(back.rc, told(back)).toBe(0);
  expect(images()).toEqual([OLD, OLD, OLD]);
  expect(await get(third, 'there')).toBe('and back');
});

/** What of an outcome the order of an upgrade is about. */
const stepOf = ({ task, host, status }: Outcome): readonly string[] => {
  if (status !== 'ok' && status !== 'changed') return [];
  if (task.action === 'docker_image') return ['pull'];
  if (task.name === 'run etcd in docker') return [`run ${host}`];
  if (task.name === 'save a snapshot') return ['snapshot'];
  return task.name === 'wait until the member is healthy' ? [`healthy ${host}`] : [];
};

test('a rolling upgrade under load: followers first, one at a time, no acknowledged write lost', async () => {
  if (images().includes(NEW)) await found();
  const led = await leader();
  const clients = load();
  const run = await to(NEW);
  const report = await clients.end();
  console.log(`upgrade in ${run.seconds.toFixed(1)} s: ${JSON.stringify(report)}`);
  expect(run.rc, told(run)).toBe(0);
  expect(images()).toEqual([NEW, NEW, NEW]);
  const order = run.outcomes
    .filter(({ task, status }) => task.action === 'docker_run' && status === 'changed')
    .map(({ host }) => host as Member);
  expect(order).toEqual([...MEMBERS.filter(member => member !== led), led]);
  // Pulled everywhere and saved before anything is restarted; healthy before the next one.
  const prepared = ['pull', 'pull', 'pull', 'snapshot'];
  expect(run.outcomes.flatMap(stepOf)).toEqual([...prepared, ...order.flatMap(member => ['pull', `run ${member}`, `healthy ${member}`])]);
  expect(report.lost).toEqual([]);
  expect(report.acknowledged).toBeGreaterThan(20);
  expect(report.mostDown, report.together.join('\n')).toBeLessThanOrEqual(1);
  // Again: nothing is pulled, saved or restarted.
  const before = fingerprint();
  const again = await to(NEW);
  expect(changedCounts(again), told(again)).toEqual(NOTHING);
  expect(fingerprint()).toEqual(before);
});

test('after the last member there is none', async () => {
  const before = fingerprint();
  const run = await to(OLD);
  expect(run.rc).toBe(2);
  expect(told(run)).toMatch(/the cluster is at minor version 5 .* cannot go to 3\.4\.23/);
  expect(fingerprint()).toEqual(before);
});
