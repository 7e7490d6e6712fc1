import { homedir } from 'node:os';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { unquote } from './split.ts';
import type { Files } from './options.ts';
import type { Task } from './types.ts';

/** Where a file was looked for, in order, and where it is. */
export interface Search {
  readonly path?: string;
  readonly tried: readonly string[];
}

/** Absolute, with `~` and `$VARIABLE` taken from the controller. */
export const expand = (path: string, folder = process.cwd()): string =>
  resolve(
    folder,
    path
      .replace(/^~(?=\/|$)/, homedir())
      .replaceAll(
        /\$(?:(\w+)|\{(\w+)\})/g,
        (all, bare: string | undefined, braced: string | undefined) => process.env[bare ?? braced ?? ''] ?? all,
      ),
  );
const isRooted = (path: string): boolean => path.startsWith('/') || path.startsWith('~');

const search = (files: Files, candidates: readonly string[]): Search => {
  const tried = [...new Set(candidates)];
  const found = tried.find(path => files.exists(path));
  return found === undefined ? { tried } : { path: found, tried };
};

const TASKS = /(?:^|\/)tasks\/?$/;
const MAINS = ['main.yml', 'main.yaml', 'main'];
const looksLikeRole = (files: Files, path: string): boolean => {
  const inTasks = TASKS.test(path) && MAINS.some(main => files.exists(join(path, main)));
  const holds = (folder: string): boolean => ['tasks', 'meta'].some(sub => MAINS.some(main => files.exists(join(folder, sub, main))));
  return inTasks || holds(path) || holds(dirname(path));
};

interface Base {
  readonly files: Files;
  /** The play's folder. */
  readonly folder: string;
}

/** Ansible's `path_dwim_relative`: beside a role or a play, with and without the usual sub-folder. */
const relative = ({ files, folder }: Base, path: string, sub: string, name: string, inRole = false): Search => {
  if (isRooted(name)) return search(files, [expand(name)]);
  const isRole = inRole || looksLikeRole(files, path);
  const base = isRole && TASKS.test(path) ? dirname(path) : path;
  return search(files, [
    resolve(path, sub, name),
    resolve(base, sub, name),
    ...(isRole && !name.endsWith(sub) ? [resolve(base, 'tasks', name)] : []),
    resolve(sub, name),
    resolve(base, name),
    resolve(folder, sub, name),
    resolve(folder, unquote(name)),
  ]);
};

export interface TaskFile extends Base {
  readonly rolePath?: string;
  readonly handlers: boolean;
  /** Folder parts of the task files around, innermost first. */
  readonly includedFrom: readonly string[];
}

/** The first search that finds something; else the last one, with everything that was tried. */
const firstOf = (searches: Iterable<Search>): Search => {
  const tried: string[] = [];
  for (const each of searches) {
    tried.push(...each.tried);
    if (each.path !== undefined) return { path: each.path, tried: [...new Set(tried)] };
  }
  return { tried: [...new Set(tried)] };
};

/** Folders of the includes around, joined up step by step: `b`, then `a/b`, then `/x/a/b`. */
function* cumulative(includedFrom: readonly string[]): Generator<string> {
  let path: string | undefined;
  for (const folder of includedFrom) {
    path = path === undefined || isAbsolute(path) ? folder : join(folder, path);
    yield path;
  }
}

/** The file that `import_tasks` names. */
export const findImport = (name: string, where: TaskFile): Search => {
  const { rolePath, folder } = where;
  const sub = where.handlers ? 'handlers' : 'tasks';
  function* searches(): Generator<Search> {
    for (const path of cumulative(where.includedFrom))
      yield rolePath === undefined ? relative(where, folder, path, name) : relative(where, resolve(rolePath, sub, path), sub, name);
    yield rolePath === undefined ? search(where.files, [expand(unquote(name), folder)]) : relative(where, rolePath, sub, name);
  }
  return firstOf(searches());
};

/** The file that `include_tasks` names, when it runs. */
export const findInclude = (name: string, where: TaskFile): Search => {
  const { rolePath, folder } = where;
  const sub = where.handlers ? 'handlers' : 'tasks';
  function* searches(): Generator<Search> {
    for (const path of cumulative(where.includedFrom))
      if (rolePath === undefined) yield relative(where, folder, path, name);
      else {
        yield relative(where, rolePath, sub, name, true);
        yield relative(where, resolve(rolePath, sub, path), sub, name, true);
      }
    yield rolePath === undefined ? search(where.files, [expand(unquote(name), folder)]) : relative(where, rolePath, sub, name, true);
  }
  return firstOf(searches());
};

/** The same for a task that is about to include, `folder` being its play's. */
export const findIncludedTasks = (task: Task, name: string, handlers: boolean, folder: string, files: Files): Search =>
  findInclude(name, {
    files,
    folder,
    handlers,
    includedFrom: task.includedFrom,
    ...(task.role ? { rolePath: task.role.path } : {}),
  });

/** A file that a task's module names (copy's src, template's src …): Ansible's search path, `sub` being `files`, `templates` or `vars`. */
export const findFile = (name: string, sub: string, folders: readonly string[], folder: string, files: Files): Search => {
  if (isRooted(name)) return search(files, [expand(name)]);
  const prefixed = name.split('/')[0] !== sub;
  const both = (base: string): readonly string[] => [...(prefixed ? [resolve(base, sub, name)] : []), resolve(base, name)];
  const candidates = folders.flatMap(path => {
    const parent = dirname(path);
    const beside =
      parent.endsWith('/tasks') && looksLikeRole(files, path) ? [resolve(dirname(parent), sub, name), resolve(parent, name)] : [];
    return [...beside, ...both(path)];
  });
  return search(files, [...candidates, ...both(folder)]);
};
