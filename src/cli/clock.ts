import type { Clock } from '../model/clock.ts';

/** The machine's own time. */
export const realClock: Clock = {
  now: () => new Date(),
  tick: () => performance.now(),
  // What node:timers/promises rejects with is a new error with a stack, and hides why: too much for what nearly every look on a host ends with.
  wait: (durationMs, signal) =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason as Error);
      const onAbort = (): void => {
        clearTimeout(timer);
        reject(signal?.reason as Error);
      };
      const timer = setTimeout(() => {
        signal?.removeEventListener('abort', onAbort);
        resolve();
      }, durationMs);
      signal?.addEventListener('abort', onAbort, { once: true });
    }),
};
