import { beforeAll, expect, test, vi } from 'vitest';
import {
  changedCounts,
  converge,
  everywhere,
  fingerprint,
  found,
  get,
  healthy,
  images,
  MEMBERS,
  NEW,
  NOTHING,
  on,
  OLD,
  put,
  statusOf,
  told,
  upgrade,
  wipe,
} from './_cluster.ts';

vi.setConfig({ testTimeout: 240_000 });
const UNIT = ['-e', 'etcd_variant=systemd'] as const;
const [first, second] = MEMBERS;

beforeAll(async () => void (await found(...UNIT)));

test('a unit runs each member, and the second run changes nothing', async () => {
  expect(everywhere('systemctl is-active etcd; systemctl is-enabled etcd')).toEqual(MEMBERS.map(() => 'active\nenabled'));
  expect(everywhere('grep -c "initial-cluster-state existing" /etc/systemd/system/etcd.service')).toEqual(['1', '1', '1']);
  expect(new Set((await Promise.all(MEMBERS.map(statusOf))).map(({ header }) => header.cluster_id)).size).toBe(1);
  const before = fingerprint();
  const run = await converge(...UNIT);
  expect(run.outcomes.filter(({ status }) => status === 'ok').length).toBeGreaterThan(10);
  expect(changedCounts(run), told(run)).toEqual(NOTHING);
  expect(fingerprint()).toEqual(before);
});

test('systemd restarts a member that was killed', async () => {
  on(second, 'docker kill etcd >/dev/null');
  await healthy(second);
});

test('upgrades as the other variant does', async () => {
  await put(first, 'kept', 'by the unit');
  const run = await upgrade('-e', `etcd_version=${NEW}`, ...UNIT, '-e', 'etcd_backup_to=/tmp/kplay-etcd-test');
  expect(run.rc, told(run)).toBe(0);
  expect(images()).toEqual([NEW, NEW, NEW]);
  expect(images()).not.toContain(OLD);
});

test('changing the variant moves the members one by one and keeps their data', async () => {
  const run = await converge('-e', `etcd_version=${NEW}`);
  expect(run.rc, told(run)).toBe(0);
  expect(
    everywhere('ls /etc/systemd/system/etcd.service 2>/dev/null || :; docker inspect --format "{{.HostConfig.RestartPolicy.Name}}" etcd'),
  ).toEqual(['always', 'always', 'always']);
  await healthy(...MEMBERS);
  expect(await get(second, 'kept')).toBe('by the unit');
  expect(changedCounts(await converge('-e', `etcd_version=${NEW}`))).toEqual(NOTHING);
  wipe();
});
