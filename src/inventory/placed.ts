import { KplayError } from '../model/errors.ts';
import type { Source } from '../model/source.ts';

/** Runs one entry's work; a KplayError that names no place gets the entry's. */
export const placed = <T>(at: Source, work: () => T): T => {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof KplayError) || error.at) throw error;
    const { code, message, detail, hint, cause } = error;
    throw new KplayError(code, message, {
      at,
      ...(detail === undefined ? {} : { detail }),
      ...(hint === undefined ? {} : { hint }),
      cause,
    });
  }
};
