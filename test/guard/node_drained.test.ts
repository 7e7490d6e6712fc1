import { expect, test } from 'vitest';
import type { Answer, Ask } from '../../src/guard/guard.ts';
import { nodeDrained } from '../../src/guard/node_drained.ts';

const DRAINED = { 'kplay.dev/cordon-owner': 'root@c', 'kplay.dev/cordon-run': 'r', 'kplay.dev/cordon-prior': 'schedulable' };
const node = (annotations: object, unschedulable: boolean, ready = 'True'): object => ({
  metadata: { name: 'node-1', annotations },
  spec: unschedulable ? { unschedulable } : {},
  status: { conditions: [{ type: 'Ready', status: ready }] },
});
const pod = (name: string, metadata: object = {}, phase = 'Running'): object => ({
  metadata: { name, namespace: 'web', ...metadata },
  status: { phase },
});
const owned = (kind: string): object => ({ ownerReferences: [{ kind, controller: true }] });
/** What a drain leaves where it is. */
const STAYING = [
  pod('flannel', owned('DaemonSet')),
  pod('etcd', { annotations: { 'kubernetes.io/config.mirror': 'x' } }),
  pod('job', owned('Job'), 'Succeeded'),
];

interface Cluster {
  readonly nodes?: readonly object[];
  readonly pods?: readonly object[];
  /** Masters whose API server answers; all others give this. */
  readonly up?: readonly string[];
  readonly else?: Answer;
  /** The only client that may see anything. */
  readonly client?: string;
}
const cluster = ({ nodes = [], pods = STAYING, up = ['m1', 'm2'], else: otherwise = 'unclear', client = 'scheduler' }: Cluster) => {
  const asked: string[] = [];
  const ask: Ask = {
    hostsOf: group => (group === 'masters' ? ['m1', 'm2'] : []),
    variable: (host, name) =>
      name === 'node_name' && host === 'n1' ? 'node-1' : name === 'node_address' ? `10.0.0.${host[1]}` : undefined,
    status: () => Promise.reject(new Error('a node is not asked')),
    form: () => Promise.reject(new Error('a node is not asked')),
    async json(host, url, login) {
      const { origin, pathname, searchParams } = new URL(url);
      expect(origin).toBe(`https://10.0.0.${host[1]}:6443`);
      expect(login?.ca).toBe('/etc/kubernetes/pki/ca.crt');
      if (!up.includes(host)) return otherwise;
      if (login?.cert !== `/etc/kubernetes/pki/${client}.crt`) return { body: { kind: 'Status', code: 403 } };
      asked.push(`${pathname} ${searchParams.get('fieldSelector')}`);
      return { body: pathname.endsWith('nodes') ? { kind: 'NodeList', items: nodes } : { kind: 'PodList', items: pods } };
    },
  };
  return { asked, assess: () => nodeDrained.assess('n1', 'nodes', ask), health: () => nodeDrained.health('n1', 'nodes', ask) };
};
const refusedFor = (why: string): object => ({
  permit: 'refused',
  why: expect.stringContaining(why),
  hint: 'kplay run drain.yaml --limit n1',
});

test('a node that was drained may go down; what comes back by itself may be on it', async () => {
  const { assess, asked } = cluster({ nodes: [node(DRAINED, true)] });
  expect(await assess()).toEqual({ permit: 'granted' });
  expect(asked).toEqual(['/api/v1/nodes metadata.name=node-1', '/api/v1/pods spec.nodeName=node-1']);
});

test.for<[name: string, given: Cluster, why: string]>([
  ['nobody cordoned it', { nodes: [node({}, false)] }, 'not drained: Node node-1 is not cordoned'],
  ['the cordon was lifted', { nodes: [node(DRAINED, false)] }, 'not cordoned'],
  ['somebody else cordoned it', { nodes: [node({}, true)] }, "by no drain of kplay's"],
  ['pods are left', { nodes: [node(DRAINED, true)], pods: [...STAYING, pod('a', owned('ReplicaSet')), pod('b')] }, 'web/a, web/b'],
  ['many are left', { nodes: [node(DRAINED, true)], pods: [...'abcdefg'].map(name => pod(name)) }, 'web/e and 2 more'],
])('not where %s', async ([, given, why]) => {
  expect(await cluster(given).assess()).toEqual(refusedFor(why));
});

test('what is no node, or is not Ready, has nothing to lose', async () => {
  expect(await cluster({}).assess()).toEqual({ permit: 'not needed' });
  for (const ready of ['False', 'Unknown'])
    expect(await cluster({ nodes: [node({}, false, ready)] }).assess()).toEqual({ permit: 'not needed' });
});

test('the first master that answers counts, with whichever client it lets see', async () => {
  for (const answer of ['nobody', 'unclear', { body: {} }] as const)
    expect(await cluster({ nodes: [node(DRAINED, true)], up: ['m2'], else: answer }).assess()).toEqual({ permit: 'granted' });
  expect(await cluster({ nodes: [node(DRAINED, true)], client: 'apiserver-kubelet-client' }).assess()).toEqual({ permit: 'granted' });
});

test('where no master answers it may be passing; then nothing is taken down unseen', async () => {
  expect(await cluster({ up: [] }).assess()).toMatchObject({
    permit: 'unsettled',
    otherwise: { permit: 'refused', why: expect.stringContaining('no API server'), hint: expect.stringContaining('unseen') },
  });
});

test('health is that of the node', async () => {
  expect(await cluster({ nodes: [node(DRAINED, true)] }).health()).toEqual({ healthy: true, why: '' });
  expect(await cluster({ nodes: [node(DRAINED, true, 'Unknown')] }).health()).toMatchObject({
    healthy: false,
    why: 'Node node-1 is not Ready',
  });
  expect(await cluster({ up: [] }).health()).toMatchObject({ healthy: false });
});
