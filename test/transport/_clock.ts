import type { Clock } from '../../src/model/clock.ts';
import { clock } from './_shells.ts';

interface Waiter {
  readonly atMs: number;
  readonly ring: () => void;
}

/** Time that passes when a test says so. */
export class HandClock implements Clock {
  readonly now = clock.now;
  readonly #waiters = new Set<Waiter>();
  #nowMs = 0;

  tick(): number {
    return this.#nowMs;
  }

  wait(durationMs: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const waiter = { atMs: this.#nowMs + durationMs, ring: resolve };
      if (signal?.aborted) return reject(signal.reason as Error);
      this.#waiters.add(waiter);
      signal?.addEventListener('abort', () => {
        this.#waiters.delete(waiter);
        reject(signal.reason as Error);
      });
    });
  }

  /** Is somebody waiting until then? */
  awaits(durationMs: number): boolean {
    return [...this.#waiters].some(({ atMs }) => atMs === this.#nowMs + durationMs);
  }

  pass(durationMs: number): void {
    this.#nowMs += durationMs;
    for (const waiter of this.#waiters) if (waiter.atMs <= this.#nowMs && this.#waiters.delete(waiter)) waiter.ring();
  }
}
