import * as z from 'zod';
import type { Manifest } from './client.ts';

const count = z.int().default(0);
const object = z.object({
  metadata: z.object({ generation: count }),
  spec: z.object({ replicas: z.int().optional(), updateStrategy: z.object({ type: z.string().default('') }).optional() }).default({}),
  status: z
    .object({
      observedGeneration: count,
      replicas: count,
      availableReplicas: count,
      unavailableReplicas: count,
      readyReplicas: count,
      updatedReplicas: count,
      updateRevision: z.string().optional(),
      currentRevision: z.string().optional(),
      desiredNumberScheduled: z.int().optional(),
      updatedNumberScheduled: count,
      numberReady: count,
      numberUnavailable: count,
      containerStatuses: z.array(z.object({ ready: z.boolean() })).optional(),
      conditions: z.array(z.object({ type: z.string(), status: z.string(), reason: z.string().default('') })).default([]),
    })
    .optional(),
});
type Known = z.output<typeof object>;
type Rolled = Known & { readonly status: NonNullable<Known['status']> };

/** What a wait waits for where nothing is said (kubernetes.core's waiter.py); of any other kind, to be there is enough. */
const READY: Readonly<Record<string, (object: Rolled) => boolean>> = {
  Deployment: ({ spec, status, metadata }) =>
    spec.replicas === status.replicas &&
    status.availableReplicas === status.replicas &&
    status.observedGeneration === metadata.generation &&
    status.unavailableReplicas === 0,
  DaemonSet: ({ status, metadata }) =>
    status.desiredNumberScheduled !== undefined &&
    status.updatedNumberScheduled === status.desiredNumberScheduled &&
    status.numberReady === status.desiredNumberScheduled &&
    status.observedGeneration === metadata.generation &&
    status.numberUnavailable === 0,
  StatefulSet: ({ spec, status, metadata }) =>
    spec.updateStrategy?.type === 'OnDelete'
      ? status.observedGeneration === metadata.generation && status.replicas === spec.replicas
      : status.observedGeneration === metadata.generation &&
        status.updateRevision === status.currentRevision &&
        status.updatedReplicas === spec.replicas &&
        status.readyReplicas === spec.replicas &&
        status.replicas === spec.replicas,
  Pod: ({ status }) => status.containerStatuses?.every(({ ready }) => ready) ?? false,
};

/** A condition in an object's status. */
export interface Condition {
  readonly type: string;
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason?: string | undefined;
}

/** Whether an object has the condition; without one, whether it is as ready as its kind can be. */
export const isReady = (manifest: Manifest, wanted?: Condition): boolean => {
  const ready = READY[String(manifest['kind'])];
  if (wanted === undefined && ready === undefined) return true;
  // A kind of somebody's own may have a status of its own, too.
  const known = object.safeParse(manifest).data;
  if (known?.status === undefined) return false;
  if (wanted === undefined) return ready?.({ ...known, status: known.status }) ?? true;
  const found = known.status.conditions.find(({ type }) => type === wanted.type);
  return found?.status === wanted.status && (wanted.reason === undefined || found.reason === wanted.reason);
};
