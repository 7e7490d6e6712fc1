import { dirname } from 'node:path';
import type { Source } from '../model/source.ts';
import type { Action } from './action.ts';
import { evaluateText } from './build.ts';
import type { Site } from './build.ts';
import { Fields, asText, isTrue, nodeOf } from './fields.ts';
import { findImport } from './paths.ts';
import { compileRole } from './roles.ts';
import type { FromFiles } from './rolefiles.ts';
import { checkKeywords } from './inherit.ts';
import { inside, taskList } from './tasks.ts';
import type { Located, Node } from './types.ts';

const NO_LOOP = "You cannot use loops on 'import_WHAT' statements. You should use 'include_WHAT' instead.";
const isLooped = (fields: Fields): boolean => fields.names().some(name => name === 'loop' || name.startsWith('with_'));
const DEEPEST = 100;

/** `import_tasks`: the file's tasks stand in its place and inherit its keywords. */
export const importTasks = (fields: Fields, action: Action, site: Site): readonly Node[] => {
  const { findings } = site.build;
  if (isLooped(fields)) findings.error('E_SYNTAX', action.at, NO_LOOP.replaceAll('WHAT', 'tasks'));
  const file = taskFileOf(action, site);
  const own = inside(site, fields, 'Task');
  const name = file && evaluateText(file.value, file.at, own);
  if (!file || name === undefined) return [];
  const { path, tried } = findImport(name, {
    files: site.build.options.files,
    folder: site.play.folder,
    handlers: site.handlers,
    includedFrom: site.includedFrom,
    ...(site.role ? { rolePath: site.role.path } : {}),
  });
  if (path === undefined) return missing(file.at, name, tried, site);
  if (site.chain.length > DEEPEST) return endless(file.at, `${path} imports itself without end`, site);
  return importedTasks(path, { ...own, includedFrom: [folderPart(name), ...site.includedFrom], chain: [...site.chain, path] }, file.at);
};
/** Python's dirname: nothing for a bare name. */
export const folderPart = (name: string): string => (name.includes('/') ? dirname(name) : '');
const missing = (at: Source, name: string, tried: readonly string[], { build }: Site): [] => {
  build.findings.error('E_FILE', at, `Could not find or access '${name}' on the Ansible Controller.`, `searched: ${tried.join(', ')}`);
  return [];
};
const endless = (at: Source, message: string, { build }: Site): [] => {
  build.findings.error('E_SYNTAX', at, message);
  return [];
};

/** The tasks of a file, at `site`. */
export const importedTasks = (path: string, site: Site, at: Source): readonly Node[] => {
  const { build } = site;
  const root = build.load(path, at);
  if (root === undefined) return [];
  if (root.value === null || root.value === '' || (root.kind === 'sequence' && root.items().length === 0))
    build.findings.warn('E_SYNTAX', root.at, `file ${path} is empty and had no tasks to include`);
  else if (root.kind !== 'sequence') build.findings.error('E_SYNTAX', root.at, 'included task files must contain a list of tasks');
  return root.kind === 'sequence' ? taskList(root, 'tasks', site) : [];
};

/** Which file include_tasks or import_tasks names; the rest of its arguments checked. */
export const taskFileOf = ({ written, name, at, args }: Action, { build }: Site): Located | undefined => {
  const wrong = [...args.keys()].filter(key => !['file', '_raw_params', 'apply', '_variable_params'].includes(key));
  if (wrong.length > 0) build.findings.error('E_SYNTAX', at, `Invalid options for ${written}: ${wrong.join(',')}`);
  checkApply(args.get('apply'), at, written, name === 'include_tasks', build.findings);
  const file = args.get('_raw_params');
  if (file && file.value !== null && file.value !== '') return file;
  build.findings.error('E_SYNTAX', at, `No file specified for ${written}`);
  return undefined;
};

const checkApply = (
  apply: Located | undefined,
  at: Source,
  written: string,
  allowed: boolean,
  findings: Site['build']['findings'],
): void => {
  if (apply === undefined || apply.value === null) return;
  if (!allowed) findings.error('E_SYNTAX', at, `Invalid options for ${written}: apply`);
  else if (!(apply.value instanceof Map))
    findings.error('E_SYNTAX', apply.at, `Expected a dict for apply but got ${typeof apply.value} instead`);
  else checkKeywords(new Fields(nodeOf(apply.value, apply.at)), 'Block', findings);
};

const FROM = ['tasks_from', 'vars_from', 'defaults_from', 'handlers_from'] as const;
const ROLE_ARGS: readonly string[] = [
  'name',
  'role',
  ...FROM,
  'apply',
  'public',
  'allow_duplicates',
  'rolespec_validate',
  '_variable_params',
];

/** Arguments of include_role and import_role, checked as Ansible does when it loads them. Undefined: no role is named. */
export const roleNameOf = ({ written, name, at, args }: Action, { build }: Site): Located | undefined => {
  const wrong = [...args.keys()].filter(key => !ROLE_ARGS.includes(key));
  if (wrong.length > 0) build.findings.error('E_SYNTAX', at, `Invalid options for ${written}: ${wrong.join(',')}`);
  checkApply(args.get('apply'), at, written, name === 'include_role', build.findings);
  for (const key of FROM) {
    const from = args.get(key);
    if (from && asText(from.value) === undefined)
      build.findings.error('E_SYNTAX', from.at, `Expected a string for ${key} but got ${typeof from.value} instead`);
  }
  const role = args.get('name') ?? args.get('role');
  if (role && role.value !== null) return role;
  build.findings.error('E_SYNTAX', at, `'name' is a required field for ${written}.`);
  return undefined;
};

/** `import_role`: the role's tasks (its dependencies' first) stand in its place; its handlers and variables join the play. */
export const importRole = (fields: Fields, action: Action, site: Site): readonly Node[] => {
  const { findings } = site.build;
  if (site.handlers) return endless(action.at, `Using '${action.written}' as a handler is not supported.`, site);
  if (isLooped(fields)) findings.error('E_SYNTAX', action.at, NO_LOOP.replaceAll('WHAT', 'role'));
  const named = roleNameOf(action, site);
  const own = inside(site, fields, 'Task');
  const name = named && evaluateText(named.value, named.at, own);
  if (!named || name === undefined) return [];
  if (site.chain.length > DEEPEST) return endless(named.at, `${name} imports itself without end`, site);
  const from: Record<string, string> = {};
  for (const key of FROM) {
    const value = action.args.get(key);
    const text = value && evaluateText(value.value, value.at, own);
    if (text !== undefined) from[key.replace('_from', '')] = text;
  }
  const vars = own.outerVars.length > site.outerVars.length ? own.outerVars.at(-1) : undefined;
  const option = (key: string, preset: boolean): boolean => isTrue(action.args.get(key)?.value, preset);
  const compiled = compileRole(
    {
      name,
      at: named.at,
      params: new Map(),
      entryVars: vars ?? new Map(),
      own: { when: [], tags: [] },
      from: from as FromFiles,
      fromInclude: true,
      public: option('public', true),
      allowDuplicates: option('allow_duplicates', true),
      validate: option('rolespec_validate', true),
    },
    { ...own, chain: [...site.chain, name] },
  );
  if (!compiled) return [];
  site.play.roles.push(compiled.role);
  site.play.handlers.push(...compiled.handlers);
  return compiled.nodes;
};
