import { KplayError } from '../model/errors.ts';
import { ApiError } from './api-error.ts';
import { type Kubernetes, PODS } from './client.ts';
import { type Pod, podName } from './pods.ts';
import { until } from './wait.ts';

export interface EvictOptions {
  /** Instead of each pod's own. */
  readonly gracePeriodSeconds?: number | undefined;
  /** For all pods together. */
  readonly timeoutMs: number;
  /** Between looks whether a pod is gone. */
  readonly pauseMs: number;
}

/** What kubectl waits before it asks again for what a disruption budget refused. */
const REFUSED_MS = 5_000;

/** Evicts pods side by side and waits until they are gone; the first failure ends all waiting and is thrown. */
export const evictAll = async (api: Kubernetes, pods: readonly Pod[], options: EvictOptions): Promise<void> => {
  const stop = new AbortController();
  const stoppable = api.withSignal(AbortSignal.any([api.line.signal, stop.signal]));
  const end = api.line.clock.tick() + options.timeoutMs;
  let left = pods.length;
  const done = await Promise.allSettled(
    pods.map(async pod => {
      try {
        await evict(stoppable, pod, options, end);
        left -= 1;
        api.line.waiting(`${podName(pod)} is gone, ${left} of ${pods.length} left`);
      } catch (error) {
        stop.abort(error);
        throw error;
      }
    }),
  );
  if (done.some(({ status }) => status === 'rejected')) throw stop.signal.reason;
};

const evict = async (api: Kubernetes, pod: Pod, { gracePeriodSeconds, timeoutMs, pauseMs }: EvictOptions, end: number): Promise<void> => {
  const { line } = api;
  const { namespace, name, uid } = pod.metadata;
  const late = (why: string): KplayError =>
    new KplayError('E_TIMEOUT', `Pod ${podName(pod)} was not gone after ${timeoutMs / 1000} s: ${why}`);
  for (;;) {
    try {
      if (!(await api.evict(namespace, name, gracePeriodSeconds))) return;
      break;
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 429) throw error;
      if (line.clock.tick() + REFUSED_MS > end) throw late(error.message);
      line.waiting(`${podName(pod)}: ${error.message}`);
      await line.clock.wait(REFUSED_MS, line.signal);
    }
  }
  line.waiting(`${podName(pod)} is ending`);
  const patience = { timeoutMs: end - line.clock.tick(), pauseMs };
  const gone = await until(api, patience, async () => {
    const found = await api.get({ resource: PODS, name, namespace });
    // Another one may have taken its name (a StatefulSet's).
    return found === undefined || (found['metadata'] as { uid?: string }).uid !== uid ? true : undefined;
  });
  if (gone === undefined) throw late('it is still ending');
};
