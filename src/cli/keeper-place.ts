import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import type { KeeperPlace } from '../transport/keeper-place.ts';
import { keeperFolder } from './keeper-folder.ts';
import type { Env } from './system.ts';

/** What a keeper gets of the environment: nothing that tells secrets or changes how it logs in. */
const PASSED = ['PATH', 'HOME', 'XDG_CACHE_HOME'];

/** What bin/kplay says of the room for young objects holds for the keeper as well. */
const YOUNG = '--max-semi-space-size=';

/** Where the keeper of this user and this version is, and how it is started. */
export const keeperPlace = (env: Env): KeeperPlace => {
  const entry = join(import.meta.dirname, extname(import.meta.filename) === '.ts' ? 'keeper.ts' : 'keeper.js');
  return {
    folder: keeperFolder(env),
    // Another program is another version: built, this file names all that it loads by what is in it.
    stamp: createHash('sha256').update(process.version).update(readFileSync(entry)).digest('hex').slice(0, 16),
    command: [process.execPath, ...process.execArgv.filter(option => option.startsWith(YOUNG)), entry],
    env: Object.fromEntries(PASSED.flatMap(name => (env[name] === undefined ? [] : [[name, env[name]]]))),
  };
};
