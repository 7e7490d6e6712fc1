import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { exists } from './machine.ts';

/** The name under which the cache keeps what was made of a recipe: a hash, so that another recipe makes another thing. */
export const keyOf = (recipe: unknown): string => createHash('sha256').update(JSON.stringify(recipe)).digest('hex').slice(0, 12);

/**
 * Gives back a folder of the cache. If there is none, `make` fills one that gets the name when it is complete; its second argument is a
 * folder to work in, which is removed.
 */
export const cached = async (path: string, make: (folder: string, scratch: string) => Promise<void>): Promise<string> => {
  if (await exists(path)) return path;
  await mkdir(dirname(path), { recursive: true });
  const scratch = await mkdtemp(join(dirname(path), 'unfinished-'));
  try {
    const folder = join(scratch, 'finished');
    await mkdir(folder);
    await make(folder, scratch);
    await rename(folder, path);
    return path;
  } finally {
    await rm(scratch, { recursive: true });
  }
};
