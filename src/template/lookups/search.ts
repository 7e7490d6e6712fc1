import { TextDecoder } from 'node:util';
import { isAbsolute, join, normalize } from 'node:path';
import { evaluationError } from '../../value/errors.ts';
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

const decoderOf = (encoding: string, lookup: string): TextDecoder => {
  try {
    return new TextDecoder(
      encoding
        .toLowerCase()
        .replace(/^latin-/, 'latin')
        .replaceAll('_', '-'),
      { fatal: true },
    );
  } catch (error) {
    if (error instanceof RangeError) throw evaluationError(`${lookup}: unknown encoding: ${encoding}`);
    throw error;
  }
};

/** The text of a file that a lookup reads; E_TEMPLATE when it is nowhere or is not in that encoding. */
export const readText = (name: string, encoding: string, lookup: string, run: Run): string => {
  const path = findFile(name, 'files', run);
  if (path === undefined) throw evaluationError(`${lookup}: No such file or directory: '${name}'`);
  const decoder = decoderOf(encoding, lookup);
  try {
    return decoder.decode(run.host.readFile(path));
  } catch (error) {
    if (error instanceof TypeError) throw evaluationError(`${lookup}: ${name} is not in ${encoding}`);
    throw error;
  }
};
