import type { Value } from '../../value/value.ts';
import type { Named } from '../../value/call.ts';
import type { Run } from '../run.ts';

/** One answer for each term, or several; never changes anything but what its kind is for (password). */
export type Lookup = (terms: readonly Value[], named: Named, run: Run) => readonly Value[];
export type Lookups = Readonly<Record<string, Lookup>>;
