import * as z from 'zod';
import { amend, existing } from '../kubernetes/amend.ts';
import { Kubernetes, type Manifest } from '../kubernetes/client.ts';
import { cordonChanges, cordonPatch, isHeld, restorePatch } from '../kubernetes/cordon.ts';
import { nodeNamed } from '../kubernetes/drain.ts';
import type { Changes } from '../model/module.ts';
import { bool, str } from './args.ts';
import { defineApi } from './define.ts';
import { accessArgs, ownerArg } from './kubernetes/arguments.ts';

const cordonArgs = z.strictObject({ name: str.describe('The node.'), owner: ownerArg, ...accessArgs });
const uncordonArgs = z.strictObject({
  name: str.describe('The node.'),
  force: bool.default(false).describe('Make it schedulable, whoever cordoned it.'),
  ...accessArgs,
});
type Cordon = z.output<typeof cordonArgs>;
type Uncordon = z.output<typeof uncordonArgs>;

export const cordoned = (name: string, changes: Changes): string =>
  `node ${name} ${changes.length > 0 ? '' : 'already '}marked unschedulable.`;

/** What becomes of a node that was seen so. */
export const uncordoned = (name: string, node: Manifest, force = false): string => {
  const { spec } = { ...node, ...restorePatch(node, force) } as { readonly spec?: Manifest };
  return spec?.['unschedulable'] === true
    ? `node ${name} stays unschedulable: it was before kplay came, or somebody else cordoned it.`
    : `node ${name} marked schedulable.`;
};

export const k8sCordon = defineApi({
  name: 'k8s_cordon',
  summary: 'Keep new pods off a node, and write on it who does so and what it was before, through a master.',
  args: cordonArgs,
  prepare: (given: Cordon) => given,
  connect: (given, line) => Kubernetes.through(line, given),
  observe: ({ name }, api) => existing(api, nodeNamed(name)),
  analyze: ({ name, owner }, node) => (isHeld(node) ? [] : cordonChanges(name, node, cordonPatch(node, owner, ''))),
  act: ({ name, owner }, _seen, _changes, api) => amend(api, nodeNamed(name), node => cordonPatch(node, owner, api.line.run)),
  result: ({ name }, _seen, changes) => ({ result: cordoned(name, changes) }),
});

export const k8sUncordon = defineApi({
  name: 'k8s_uncordon',
  summary: 'Make a node what it was before kplay cordoned or drained it, through a master.',
  args: uncordonArgs,
  prepare: (given: Uncordon) => given,
  connect: (given, line) => Kubernetes.through(line, given),
  observe: ({ name }, api) => existing(api, nodeNamed(name)),
  analyze: ({ name, force }, node) => cordonChanges(name, node, restorePatch(node, force)),
  act: ({ name, force }, _seen, _changes, api) => amend(api, nodeNamed(name), node => restorePatch(node, force)),
  result: ({ name, force }, node) => ({ result: uncordoned(name, node, force) }),
});
