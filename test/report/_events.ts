import type { Counts, Event, Outcome, Status, TaskInfo, Untimed } from '../../src/model/event.ts';
import type { Report } from '../../src/report/report.ts';

/** Stamps events with made-up, rising times. */
export const feed = (report: Report, events: readonly Untimed<Event>[]): void => {
  events.forEach((event, i) => report.handle({ time: new Date(Date.UTC(2026, 0, 1) + i * 100).toISOString(), ...event } as Event));
};

export const task = (id: number, more: Partial<TaskInfo> = {}): TaskInfo => ({
  id,
  play: 1,
  name: `task ${id}`,
  action: 'command',
  handler: false,
  at: { file: 'site.yml', line: 10 + id, col: 5 },
  ...more,
});

export const outcome = (info: TaskInfo, host: string, status: Status, more: Partial<Outcome> = {}): Outcome => ({
  task: info,
  host,
  status,
  result: { changed: status === 'changed' },
  changes: [],
  durationMs: 1234,
  ...more,
});

export const play = (name: string, hosts: readonly string[], number = 1): Untimed<Event> => ({
  type: 'play-start',
  play: number,
  name,
  hosts,
  at: { file: 'site.yml', line: 1, col: 3 },
});
export const started = (info: TaskInfo, ...hosts: string[]): Untimed<Event> => ({ type: 'task-start', task: info, hosts });
export const ended = (...args: Parameters<typeof outcome>): Untimed<Event> => ({ type: 'outcome', outcome: outcome(...args) });
export const item = (label: string, ...args: Parameters<typeof outcome>): Untimed<Event> => ({
  type: 'item',
  outcome: outcome(...args),
  item: label,
});
export const counts = (more: Partial<Counts> = {}): Counts => ({
  ok: 0,
  changed: 0,
  unreachable: 0,
  failed: 0,
  skipped: 0,
  rescued: 0,
  ignored: 0,
  ...more,
});
