import { readFileSync } from 'node:fs';
import { isVaulted } from '../vault/envelope.ts';

/**
 * The text that an excerpt is taken from. A file that has gone or never was one (`-e` on the command line), or is
 * encrypted, is shown without its line.
 */
export const textOf = (file: string): string | undefined => {
  try {
    const text = readFileSync(file, 'utf8');
    return isVaulted(text) ? undefined : text;
  } catch {
    return undefined;
  }
};
