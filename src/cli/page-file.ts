import { accessSync, constants, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { KplayError } from '../model/errors.ts';
import type { Write } from '../report/report.ts';

/** Replaces the file in one step, so that a browser never sees half a page. A folder that cannot be written is refused before the run. */
export const pageWriter = (file: string): Write => {
  try {
    accessSync(dirname(file), constants.W_OK);
  } catch (cause) {
    throw new KplayError('E_FILE', `the report ${file} cannot be written`, {
      cause,
      hint: `is ${dirname(file)} a folder you may write to?`,
    });
  }
  return text => {
    const fresh = `${file}.${process.pid}.new`;
    writeFileSync(fresh, text);
    renameSync(fresh, file);
  };
};
