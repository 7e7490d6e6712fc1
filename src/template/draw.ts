import type { Value } from '../value/value.ts';
import { PythonRandom } from './python-random.ts';
import type { Run } from './run.ts';

/** A whole number from 0 up to, without, the limit. */
export type Draw = (limit: number) => number;

/** From a seed as Python draws it, else from the host; `what` draws, should that be asked for ahead of its turn. */
export const drawWith = (seed: Value, what: string, run: Run): Draw => {
  if (seed === null) run.impure(what);
  const seeded = seed === null ? undefined : new PythonRandom(seed);
  return limit => (seeded ? seeded.below(limit) : Math.floor(run.host.random() * limit));
};
