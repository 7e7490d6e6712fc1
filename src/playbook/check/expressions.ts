import { KplayError } from '../../model/errors.ts';
import type { Source } from '../../model/source.ts';
import type { Value } from '../../value/value.ts';
import type { Build } from '../build.ts';
import { asText, isTemplate } from '../fields.ts';
import { isStatement } from '../modules.ts';
import type { Inspection } from '../options.ts';
import type { Located, Play, Task } from '../types.ts';
import { placeInValue } from './place.ts';
import { isSure, isSurelyLooped, report } from './report.ts';
import type { Visit } from './survey.ts';

/** A template or condition of a task that could be looked at. */
export interface Looked {
  readonly text: string;
  readonly at: Source;
  readonly inspection: Inspection;
  /** It is evaluated wherever the task is reached, so that an undefined name in it fails the run. */
  readonly sure: boolean;
}

type Kind = 'text' | 'condition';
interface Expression {
  readonly text: string;
  readonly at: Source;
  readonly kind: Kind;
  readonly sure: boolean;
}

/** Looks at every expression of a task; what does not parse is reported. */
export const lookAtExpressions = (visit: Visit, build: Build): readonly Looked[] =>
  expressionsOf(visit, build).flatMap(({ text, at, kind, sure }): Looked[] => {
    const inspection = inspect(text, kind, build);
    if (!(inspection instanceof KplayError)) return [{ text, at, inspection, sure }];
    const place = kind === 'text' ? placeInValue(text, inspection, at, build) : at;
    report(visit, build, inspection.code, place, inspection.message, undefined, sure);
    return [];
  });

/** Templates of `rolling:` that do not parse: some are evaluated only when half of the fleet is done. */
export const checkRolling = ({ rolling }: Play, build: Build): void => {
  const { canary, batch, maxUnavailable, unavailable, soak } = rolling ?? {};
  for (const { value, at } of [canary, batch, maxUnavailable, unavailable, soak].filter(each => each !== undefined)) {
    const text = isTemplate(value) ? asText(value) : undefined;
    const found = text === undefined ? undefined : inspect(text, 'text', build);
    if (text !== undefined && found instanceof KplayError)
      build.findings.error(found.code, placeInValue(text, found, at, build), found.message);
  }
};

export const inspect = (text: string, kind: Kind | 'file', { options }: Build): Inspection | KplayError => {
  try {
    return options.inspector.inspect(text, kind);
  } catch (error) {
    if (error instanceof KplayError) return error;
    throw error;
  }
};

const expressionsOf = (visit: Visit, build: Build): readonly Expression[] => {
  const { task, reached } = visit;
  const sure = isSure(visit);
  const conditions = (list: readonly Located[], certain: boolean): readonly Expression[] =>
    list.flatMap(({ value, at }, index) => textsOf(value, at, 'condition', certain && index === 0));
  // with_first_found passes over names that are undefined.
  const looped = task.loop ? templates(task.loop.items, reached && task.when.length === 0 && task.loop.style !== 'first_found') : [];
  return [
    ...looped,
    ...conditions(task.when, reached && isSurelyLooped(task)),
    ...conditions([...(task.changedWhen ?? [])], false),
    ...conditions([...(task.failedWhen ?? [])], false),
    ...conditions([...(task.until ?? [])], false),
    ...keywords(task).flatMap(each => templates(each, sure)),
    ...argumentsOf(task, build).flatMap(each => templates(each, sure)),
  ];
};
const keywords = (task: Task): readonly Located[] =>
  [...task.environment, task.becomeUser, task.delegateTo, task.become].filter(each => each !== undefined);

/** Arguments that the engine templates: not those the module templates itself, and not those of an include. */
const argumentsOf = (task: Task, { options }: Build): readonly Located[] => {
  const definition = options.catalog.get(task.written);
  if (isStatement(task.written)) return [];
  const raw = definition?.kind === 'action' ? (definition.raw ?? []) : [];
  return [...task.args].filter(([name]) => !raw.includes(definition?.aliases?.[name] ?? name)).map(([, value]) => value);
};

const templates = ({ value, at }: Located, sure: boolean): readonly Expression[] => textsOf(value, at, 'text', sure);

/** Texts in a value; a condition is always one, anything else only with a template in it. */
const textsOf = (value: Value, at: Source, kind: Kind, sure: boolean): readonly Expression[] => {
  if (Array.isArray(value)) return value.flatMap(item => textsOf(item, at, kind, sure));
  if (value instanceof Map) return [...value.values()].flatMap(item => textsOf(item, at, kind, sure));
  const text = typeof value === 'string' ? asText(value) : undefined;
  if (text === undefined || text === '' || (kind === 'text' && !isTemplate(text))) return [];
  return [{ text, at, kind, sure }];
};
