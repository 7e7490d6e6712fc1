import type { Fields, Plain } from '../../src/model/module.ts';

/** What a run reports, as both tools can be made to say it. */
export interface Told {
  readonly exitCode: number;
  /** One line an event: plays, tasks, hosts' and items' statuses. Hosts of one task come in alphabetical order. */
  readonly lines: readonly string[];
  /** What each task returned for each host, item after item. */
  readonly results: readonly Returned[];
  readonly recap: Readonly<Record<string, unknown>>;
  /** The rest of what it printed, for the reader of a failure. */
  readonly said: string;
}
export interface Returned {
  readonly task: string;
  readonly action: string;
  readonly host: string;
  readonly status: string;
  readonly fields: Fields;
}

/** What a tool was heard to say. */
export interface Heard {
  readonly steps: readonly Step[];
  readonly exitCode: number;
  readonly said: string;
}
/** An event of either tool. */
export type Step =
  | { readonly type: 'play'; readonly name: string }
  | { readonly type: 'no-hosts'; readonly why: string }
  | {
      readonly type: 'task';
      readonly id: string;
      readonly name: string;
      readonly action: string;
      readonly role?: string | null;
      readonly handler: boolean;
    }
  | { readonly type: 'item' | 'outcome'; readonly id: string; readonly host: string; readonly status: string; readonly result: Fields }
  | { readonly type: 'included'; readonly id: string; readonly file: string; readonly hosts: readonly string[] }
  | { readonly type: 'recap'; readonly hosts: Readonly<Record<string, unknown>> };

const short = (action: string): string =>
  action.replace(/^(ansible\.(builtin|legacy)|community\.docker)\./, '').replace(/^gather_facts$/, 'setup');
/** Whether a block rescued a failure is known from the recap only, and whether a failed item is ignored from the task's own end. */
const status = ({ type, status: told }: { readonly type: string; readonly status: string }): string =>
  told === 'rescued' || (type === 'item' && ['ignored', 'unreachable'].includes(told)) ? 'failed' : told;
/** Ansible's callbacks hear of an include's success, item by item, though it prints none. */
const silent = (action: string, { status: told }: { readonly status: string }): boolean =>
  told === 'ok' && ['include_tasks', 'include_role'].includes(action);

const isPlay = (group: { readonly head: string } | undefined): boolean => group?.head.startsWith('PLAY ') === true;

/** Gathers events by task, since hosts of one task end in any order. */
export const toldBy = ({ steps, exitCode, said }: Heard): Told => {
  const groups: { head: string; label: string; action: string; ends: (Returned & { readonly line: string })[] }[] = [];
  const byId = new Map<string, (typeof groups)[number]>();
  let play: string | undefined;
  let recap: Readonly<Record<string, unknown>> = {};
  const line = (head: string): void => void groups.push({ head, label: head, action: '', ends: [] });
  for (const step of steps) {
    if (step.type === 'play') {
      // kplay announces a play once, Ansible every batch of it.
      if (step.name !== play) line(`PLAY ${step.name}`);
      play = step.name;
    } else if (step.type === 'no-hosts') {
      // Ansible 2.18 seldom says that none is left.
      if (step.why === 'no match') line(`NO HOSTS ${step.why}`);
    } else if (step.type === 'recap') recap = step.hosts;
    else if (step.type === 'task') {
      const action = short(step.action);
      const label = [step.role, short(step.name) || action].filter(Boolean).join(' : ');
      const group = { head: `${step.handler ? 'HANDLER' : 'TASK'} ${label} (${action})`, label, action, ends: [] };
      groups.push(group);
      byId.set(step.id, group);
    } else {
      const group = byId.get(step.id);
      if (!group) throw new Error(`an event of an unknown task: ${JSON.stringify(step)}`);
      if (silent(group.action, step as never)) continue;
      if (step.type === 'included') line(`INCLUDED ${step.file} for ${step.hosts.toSorted().join(', ')}`);
      else {
        const about = { task: group.label, action: group.action, host: step.host, status: status(step), fields: step.result };
        group.ends.push({ ...about, line: `  ${step.host}: ${step.type === 'item' ? 'item ' : ''}${about.status}` });
      }
    }
  }
  const nothingDone = (at: number): boolean => isPlay(groups[at]) && (at + 1 === groups.length || isPlay(groups[at + 1]));
  const told = groups.filter((_, at) => !nothingDone(at));
  const sorted = told.map(({ head, ends }) => ({ head, ends: ends.toSorted((a, b) => (a.host < b.host ? -1 : a.host > b.host ? 1 : 0)) }));
  return {
    exitCode,
    lines: sorted.flatMap(({ head, ends }) => [head, ...ends.map(end => end.line)]),
    results: sorted.flatMap(({ ends }) => ends.map(({ line: _line, ...returned }) => returned)),
    recap,
    said,
  };
};

/** Replaces a text wherever it stands in a value. */
export const replaced = (value: Plain, from: string, to: string): Plain =>
  JSON.parse(JSON.stringify(value).replaceAll(JSON.stringify(from).slice(1, -1), JSON.stringify(to).slice(1, -1))) as Plain;
