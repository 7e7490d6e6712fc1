import * as z from 'zod';
import { amend, existing } from '../kubernetes/amend.ts';
import { Kubernetes, type Manifest } from '../kubernetes/client.ts';
import { nodeNamed } from '../kubernetes/drain.ts';
import { bool, choice, optional, str } from './args.ts';
import { defineApi } from './define.ts';
import { accessArgs, collections } from './kubernetes/arguments.ts';

const taint = z.strictObject({
  key: str,
  value: optional(str),
  effect: optional(choice('NoSchedule', 'NoExecute', 'PreferNoSchedule')),
});
type Taint = z.output<typeof taint>;

const args = z
  .strictObject({
    name: str.describe('The node.'),
    taints: z.array(taint).describe('Taints: `key`, `value`, `effect`. To remove one, its key is enough.'),
    state: choice('present', 'absent').default('present').describe('Whether it is to have them.'),
    replace: bool.default(false).describe('The node is to have no others.'),
    ...accessArgs,
  })
  .superRefine(({ state, taints }, context) => {
    if (state === 'present' && taints.some(({ effect }) => effect === undefined)) context.addIssue('a taint needs an effect');
  });
type Args = z.output<typeof args>;

const node = z.object({ spec: z.object({ taints: z.array(taint.loose()).default([]) }).prefault({}) });
const taintsOf = (object: Manifest): readonly Taint[] => node.parse(object).spec.taints;

const isAlike = (one: Taint, other: Taint): boolean =>
  one.key === other.key && (one.effect === undefined || other.effect === undefined || one.effect === other.effect);
const isSame = (one: Taint, other: Taint): boolean => isAlike(one, other) && (one.value ?? '') === (other.value ?? '');

/** What the node is to have; undefined where that is what it has. One that stays keeps its place. */
const wanted = ({ state, taints, replace }: Args, present: readonly Taint[]): readonly Taint[] | undefined => {
  const others = present.filter(each => !taints.some(one => isAlike(one, each)));
  if (state === 'absent') return others.length === present.length ? undefined : others;
  const isThere = taints.every(one => present.some(each => isSame(one, each)));
  if (isThere && (!replace || others.length === 0)) return undefined;
  return [...(replace ? [] : others), ...taints];
};
const told = ({ key, value, effect }: Taint): string => `${key}${value === undefined ? '' : `=${value}`}:${effect ?? ''}`;

export const k8sTaint = defineApi({
  name: 'k8s_taint',
  collections,
  summary: 'Taint a node of Kubernetes, through a master.',
  args,
  prepare: (given: Args) => given,
  connect: (given, line) => Kubernetes.through(line, given),
  observe: ({ name }, api) => existing(api, nodeNamed(name)),
  analyze(given, object) {
    const [before, after] = [taintsOf(object), wanted(given, taintsOf(object))];
    return after === undefined ? [] : [{ path: `Node ${given.name}`, key: 'taints', before: before.map(told), after: after.map(told) }];
  },
  act: (given, _seen, _changes, api) =>
    amend(api, nodeNamed(given.name), live => {
      const taints = wanted(given, taintsOf(live));
      return (
        taints && {
          spec: { taints: taints.map(({ key, value, effect }) => ({ key, ...(value !== undefined && { value }), effect: effect ?? '' })) },
        }
      );
    }),
  result: (_given, object, _changes, done) => ({ result: done ?? object }),
});
