import * as z from 'zod';
import { amend, existing } from '../kubernetes/amend.ts';
import { Kubernetes } from '../kubernetes/client.ts';
import { cordonChanges, cordonPatch, restorePatch } from '../kubernetes/cordon.ts';
import { type Drain, drain, drainChanges, type Drained, nodeNamed, preflight, seeNode } from '../kubernetes/drain.ts';
import { podName } from '../kubernetes/pods.ts';
import { bool, choice, int, list, optional, str } from './args.ts';
import { defineApi } from './define.ts';
import { cordoned, uncordoned } from './k8s_cordon.ts';
import { accessArgs, collections, ownerArg } from './kubernetes/arguments.ts';

const options = z.strictObject({
  force: bool.default(false).describe('Also pods that nothing starts again elsewhere.'),
  delete_emptydir_data: bool.default(false).describe('Also pods with local storage, which is lost.'),
  ignore_daemonsets: bool.default(true).describe('Leave the pods of DaemonSets where they are; else their presence is a failure.'),
  terminate_grace_period: optional(int).describe('Seconds that pods get to end, instead of what they say themselves.'),
  wait_timeout: int.default(300).describe('Seconds until all pods must be gone; 0: no limit.'),
  wait_sleep: int.default(1).describe('Seconds between looks whether a pod is gone.'),
});
const args = z.strictObject({
  name: str.describe('The node.'),
  state: choice('drain', 'cordon', 'uncordon').default('drain').describe('`cordon` and `uncordon` are k8s_cordon and k8s_uncordon.'),
  pod_selectors: list.default([]).describe('Only pods with these labels.'),
  delete_options: options.prefault({}).describe(
    `Mapping: ${Object.entries(options.shape)
      .map(([name, type]) => `\`${name}\`: ${type.description}`)
      .join(' ')}`,
  ),
  owner: ownerArg,
  ...accessArgs,
});
type Args = z.output<typeof args>;

const drainOf = ({ name, owner, pod_selectors, delete_options: given }: Args): Drain => ({
  node: name,
  owner,
  podSelectors: pod_selectors,
  consent: { force: given.force, ignoreDaemonSets: given.ignore_daemonsets, deleteEmptyDirData: given.delete_emptydir_data },
  eviction: {
    gracePeriodSeconds: given.terminate_grace_period,
    timeoutMs: given.wait_timeout === 0 ? Number.POSITIVE_INFINITY : given.wait_timeout * 1000,
    pauseMs: given.wait_sleep * 1000,
  },
});

/**
 * Nothing is done unless the drain can be finished as far as can be known before: the API answers, no pod needs a consent that was not given, no
 * disruption budget is spent. A drain that fails leaves the node as schedulable as it was before.
 */
export const k8sDrain = defineApi({
  name: 'k8s_drain',
  collections,
  summary: 'Cordon a node and evict what runs on it, through a master; k8s_uncordon makes it what it was before.',
  args,
  aliases: { label_selectors: 'pod_selectors' },
  prepare: (given: Args) => ({ given, task: drainOf(given) }),
  connect: ({ given }, line) => Kubernetes.through(line, given),
  observe: async ({ given, task }, api) =>
    given.state === 'drain' ? seeNode(api, task) : { node: await existing(api, nodeNamed(task.node)), pods: [], budgets: [] },
  analyze: ({ given, task }, seen) =>
    given.state === 'uncordon' ? cordonChanges(task.node, seen.node, restorePatch(seen.node)) : drainChanges(task, seen),

  async act({ given, task }, _seen, _changes, api): Promise<Drained> {
    const place = nodeNamed(task.node);
    if (given.state === 'drain') return drain(api, task);
    await amend(api, place, node => (given.state === 'cordon' ? cordonPatch(node, task.owner, api.line.run) : restorePatch(node)));
    return { pods: [], warnings: [] };
  },

  result({ given, task }, seen, changes, done) {
    if (given.state === 'uncordon') return { result: uncordoned(task.node, seen.node) };
    const planned = preflight(task, seen);
    const { pods, warnings } = done ?? { pods: planned.pods.map(podName), warnings: planned.warnings };
    const cordon = cordoned(task.node, changes);
    const told = pods.length === 0 ? cordon : `${cordon} ${pods.length} Pod(s) deleted from node.`;
    return { result: told, pods, ...(warnings.length > 0 && { warnings }) };
  },
});
