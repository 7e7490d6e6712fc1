/** Time, injected so that no test sleeps. */
export interface Clock {
  now(): Date;
  /** Monotonic milliseconds. */
  tick(): number;
  /** Rejects with the signal's reason on abort. */
  wait(durationMs: number, signal?: AbortSignal): Promise<void>;
}
