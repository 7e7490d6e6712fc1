import type { Duplex } from 'node:stream';
import type { Clock } from './clock.ts';
import type { Probes } from './probe.ts';

/** The way from a task to an API: over the connection to the task's host, as the task's user, for as long as the task takes. */
export interface Line {
  /** The run's id. */
  readonly run: string;
  /** The task's host, as messages call it. */
  readonly host: string;
  readonly clock: Clock;
  /** Aborted when the run is interrupted or the task's time is up, with a KplayError as reason. */
  readonly signal: AbortSignal;
  /** A TCP stream opened from the host. */
  connect(host: string, port: number): Promise<Duplex>;
  /** Looks at the host, now. */
  observe<Seen extends readonly unknown[]>(probes: Probes<Seen>): Promise<Seen>;
  /** Tells whoever watches what the task waits for. */
  waiting(reason: string): void;
}
