import type { Report, Write } from './report.ts';

/** NDJSON: each event is one line, as docs/events.md describes it. */
export const jsonReport = (write: Write): Report => ({
  handle: event => write(`${JSON.stringify(event)}\n`),
  close: () => Promise.resolve(),
});
