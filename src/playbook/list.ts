import type { Value } from '../value/value.ts';
import { spelled } from './fields.ts';
import { selectNodes, taskName } from './select.ts';
import type { Selection } from './select.ts';
import type { Node, Play, Task } from './types.ts';

/** What `--list-hosts`, `--list-tasks` and `--list-tags` ask for; `hosts` are those that a play's pattern matches. */
export interface Listing extends Selection {
  readonly hosts?: (play: Play) => readonly string[];
  /** Evaluates a play's name and hosts; left out, they are shown as written. */
  readonly evaluate?: (value: Value, play: Play) => Value;
  readonly listTasks: boolean;
  readonly listTags: boolean;
}

/** ansible-playbook's listing of one playbook, as it prints it (where Python prints a set, here first come first). */
export const listPlaybook = (file: string, plays: readonly Play[], listing: Listing): string =>
  [`\nplaybook: ${file}\n`, ...plays.map((play, at) => listPlay(play, at + 1, listing))].join('');

const listPlay = (play: Play, number: number, listing: Listing): string => {
  const { evaluate = (value: Value) => value } = listing;
  const hosts = evaluate(play.hosts.value, play);
  const patterns = (Array.isArray(hosts) ? hosts : [hosts]).map(spelled);
  const head = `\n  play #${number} (${patterns.join(',')}): ${spelled(evaluate(play.name, play))}\tTAGS: [${play.shared.tags.join(',')}]`;
  return `${head}${hostLines(play, patterns, listing)}\n${taskLines(play, listing)}`;
};

const hostLines = (play: Play, patterns: readonly string[], { hosts }: Listing): string => {
  if (!hosts) return '';
  const names = hosts(play);
  const quoted = patterns.map(pattern => `'${pattern}'`).join(', ');
  return `\n    pattern: [${quoted}]\n    hosts (${names.length}):${names.map(name => `\n      ${name}`).join('')}`;
};

const taskLines = (play: Play, { listTasks, listTags, ...selection }: Listing): string => {
  if (!listTasks && !listTags) return '';
  const tasks = play.sections.flatMap(({ nodes }) => tasksOf(selectNodes(nodes, selection)));
  const { gate = [], rollback = [] } = play.rolling ?? {};
  const tagsOf = (task: Task): readonly string[] => rendered(task.tags, selection);
  const line = (task: Task, step = ''): string =>
    `      ${step}${listedName(task)}\tTAGS: [${sorted([...play.shared.tags, ...tagsOf(task)])}]\n`;
  const lines = [
    ...tasks.map(task => line(task)),
    // They belong to every batch, whatever the tags say.
    ...tasksOf(gate).map(task => line(task, 'gate: ')),
    ...tasksOf(rollback).map(task => line(task, 'rollback: ')),
  ];
  const all = `      TASK TAGS: [${sorted([...play.shared.tags, ...tasks.flatMap(tagsOf)])}]\n`;
  return `${listTasks ? `    tasks:\n${lines.join('')}` : ''}${listTags ? all : ''}`;
};
const rendered = (tags: readonly string[], { render }: Selection): readonly string[] => (render ? tags.flatMap(render) : tags);
const sorted = (tags: readonly string[]): string => [...new Set(tags)].toSorted().join(', ');

/** Those of rescue and always are not listed. */
const tasksOf = (nodes: readonly Node[]): readonly Task[] =>
  nodes.flatMap(node => (node.kind === 'block' ? tasksOf(node.block) : node.implicit ? [] : [node]));

/** An unnamed task is listed without its role. */
const listedName = (task: Task): string => (task.name?.value ? taskName(task) : task.written);
