import { type ErrorCode, KplayError } from '../model/errors.ts';
import type { Outcome, Status, TaskInfo } from '../model/event.ts';
import type { Changes, Fields, Plain } from '../model/module.ts';
import type { Overheard } from '../value/scope.ts';
import type { Value } from '../value/value.ts';

/** What one execution of a task on one host came to: Ansible's result fields and the changes behind them. */
export interface Result {
  readonly fields: Fields;
  readonly changes: Changes;
  readonly hint?: string;
  /** The kind of a failure that was thrown. */
  readonly code?: ErrorCode;
  /** Short text of a failure. */
  readonly message?: string;
  readonly about?: About;
  /** A template of the task itself could not be evaluated: the loop around it, if there is one, ends with this. */
  readonly unevaluated?: true;
  /** Facts as the template values they are, where JSON would lose what they are (set_fact). */
  readonly facts?: ReadonlyMap<string, Overheard<Value>>;
}
/** What the task's keywords said where it ran, loop item and all. */
export interface About {
  readonly ignoreErrors: boolean;
  readonly ignoreUnreachable: boolean;
  readonly noLog: boolean;
  /** The host it was delegated to. */
  readonly delegate: string | undefined;
}
export const NOTHING_SAID: About = { ignoreErrors: false, ignoreUnreachable: false, noLog: false, delegate: undefined };

const truthy = (value: Plain | undefined): boolean =>
  value === true || (value !== undefined && value !== null && value !== false && value !== 0 && value !== '');
export const isFailed = ({ fields }: Result): boolean => truthy(fields['failed']);
export const isChanged = ({ fields }: Result): boolean => truthy(fields['changed']);
export const isSkipped = ({ fields }: Result): boolean => truthy(fields['skipped']);
export const isUnreachable = ({ fields }: Result): boolean => truthy(fields['unreachable']);

const UNREACHABLE: ReadonlySet<string> = new Set(['E_CONNECT', 'E_AUTH', 'E_HOST_KEY', 'E_LINK_LOST']);

/** A known error as a failed (or unreachable) result; anything else is a bug and is thrown on. */
export const failure = (error: unknown): Result => {
  if (!(error instanceof KplayError) || error.code === 'E_INTERRUPTED') throw error;
  const { code, message, detail, hint, fields } = error;
  const unreachable = UNREACHABLE.has(code);
  return {
    fields: {
      changed: false,
      ...(unreachable ? { unreachable: true } : { failed: true }),
      msg: message,
      ...(detail !== undefined && detail !== '' && { stderr: detail }),
      ...fields,
    },
    changes: [],
    code,
    message,
    ...(hint !== undefined && { hint }),
  };
};

/** What a register holds: nothing that is for the engine and the reports only (Ansible's strip_internal_keys). */
export const registered = (value: Plain): Plain => {
  if (Array.isArray(value)) return value.map(registered);
  if (value === null || typeof value !== 'object') return value;
  const kept = Object.entries(value).filter(([key]) => !key.startsWith('_ansible_'));
  return Object.fromEntries(kept.map(([key, item]) => [key, registered(item)]));
};

/** `when` was false. */
export const skipped = (condition: string | boolean | undefined): Result => ({
  fields: {
    changed: false,
    skipped: true,
    skip_reason: 'Conditional result was False',
    ...(condition !== undefined && { false_condition: condition }),
  },
  changes: [],
});

/** The aggregate of a loop (SEMANTICS: skipped only if all items are). */
export const combine = (items: readonly Result[]): Result => {
  if (items.length === 0)
    return { fields: { changed: false, skipped: true, skipped_reason: 'No items in the list', results: [] }, changes: [] };
  const failed = items.filter(isFailed);
  const unreachable = items.some(isUnreachable);
  const skippedAll = items.every(isSkipped);
  const msg = failed.length > 0 ? 'One or more items failed' : skippedAll ? 'All items skipped' : 'All items completed';
  const hint = failed.find(item => item.hint)?.hint;
  const code = failed.find(item => item.code)?.code;
  return {
    fields: {
      changed: items.some(isChanged),
      ...(failed.length > 0 && { failed: true }),
      ...(unreachable && { unreachable: true }),
      ...(skippedAll && { skipped: true }),
      msg,
      results: items.map(({ fields }) => fields),
    },
    changes: items.flatMap(({ changes }) => changes),
    facts: new Map(items.flatMap(({ facts }) => [...(facts ?? [])])),
    about: {
      ignoreErrors: failed.every(item => item.about?.ignoreErrors ?? false),
      ignoreUnreachable: items.filter(isUnreachable).every(item => item.about?.ignoreUnreachable ?? false),
      noLog: items.some(item => item.about?.noLog ?? false),
      // Each item has its own.
      delegate: undefined,
    },
    ...(failed.length > 0 && { message: failed.map(({ message }) => message ?? msg).join('; ') }),
    ...(hint !== undefined && { hint }),
    ...(code !== undefined && { code }),
  };
};

export const statusOf = (result: Result, rescued: boolean): Status => {
  if (isUnreachable(result)) return 'unreachable';
  if (isFailed(result)) return result.about?.ignoreErrors ? 'ignored' : rescued ? 'rescued' : 'failed';
  if (isSkipped(result)) return 'skipped';
  return isChanged(result) ? 'changed' : 'ok';
};

const CENSORED = "the output has been hidden due to the fact that 'no_log: true' was specified for this result";
export const censored = (result: Result): Result => ({
  fields: {
    censored: CENSORED,
    changed: isChanged(result),
    ...(isFailed(result) && { failed: true }),
    ...(isSkipped(result) && { skipped: true }),
  },
  changes: [],
  ...(isFailed(result) && { message: CENSORED }),
});

/** A module may ask for no_log itself: include_vars of a file that Ansible Vault encrypted. */
const isHidden = ({ _ansible_no_log: hidden, results }: Fields): boolean =>
  hidden === true ||
  (Array.isArray(results) && results.some(item => item !== null && typeof item === 'object' && isHidden(item as Fields)));

/** One task's end on one host, as reports see it: censored under no_log. */
export const outcomeOf = (task: TaskInfo, host: string, result: Result, status: Status, durationMs = 0): Outcome => {
  const { noLog, delegate } = result.about ?? NOTHING_SAID;
  const { fields, changes, message, hint } = noLog || isHidden(result.fields) ? censored(result) : result;
  const { code } = result;
  const bad = ['failed', 'unreachable', 'ignored', 'rescued'].includes(status);
  return {
    task,
    host,
    status,
    result: fields,
    changes,
    durationMs,
    ...(delegate !== undefined && { delegate }),
    ...(bad && { message: message ?? String(fields['msg'] ?? '') }),
    ...(bad && hint !== undefined && { hint }),
    ...(bad && code !== undefined && { code }),
  };
};
