import type { Event } from '../model/event.ts';
import { failureLines, failureOf } from './failure.ts';
import { shortName } from './outcome-lines.ts';
import { painter } from './paint.ts';
import type { PlainOptions } from './plain.ts';
import type { Report, Write } from './report.ts';

/** Only what a playbook says of itself: the messages of its debug tasks. What failed goes to `warn`. */
export const messagesReport = (write: Write, { color, warn = write }: PlainOptions): Report => {
  const paint = painter(color);
  const handle = (event: Event): void => {
    if (event.type === 'warning') warn(`${paint('warning', `[WARNING]: ${event.message}`)}\n`);
    if (event.type !== 'outcome') return;
    const { status, task, result } = event.outcome;
    const said = result['msg'];
    if (status === 'ok' && shortName(task.action) === 'debug' && said !== undefined) write(`${[said].flat().map(String).join('\n')}\n`);
    if (status === 'failed' || status === 'unreachable') warn(`${paint('failed', failureLines(failureOf(event.outcome)).join('\n'))}\n`);
  };
  return { handle, close: () => Promise.resolve() };
};
