import type { Diagnostic } from '../model/errors.ts';
import type { Emit } from '../model/event.ts';
import type { Write } from '../report/report.ts';
import type { System } from './system.ts';

/** What the composition root is given besides settings. */
export interface Io extends Pick<System, 'terminal' | 'keeper'> {
  /** Into every report of this run; the time is stamped here. */
  readonly emit: Emit;
  /** No report tells what a task returned unless it failed. */
  readonly resultsUnread: boolean;
  /** Aborted, with a KplayError as its reason, when the user stops the run. */
  readonly signal: AbortSignal;
  /** Results that were asked for: listings, facts, rendered text. */
  readonly write: Write;
  /** What a check found, shown with the lines it is about. */
  readonly diagnose: (diagnostics: readonly Diagnostic[]) => void;
}
