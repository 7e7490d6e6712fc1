import { join } from 'node:path';
import type { Value } from '../../value/value.ts';
import { lineageOf, withDependencies } from '../build.ts';
import type { Build } from '../build.ts';
import { asText, isTemplate, spelled } from '../fields.ts';
import { isStatement } from '../modules.ts';
import { didYouMean } from '../nearest.ts';
import { findFile } from '../paths.ts';
import type { Play, Role, Task } from '../types.ts';
import type { Looked } from './expressions.ts';
import type { TemplateFile } from './files.ts';
import { placeInText, placeOf } from './place.ts';
import { isSure } from './report.ts';
import type { Survey, Visit } from './survey.ts';

/** Every name that anything in the playbook may define; undefined when something may define names that cannot be seen. */
export const definitions = (plays: readonly Play[], { visits, complete }: Survey, build: Build): ReadonlySet<string> | undefined => {
  const names = new Set<string>(['item', 'ansible_loop', 'role_name', 'role_path', 'services', 'packages', 'vars', 'environment']);
  const seen = [...plays.map(play => ofPlay(play, names, build)), ...visits.map(({ task, play }) => ofTask(task, play, names, build))];
  return complete && seen.every(Boolean) ? names : undefined;
};

const addAll = (names: Set<string>, more: Iterable<string>): void => {
  for (const name of more) names.add(name);
};

/** False when a file of variables cannot be read now. */
const ofPlay = (play: Play, names: Set<string>, build: Build): boolean => {
  addAll(names, play.vars.keys());
  addAll(names, play.varsPrompt.map(({ name }) => name)); // prettier-ignore
  for (const role of play.roles) for (const each of withDependencies(role)) ofRole(each, names);
  const files = play.varsFiles.flatMap(({ value }) => (Array.isArray(value) ? value : [value]));
  return groupVars(play.folder, names, build) && files.every(file => ofFile(file, play, [], names, build));
};
const ofRole = ({ defaults, vars, params, entryVars }: Role, names: Set<string>): void => {
  for (const layer of [defaults, vars, params, entryVars]) addAll(names, layer.keys());
};

/** Names of a file of variables. One that is not there defines nothing; a name made by a template may be any. */
const ofFile = (file: Value, { folder }: Play, folders: readonly string[], names: Set<string>, build: Build): boolean => {
  const name = asText(file);
  if (name === undefined || isTemplate(name)) return false;
  const { path } = findFile(name, 'vars', folders, folder, build.options.files);
  return path === undefined || fileNames(path, names, build);
};
const fileNames = (path: string, names: Set<string>, build: Build): boolean => {
  const root = build.options.files.isFolder(path) ? undefined : build.load(path, { file: path, line: 1, col: 1 });
  if (!root || root.items().length > 0) return false;
  addAll(names, root.entries().map(({ key }) => spelled(key.value))); // prettier-ignore
  return true;
};

/** group_vars and host_vars beside a play or a role; every file counts, whatever host it is for. */
const groupVars = (folder: string, names: Set<string>, build: Build): boolean =>
  ['group_vars', 'host_vars'].every(sub => variablesUnder(join(folder, sub), names, build));
const variablesUnder = (path: string, names: Set<string>, build: Build): boolean => {
  const { files } = build.options;
  if (!files.exists(path)) return true;
  if (!files.isFolder(path)) return fileNames(path, names, build);
  return files.list(path).every(name => variablesUnder(join(path, name), names, build));
};

/** False when the task may define names that cannot be known. */
const ofTask = (task: Task, play: Play, names: Set<string>, build: Build): boolean => {
  for (const layer of [task.vars, ...task.outerVars]) addAll(names, layer.keys());
  if (task.role) for (const role of lineageOf(task.role)) for (const each of withDependencies(role)) ofRole(each, names);
  if (task.register !== undefined) names.add(task.register);
  if (task.loop) addAll(names, [task.loop.loopVar, ...(task.loop.indexVar === undefined ? [] : [task.loop.indexVar])]);
  return task.folders.every(folder => groupVars(folder, names, build)) && ofModule(task, play, names, build);
};
const ofModule = (task: Task, play: Play, names: Set<string>, build: Build): boolean => {
  const definition = build.options.catalog.get(task.written);
  if (isStatement(task.written)) return true;
  if (definition === undefined) return false;
  if (task.action === 'include_vars') return ofIncludeVars(task, play, names, build);
  if (definition.kind === 'module' || (!definition.open && definition.facts === undefined)) return true;
  addAll(names, task.args.keys());
  return !task.args.has('_variable_params') && ![...task.args.keys()].some(isTemplate);
};
const ofIncludeVars = (task: Task, play: Play, names: Set<string>, build: Build): boolean => {
  const name = asText(task.args.get('name')?.value);
  if (name !== undefined && !isTemplate(name)) {
    names.add(name);
    return true;
  }
  const file = task.args.get('file') ?? task.args.get('_raw_params');
  return file !== undefined && !task.args.has('dir') && ofFile(file.value, play, task.folders, names, build);
};

/** Names that a task surely asks for and nothing defines. */
export const checkNames = (
  visit: Visit,
  looked: readonly Looked[],
  template: TemplateFile | undefined,
  known: ReadonlySet<string>,
  build: Build,
): void => {
  const { findings, options } = build;
  const isDefined = (name: string): boolean => known.has(name) || name.startsWith('ansible_') || options.defined(name);
  for (const { text, at, inspection, sure } of looked) {
    if (!sure) continue;
    for (const name of inspection.certain)
      if (!isDefined(name))
        findings.error('E_UNDEFINED', placeOf(name, at, text.split('\n').length, build), `'${name}' is undefined`, didYouMean(name, known));
  }
  if (!template || !isSure(visit)) return;
  for (const name of template.inspection.certain) {
    if (isDefined(name)) continue;
    const message = `'${name}' is undefined, in the template of the task at ${visit.task.at.file}:${visit.task.at.line}`;
    findings.error('E_UNDEFINED', placeInText(name, template.path, template.text), message, didYouMean(name, known));
  }
};
