import { ApiError } from './api-error.ts';
import type { Kubernetes } from './client.ts';

export interface Patience {
  readonly timeoutMs: number;
  readonly pauseMs: number;
}
/** Looks again and again until there is something to give, or time is up: undefined. No answer is no reason to give up before. */
export const until = async <T>({ line }: Kubernetes, { timeoutMs, pauseMs }: Patience, look: () => Promise<T | undefined>) => {
  const { clock, signal } = line;
  const end = clock.tick() + timeoutMs;
  for (;;) {
    const isLast = clock.tick() >= end;
    const seen = await look().catch((error: unknown) => {
      if (!isLast && error instanceof ApiError && (error.status === 0 || error.status >= 500)) return undefined;
      throw error;
    });
    if (seen !== undefined || isLast) return seen;
    await clock.wait(Math.min(pauseMs, Math.max(0, end - clock.tick())), signal);
  }
};
