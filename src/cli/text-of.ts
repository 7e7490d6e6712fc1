import { readFileSync } from 'node:fs';

/** The text that an excerpt is taken from. A file that has gone or never was one (`-e` on the command line) is shown without its line. */
export const textOf = (file: string): string | undefined => {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
};
