import type { Event, Outcome } from '../model/event.ts';
import type { Fields, Plain } from '../model/module.ts';
import { place } from '../model/source.ts';
import { diffText, paintDiff } from './diff.ts';
import { dump } from './dump.ts';
import { hostLabel } from './failure.ts';
import { InOrder } from './in-order.ts';
import { shortName, shownFields } from './outcome-lines.ts';
import { type Paint, type Tone, painter } from './paint.ts';
import type { PlainOptions } from './plain.ts';
import type { Report, Write } from './report.ts';

/** Ad-hoc results as Ansible's `minimal` callback prints them (ansible/plugins/callback/minimal.py), hosts in inventory order. */
export const minimalReport = (write: Write, { verbosity, diff, color, warn = write }: PlainOptions): Report => {
  const paint = painter(color);
  const order = new InOrder(lines => write(`${lines.join('\n')}\n`));
  const handle = (event: Event): void => {
    if (event.type === 'task-start') order.start(event.hosts);
    if (event.type === 'outcome') order.add(event.outcome.host, outcomeText(event.outcome, verbosity, diff, paint), true);
    if (event.type === 'host-wait') warn(paint('faint', `waiting: ${event.host}: ${event.reason}\n`));
    if (event.type === 'warning') warn(`${paint('warning', `[WARNING]: ${event.message}${event.at ? ` (${place(event.at)})` : ''}`)}\n`);
  };
  const close = (): Promise<void> => {
    order.flush();
    return Promise.resolve();
  };
  return { handle, close };
};

const outcomeText = (outcome: Outcome, verbosity: number, diff: boolean, paint: Paint): string[] => {
  const { host, status, result, hint, changes } = outcome;
  if (status === 'skipped') return [paint('skipped', `${host} | SKIPPED`)];
  const [tone, word] = verdict(outcome);
  const raw = ['command', 'shell', 'raw'].includes(shortName(outcome.task.action)) && status !== 'unreachable' && 'rc' in result;
  const body = raw
    ? `${hostLabel(outcome)} | ${word.replace('!', '')} | rc=${dump(result['rc'] ?? -1)} >>\n${streams(result)}`
    : labelled(outcome, word, verbosity);
  const changed = diff ? diffText(changes, result) : '';
  return [
    ...(changed === '' ? [] : [paintDiff(changed, paint)]),
    paint(tone, body),
    ...(hint === undefined ? [] : [paint('faint', `  hint: ${hint}`)]),
  ];
};

const verdict = ({ status }: Outcome): [Tone, string] => {
  if (status === 'ok') return ['ok', 'SUCCESS'];
  if (status === 'changed') return ['changed', 'CHANGED'];
  return status === 'unreachable' ? ['unreachable', 'UNREACHABLE!'] : ['failed', 'FAILED!'];
};
const labelled = (outcome: Outcome, word: string, verbosity: number): string =>
  `${hostLabel(outcome)} | ${word} => ${dump(shownFields(outcome, verbosity), 4)}`;

/** Each stream starts on a line of its own, which Ansible does not see to. */
const streams = (result: Fields): string =>
  ['stdout', 'stderr', 'msg']
    .map(name => text(result[name]))
    .filter(part => part !== '')
    .join('\n');
const text = (value: Plain | undefined): string => (typeof value === 'string' ? value.replace(/\n$/, '') : '');
