import * as z from 'zod';
import { addressOf, portOf } from './apiserver.ts';
import type { Ask, Guard, Health, Login, Settled, Verdict } from './guard.ts';

const condition = z.object({ type: z.string(), status: z.string() });
const nodes = z.object({
  kind: z.literal('NodeList'),
  items: z.array(
    z.object({
      metadata: z.object({ annotations: z.record(z.string(), z.string()).default({}) }),
      spec: z.object({ unschedulable: z.boolean().default(false) }).prefault({}),
      status: z.object({ conditions: z.array(condition).default([]) }).prefault({}),
    }),
  ),
});
type Node = z.output<typeof nodes>['items'][number];
const pods = z.object({
  kind: z.literal('PodList'),
  items: z.array(
    z.object({
      metadata: z.object({
        name: z.string(),
        namespace: z.string(),
        annotations: z.record(z.string(), z.string()).default({}),
        ownerReferences: z.array(z.object({ kind: z.string(), controller: z.boolean().default(false) })).default([]),
      }),
      status: z.object({ phase: z.string().default('') }).prefault({}),
    }),
  ),
});
type Pod = z.output<typeof pods>['items'][number];

const MASTERS = 'masters';
/** What a cordon of kplay's writes on a Node: what the Node was before. */
const PRIOR = 'kplay.dev/cordon-prior';
/** Client certificates on a master that may list nodes and pods: as the role `pki` issues them, and as kubeadm does. */
const CLIENTS = ['scheduler', 'apiserver-kubelet-client'];
const NAMED = 5;

const nameOf = (host: string, ask: Ask): string => ask.variable(host, 'node_name') ?? host;
const loginsOf = (master: string, ask: Ask): readonly Login[] => {
  const folder = ask.variable(master, 'kube_pki') ?? '/etc/kubernetes/pki';
  return CLIENTS.map(client => ({ ca: `${folder}/ca.crt`, cert: `${folder}/${client}.crt`, key: `${folder}/${client}.key` }));
};

/** A list as the first master gives it whose API server answers and lets one of its clients see it. */
const listed = async <T>(path: string, shape: z.ZodType<{ items: T[] }>, ask: Ask): Promise<readonly T[] | undefined> => {
  for (const master of ask.hostsOf(MASTERS)) {
    const url = `https://${addressOf(master, ask)}:${portOf(master, ask)}${path}`;
    for (const login of loginsOf(master, ask)) {
      const answer = await ask.json(master, url, login);
      if (answer === 'nobody') break;
      const list = answer === 'unclear' ? undefined : shape.safeParse(answer.body).data;
      if (list) return list.items;
    }
  }
  return undefined;
};
/** Undefined: no master says. A node that is not registered is no node. */
const nodesNamed = (name: string, ask: Ask): Promise<readonly Node[] | undefined> =>
  listed(`/api/v1/nodes?fieldSelector=metadata.name%3D${encodeURIComponent(name)}`, nodes, ask);
const podsOn = (name: string, ask: Ask): Promise<readonly Pod[] | undefined> =>
  listed(`/api/v1/pods?fieldSelector=spec.nodeName%3D${encodeURIComponent(name)}`, pods, ask);

const isReady = ({ status }: Node): boolean => status.conditions.some(({ type, status: state }) => type === 'Ready' && state === 'True');
/** What a drain leaves: finished pods, and those of DaemonSets and of the kubelet itself, which come back by themselves. */
const isLeft = ({ metadata, status }: Pod): boolean =>
  ['Succeeded', 'Failed'].includes(status.phase) ||
  metadata.annotations['kubernetes.io/config.mirror'] !== undefined ||
  metadata.ownerReferences.some(({ kind, controller }) => controller && kind === 'DaemonSet');

const SILENT = 'no API server of the masters says what runs there';
/** What keeps a node that is Ready from being drained. */
const obstacle = (name: string, { metadata, spec }: Node, on: readonly Pod[] | undefined): string | undefined => {
  if (!spec.unschedulable) return `Node ${name} is not cordoned`;
  if (metadata.annotations[PRIOR] === undefined) return `Node ${name} is cordoned, but by no drain of kplay's`;
  if (!on) return SILENT;
  const rest = on.filter(pod => !isLeft(pod)).map(pod => `${pod.metadata.namespace}/${pod.metadata.name}`);
  if (rest.length === 0) return undefined;
  const more = rest.length > NAMED ? ` and ${rest.length - NAMED} more` : '';
  return `on Node ${name} still runs ${rest.slice(0, NAMED).join(', ')}${more}`;
};

/** A node is taken down only when it was drained, whatever says so; a drained batch may be, side by side. */
export const nodeDrained: Guard = {
  name: 'node_drained',
  group: 'nodes',
  exclusive: false,

  async assess(host, _group, ask): Promise<Verdict> {
    const name = nameOf(host, ask);
    const found = await nodesNamed(name, ask);
    const [node] = found ?? [];
    if (found && (node === undefined || !isReady(node))) return { permit: 'not needed' };
    const why = node ? obstacle(name, node, await podsOn(name, ask)) : SILENT;
    if (why === undefined) return { permit: 'granted' };
    const refused = (hint: string): Settled => ({ permit: 'refused', why: `not drained: ${why}`, hint });
    if (why !== SILENT) return refused(`kplay run drain.yaml --limit ${host}`);
    return { permit: 'unsettled', why, otherwise: refused('bring an API server back first; nothing is taken down undrained unseen') };
  },

  async health(host, _group, ask): Promise<Health> {
    const name = nameOf(host, ask);
    const found = await nodesNamed(name, ask);
    if (!found) return { healthy: false, why: SILENT };
    return found[0] && isReady(found[0]) ? { healthy: true, why: '' } : { healthy: false, why: `Node ${name} is not Ready` };
  },
};
