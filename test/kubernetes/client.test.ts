import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, test, vi } from 'vitest';
import { Kubernetes, PODS } from '../../src/kubernetes/client.ts';
import { cordonPatch, restorePatch } from '../../src/kubernetes/cordon.ts';
import { labelSelector, selects } from '../../src/kubernetes/labels.ts';
import { isReady } from '../../src/kubernetes/ready.ts';
import { evictable, podOf, requireBudget } from '../../src/kubernetes/pods.ts';
import type { Plain } from '../../src/model/module.ts';
import { serve, type Server } from '../http/_server.ts';
import { lineHere } from './_task.ts';

const dir = mkdtempSync(join(tmpdir(), 'kplay-kubeconfig-'));
afterAll(() => rmSync(dir, { recursive: true }));
let files = 0;
const write = (config: unknown): string => {
  files += 1;
  const file = join(dir, `config-${files}`);
  writeFileSync(file, typeof config === 'string' ? config : JSON.stringify(config));
  return file;
};
const configFor = (cluster: object, user: object = {}): object => ({
  'current-context': 'one',
  contexts: [{ name: 'one', context: { cluster: 'c', user: 'u' } }],
  clusters: [{ name: 'c', cluster }],
  users: [{ name: 'u', user }],
});

describe('a kubeconfig', () => {
  const reading = (config: unknown, context?: string): Promise<unknown> =>
    Kubernetes.through(lineHere(), { kubeconfig: write(config), context });
  test.for([
    ['no such file', undefined, 'E_PROBE', /there is no .* on here/],
    ['no YAML', '{a: [', 'E_STATE', /is not a kubeconfig/],
    ['not one', { clusters: 3 }, 'E_STATE', /is not a kubeconfig/],
    ['http', configFor({ server: 'http://x' }), 'E_STATE', /no https address/],
    ['a program that logs in', configFor({ server: 'https://x' }, { exec: { command: 'x' } }), 'E_STATE', /'exec'/],
    ['a file that is not there', configFor({ server: 'https://x' }, { tokenFile: 'token' }), 'E_PROBE', /there is no .*\/token on here/],
  ] as const)('%s', async ([, config, code, message]) => {
    const read = config === undefined ? Kubernetes.through(lineHere(), { kubeconfig: '/nope/admin.conf' }) : reading(config);
    await expect(read).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
  });
  test('no such context', async () => {
    const hint = 'contexts are: one';
    await expect(reading(configFor({ server: 'https://x' }), 'two')).rejects.toMatchObject({ code: 'E_STATE', hint });
  });
  test('its secrets are in no message', async () => {
    const wrong = await reading({ ...configFor({ server: 'https://x' }), users: [{ name: 'u', user: { token: ['s3cret'] } }] }).catch(
      (error: unknown) => error,
    );
    expect(wrong).toMatchObject({ code: 'E_STATE' });
    expect(JSON.stringify([wrong, String(wrong), (wrong as { detail: string }).detail])).not.toContain('s3cret');
  });
});

describe('a server of its own', () => {
  let server: Server | undefined;
  afterEach(async () => {
    vi.unstubAllEnvs();
    await server?.stop();
  });
  const asked: string[] = [];
  const through = async (
    answer: (url: URL) => readonly [status: number, body: Plain | string] | 'hangs up',
    path = '',
  ): Promise<Kubernetes> => {
    asked.length = 0;
    server = await serve((request, response) => {
      asked.push(`${request.headers.authorization} ${request.url}`);
      const answered = answer(new URL(request.url ?? '', 'https://x'));
      if (answered === 'hangs up') return void request.socket.destroy();
      const [status, body] = answered;
      response.statusCode = status;
      response.end(typeof body === 'string' ? body : JSON.stringify(body));
    }, true);
    const cluster = { server: `https://127.0.0.1:${server.port}${path}`, 'certificate-authority-data': server.ca?.toString('base64') };
    return Kubernetes.through(lineHere(), { kubeconfig: write(configFor(cluster, { token: 'abc' })) });
  };

  test('lists page after page, with a token, below a path', async () => {
    using api = await through(url => {
      const next = url.searchParams.get('continue') === null ? 'more' : '';
      return [200, { metadata: { continue: next }, items: [{ metadata: { name: `p${asked.length}` } }] }];
    }, '/k8s/');
    const pods = await api.list(PODS, { namespace: 'a', labelSelectors: ['x=1', 'y'] });
    expect(pods).toEqual(['p1', 'p2'].map(name => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name } })));
    expect(asked).toEqual(
      ['', '&continue=more'].map(next => `Bearer abc /k8s/api/v1/namespaces/a/pods?limit=500${next}&labelSelector=x%3D1%2Cy`),
    );
  });

  test('files beside a kubeconfig whose path is expanded on the host', async () => {
    using first = await through(() => [200, { metadata: {} }]);
    vi.stubEnv('KUBE_DIR', dir);
    writeFileSync(join(dir, 'token'), 'from-file\n');
    const { server: url, ca } = { server: `https://127.0.0.1:${server?.port}`, ca: server?.ca?.toString('base64') };
    write(configFor({ server: url, 'certificate-authority-data': ca }, { tokenFile: 'token' }));
    using api = await Kubernetes.through(lineHere(), { kubeconfig: `$KUBE_DIR/config-${files}` });
    for (const each of [first, api]) await each.get({ resource: PODS, name: 'x', namespace: 'a' });
    expect(asked.map(line => line.split(' ')[1])).toEqual(['abc', 'from-file']);
  });

  test('a read whose server hangs up is asked of the next one, a change is not', async () => {
    using api = await through(() => (asked.length === 1 ? 'hangs up' : [200, { metadata: { name: 'x' } }]));
    const place = { resource: PODS, name: 'x', namespace: 'a' };
    expect(await api.get(place)).toEqual({ metadata: { name: 'x' } });
    asked.length = 0;
    await expect(api.patch(place, {}, 'kplay')).rejects.toMatchObject({ message: expect.stringContaining('does not answer') });
    expect(asked).toHaveLength(1);
  });

  test('an error that is none of Kubernetes', async () => {
    using api = await through(() => [502, '<html>']);
    await expect(api.get({ resource: PODS, name: 'x', namespace: 'a' })).rejects.toMatchObject({
      code: 'E_PROBE',
      status: 502,
      message: 'get Pod a/x: HTTP status 502',
    });
  });
});

describe('label selectors', () => {
  const labels = { app: 'web', tier: 'a' };
  test.for([
    [{}, true],
    [{ matchLabels: { app: 'web' } }, true],
    [{ matchLabels: { app: 'web', other: '' } }, false],
    [{ matchExpressions: [{ key: 'tier', operator: 'In', values: ['a', 'b'] }] }, true],
    [{ matchExpressions: [{ key: 'none', operator: 'In', values: ['a'] }] }, false],
    [{ matchExpressions: [{ key: 'tier', operator: 'NotIn', values: ['a'] }] }, false],
    [{ matchExpressions: [{ key: 'none', operator: 'NotIn', values: ['a'] }] }, true],
    [{ matchExpressions: [{ key: 'app', operator: 'Exists' }] }, true],
    [{ matchLabels: { app: 'web' }, matchExpressions: [{ key: 'app', operator: 'DoesNotExist' }] }, false],
  ] as const)('%j: %s', ([selector, expected]) => {
    expect(selects(labelSelector.parse(selector), labels)).toBe(expected);
  });
});

describe('disruption budgets', () => {
  const pod = (ready: boolean, more: object = {}) =>
    podOf({
      metadata: { name: 'p', namespace: 'a', uid: '1', labels: { app: 'x' } },
      spec: {},
      status: { phase: 'Running', conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] },
      ...more,
    } as never);
  const budget = (status: object, spec: object = {}) =>
    ({ metadata: { name: 'b', namespace: 'a' }, spec: { selector: { matchLabels: { app: 'x' } }, ...spec }, status }) as never;
  const spent = { disruptionsAllowed: 0, currentHealthy: 1, desiredHealthy: 1 };
  const below = { disruptionsAllowed: 0, currentHealthy: 1, desiredHealthy: 2 };
  test.for([
    ['has none left for a healthy pod', pod(true), budget(spent), true],
    ['has one left', pod(true), budget({ disruptionsAllowed: 1 }), false],
    ['lets go of an unhealthy pod while enough are healthy', pod(false), budget(spent), false],
    ['keeps an unhealthy pod where too few are healthy', pod(false), budget(below), true],
    ['lets go of any unhealthy pod', pod(false), budget(below, { unhealthyPodEvictionPolicy: 'AlwaysAllow' }), false],
    ['has nothing to do with one that is not running yet', pod(true, { status: { phase: 'Pending' } }), budget(spent), false],
    ['selects nothing without a selector', pod(true), budget(spent, { selector: undefined }), false],
    ['selects everything with an empty one', pod(true), budget(spent, { selector: {} }), true],
  ] as const)('%s', ([, each, one, isBlocked]) => {
    const preflight = (): void => requireBudget('n', [each], [one]);
    if (isBlocked) expect(preflight).toThrow('PodDisruptionBudget a/b keeps a/p');
    else preflight();
  });
  test('finished pods need no consent', () => {
    const consent = { force: false, ignoreDaemonSets: true, deleteEmptyDirData: false };
    const done = pod(false, { status: { phase: 'Succeeded' }, spec: { volumes: [{ name: 't', emptyDir: {} }] } });
    expect(evictable([done], consent).pods).toEqual([done]);
    requireBudget('n', [done], [budget(spent)]);
  });
});

test('restoring a node is the inverse of cordoning it, however often it was cordoned', () => {
  const apply = (node: object, patch: object | undefined): object => {
    if (patch === undefined) return node;
    const merged: Record<string, unknown> = { ...node };
    for (const [key, value] of Object.entries(patch)) {
      if (value === null) delete merged[key];
      else merged[key] = typeof value === 'object' ? apply((merged[key] ?? {}) as object, value as object) : value;
    }
    return merged;
  };
  for (const spec of [{}, { unschedulable: true }]) {
    const before = { metadata: { annotations: { other: '1' } }, spec };
    let node: object = before;
    for (const run of ['a', 'b', 'c']) {
      node = apply(node, cordonPatch(node as never, 'kplay', run));
      expect(apply(node, restorePatch(node as never))).toEqual(before);
    }
  }
});

describe('readiness', () => {
  const metadata = { name: 'x', generation: 2 };
  test.for([
    ['another kind', { kind: 'Service' }, true],
    ['a kind of its own', { kind: 'Cart', status: { replicas: 'many', conditions: {} } }, true],
    ['a Pod without a status', { kind: 'Pod' }, false],
    ['a Pod', { kind: 'Pod', status: { containerStatuses: [{ ready: true }, { ready: false }] } }, false],
    ['an empty Deployment', { kind: 'Deployment', spec: { replicas: 0 }, status: { observedGeneration: 2 } }, true],
    ['a Deployment not seen yet', { kind: 'Deployment', spec: { replicas: 0 }, status: { observedGeneration: 1 } }, false],
    [
      'a DaemonSet',
      {
        kind: 'DaemonSet',
        status: { observedGeneration: 2, desiredNumberScheduled: 2, updatedNumberScheduled: 2, numberReady: 2 },
      },
      true,
    ],
    [
      'a StatefulSet in an update',
      {
        kind: 'StatefulSet',
        spec: { replicas: 1, updateStrategy: { type: 'RollingUpdate' } },
        status: { observedGeneration: 2, replicas: 1, readyReplicas: 1, updatedReplicas: 1, updateRevision: 'b', currentRevision: 'a' },
      },
      false,
    ],
  ] as const)('%s', ([, object, expected]) => {
    expect(isReady({ metadata, ...object } as never)).toBe(expected);
  });
});
