import * as z from 'zod';
import { KplayError } from '../model/errors.ts';
import type { Manifest } from './client.ts';
import { labelSelector, selects } from './labels.ts';

const pod = z.object({
  metadata: z.object({
    name: z.string(),
    namespace: z.string(),
    uid: z.string(),
    deletionTimestamp: z.string().optional(),
    annotations: z.record(z.string(), z.string()).default({}),
    labels: z.record(z.string(), z.string()).default({}),
    ownerReferences: z.array(z.object({ kind: z.string(), controller: z.boolean().default(false) })).default([]),
  }),
  spec: z.object({ nodeName: z.string().optional(), volumes: z.array(z.looseObject({})).default([]) }),
  status: z
    .object({
      phase: z.string().default('Pending'),
      conditions: z.array(z.object({ type: z.string(), status: z.string() })).default([]),
    })
    .prefault({}),
});
export type Pod = z.output<typeof pod>;

const budget = z.object({
  metadata: z.object({ name: z.string(), namespace: z.string() }),
  spec: z.object({ selector: labelSelector.optional(), unhealthyPodEvictionPolicy: z.string().default('IfHealthyBudget') }),
  status: z
    .object({ disruptionsAllowed: z.int().default(0), currentHealthy: z.int().default(0), desiredHealthy: z.int().default(0) })
    .prefault({}),
});
type Budget = z.output<typeof budget>;

/** What a drain may do beyond what is safe for every pod. */
export interface Consent {
  readonly force: boolean;
  readonly ignoreDaemonSets: boolean;
  readonly deleteEmptyDirData: boolean;
}
export interface Evictable {
  readonly pods: readonly Pod[];
  /** What is done though it may surprise, or left undone. */
  readonly warnings: readonly string[];
}

export const podOf = (manifest: Manifest): Pod => pod.parse(manifest);
export const podName = ({ metadata: { namespace, name } }: Pod): string => `${namespace}/${name}`;
const isFinished = ({ status: { phase } }: Pod): boolean => phase === 'Succeeded' || phase === 'Failed';
const controllerOf = ({ metadata: { ownerReferences } }: Pod): string | undefined =>
  ownerReferences.find(({ controller }) => controller)?.kind;

/**
 * Which pods a drain takes away, by kubectl's rules (https://kubernetes.io/docs/tasks/administer-cluster/safely-drain-node/): mirror pods and
 * those of DaemonSets never. E_STATE for what it may not do without consent.
 */
export const evictable = (pods: readonly Pod[], { force, ignoreDaemonSets, deleteEmptyDirData }: Consent): Evictable => {
  const own = pods.filter(({ metadata }) => metadata.annotations['kubernetes.io/config.mirror'] === undefined);
  const ofDaemonSets = own.filter(each => controllerOf(each) === 'DaemonSet');
  const leaving = own.filter(each => controllerOf(each) !== 'DaemonSet');
  const unmanaged = leaving.filter(each => controllerOf(each) === undefined && !isFinished(each));
  const local = leaving.filter(each => !isFinished(each) && each.spec.volumes.some(volume => volume['emptyDir'] !== undefined));
  const told = [
    tell(unmanaged, force, 'Pods that nothing starts again', 'force'),
    tell(local, deleteEmptyDirData, 'Pods with local storage (emptyDir)', 'delete_emptydir_data'),
    ...(ignoreDaemonSets ? [] : [tell(ofDaemonSets, false, 'DaemonSet-managed Pods', 'ignore_daemonsets')]),
  ];
  const errors = told.flatMap(({ error }) => error ?? []);
  if (errors.length > 0) throw new KplayError('E_STATE', `Pod deletion errors: ${errors.join(' ')}`, { hint: 'nothing was done' });
  const ignored = ofDaemonSets.length === 0 ? [] : [`Ignoring DaemonSet-managed Pods: ${names(ofDaemonSets)}.`];
  return { pods: leaving, warnings: [...told.flatMap(({ warning }) => warning ?? []), ...ignored] };
};

const names = (pods: readonly Pod[]): string => pods.map(podName).join(',');
const tell = (pods: readonly Pod[], consent: boolean, what: string, option: string): { error?: string; warning?: string } => {
  if (pods.length === 0) return {};
  if (consent) return { warning: `Deleting ${what}: ${names(pods)}.` };
  return { error: `cannot delete ${what} (use option ${option} set to yes): ${names(pods)}.` };
};

/** Fails with E_STATE where a disruption budget has nothing left for a pod that is to go. */
export const requireBudget = (node: string, pods: readonly Pod[], budgets: readonly Manifest[]): void => {
  const spent = budgets.map(each => budget.parse(each)).filter(({ status }) => status.disruptionsAllowed === 0);
  const blocked = pods.flatMap(each => spent.filter(one => blocks(one, each)).map(one => ({ pod: each, one })));
  if (blocked.length === 0) return;
  const told = blocked.map(({ pod: each, one: { metadata } }) => `${metadata.namespace}/${metadata.name} keeps ${podName(each)}`);
  throw new KplayError('E_STATE', `Node ${node} cannot be drained: PodDisruptionBudget ${told.join(', ')}`, {
    hint: 'nothing was done; wait until the budget allows a disruption (kubectl get pdb -A), or start more replicas',
  });
};

/** As the eviction API decides (https://kubernetes.io/docs/tasks/run-application/configure-pdb/#unhealthy-pod-eviction-policy). */
const blocks = ({ metadata, spec, status }: Budget, each: Pod): boolean => {
  const { namespace, labels, deletionTimestamp } = each.metadata;
  if (namespace !== metadata.namespace || spec.selector === undefined || !selects(spec.selector, labels)) return false;
  if (isFinished(each) || each.status.phase === 'Pending' || deletionTimestamp !== undefined) return false;
  const isHealthy = each.status.conditions.some(({ type, status: state }) => type === 'Ready' && state === 'True');
  if (isHealthy) return true;
  const isEnough = status.currentHealthy >= status.desiredHealthy && status.desiredHealthy > 0;
  return !(spec.unhealthyPodEvictionPolicy === 'AlwaysAllow' || isEnough);
};
