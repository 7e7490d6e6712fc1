import { join } from 'node:path';
import { KplayError } from '../../model/errors.ts';
import type { Value } from '../../value/value.ts';
import { lineageOf, withDependencies } from '../build.ts';
import type { Build } from '../build.ts';
import { asText, isTemplate, spelled } from '../fields.ts';
import { isStatement } from '../modules.ts';
import { didYouMean } from '../../model/nearest.ts';
import { findFile } from '../paths.ts';
import type { Play, RawVars, Role, Task } from '../types.ts';
import { inspect } from './expressions.ts';
import type { Looked } from './expressions.ts';
import type { TemplateFile } from './files.ts';
import { placeInText, placeOf } from './place.ts';
import { isSure } from './report.ts';
import type { Survey, Visit } from './survey.ts';

/** Every name that anything in the playbook may define; undefined when something may define names that cannot be seen. */
export const definitions = (plays: readonly Play[], { visits, complete }: Survey, build: Build): ReadonlySet<string> | undefined => {
  const found = new Definitions(build);
  const seen = [...plays.map(play => found.play(play)), ...visits.map(({ task, play }) => found.task(task, play))];
  return complete && seen.every(Boolean) ? found.names : undefined;
};

/** What a task or a loop defines without anybody writing it down. */
const GIVEN = ['item', 'ansible_loop', 'role_name', 'role_names', 'role_path', 'services', 'packages', 'vars', 'environment'];

/** What a template file may ask about itself. */
const OF_TEMPLATES = /^template_(?:host|mtime|run_date|uid|path|fullpath|destpath)$/;

/** Collects names; its methods answer false where there may be more names than can be seen now. */
class Definitions {
  readonly names = new Set<string>(GIVEN);
  readonly #build: Build;
  readonly #layers = new Set<RawVars>();
  readonly #roles = new Set<Role>();
  readonly #paths = new Map<string, boolean>();
  constructor(build: Build) {
    this.#build = build;
  }

  play(play: Play): boolean {
    this.#layer(play.vars);
    for (const { name } of play.varsPrompt) this.names.add(name);
    for (const role of play.roles) this.#role(role);
    const files = play.varsFiles.flatMap(({ value }) => (Array.isArray(value) ? value : [value]));
    return files.map(file => this.#varsFile(file, play, [])).every(Boolean) && this.#groupVars(play.folder);
  }
  task(task: Task, play: Play): boolean {
    for (const layer of [task.vars, ...task.outerVars]) this.#layer(layer);
    if (task.role) for (const role of lineageOf(task.role)) this.#role(role);
    if (task.register !== undefined) this.names.add(task.register);
    const looped = task.loop ? [task.loop.loopVar, task.loop.indexVar ?? task.loop.loopVar] : [];
    for (const name of looped) this.names.add(name);
    return !looped.some(isTemplate) && task.folders.map(folder => this.#groupVars(folder)).every(Boolean) && this.#module(task, play);
  }

  #role(role: Role): void {
    if (this.#roles.has(role)) return;
    this.#roles.add(role);
    for (const { defaults, vars, params, entryVars } of withDependencies(role))
      for (const layer of [defaults, vars, params, entryVars]) this.#layer(layer);
  }
  #layer(layer: RawVars): void {
    if (this.#layers.has(layer)) return;
    this.#layers.add(layer);
    for (const name of layer.keys()) this.names.add(name);
  }

  /** One that is not there defines nothing; a name made by a template may be any. */
  #varsFile(file: Value, { folder }: Play, folders: readonly string[]): boolean {
    const name = asText(file);
    if (name === undefined || isTemplate(name)) return false;
    const { path } = findFile(name, 'vars', folders, folder, this.#build.options.files);
    return path === undefined || this.#under(path);
  }
  /** group_vars and host_vars beside a play or a role; every file counts, whatever host it is for. */
  #groupVars(folder: string): boolean {
    return ['group_vars', 'host_vars'].map(sub => this.#under(join(folder, sub))).every(Boolean);
  }
  #under(path: string): boolean {
    const known = this.#paths.get(path) ?? this.#read(path);
    this.#paths.set(path, known);
    return known;
  }
  #read(path: string): boolean {
    const { files } = this.#build.options;
    if (!files.exists(path)) return true;
    if (files.isFolder(path)) return files.list(path).map(name => this.#under(join(path, name))).every(Boolean); // prettier-ignore
    const root = this.#build.load(path, { file: path, line: 1, col: 1 });
    for (const { key } of root?.entries() ?? []) this.names.add(spelled(key.value));
    return root !== undefined && root.items().length === 0;
  }

  #module(task: Task, play: Play): boolean {
    const definition = this.#build.options.catalog.get(task.written);
    if (isStatement(task.written)) return true;
    if (definition === undefined) return false;
    if (task.action === 'include_vars') return this.#includeVars(task, play);
    if (definition.kind !== 'action' || (!definition.open && definition.facts === undefined)) return true;
    for (const name of task.args.keys()) this.names.add(name);
    return !task.args.has('_variable_params') && ![...task.args.keys()].some(isTemplate);
  }
  #includeVars(task: Task, play: Play): boolean {
    const name = asText(task.args.get('name')?.value);
    if (name !== undefined && !isTemplate(name)) {
      this.names.add(name);
      return true;
    }
    const file = task.args.get('file') ?? task.args.get('_raw_params');
    return file !== undefined && !task.args.has('dir') && this.#varsFile(file.value, play, task.folders);
  }
}

/** Names that a task surely asks for and nothing defines. */
export const checkNames = (
  visit: Visit,
  looked: readonly Looked[],
  template: TemplateFile | undefined,
  known: ReadonlySet<string>,
  build: Build,
): void => {
  const { findings, options } = build;
  const isDefined = (name: string): boolean => known.has(name) || /^(?:ansible|getent)_/.test(name) || options.defined(name);
  for (const { text, at, inspection, sure } of looked) {
    if (!sure) continue;
    for (const name of inspection.certain)
      if (!isDefined(name))
        findings.error('E_UNDEFINED', placeOf(name, at, text.split('\n').length, build), `'${name}' is undefined`, didYouMean(name, known));
  }
  if (!template || !isSure(visit)) return;
  for (const name of template.inspection.certain) {
    if (isDefined(name) || OF_TEMPLATES.test(name)) continue;
    const message = `'${name}' is undefined, in the template of the task at ${visit.task.at.file}:${visit.task.at.line}`;
    findings.error('E_UNDEFINED', placeInText(name, template.path, template.text), message, didYouMean(name, known));
  }
};

/** A play's `hosts` sees no host's variables: only the play's own, the roles', and what holds for all hosts. */
export const checkHosts = ({ hosts, vars, roles }: Play, build: Build): void => {
  const layers = [vars, ...roles.flatMap(withDependencies).flatMap(role => [role.defaults, role.vars])];
  for (const value of Array.isArray(hosts.value) ? hosts.value : [hosts.value]) {
    if (typeof value !== 'string' || !isTemplate(value)) continue;
    const inspection = inspect(value, 'text', build);
    if (inspection instanceof KplayError) {
      build.findings.error(inspection.code, hosts.at, inspection.message);
      continue;
    }
    for (const name of inspection.certain)
      if (!layers.some(layer => layer.has(name)) && !build.options.defined(name))
        build.findings.error('E_UNDEFINED', placeOf(name, hosts.at, 1, build), `'${name}' is undefined, in the hosts of a play`);
  }
};
