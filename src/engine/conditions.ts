import { KplayError } from '../model/errors.ts';
import type { Fields } from '../model/module.ts';
import type { Located, Task } from '../playbook/types.ts';
import type { Templating } from './templating.ts';
import type { Scope } from '../value/scope.ts';
import type { Layered } from '../vars/layered.ts';
import { fromPlain, type Value } from '../value/value.ts';
import { failure, isSkipped, isUnreachable, type Result } from './result.ts';

/** A condition as written. */
export type Condition = string | boolean;

/** The first condition that does not hold; undefined when all hold. A list is AND. */
export const unmet = (conditions: readonly Located[], scope: Scope, templar: Templating): Condition | undefined => {
  for (const { value, at } of conditions) {
    try {
      if (!templar.condition(value, scope, at)) return typeof value === 'boolean' ? value : String(value);
    } catch (error) {
      if (!(error instanceof KplayError)) throw error;
      const message = `The conditional check '${asWritten(value)}' failed. The error was: ${error.message}`;
      throw new KplayError(error.code, message, { at, cause: error, ...(error.hint && { hint: error.hint }) });
    }
  }
  return undefined;
};
const asWritten = (value: Value): string => (value === true ? 'True' : value === false ? 'False' : String(value));

export const factsIn = (fields: Fields): Fields | undefined => {
  const facts = fields['ansible_facts'];
  return facts !== null && typeof facts === 'object' && !Array.isArray(facts) ? (facts as Fields) : undefined;
};

/** The scope that changed_when, failed_when and until see: the result under its registered name, and the facts it brought. */
export const withResult = (task: Task, scope: Layered, { fields, facts }: Result): Layered => {
  const names = new Map<string, Value>(Object.entries(factsIn(fields) ?? {}).map(([name, value]) => [name, fromPlain(value)]));
  if (task.register !== undefined) names.set(task.register, fromPlain(fields));
  return names.size > 0 ? scope.over(names, name => name === task.register || facts?.get(name)?.hearsay !== false) : scope;
};

/** changed_when and failed_when over what the module said, unless it skipped. One that cannot be evaluated fails the task. */
export const judge = (task: Task, scope: Layered, result: Result, templar: Templating): Result => {
  if (isUnreachable(result) || isSkipped(result)) return result;
  const fields: Record<string, Fields[string]> = { failed: false, ...result.fields };
  const holds = (conditions: readonly Located[]): boolean =>
    unmet(conditions, withResult(task, scope, { ...result, fields }), templar) === undefined;
  let judging = 'changed_when_result';
  let refused: Result | undefined;
  try {
    if (task.changedWhen?.length) fields['changed'] = holds(task.changedWhen);
    judging = 'failed_when_result';
    if (task.failedWhen?.length) fields['failed'] = fields[judging] = holds(task.failedWhen);
  } catch (error) {
    refused = failure(error);
    fields['failed'] = true;
    fields[judging] = refused.message ?? '';
  }
  const { message, ...rest } = result;
  if (fields['failed'] !== true) return { ...rest, fields };
  const { hint } = refused ?? {};
  return {
    ...rest,
    fields,
    message: refused?.message ?? message ?? String(fields['msg'] ?? 'failed_when holds'),
    ...(hint !== undefined && { hint }),
  };
};
