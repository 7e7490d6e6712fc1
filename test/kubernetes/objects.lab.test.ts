import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Fields, Plain } from '../../src/model/module.ts';
import { k8s } from '../../src/tasks/k8s.ts';
import { k8sInfo } from '../../src/tasks/k8s_info.ts';
import { k8sLabel } from '../../src/tasks/k8s_label.ts';
import { k8sTaint } from '../../src/tasks/k8s_taint.ts';
import { addNode, answering, BUILD_MS, type Cluster, startCluster } from './_cluster.ts';
import { clockOf, type Done, runTask, type TaskOptions } from './_task.ts';

const config = (name: string, data: Record<string, string>, more: object = {}): Plain => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'default' },
  data,
  ...more,
});

describe('objects of a real API server', () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await startCluster();
    await answering(() => cluster.api('GET', '/api/v1/namespaces/default'));
  }, BUILD_MS);
  afterAll(() => cluster?.stop());

  const apply = (definition: Plain, args: object = {}, options: TaskOptions = {}): Promise<Done> =>
    runTask(k8s, { kubeconfig: cluster.kubeconfig, definition, ...args }, options);
  const get = (path: string): Promise<Fields> => cluster.api('GET', path);
  const configMap = (name: string): Promise<Fields> => get(`/api/v1/namespaces/default/configmaps/${name}`);
  const nothing = async (path: string): Promise<void> => expect(get(path)).rejects.toThrow('404');

  test('is made, is as it should be, is changed', async () => {
    const made = await apply(config('one', { a: '1', b: '2' }));
    expect(made.result).toMatchObject({ changed: true, method: 'apply', result: { kind: 'ConfigMap', data: { a: '1', b: '2' } } });
    expect(made.changes).toEqual([
      {
        path: 'ConfigMap default/one',
        key: 'content',
        before: '',
        after: 'apiVersion: v1\ndata:\n  a: "1"\n  b: "2"\nkind: ConfigMap\nmetadata:\n  name: one\n  namespace: default\n',
      },
    ]);
    const { resourceVersion } = (await configMap('one'))['metadata'] as Fields;
    const again = await apply(config('one', { a: '1', b: '2' }), { kubeconfig: cluster.kubeconfigOfFiles });
    expect(again).toMatchObject({ changes: [], result: { changed: false, result: { data: { a: '1', b: '2' } } } });
    expect((await configMap('one'))['metadata']).toMatchObject({ resourceVersion });
    // What was applied before and no longer is goes away.
    expect(await apply(config('one', { a: '3' }))).toMatchObject({ result: { changed: true } });
    expect((await configMap('one'))['data']).toEqual({ a: '3' });
  });

  test('check mode says what the server would make of it', async () => {
    const deployment = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'checked', namespace: 'default' },
      spec: {
        selector: { matchLabels: { app: 'x' } },
        template: { metadata: { labels: { app: 'x' } }, spec: { containers: [{ name: 'c', image: 'i' }] } },
      },
    };
    const { changes, result } = await apply(deployment, { wait: true }, { check: true });
    expect(changes[0]?.after).toContain('terminationGracePeriodSeconds: 30');
    expect(result).toMatchObject({ changed: true, result: { spec: { replicas: 1 } } });
    await nothing('/apis/apps/v1/namespaces/default/deployments/checked');
  });

  test('what the server refuses is told before anything is done', async () => {
    const both = [config('good', {}), { ...(config('Bad Name', {}) as object) }] as Plain;
    await expect(apply(both)).rejects.toMatchObject({ code: 'E_PROBE', message: expect.stringContaining('Bad Name') });
    await nothing('/api/v1/namespaces/default/configmaps/good');
    await expect(apply({ apiVersion: 'v9', kind: 'Nope', metadata: { name: 'x' } })).rejects.toMatchObject({
      code: 'E_STATE',
      message: 'Failed to find exact match for v9.Nope by [kind, name, singularName, shortNames]',
    });
    await expect(apply({ kind: 'ConfigMap', metadata: { name: 'x' } })).rejects.toMatchObject({
      code: 'E_ARGS',
      message: 'Namespace is required for v1.ConfigMap',
    });
    await expect(apply({ kind: 'ConfigMap' })).rejects.toMatchObject({ code: 'E_ARGS' });
  });

  test('a namespace, a kind and objects of them in one text, then gone', async () => {
    const text = `
apiVersion: v1
kind: Namespace
metadata: {name: shop}
---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: carts.example.com}
spec:
  group: example.com
  names: {kind: Cart, plural: carts}
  scope: Namespaced
  versions:
  - {name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}}
---
---
apiVersion: v1
kind: List
items:
- {apiVersion: example.com/v1, kind: Cart, metadata: {name: first}, spec: {size: 1}}
- {apiVersion: v1, kind: ConfigMap, metadata: {name: settings}, data: {a: 'yes'}}
`;
    const args = { namespace: 'shop' };
    expect((await apply(text, args, { check: true })).changes.map(({ path }) => path)).toEqual([
      'Namespace shop',
      'CustomResourceDefinition carts.example.com',
      'Cart shop/first',
      'ConfigMap shop/settings',
    ]);
    const { result } = await apply(text, args);
    expect(result).toMatchObject({ changed: true, result: { results: [{ changed: true }, {}, { result: { spec: { size: 1 } } }, {}] } });
    expect(await get('/apis/example.com/v1/namespaces/shop/carts/first')).toMatchObject({ spec: { size: 1 } });
    expect((await apply(text, args)).result['changed']).toBe(false);
    const gone = await apply(text, { ...args, state: 'absent', wait: true, wait_sleep: 1 });
    expect(gone.result).toMatchObject({ changed: true });
    expect(gone.changes).toHaveLength(4);
    await nothing('/api/v1/namespaces/shop');
    expect((await apply(text, { ...args, state: 'absent', wait: true })).result['changed']).toBe(false);
  });

  test('fields of another manager', async () => {
    await apply(config('owned', { a: 'theirs' }), { field_manager: 'them' });
    await expect(apply(config('owned', { a: 'ours' }))).rejects.toMatchObject({
      code: 'E_STATE',
      message: expect.stringContaining('conflict with "them"'),
      hint: expect.stringContaining('force_conflicts'),
    });
    expect((await configMap('owned'))['data']).toEqual({ a: 'theirs' });
    // The same value is no conflict.
    expect((await apply(config('owned', { a: 'theirs' }))).result['changed']).toBe(false);
    await apply(config('owned', { a: 'ours' }), { server_side_apply: { force_conflicts: true } });
    expect((await configMap('owned'))['data']).toEqual({ a: 'ours' });
  });

  test('what a Secret holds is in no diff and no result', async () => {
    const secret = (password: string): Plain => ({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'login', namespace: 'default' },
      stringData: { password, user: 'me' },
    });
    const first = await apply(secret('hunter2'));
    const second = await apply(secret('hunter3'));
    for (const word of ['hunter', 'aHVudGVy']) expect(JSON.stringify([first, second])).not.toContain(word);
    expect(second.changes[0]).toMatchObject({
      before: expect.stringContaining('password: (hidden)\n'),
      after: expect.stringMatching(/password: \(hidden\) new\n  user: \(hidden\)\n/),
    });
    expect((await apply(secret('hunter3'))).result['changed']).toBe(false);
    // The server quotes what is no text.
    const wrong = await apply(secret(12345678 as never)).catch((error: unknown) => error);
    expect(wrong).toMatchObject({ code: 'E_PROBE', message: expect.stringContaining('apply Secret default/login: the Secret is refused') });
    expect(`${(wrong as Error).message} ${(wrong as { detail?: string }).detail}`).not.toContain('12345678');
  });

  test('waits until it is ready, or time is up', async () => {
    const path = '/apis/apps/v1/namespaces/default/deployments/slow';
    const labels = { app: 'slow' };
    const template = { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'i' }] } };
    const deployment = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'slow', namespace: 'default' },
      spec: { replicas: 2, selector: { matchLabels: labels }, template },
    };
    const setStatus = (status: object): Promise<Fields> =>
      cluster.api('PATCH', `${path}/status`, { status }, 'application/merge-patch+json');
    const rolled = { observedGeneration: 1, replicas: 2, updatedReplicas: 2, readyReplicas: 2, availableReplicas: 2 };
    const waits: string[] = [];
    let looks = 0;
    const clock = clockOf(async () => {
      looks += 1;
      if (looks === 3) await setStatus(rolled);
    });
    const done = await apply(deployment, { wait: true }, { clock, waiting: reason => waits.push(reason) });
    expect([looks, waits, done.result]).toMatchObject([3, ['waits for Deployment slow'], { result: { status: { availableReplicas: 2 } } }]);
    // Where nothing is to be done it waits just so.
    await setStatus({ availableReplicas: 1, unavailableReplicas: 1 });
    const end = clockOf();
    await expect(apply(deployment, { wait: true, wait_timeout: 20 }, { clock: end })).rejects.toMatchObject({
      code: 'E_TIMEOUT',
      message: '"Deployment" "slow": Timed out waiting on resource',
    });
    expect(end.tick()).toBe(20_000);
    await setStatus({ conditions: [{ type: 'Progressing', status: 'Unknown', reason: 'DeploymentPaused' }] });
    const paused = { type: 'Progressing', status: 'Unknown', reason: 'DeploymentPaused' };
    expect((await apply(deployment, { wait: true, wait_condition: paused })).result['changed']).toBe(false);
    await expect(
      apply(deployment, { wait: true, wait_timeout: 5, wait_condition: { ...paused, reason: 'Other' } }, { clock: clockOf() }),
    ).rejects.toMatchObject({ code: 'E_TIMEOUT' });
  });

  test('a run that is interrupted waits no longer', async () => {
    const stop = new AbortController();
    const clock = clockOf(() => stop.abort(new Error('stopped')));
    await expect(
      apply(config('never', {}), { wait: true, wait_condition: { type: 'Ready' } }, { clock, signal: stop.signal }),
    ).rejects.toThrow('stopped');
  });

  test('one TCP stream at a time serves a whole task, and none is left', async () => {
    const streams: { readonly destroyed: boolean }[] = [];
    await apply([1, 2, 3, 4].map(each => config(`many-${each}`, {})) as Plain, {}, { opened: stream => streams.push(stream) });
    expect([streams.length, streams.every(({ destroyed }) => destroyed)]).toEqual([1, true]);
  });

  test('k8s_info selects', async () => {
    const info = async (args: object): Promise<Fields> => (await runTask(k8sInfo, { kubeconfig: cluster.kubeconfig, ...args })).result;
    await apply(
      ['a', 'b'].map(name =>
        config(`info-${name}`, {}, { metadata: { name: `info-${name}`, namespace: 'default', labels: { set: name } } }),
      ) as Plain,
    );
    const names = ({ resources }: Fields): readonly unknown[] =>
      (resources as { metadata: { name: string } }[]).map(each => each.metadata.name);
    expect(names(await info({ kind: 'ConfigMap', label_selectors: ['set in (a, b)', 'set!=a'] }))).toEqual(['info-b']);
    expect(names(await info({ kind: 'cm', name: 'info-a', namespace: 'default' }))).toEqual(['info-a']);
    expect(names(await info({ kind: 'Namespace', field_selectors: ['metadata.name=default'] }))).toEqual(['default']);
    const { resources } = await info({ kind: 'ConfigMap', name: 'info-a' });
    expect(resources).toMatchObject([{ apiVersion: 'v1', kind: 'ConfigMap' }]);
    expect(await info({ kind: 'ConfigMap', name: 'none', namespace: 'default' })).toEqual({
      changed: false,
      resources: [],
      api_found: true,
    });
    expect(await info({ kind: 'Cart', api_version: 'none.example.com/v1' })).toEqual({
      changed: false,
      resources: [],
      api_found: false,
      msg: 'Failed to find API for resource with apiVersion "none.example.com/v1" and kind "Cart"',
    });
  });

  test('k8s_info waits for what is to come', async () => {
    const clock = clockOf(() => apply(config('coming', {})));
    const args = { kubeconfig: cluster.kubeconfig, kind: 'ConfigMap', name: 'coming', wait: true };
    expect((await runTask(k8sInfo, args, { clock })).result['resources']).toMatchObject([{ metadata: { name: 'coming' } }]);
    expect(clock.tick()).toBe(5_000);
  });

  test('k8s_label', async () => {
    await addNode(cluster, 'labelled');
    const label = (args: object): Promise<Done> => runTask(k8sLabel, { kubeconfig: cluster.kubeconfig, name: 'labelled', ...args });
    const labels = async (): Promise<unknown> => ((await get('/api/v1/nodes/labelled'))['metadata'] as Fields)['labels'];
    expect((await label({ labels: { zone: 'a', rank: 1 } })).changes).toEqual([
      { path: 'Node labelled', key: 'label zone', before: null, after: 'a' },
      { path: 'Node labelled', key: 'label rank', before: null, after: '1' },
    ]);
    expect((await label({ labels: { zone: 'a', rank: 1 } })).changes).toEqual([]);
    expect((await label({ labels: { zone: 'b', rank: null } })).changes).toHaveLength(2);
    expect(await labels()).toEqual({ zone: 'b' });
    expect((await label({ labels: ['zone', 'other'], state: 'absent' })).changes).toHaveLength(1);
    expect(await labels()).toBeUndefined();
    await expect(label({ name: 'none', labels: {} })).rejects.toMatchObject({ code: 'E_STATE', message: 'Node none not found' });
  });

  test('k8s_taint', async () => {
    await addNode(cluster, 'tainted');
    const taint = (args: object): Promise<Done> => runTask(k8sTaint, { kubeconfig: cluster.kubeconfig, name: 'tainted', ...args });
    const taints = async (): Promise<unknown> => ((await get('/api/v1/nodes/tainted'))['spec'] as Fields)['taints'];
    const [a, b] = [
      { key: 'a', value: '1', effect: 'NoSchedule' },
      { key: 'b', effect: 'NoExecute' },
    ];
    expect((await taint({ taints: [a, b] })).changes).toMatchObject([{ before: [], after: ['a=1:NoSchedule', 'b:NoExecute'] }]);
    expect((await taint({ taints: [b] })).changes).toEqual([]);
    expect((await taint({ taints: [{ ...a, value: '2' }] })).changes).toHaveLength(1);
    expect(await taints()).toMatchObject([{ key: 'b' }, { key: 'a', value: '2' }]);
    expect((await taint({ taints: [b], replace: true })).changes).toHaveLength(1);
    expect(await taints()).toMatchObject([{ key: 'b' }]);
    expect((await taint({ taints: [{ key: 'b' }], state: 'absent' })).changes).toHaveLength(1);
    expect((await taint({ taints: [{ key: 'b' }], state: 'absent' })).changes).toEqual([]);
    expect(await taints()).toBeUndefined();
    expect(k8sTaint.args.safeParse({ name: 'x', taints: [{ key: 'a' }] }).success).toBe(false);
  });

  test('no answer and no login', async () => {
    const nobody = readFileSync(cluster.kubeconfig, 'utf8').replace(/127\.0\.0\.1:\d+/, '127.0.0.1:1');
    const silent = await runTask(k8sInfo, { kubeconfig: writeConfig('nobody.conf', nobody), kind: 'Node' }).catch(
      (error: unknown) => error,
    );
    expect(silent).toMatchObject({
      code: 'E_PROBE',
      message: expect.stringMatching(/the API server https:\/\/127.0.0.1:1 does not answer: .*refused/i),
    });
    const stranger = JSON.parse(readFileSync(cluster.kubeconfig, 'utf8')) as { users: { user: object }[] };
    const users = [{ name: 'admin', user: { token: 'wrong' } }];
    const refused = await runTask(k8sInfo, {
      kubeconfig: writeConfig('stranger.conf', JSON.stringify({ ...stranger, users })),
      kind: 'Node',
    }).catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: 'E_PROBE', status: 401 });
  });
  const writeConfig = (name: string, text: string): string => {
    const file = `${cluster.dir}/${name}`;
    writeFileSync(file, text);
    return file;
  };
});
