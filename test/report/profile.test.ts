import { expect, test } from 'vitest';
import type { Event, Expense, Untimed } from '../../src/model/event.ts';
import { profileReport } from '../../src/report/profile.ts';
import { ended, started, task } from './_events.ts';

type At = readonly [atMs: number, event: Untimed<Event>];
const printed = (...events: readonly At[]): string => {
  let text = '';
  const report = profileReport(part => (text += part), { color: false, process: () => ({ wallMs: 12_500, processorMs: 1250 }) });
  for (const [atMs, event] of events) report.handle({ time: new Date(atMs).toISOString(), ...event } as Event);
  void report.close();
  return text;
};
const begun = (info: ReturnType<typeof task>, host: string): Untimed<Event> => ({ type: 'host-start', task: info, host });
const spent = (host: string, on: Expense['on'], durationMs: number, joined?: true): Untimed<Event> => ({
  type: 'spent',
  host,
  on,
  durationMs,
  ...(joined && { joined }),
});
const end = (durationMs: number): Untimed<Event> => ({ type: 'run-end', exitCode: 0, durationMs });

test('wall, what was waited for, and the rest: of all, of tasks, and of hosts', () => {
  const [one, two] = [task(1, { name: 'Write', role: 'web' }), task(2, { name: 'Wait for it' })];
  expect(
    printed(
      [0, started(one, 'a', 'b')],
      [0, begun(one, 'a')],
      [100, begun(one, 'b')],
      [500, spent('a', 'connect', 500)],
      [600, spent('b', 'connect', 400, true)],
      [900, spent('a', 'look', 300)],
      [1000, spent('a', 'ahead', 90)],
      [1000, spent('b', 'look', 250, true)],
      [1500, spent('a', 'act', 450)],
      [1600, ended(one, 'a', 'changed')],
      [1700, ended(one, 'b', 'ok')],
      [2000, started(two, 'b')],
      [2000, begun(two, 'b')],
      [7000, spent('b', 'wait', 5000)],
      [7010, ended(two, 'b', 'ok')],
      [9000, end(10_000)],
    ),
  ).toBe(`PROFILE, in seconds
12.50 in all, 2.50 of it starting and ending; 1.25 of processor time here
1 connection; 3 requests, 1 of them ahead (0.09)

Slowest tasks; but for wall, the sum of their hosts
     wall  connect     look      act     wait     rest
    10.00     0.90     0.55     0.45     5.00     1.31  all tasks
     5.01     0.00     0.00     0.00     5.00     0.01  Wait for it (1 host)
     1.70     0.90     0.55     0.45     0.00     1.30  web : Write (2 hosts)

Slowest on one host
     wall  connect     look      act     wait     rest
     5.01     0.00     0.00     0.00     5.00     0.01  Wait for it [b]
     1.60     0.50     0.30     0.45     0.00     0.35  web : Write [a]
     1.60     0.40     0.25     0.00     0.00     0.95  web : Write [b]

`);
});

test('ten of each at most, the slowest first', () => {
  const tasks = Array.from({ length: 12 }, (_, index) => task(index + 1));
  const events = tasks.flatMap((info, index): At[] => [
    [1000 * index, started(info, 'a')],
    [1000 * index, begun(info, 'a')],
    [1000 * index + 10 * info.id, ended(info, 'a', 'ok')],
  ]);
  const names = [...printed(...events, [20_000, end(20_000)]).matchAll(/ task (\d+) [([]/g)].map(([, id]) => Number(id));
  const expected = [12, 11, 10, 9, 8, 7, 6, 5, 4, 3];
  expect(names).toEqual([...expected, ...expected]);
});

test("waiting for health at a guard's end is the task's before it", () => {
  const info = task(1, { name: 'Restart' });
  const text = printed(
    [0, started(info, 'a')],
    [0, begun(info, 'a')],
    [100, ended(info, 'a', 'changed')],
    [3100, spent('a', 'wait', 3000)],
    [3100, end(3100)],
  );
  expect(text).toContain('     3.10     0.00     0.00     0.00     3.00     0.10  Restart [a]\n');
});

test('what was interrupted counts as far as it came; an include takes no time of its own', () => {
  const [include, info] = [task(1, { name: 'More' }), task(2, { name: 'Hangs' })];
  const text = printed(
    [0, started(include, 'a')],
    [1, ended(include, 'a', 'skipped')],
    [2, started(info, 'a')],
    [2, begun(info, 'a')],
    [2002, spent('a', 'act', 2000)],
    [2003, { type: 'unknown-outcome', task: info, host: 'a' }],
    [2003, end(2003)],
  );
  expect(text).toContain('     2.00     0.00     0.00     2.00     0.00     0.00  Hangs [a]\n');
  expect(text).not.toContain('More');
});

test('where nothing was run nothing is said', () => {
  expect(printed([0, { type: 'warning', message: 'a slip' }])).toBe('');
});
