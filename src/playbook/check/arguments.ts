import * as z from 'zod';
import { KplayError } from '../../model/errors.ts';
import type { Plain, Task as Definition } from '../../model/module.ts';
import { toPlain } from '../../value/plain.ts';
import type { Build } from '../build.ts';
import { holdsTemplate, isTemplate } from '../fields.ts';
import { isStatement, knownNames } from '../modules.ts';
import { didYouMean } from '../../model/nearest.ts';
import { unresolvedMessage } from '../action.ts';
import type { Task } from '../types.ts';
import type { Visit } from './survey.ts';
import { placeOfName } from './place.ts';
import { report } from './report.ts';

/** Arguments against the module's own schema: unknown names, missing ones, and literal values that no conversion makes right. */
export const checkArguments = (visit: Visit, build: Build): void => {
  const { task } = visit;
  const { catalog } = build.options;
  if (isStatement(task.written)) return;
  const definition = catalog.get(task.written);
  if (definition) return checkAgainst(definition, visit, build);
  if (isMissing(visit, build) && build.options.allowMissingModules === true) return;
  const message = isMissing(visit, build) ? `kplay has no module '${task.written}'` : unresolvedMessage(task.written);
  report(visit, build, 'E_SYNTAX', task.at, message, didYouMean(task.written, knownNames(catalog)));
};

/** Ansible may know it. It may even be any module: the name of one may be a template there. */
const isMissing = ({ task: { written } }: Visit, build: Build): boolean => build.isForeign(written) || isTemplate(written);

/** Modules that kplay has not got, each where it is first used. */
export const countMissing = (visits: readonly Visit[], build: Build): void => {
  const missing = visits.filter(visit => isMissing(visit, build)).map(({ task }) => task);
  for (const [name, [first, ...others] = []] of Map.groupBy(missing, ({ written }) => written)) {
    const uses = others.length === 0 ? '1 task' : `${others.length + 1} tasks`;
    if (first) build.findings.warn('E_SYNTAX', first.at, `kplay has no module '${name}': ${uses}`);
  }
};

const checkAgainst = (definition: Definition, visit: Visit, build: Build): void => {
  const { shape } = definition.args;
  const isOpen = definition.kind === 'action' && definition.open === true;
  const given = new Set<string>();
  for (const [name, { value, at }] of visit.task.args) {
    if (name === '_variable_params' || isTemplate(name)) continue;
    const key = canonical(name, definition);
    given.add(key);
    if (shape[key]) checkValue(key, value, definition, visit, build, at);
    else if (!isOpen) unknown(name, definition, visit, build, at);
  }
  checkMissing(given, definition, visit, build);
};
const canonical = (name: string, { freeForm, aliases }: Definition): string =>
  name === '_raw_params' && freeForm !== undefined ? freeForm : (aliases?.[name] ?? name);

const unknown = (name: string, definition: Definition, visit: Visit, build: Build, at: Visit['task']['at']): void => {
  const takes = [...Object.keys(definition.args.shape), ...Object.keys(definition.aliases ?? {})].filter(key => !key.startsWith('_'));
  const message = `Unsupported parameters for (${definition.name}) module: ${name}. Supported parameters include: ${takes.toSorted().join(', ')}.`;
  report(visit, build, 'E_ARGS', placeOfName(name, at, build), message, didYouMean(name, takes));
};

const checkValue = (
  key: string,
  value: Parameters<typeof toPlain>[0],
  definition: Definition,
  visit: Visit,
  build: Build,
  at: Visit['task']['at'],
): void => {
  const isRaw = definition.kind === 'action' && definition.raw?.includes(key);
  const plain = isRaw || value === null || holdsTemplate(value) ? undefined : literal(value);
  if (plain === undefined) return;
  const parsed = z.safeParse(definition.args.shape[key] ?? z.unknown(), plain);
  if (parsed.success) return;
  const why = parsed.error.issues.map(({ message }) => message).join('; ');
  report(visit, build, 'E_ARGS', at, `${definition.name}: argument '${key}': ${why}`);
};
const literal = (value: Parameters<typeof toPlain>[0]): Plain | undefined => {
  try {
    return toPlain(value);
  } catch (error) {
    if (error instanceof KplayError) return undefined;
    throw error;
  }
};

const checkMissing = (given: ReadonlySet<string>, definition: Definition, visit: Visit, build: Build): void => {
  const { task } = visit;
  if (task.args.has('_variable_params') || task.moduleDefaults.some(({ value }) => mayDefault(value, task))) return;
  const missing = Object.entries(definition.args.shape).filter(([key, type]) => !given.has(key) && !z.safeParse(type, undefined).success);
  if (missing.length === 0) return;
  const names = missing.map(([key]) => (key === definition.freeForm || key === '_raw_params' ? 'free-form text' : key));
  report(visit, build, 'E_ARGS', task.at, `${definition.name}: missing required arguments: ${names.toSorted().join(', ')}`);
};
const mayDefault = (value: Task['moduleDefaults'][number]['value'], { action }: Task): boolean =>
  value instanceof Map && [...value.keys()].some(key => /^group\/|\{/.test(String(key)) || String(key).split('.').at(-1) === action);
