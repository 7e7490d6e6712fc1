import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Fields } from '../../src/model/module.ts';
import { k8sCordon, k8sUncordon } from '../../src/tasks/k8s_cordon.ts';
import { k8sDrain } from '../../src/tasks/k8s_drain.ts';
import { addNode, addPod, answering, BUILD_MS, type Cluster, playKubelet, startCluster } from './_cluster.ts';
import { clockOf, type Done, runTask, type TaskOptions } from './_task.ts';

const MERGE = 'application/merge-patch+json';

describe('nodes of a real API server', () => {
  let cluster: Cluster;
  let stopKubelet: () => void;
  beforeAll(async () => {
    cluster = await startCluster();
    stopKubelet = await playKubelet(cluster);
  }, BUILD_MS);
  afterAll(async () => {
    stopKubelet?.();
    await cluster?.stop();
  });

  const drain = (name: string, given: object = {}, options: TaskOptions & { args?: object } = {}): Promise<Done> =>
    runTask(k8sDrain, { kubeconfig: cluster.kubeconfig, name, delete_options: given, ...options.args }, options);
  const cordon = (name: string, options: TaskOptions = {}): Promise<Done> =>
    runTask(k8sCordon, { kubeconfig: cluster.kubeconfig, name }, options);
  const uncordon = (name: string, args: object = {}): Promise<Done> =>
    runTask(k8sUncordon, { kubeconfig: cluster.kubeconfig, name, ...args });
  const stateOf = async (name: string): Promise<unknown> => {
    const { metadata, spec } = (await cluster.api('GET', `/api/v1/nodes/${name}`)) as { metadata: Fields; spec: Fields };
    return { cordoned: spec['unschedulable'] ?? false, ...(metadata['annotations'] as Fields | undefined) };
  };
  const byHand = (name: string, unschedulable: boolean): Promise<Fields> =>
    cluster.api('PATCH', `/api/v1/nodes/${name}`, { spec: { unschedulable } }, MERGE);
  const podsOn = async (node: string): Promise<readonly string[]> => {
    const { items } = await cluster.api('GET', `/api/v1/pods?fieldSelector=spec.nodeName=${node}`);
    return (items as { metadata: { name: string } }[]).map(({ metadata }) => metadata.name).toSorted();
  };
  const held = (run: string, prior: string): object => ({
    cordoned: true,
    'kplay.dev/cordon-owner': 'kplay',
    'kplay.dev/cordon-run': run,
    'kplay.dev/cordon-prior': prior,
  });
  const free = { cordoned: false };
  /** A disruption budget, once its controller has counted. */
  const addBudget = async (app: string, minAvailable: number, allowed: number): Promise<void> => {
    const path = '/apis/policy/v1/namespaces/default/poddisruptionbudgets';
    await cluster.api('POST', path, {
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata: { name: app },
      spec: { minAvailable, selector: { matchLabels: { app } } },
    });
    await counted(app, allowed);
  };
  const counted = (app: string, allowed: number): Promise<void> =>
    answering(async () => {
      const path = `/apis/policy/v1/namespaces/default/poddisruptionbudgets/${app}`;
      const { status } = (await cluster.api('GET', path)) as { status: Fields };
      if (status['disruptionsAllowed'] !== allowed || status['observedGeneration'] === undefined) throw new Error(JSON.stringify(status));
    });

  test('cordons, evicts and leaves what must stay; a second run does nothing', async () => {
    await addNode(cluster, 'plain');
    await addPod(cluster, 'plain', 'web', { labels: { app: 'web' } });
    await addPod(cluster, 'plain', 'agent', { owner: 'DaemonSet' });
    await addPod(cluster, 'plain', 'static', { owner: 'Node', annotations: { 'kubernetes.io/config.mirror': 'x' } });
    const told: string[] = [];
    const checked = await drain('plain', {}, { check: true });
    expect([await stateOf('plain'), await podsOn('plain')]).toEqual([free, ['agent', 'static', 'web']]);
    const done = await drain('plain', {}, { run: 'r7', waiting: reason => told.push(reason) });
    expect(done.changes).toEqual([
      { path: 'Node plain', key: 'unschedulable', before: false, after: true },
      { path: 'Node plain', key: 'kplay.dev/cordon-prior', before: null, after: 'schedulable' },
      { path: 'Pod default/web', key: 'state', before: 'present', after: 'evicted' },
    ]);
    expect(checked.changes).toEqual(done.changes);
    expect(done.result).toEqual({
      changed: true,
      result: 'node plain marked unschedulable. 1 Pod(s) deleted from node.',
      pods: ['default/web'],
      warnings: ['Ignoring DaemonSet-managed Pods: default/agent.'],
    });
    expect(told).toEqual(['default/web is ending', 'default/web is gone, 0 of 1 left']);
    expect([await stateOf('plain'), await podsOn('plain')]).toEqual([held('r7', 'schedulable'), ['agent', 'static']]);
    expect(await drain('plain', {}, { run: 'r8' })).toMatchObject({ changes: [], result: { changed: false } });
    expect(await stateOf('plain')).toEqual(held('r7', 'schedulable'));
    expect((await uncordon('plain')).result).toEqual({ changed: true, result: 'node plain marked schedulable.' });
    expect(await stateOf('plain')).toEqual(free);
    expect((await uncordon('plain')).changes).toEqual([]);
  });

  test.for([
    ['unmanaged', { owner: '' }, {}, 'force'],
    ['scratch', { volumes: [{ name: 'tmp', emptyDir: {} }] }, {}, 'delete_emptydir_data'],
    ['daemon', { owner: 'DaemonSet' }, { ignore_daemonsets: false }, 'ignore_daemonsets'],
  ] as const)('%s pods are refused before cordoning', async ([name, pod, given, option]) => {
    await addNode(cluster, `n-${name}`);
    await addPod(cluster, `n-${name}`, name, pod);
    for (const check of [true, false])
      await expect(drain(`n-${name}`, given, { check })).rejects.toMatchObject({
        code: 'E_STATE',
        message: expect.stringMatching(new RegExp(`use option ${option} .*default/${name}`)),
      });
    expect(await stateOf(`n-${name}`)).toEqual(free);
    if (option === 'ignore_daemonsets') return;
    await drain(`n-${name}`, { [option]: true });
    expect(await podsOn(`n-${name}`)).toEqual([]);
  });

  test('a spent disruption budget stops before cordoning and is named', async () => {
    await addNode(cluster, 'tight');
    await addPod(cluster, 'tight', 'db', { labels: { app: 'db' } });
    await addBudget('db', 1, 0);
    await expect(drain('tight')).rejects.toMatchObject({
      code: 'E_STATE',
      message: 'Node tight cannot be drained: PodDisruptionBudget default/db keeps default/db',
    });
    expect([await stateOf('tight'), await podsOn('tight')]).toEqual([free, ['db']]);
  });

  test('what a budget refuses meanwhile is asked again every 5 s', async () => {
    await addNode(cluster, 'slow');
    for (const name of ['s1', 's2']) await addPod(cluster, 'slow', name, { labels: { app: 's' } });
    await addBudget('s', 1, 1);
    const waits: number[] = [];
    const clock = clockOf(async durationMs => {
      waits.push(durationMs);
      if (durationMs !== 5_000) return;
      await cluster.api('PATCH', '/apis/policy/v1/namespaces/default/poddisruptionbudgets/s', { spec: { minAvailable: 0 } }, MERGE);
      await answering(async () => {
        const { status } = (await cluster.api('GET', '/apis/policy/v1/namespaces/default/poddisruptionbudgets/s')) as { status: Fields };
        if (Number(status['disruptionsAllowed']) < 1) throw new Error('not yet');
      });
    });
    const told: string[] = [];
    expect((await drain('slow', {}, { clock, waiting: reason => told.push(reason) })).result['pods']).toHaveLength(2);
    expect(waits).toContain(5_000);
    expect(told.filter(reason => /disruption budget/.test(reason))).not.toEqual([]);
  });

  test('a drain that fails leaves the node as it was', async () => {
    await addNode(cluster, 'stuck');
    for (const name of ['t1', 't2']) await addPod(cluster, 'stuck', name, { labels: { app: 't' } });
    await addBudget('t', 1, 1);
    await expect(drain('stuck', { wait_timeout: 60 }, { clock: clockOf() })).rejects.toMatchObject({
      code: 'E_TIMEOUT',
      message: expect.stringMatching(
        /^Pod default\/t[12] was not gone after 60 s: .*disruption budget.*; Node stuck is as schedulable as before$/,
      ),
    });
    expect(await stateOf('stuck')).toEqual(free);
    await byHand('stuck', true);
    await cluster.api('DELETE', '/apis/policy/v1/namespaces/default/poddisruptionbudgets/t');
    await addPod(cluster, 'stuck', 't3', { labels: { app: 't3' } });
    // Its end waits for somebody who never comes.
    await cluster.api('PATCH', '/api/v1/namespaces/default/pods/t3', { metadata: { finalizers: ['example.com/never'] } }, MERGE);
    await expect(drain('stuck', { wait_timeout: 10 }, { clock: clockOf() })).rejects.toMatchObject({
      code: 'E_TIMEOUT',
      message: expect.stringContaining('Pod default/t3 was not gone after 10 s: it is still ending'),
    });
    // An operator's cordon is still there, and nothing else.
    expect(await stateOf('stuck')).toEqual({ cordoned: true });
    const stop = new AbortController();
    const clock = clockOf(() => stop.abort(new Error('stopped')));
    await byHand('stuck', false);
    await expect(drain('stuck', {}, { clock, signal: stop.signal })).rejects.toThrow('stopped');
    expect(await stateOf('stuck')).toEqual(free);
    await cluster.api('PATCH', '/api/v1/namespaces/default/pods/t3', { metadata: { finalizers: null } }, MERGE);
  });

  test("an operator's cordon stays", async () => {
    await addNode(cluster, 'theirs', { unschedulable: true });
    expect((await uncordon('theirs')).result).toEqual({
      changed: false,
      result: 'node theirs stays unschedulable: it was before kplay came, or somebody else cordoned it.',
    });
    expect((await cordon('theirs')).changes).toEqual([
      { path: 'Node theirs', key: 'kplay.dev/cordon-prior', before: null, after: 'unschedulable' },
    ]);
    expect((await cordon('theirs')).changes).toEqual([]);
    expect((await drain('theirs')).changes).toEqual([]);
    expect((await uncordon('theirs')).changes).toEqual([
      { path: 'Node theirs', key: 'kplay.dev/cordon-prior', before: 'unschedulable', after: null },
    ]);
    expect(await stateOf('theirs')).toEqual({ cordoned: true });
    expect((await uncordon('theirs', { force: true })).changes).toHaveLength(1);
    expect(await stateOf('theirs')).toEqual(free);
  });

  test('a later run takes over from a killed one, and a hand that uncordoned is believed', async () => {
    await addNode(cluster, 'left');
    await cordon('left', { run: 'killed' });
    await addPod(cluster, 'left', 'rest');
    await drain('left', {}, { run: 'later' });
    expect(await stateOf('left')).toEqual(held('later', 'schedulable'));
    await uncordon('left');
    await byHand('left', true);
    await cordon('left', { run: 'one' });
    expect(await stateOf('left')).toEqual(held('one', 'unschedulable'));
    await byHand('left', false);
    await cordon('left', { run: 'two' });
    expect(await stateOf('left')).toEqual(held('two', 'schedulable'));
    await byHand('left', false);
    expect((await uncordon('left')).changes).toHaveLength(1);
    expect(await stateOf('left')).toEqual(free);
  });

  test('k8s_drain by its states', async () => {
    await addNode(cluster, 'states');
    const state = (word: string): Promise<Done> => drain('states', {}, { args: { state: word } });
    expect((await state('cordon')).result).toMatchObject({ changed: true, result: 'node states marked unschedulable.' });
    expect((await state('cordon')).result).toMatchObject({ changed: false, result: 'node states already marked unschedulable.' });
    expect((await state('uncordon')).result).toMatchObject({ changed: true, result: 'node states marked schedulable.' });
    expect(await stateOf('states')).toEqual(free);
  });

  test('a node that is not there, an API that does not answer', async () => {
    await expect(drain('none')).rejects.toMatchObject({ code: 'E_STATE', message: 'Node none not found' });
    await cluster.stop();
    await expect(drain('plain')).rejects.toMatchObject({ code: 'E_PROBE' });
  });
});
