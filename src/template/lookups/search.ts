import { isAbsolute, join, normalize } from 'node:path';
import { isList } from '../../value/kinds.ts';
import { str } from '../../value/repr.ts';
import { expandUser } from '../filters/path.ts';
import type { Run } from '../run.ts';

/** Folders that lookups search, nearest first: the task's own (`ansible_search_path`), then the evaluation's. */
export const searchFolders = (run: Run): readonly string[] => {
  const own = run.scope.lookup('ansible_search_path');
  return [...new Set([...(isList(own) ? own.map(str) : []), ...run.searchPath])];
};

/** Where Ansible finds a file that a lookup names: in `folder` of each search folder, then beside it. Undefined when nowhere. */
export const findFile = (name: string, folder: string, run: Run): string | undefined => {
  const wanted = expandUser(name, run);
  const candidates = isAbsolute(wanted) ? [wanted] : searchFolders(run).flatMap(path => [join(path, folder, wanted), join(path, wanted)]);
  return candidates.map(normalize).find(path => run.host.kind(path, true) !== undefined);
};
