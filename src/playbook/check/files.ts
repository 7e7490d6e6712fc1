import { KplayError } from '../../model/errors.ts';
import type { Source } from '../../model/source.ts';
import type { Build } from '../build.ts';
import { asText, isTemplate, isTrue } from '../fields.ts';
import { isStatement } from '../modules.ts';
import type { Inspection } from '../options.ts';
import { findFile, findIncludedTasks } from '../paths.ts';
import type { Search } from '../paths.ts';
import { splitArguments, unquote } from '../split.ts';
import type { Located, Task } from '../types.ts';
import { inspect } from './expressions.ts';
import { positionOf } from './place.ts';
import { isSure, report } from './report.ts';
import type { Visit } from './survey.ts';

/** A file of the controller that a task names literally. */
interface Named {
  readonly name: string;
  readonly at: Source;
  readonly sub: 'files' | 'templates' | 'vars';
}

/** A template file that could be looked at. */
export interface TemplateFile {
  readonly path: string;
  readonly text: string;
  readonly inspection: Inspection;
}

/**
 * Files that are not there although nothing before could have made them; template files that do not parse. Gives the template file of the
 * task, if it has one.
 */
export const checkFiles = (visit: Visit, build: Build): TemplateFile | undefined => {
  const { task, play } = visit;
  if (isStatement(task.written, 'include_tasks')) return void checkInclude(visit, build);
  const named = fileOf(task);
  if (!named) return undefined;
  const search = findFile(named.name, named.sub, task.folders, play.folder, build.options.files);
  if (search.path === undefined) return void missing(named.name, named.at, search, visit, build);
  return task.action === 'template' && !hasOwnSyntax(task) ? lookAtTemplate(search.path, visit, build) : undefined;
};

const missing = (name: string, at: Source, { tried }: Search, visit: Visit, { findings }: Build): void => {
  if (!isSure(visit) || visit.afterWriter) return;
  findings.error('E_FILE', at, `Could not find or access '${name}' on the Ansible Controller.`, `searched: ${tried.join(', ')}`);
};

const checkInclude = (visit: Visit, build: Build): void => {
  const { task, play } = visit;
  const file = task.args.get('_raw_params');
  const name = asText(file?.value);
  if (!file || name === undefined || isTemplate(name) || task.loop) return;
  const search = findIncludedTasks(task, name, false, play.folder, build.options.files);
  if (search.path === undefined) missing(name, file.at, search, visit, build);
};

const fileOf = (task: Task): Named | undefined => {
  const literal = (argument: Located | undefined, sub: Named['sub']): Named | undefined => {
    const name = asText(argument?.value);
    return argument && name !== undefined && name !== '' && !isTemplate(name) ? { name, at: argument.at, sub } : undefined;
  };
  const remote = task.args.get('remote_src');
  switch (task.action) {
    case 'copy':
      return isTrue(remote?.value, remote !== undefined) || task.args.has('content') ? undefined : literal(task.args.get('src'), 'files');
    case 'template':
      return literal(task.args.get('src'), 'templates');
    case 'include_vars':
      return literal(task.args.get('file') ?? task.args.get('_raw_params'), 'vars');
    case 'script':
      return scriptOf(task, literal);
    default:
      return undefined;
  }
};
/** The first word of a script's line. */
const scriptOf = (task: Task, literal: (argument: Located | undefined, sub: Named['sub']) => Named | undefined): Named | undefined => {
  const line = task.args.get('_raw_params');
  const [first] = splitArguments(asText(line?.value) ?? '') ?? [];
  return line && first !== undefined ? literal({ value: unquote(first.trim()), at: line.at }, 'files') : undefined;
};

const SYNTAX = /^(?:variable|block|comment)_(?:start|end)_string$/;
const hasOwnSyntax = ({ args }: Task): boolean => [...args.keys()].some(name => SYNTAX.test(name));

const lookAtTemplate = (path: string, visit: Visit, build: Build): TemplateFile | undefined => {
  const { files } = build.options;
  if (files.isFolder(path)) return undefined;
  const text = readable(path, visit, build);
  if (text === undefined) return undefined;
  const inspection = inspect(text, 'file', build);
  if (!(inspection instanceof KplayError)) return { path, text, inspection };
  report(
    visit,
    build,
    inspection.code,
    placeInFile(path, inspection),
    `${inspection.message} (template of the task at line ${visit.task.at.line})`,
  );
  return undefined;
};
/** Undefined, and reported, for a template that Ansible Vault encrypted with another password. */
const readable = (path: string, visit: Visit, build: Build): string | undefined => {
  try {
    return build.options.files.read(path);
  } catch (error) {
    if (!(error instanceof KplayError)) throw error;
    return void report(visit, build, error.code, visit.task.at, error.message);
  }
};
const placeInFile = (file: string, error: KplayError): Source => error.at ?? { file, ...positionOf(error) };
