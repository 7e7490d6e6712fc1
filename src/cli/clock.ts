import { setTimeout } from 'node:timers/promises';
import type { Clock } from '../model/clock.ts';

/** The machine's own time. */
export const realClock: Clock = {
  now: () => new Date(),
  tick: () => performance.now(),
  async wait(durationMs, signal) {
    try {
      await setTimeout(durationMs, undefined, signal && { signal });
    } catch (error) {
      // An aborted timer rejects with an AbortError that hides why.
      signal?.throwIfAborted();
      throw error;
    }
  },
};
