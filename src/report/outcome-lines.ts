import type { Outcome, Status } from '../model/event.ts';
import type { Fields, Plain } from '../model/module.ts';
import { dump } from './dump.ts';
import { hostLabel } from './failure.ts';
import type { Paint, Tone } from './paint.ts';

export interface Detail {
  /** How many -v. */
  readonly verbosity: number;
  readonly paint: Paint;
}

/** The line of one host and task in Ansible's default callback (ansible/plugins/callback/default.py); none for a finished include. */
export const outcomeLines = (outcome: Outcome, { verbosity, paint }: Detail): string[] => {
  const { status, result, task } = outcome;
  const shown = (tone: Tone, line: string): string[] => [paint(tone, line)];
  switch (status) {
    case 'ok':
    case 'changed':
      if (isInclude(task.action)) return [];
      return shown(status, `${status}: [${hostLabel(outcome)}]${resultTail(outcome, verbosity)}`);
    case 'skipped':
      return shown('skipped', `skipping: [${outcome.host}]${resultTail(outcome, verbosity)}`);
    default: {
      const unreachable = status === 'unreachable' || result['unreachable'] === true;
      const fatal = `fatal: [${hostLabel(outcome)}]: ${unreachable ? 'UNREACHABLE' : 'FAILED'}! => ${dumpOf(outcome, verbosity)}`;
      return [paint(unreachable ? 'unreachable' : 'failed', fatal), ...ignoringLine(status, paint)];
    }
  }
};

/** The line of one loop item. */
export const itemLine = (outcome: Outcome, item: string, { verbosity, paint }: Detail): string => {
  const { status, host } = outcome;
  if (status === 'ok' || status === 'changed') {
    return paint(status, `${status}: [${hostLabel(outcome)}] => (item=${item})${resultTail(outcome, verbosity)}`);
  }
  // The trailing blank is Ansible's own.
  if (status === 'skipped') return paint('skipped', `skipping: [${host}] => (item=${item}) ${resultTail(outcome, verbosity)}`);
  return paint('failed', `failed: [${hostLabel(outcome)}] (item=${item}) => ${dumpOf(outcome, verbosity)}`);
};

/** A loop's own line: its items have been printed, so only an all-skipped or an ignored loop says more. */
export const loopLines = (outcome: Outcome, { verbosity, paint }: Detail): string[] => {
  if (outcome.status === 'skipped')
    return [paint('skipped', `skipping: [${outcome.host}]${resultTail({ ...outcome, result: withoutItems(outcome) }, verbosity)}`)];
  if (outcome.status === 'unreachable') return outcomeLines({ ...outcome, result: withoutItems(outcome) }, { verbosity, paint });
  return ignoringLine(outcome.status, paint);
};

const ignoringLine = (status: Status, paint: Paint): string[] => (status === 'ignored' ? [paint('skipped', '...ignoring')] : []);

const withoutItems = ({ result: { results: _items, ...rest } }: Outcome): Fields => rest;
/** Includes print their `included:` line instead of a result. */
const isInclude = (action: string): boolean => ['include_tasks', 'include_role'].includes(shortName(action));
/** `copy` of `ansible.builtin.copy`. */
export const shortName = (action: string): string => action.slice(action.lastIndexOf('.') + 1);

const resultTail = (outcome: Outcome, verbosity: number): string => {
  const quiet = outcome.result['_ansible_verbose_override'] ?? ['setup', 'gather_facts'].includes(shortName(outcome.task.action));
  return quiet !== true && (verbosity > 0 || alwaysShown(outcome)) ? ` => ${dumpOf(outcome, verbosity)}` : '';
};

/** debug and assert show their result without -v, on several lines. */
const alwaysShown = ({ result, task, status }: Outcome): boolean =>
  status !== 'skipped' && (result['_ansible_verbose_always'] ?? ['debug', 'assert'].includes(shortName(task.action))) === true;

/** Is the result little more than the message, in the words of the playbook? Then there is nothing to sum up. */
export const isMessage = ({ task, result, message }: Outcome): boolean =>
  ['debug', 'assert', 'fail'].includes(shortName(task.action)) && result['msg'] === message;

const dumpOf = (outcome: Outcome, verbosity: number): string =>
  dump(shownFields(outcome, verbosity), alwaysShown(outcome) || verbosity > 2 ? 4 : undefined);

/** Result fields without what is internal, said by the line itself, or too long for this verbosity. */
export const shownFields = ({ result, task, status }: Outcome, verbosity: number): Fields => {
  const hidden = new Set(['failed', 'skipped', 'exception', 'warnings', 'deprecations', ...(verbosity < 3 ? ['invocation', 'diff'] : [])]);
  const shown = Object.entries(result).filter(([key]) => !key.startsWith('_ansible_') && !hidden.has(key));
  return Object.fromEntries(shortName(task.action) === 'debug' && status !== 'skipped' ? debugFields(shown) : shown);
};

/** debug prints its message alone, or else the variable alone. */
const debugFields = (fields: [string, Plain][]): [string, Plain][] => {
  const alone = fields.filter(([key]) => key === 'msg');
  return alone.length > 0 ? alone : fields.filter(([key]) => !['changed', 'failed', 'skipped', 'skip_reason'].includes(key));
};
