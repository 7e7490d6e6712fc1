import * as z from 'zod';
import type { Changes } from '../model/module.ts';
import type { Manifest } from './client.ts';

/** Annotations by which a cordon outlives the run that made it: whose it is, of which run, and what the node was before. */
const OWNER = 'kplay.dev/cordon-owner';
const RUN = 'kplay.dev/cordon-run';
const PRIOR = 'kplay.dev/cordon-prior';

const schema = z.object({
  metadata: z.object({ annotations: z.record(z.string(), z.string()).default({}) }),
  spec: z.object({ unschedulable: z.boolean().default(false) }).default({ unschedulable: false }),
});
const read = (node: Manifest): { readonly isCordoned: boolean; readonly prior: string | undefined } => {
  const { metadata, spec } = schema.parse(node);
  return { isCordoned: spec.unschedulable, prior: metadata.annotations[PRIOR] };
};

/** Cordoned, and it is written down what was before. */
export const isHeld = (node: Manifest): boolean => {
  const { isCordoned, prior } = read(node);
  return isCordoned && prior !== undefined;
};

/**
 * Cordons and writes down who and what was before, in one request: a killed run leaves both or neither. What an earlier run wrote down of a
 * node that is still cordoned is kept, its owner and run are not.
 */
export const cordonPatch = (node: Manifest, owner: string, run: string): Manifest => {
  const { isCordoned, prior } = read(node);
  const before = isCordoned ? (prior ?? 'unschedulable') : 'schedulable';
  return { metadata: { annotations: { [OWNER]: owner, [RUN]: run, [PRIOR]: before } }, spec: { unschedulable: true } };
};

/**
 * Back to what was before; undefined where nothing is to be done. A cordon of somebody else stays, and one that was lifted meanwhile is not put
 * back. `force` makes any node schedulable.
 */
export const restorePatch = (node: Manifest, force = false): Manifest | undefined => {
  const { isCordoned, prior } = read(node);
  const stays = isCordoned && !force && prior !== 'schedulable';
  if (prior === undefined && (stays || !isCordoned)) return undefined;
  return { metadata: { annotations: { [OWNER]: null, [RUN]: null, [PRIOR]: null } }, ...(!stays && { spec: { unschedulable: null } }) };
};

/** What a patch of either kind changes. */
export const cordonChanges = (name: string, node: Manifest, patch: Manifest | undefined): Changes => {
  if (patch === undefined) return [];
  const path = `Node ${name}`;
  const { isCordoned, prior } = read(node);
  const after = 'spec' in patch ? (patch['spec'] as Manifest)['unschedulable'] === true : isCordoned;
  const { [PRIOR]: kept = null } = (patch['metadata'] as { annotations: Manifest }).annotations;
  return [
    ...(after === isCordoned ? [] : [{ path, key: 'unschedulable', before: isCordoned, after }]),
    ...(kept === (prior ?? null) ? [] : [{ path, key: PRIOR, before: prior ?? null, after: kept }]),
  ];
};
