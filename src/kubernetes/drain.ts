import type { Changes } from '../model/module.ts';
import { KplayError } from '../model/errors.ts';
import { amend, existing } from './amend.ts';
import { DISRUPTION_BUDGETS, type Kubernetes, type Manifest, NODES, PODS, type Place } from './client.ts';
import { cordonChanges, cordonPatch, isHeld, restorePatch } from './cordon.ts';
import { evictAll, type EvictOptions } from './evict.ts';
import { type Consent, type Evictable, evictable, type Pod, podName, podOf, requireBudget } from './pods.ts';

export interface Drain {
  readonly node: string;
  readonly owner: string;
  /** Only pods with these labels. */
  readonly podSelectors: readonly string[];
  readonly consent: Consent;
  readonly eviction: EvictOptions;
}
export interface DrainSeen {
  readonly node: Manifest;
  readonly pods: readonly Pod[];
  readonly budgets: readonly Manifest[];
}
export interface Drained {
  readonly pods: readonly string[];
  readonly warnings: readonly string[];
}

const RESTORE_MS = 10_000;
export const nodeNamed = (name: string): Place => ({ resource: NODES, name });

/** A node, what runs on it, and what must not be disrupted. Fails where the API does not answer: nothing may be drained unseen. */
export const seeNode = async (api: Kubernetes, { node: name, podSelectors }: Drain): Promise<DrainSeen> => {
  const node = await existing(api, nodeNamed(name));
  const [pods, budgets] = await Promise.all([podsOn(api, name, podSelectors), api.list(DISRUPTION_BUDGETS)]);
  return { node, pods, budgets };
};
const podsOn = async (api: Kubernetes, node: string, labelSelectors: readonly string[]): Promise<readonly Pod[]> =>
  (await api.list(PODS, { fieldSelectors: [`spec.nodeName=${node}`], labelSelectors })).map(podOf);

/** Before anything is done: E_STATE where the drain may not be finished. */
export const preflight = ({ node, consent }: Drain, { pods, budgets }: DrainSeen): Evictable => {
  const plan = evictable(pods, consent);
  requireBudget(node, plan.pods, budgets);
  return plan;
};

export const drainChanges = (drain: Drain, seen: DrainSeen): Changes => {
  const { pods } = preflight(drain, seen);
  // What a killed run has finished is left as it is: its annotations tell who did it.
  const isDone = pods.length === 0 && isHeld(seen.node);
  return [
    ...cordonChanges(drain.node, seen.node, isDone ? undefined : cordonPatch(seen.node, drain.owner, '')),
    ...pods.map(pod => ({ path: `Pod ${podName(pod)}`, key: 'state', before: 'present', after: 'evicted' })),
  ];
};

/** Cordons the node, then evicts what is on it by then. If that fails, the node is what it was before. */
export const drain = async (api: Kubernetes, task: Drain): Promise<Drained> => {
  const place = nodeNamed(task.node);
  await amend(api, place, node => cordonPatch(node, task.owner, api.line.run));
  try {
    const { pods, warnings } = evictable(await podsOn(api, task.node, task.podSelectors), task.consent);
    await evictAll(api, pods, task.eviction);
    return { pods: pods.map(podName), warnings };
  } catch (error) {
    throw await restored(api, place, error);
  }
};

/** The error to throw once the node was put back. */
const restored = async (api: Kubernetes, place: Place, error: unknown): Promise<unknown> => {
  const node = `Node ${place.name}`;
  try {
    await amend(api.withSignal(AbortSignal.timeout(RESTORE_MS)), place, live => restorePatch(live));
    return told(error, `${node} is as schedulable as before`);
  } catch (failure) {
    const why = failure instanceof Error ? failure.message : String(failure);
    return told(error, `${node} stays cordoned, it could not be restored (${why}): drain it again, or k8s_uncordon`);
  }
};
const told = (error: unknown, state: string): unknown => {
  if (!(error instanceof KplayError)) return error;
  const { code, message, detail, hint, at } = error;
  return new KplayError(code, `${message}; ${state}`, {
    cause: error,
    ...(detail !== undefined && { detail }),
    ...(hint !== undefined && { hint }),
    ...(at && { at }),
  });
};
