import type { Event, Outcome, TaskInfo } from '../model/event.ts';
import { withoutCollection } from '../model/builtin.ts';
import type { Plain } from '../model/module.ts';
import { place } from '../model/source.ts';

/** `role : name`, or the action when the task has no name. An include_role goes by its own name, or by the role's (IncludeRole.get_name). */
export const taskTitle = ({ name, action, role, includes }: TaskInfo): string => {
  const title = name.trim() || action;
  if (includes !== undefined) return withoutCollection(title) === action ? `${title} : ${includes}` : title;
  return role === undefined ? title : `${role} : ${title}`;
};

/** A host as Ansible labels it, with the one that did the work. */
export const hostLabel = ({ host, delegate }: Outcome): string =>
  delegate === undefined || delegate === host ? host : `${host} -> ${delegate}`;

/** One failure for people: the short message, where it happened, everything the host said, and what to do. */
export interface Failure {
  readonly host: string;
  readonly item?: string;
  readonly task: string;
  readonly at: string;
  readonly message: string;
  readonly stderr: string;
  readonly stdout: string;
  readonly hint?: string;
}

export const failureOf = (outcome: Outcome, item?: string): Failure => {
  const { task, result, message, hint } = outcome;
  const msg = text(result['msg']);
  return {
    host: hostLabel(outcome),
    ...(item === undefined ? {} : { item }),
    task: taskTitle(task),
    at: place(task.at),
    message: message ?? (msg || 'failed without a message'),
    stderr: text(result['stderr']) || text(result['module_stderr']),
    stdout: text(result['stdout']) || text(result['module_stdout']),
    ...(hint === undefined ? {} : { hint }),
  };
};

/** Indented lines to stand beside Ansible's one-line `fatal:`. Standard output is shown only when there is no stderr to explain it. */
export const failureLines = ({ host, item, task, at, message, stderr, stdout, hint }: Failure): string[] => [
  `  ${host}${item === undefined ? '' : ` (item=${item})`}: ${message}`,
  `  task: ${task}`,
  `  at: ${at}`,
  ...block('stderr', stderr),
  ...(stderr === '' ? block('stdout', stdout) : []),
  ...(hint === undefined ? [] : [`  hint: ${hint}`]),
];

/** What stands under the message of a rolling play's end. */
export const stoppedLines = ({ detail, hint, at }: Extract<Event, { type: 'stopped' }>): string[] => [
  ...detail.split('\n').filter(line => line !== ''),
  ...(at ? [`at: ${place(at)}`] : []),
  `hint: ${hint}`,
];

const block = (title: string, body: string): string[] => {
  const trimmed = body.trimEnd();
  if (trimmed === '') return [];
  const lines = trimmed.split('\n');
  return lines.length === 1 ? [`  ${title}: ${trimmed}`] : [`  ${title}:`, ...lines.map(line => `    ${line}`)];
};
const text = (value: Plain | undefined): string => (typeof value === 'string' ? value : '');
