import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { Fields } from '../../src/model/module.ts';
import { etcdMember } from '../../src/tasks/etcd_member.ts';
import { clockOf, type Done, runTask, type TaskOptions } from '../kubernetes/_task.ts';
import { type Gateway, peer, startGateway } from './_gateway.ts';

const THREE = ['h1', 'h2', 'h3'];
const be = ({ endpoint }: Gateway, state: string, name: string, more: object = {}, options: TaskOptions = {}): Promise<Done> =>
  runTask(etcdMember, { endpoint, state, name, peer_urls: peer(name), ...more }, { clock: clockOf(), ...options });
const rolesOf = ({ result }: Done): Fields =>
  Object.fromEntries((result['members'] as Fields[]).map(({ name, role }) => [name || 'new', role!]));
const NOTHING = { changes: [], result: { changed: false } };

test('tells who the members are', async () => {
  const gateway = await startGateway(THREE);
  gateway.down.add('h3');
  const done = await runTask(etcdMember, { endpoint: gateway.endpoint });
  expect(done.result).toMatchObject({ changed: false, cluster_id: 'ff', leader: 'h2' });
  expect(done.result['members']).toMatchObject([
    { id: '1', name: 'h1', peer_urls: [peer('h1')], role: 'voter', healthy: true, version: '3.5.16' },
    { name: 'h2', role: 'leader', healthy: true, version: '3.5.16' },
    { name: 'h3', role: 'voter', healthy: false, version: null },
  ]);
});

test('over TLS, with the files on the host', async () => {
  const { endpoint, ca } = await startGateway(['h1', 'h2'], { secure: true });
  const folder = mkdtempSync(join(tmpdir(), 'kplay-etcd-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'ca.crt');
  await expect(runTask(etcdMember, { endpoint, ca: file })).rejects.toMatchObject({
    code: 'E_PROBE',
    message: `there is no ${file} on here`,
  });
  await expect(runTask(etcdMember, { endpoint })).rejects.toMatchObject({ code: 'E_ACT', message: expect.stringContaining('certificate') });
  writeFileSync(file, ca ?? '');
  expect((await runTask(etcdMember, { endpoint, ca: file })).result).toMatchObject({ leader: 'h2' });
});

test('is added as a learner, once, and promoted when it is in sync', async () => {
  const gateway = await startGateway(THREE);
  const checked = await be(gateway, 'voter', 'h4', {}, { check: true });
  expect(checked.changes).toEqual([{ path: 'member h4', key: 'role', before: 'absent', after: 'voter' }]);
  expect(gateway.asked).toEqual([]);

  const added = await be(gateway, 'learner', 'h4');
  expect(rolesOf(added)).toEqual({ h1: 'voter', h2: 'leader', h3: 'voter', new: 'learner' });
  expect(await be(gateway, 'learner', 'h4')).toMatchObject(NOTHING);

  const early = 'etcdserver: can only promote a learner member which is in sync with leader';
  gateway.refusals.push(early, early);
  const waited: string[] = [];
  expect(rolesOf(await be(gateway, 'voter', 'h4', {}, { waiting: reason => waited.push(reason) }))).toMatchObject({ new: 'voter' });
  expect(waited).toEqual(Array.from({ length: 2 }, () => `promote ${peer('h4')}: ${early}`));
  expect(await be(gateway, 'voter', 'h4')).toMatchObject(NOTHING);
  expect(await be(gateway, 'learner', 'h4')).toMatchObject(NOTHING);
  expect(gateway.asked).toEqual([`cluster/member/add ${peer('h4')}`, ...Array.from({ length: 3 }, () => 'cluster/member/promote 9')]);
});

test('a learner that does not get in sync stays one', async () => {
  const gateway = await startGateway(THREE);
  gateway.members[2]!.isLearner = true;
  gateway.refusals.push(...Array.from({ length: 9 }, () => 'etcdserver: can only promote a learner member which is in sync with leader'));
  await expect(be(gateway, 'voter', 'h3', { wait_timeout: 3 })).rejects.toMatchObject({
    code: 'E_TIMEOUT',
    message: expect.stringMatching(/still after 3 s/),
  });
});

test('what etcd refuses for good is told', async () => {
  const gateway = await startGateway(THREE);
  gateway.refusals.push('etcdserver: re-configuration failed due to not enough started members');
  await expect(be(gateway, 'learner', 'h4')).rejects.toMatchObject({
    code: 'E_ACT',
    message: 'add a learner: etcdserver: re-configuration failed due to not enough started members',
  });
});

test('leads, and hands over before it is removed', async () => {
  const gateway = await startGateway(THREE);
  expect((await be(gateway, 'leader', 'h3')).result).toMatchObject({ changed: true, leader: 'h3' });
  expect(await be(gateway, 'leader', 'h3')).toMatchObject(NOTHING);
  gateway.down.add('h1');
  await expect(be(gateway, 'absent', 'h3')).rejects.toMatchObject({ code: 'E_STATE' });
  gateway.down.clear();
  const removed = await be(gateway, 'absent', 'h3');
  expect([rolesOf(removed), removed.result['leader']]).toEqual([{ h1: 'leader', h2: 'voter' }, 'h1']);
  expect(await be(gateway, 'absent', 'h3')).toMatchObject(NOTHING);
});

test('what is down may be removed while the others are a quorum', async () => {
  const gateway = await startGateway(THREE);
  gateway.down.add('h3');
  expect(rolesOf(await be(gateway, 'absent', 'h3'))).toEqual({ h1: 'voter', h2: 'leader' });
});

test.for<[string, (gateway: Gateway) => unknown, string, string, object, RegExp]>([
  [
    'to remove one that the others need',
    g => g.down.add('h3'),
    'absent',
    'h1',
    {},
    /^remove h1: 2 members would be left, of which 2 must be healthy: h3 is down$/,
  ],
  ['to remove one of two', g => g.members.splice(2), 'absent', 'h1', {}, /of two members one would be left/],
  [
    'to remove the only one, by force even',
    g => g.members.splice(0, 3, { ...g.members[1]! }),
    'absent',
    'h2',
    { force: true },
    /the only member with a vote/,
  ],
  ['to add one while another is down', g => g.down.add('h3'), 'learner', 'h4', {}, /^add h4: h3 is not healthy$/],
  ['to add one while another is a learner', g => (g.members[2]!.isLearner = true), 'learner', 'h4', {}, /^add h4: h3 is a learner still$/],
  ['to change anything without a leader', g => (g.leader = undefined), 'absent', 'h3', {}, /no leader/],
  [
    'one that is registered elsewhere',
    () => 0,
    'learner',
    'h3',
    { peer_urls: peer('h7') },
    /it is registered with .*3:2380, not with .*7:2380/,
  ],
])('refuses %s', async ([, prepare, state, name, more, message]) => {
  const gateway = await startGateway(THREE);
  prepare(gateway);
  for (const check of [true, false])
    await expect(be(gateway, state, name, more, { check })).rejects.toMatchObject({
      code: 'E_STATE',
      message: expect.stringMatching(message),
    });
  expect(gateway.asked).toEqual([]);
});

test('one of two is removed by force, and a learner without', async () => {
  const gateway = await startGateway(['h1', 'h2', 'h3']);
  gateway.members[2]!.isLearner = true;
  gateway.down.add('h3');
  expect(rolesOf(await be(gateway, 'absent', 'h3'))).toEqual({ h1: 'voter', h2: 'leader' });
  expect(rolesOf(await be(gateway, 'absent', 'h1', { force: true }))).toEqual({ h2: 'leader' });
});

test('one that was added and never started is known by where it will be reached', async () => {
  const gateway = await startGateway(THREE);
  await be(gateway, 'learner', 'h4');
  expect(await be(gateway, 'absent', 'h5')).toMatchObject(NOTHING);
  expect(rolesOf(await be(gateway, 'absent', 'h4'))).toEqual({ h1: 'voter', h2: 'leader', h3: 'voter' });
});

test('a member that is not there is added with an address, and etcd that does not answer is told', async () => {
  const gateway = await startGateway(THREE);
  await expect(be(gateway, 'learner', 'h4', { peer_urls: [] })).rejects.toMatchObject({
    code: 'E_ARGS',
    message: expect.stringMatching(/peer_urls is required/),
  });
  const silent = { ...gateway, endpoint: 'http://127.0.0.1:1' };
  await expect(be(silent, 'learner', 'h4')).rejects.toMatchObject({
    code: 'E_ACT',
    message: /etcd at http:\/\/127.0.0.1:1 does not answer/,
  });
});
