import type { Event } from '../model/event.ts';

/** Where a report's text goes: a terminal, a pipe, a file. */
export type Write = (text: string) => void;

/** One consumer of a run's events. It never throws for what an event holds, and writes nothing after `close`. */
export interface Report {
  handle(event: Event): void;
  /** Resolves once everything that was handled is written. */
  close(): Promise<void>;
}
