import { existsSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { KplayError } from '../model/errors.ts';
import type { Plain } from '../model/module.ts';
import { evaluationError } from '../value/errors.ts';
import { toPlain } from '../value/plain.ts';
import { fromPlain } from '../value/value.ts';
import type { Filter } from './run.ts';

/** A user's filter: the value, the arguments, and last an object of the named ones if there are any. */
type PlainFilter = (input: Plain, ...args: Plain[]) => Plain | undefined;

const reason = (error: unknown): string => (error instanceof Error ? error.message : String(error));
const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null;

const adapted =
  (name: string, filter: PlainFilter): Filter =>
  (input, args, named) => {
    const given = [...args.map(toPlain), ...(named.size > 0 ? [toPlain(new Map(named))] : [])];
    const plain = toPlain(input);
    let result: Plain | undefined;
    try {
      result = filter(plain, ...given);
    } catch (error) {
      throw evaluationError(`the filter ${name} failed: ${reason(error)}`);
    }
    if (isRecord(result) && typeof result['then'] === 'function')
      throw evaluationError(`the filter ${name} gave a promise: a template cannot wait`);
    return fromPlain(result);
  };

/**
 * Filters in files of the user's own: `filter_plugins/*.js|ts` beside a playbook or in a role, each an ES module whose default export is a
 * record of functions of plain values by their names. They are there for every template, as Ansible's are.
 */
export class FilterPlugins {
  readonly #require = createRequire(import.meta.url);
  readonly #folders = new Set<string>();
  readonly #filters = new Map<string, Filter>();
  readonly #python: string[] = [];

  /** Reads the folder `filter_plugins` of a playbook's or role's own, once; E_FILE for a module that cannot be loaded. */
  add(home: string): void {
    const folder = join(home, 'filter_plugins');
    if (this.#folders.has(folder) || !existsSync(folder)) return;
    this.#folders.add(folder);
    for (const name of readdirSync(folder).toSorted()) {
      const path = join(folder, name);
      if (/\.[cm]?[jt]s$/.test(name) && !name.endsWith('.d.ts')) this.#load(path);
      else if (name.endsWith('.py') && name !== '__init__.py') this.#python.push(path);
    }
  }
  find(name: string): Filter | undefined {
    return this.#filters.get(name);
  }
  get names(): Iterable<string> {
    return this.#filters.keys();
  }
  /** Why a name may be missing: the plugins of Python, which nothing here runs. */
  get missing(): string | undefined {
    if (this.#python.length === 0) return undefined;
    return `${this.#python.join(', ')} cannot be run, as Python plugins are not: write the filter in filter_plugins/*.js or *.ts`;
  }

  #load(path: string): void {
    let filters: unknown;
    try {
      const module: unknown = this.#require(path);
      filters = isRecord(module) && 'default' in module ? module['default'] : module;
    } catch (error) {
      throw new KplayError('E_FILE', `cannot load ${path}: ${reason(error)}`, { cause: error });
    }
    if (!isRecord(filters)) throw new KplayError('E_FILE', `${path} has no default export of filters by their names`);
    for (const [name, filter] of Object.entries(filters)) {
      if (typeof filter !== 'function') throw new KplayError('E_FILE', `${path}: "${name}" is no function`);
      // What it takes and gives is the user's promise.
      this.#filters.set(name, adapted(name, filter as PlainFilter));
    }
  }
}
