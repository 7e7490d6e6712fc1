import type { Clock } from '../model/clock.ts';
import type { Emit, Expense } from '../model/event.ts';

/** Does a part of a host's work and, where a profile is wanted, tells how long that took. It begins at once either way. */
export type Timed = <T>(expense: Expense, work: () => Promise<T>) => Promise<T>;

export const untimed: Timed = (_expense, work) => work();

/** Failures take time, too. */
export const timedFor =
  (host: string, { clock, emit }: { readonly clock: Clock; readonly emit: Emit }): Timed =>
  async (expense, work) => {
    const started = clock.tick();
    try {
      return await work();
    } finally {
      emit({ type: 'spent', host, ...expense, durationMs: clock.tick() - started });
    }
  };
