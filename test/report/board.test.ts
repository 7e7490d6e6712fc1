import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Event, Status, Untimed } from '../../src/model/event.ts';
import { Board } from '../../src/report/board.ts';
import { painter } from '../../src/report/paint.ts';
import { ended, play, started, task } from './_events.ts';

const START = Date.UTC(2026, 0, 1);
const board = (hosts: readonly string[], events: readonly Untimed<Event>[]): Board => {
  const time = new Date(START).toISOString();
  const made = new Board({ time, ...play('p', hosts) } as Extract<Event, { type: 'play-start' }>, painter(false));
  for (const event of events) made.handle({ time, ...event } as Event);
  return made;
};
const t1 = task(1, { role: 'web', name: 'conf' });
const big = { rows: 40, columns: 100 };

test('a row a host: past tasks, what it does, for how long, what it waits for', () => {
  const lines = board(
    ['a', 'bb', 'c'],
    [
      started(t1, 'a', 'bb', 'c'),
      ended(t1, 'a', 'changed'),
      ended(t1, 'bb', 'failed', { message: 'no space\nleft' }),
      { type: 'host-wait', task: t1, host: 'c', reason: 'permit etcd_quorum' },
    ],
  ).lines(big, START + 2500);
  expect(lines).toEqual([
    'PLAY [p]  TASK [web : conf]  2/3 hosts  2.5 s',
    'a   ●',
    'bb  ✖  no space',
    'c      2.5 s  waits for permit etcd_quorum',
  ]);
});

test('a host that lags behind names its own task', () => {
  const t2 = task(2);
  const lines = board(['a', 'b'], [started(t1, 'a', 'b'), ended(t1, 'a', 'ok'), started(t2, 'a')]).lines(big, START + 1000);
  expect(lines.slice(1)).toEqual(['a  ·  1.0 s', 'b     web : conf  1.0 s']);
});

test('of many hosts the waiting and the running are shown, in inventory order, and the rest is counted', () => {
  const hosts = Array.from({ length: 1000 }, (_, i) => `h${i}`);
  const lines = board(hosts, [
    started(t1, ...hosts),
    ...hosts.slice(0, 990).map((host): Untimed<Event> => ended(t1, host, host === 'h5' ? 'failed' : 'ok')),
    { type: 'host-start', task: t1, host: 'h995' },
    { type: 'host-wait', task: t1, host: 'h999', reason: 'x' },
  ]).lines({ rows: 5, columns: 100 }, START);
  expect(lines.map(line => line.split(' ')[0])).toEqual(['PLAY', 'h990', 'h995', 'h999', '…']);
  expect(lines.at(-1)).toBe('… 997 more: 7 busy, 1 failed, 989 done');
});

test('a warning is seen at once, and an interrupted host is no success', () => {
  const made = board(
    ['a', 'b'],
    [started(t1, 'a', 'b'), { type: 'warning', message: 'stopping\nall' }, { type: 'unknown-outcome', task: t1, host: 'b' }],
  );
  expect(made.lines(big, START).at(-1)).toBe('[WARNING]: stopping');
  expect(made.summary(START)).toMatchObject({ failed: true });
});

test('never more lines than rows, however many hosts and tasks', () => {
  const size = fc.record({ rows: fc.integer({ min: 3, max: 40 }), columns: fc.integer({ min: 20, max: 200 }) });
  fc.assert(
    fc.property(size, fc.integer({ min: 0, max: 60 }), fc.integer({ min: 0, max: 30 }), (room, hosts, tasks) => {
      const names = Array.from({ length: hosts }, (_, i) => `host${i}`);
      const infos = Array.from({ length: tasks }, (_, i) => task(i));
      const events = infos.flatMap((info): Untimed<Event>[] => [
        { type: 'warning', message: 'x' },
        started(info, ...names),
        ...names.map(name => ended(info, name, 'ok')),
      ]);
      expect(board(names, events).lines(room, START).length).toBeLessThanOrEqual(room.rows);
    }),
  );
});

test.each([
  ['ok', false, 'PLAY [p]  1 host, 1 task, 3.0 s'],
  ['changed', false, 'PLAY [p]  1 host, 1 task, 1 changed, 3.0 s'],
  ['unreachable', true, 'PLAY [p]  1 host, 1 task, 1 failed, 3.0 s'],
  ['ignored', false, 'PLAY [p]  1 host, 1 task, 3.0 s'],
] as const satisfies (readonly [Status, boolean, string])[])('summary after %s', (status, failed, line) => {
  expect(board(['a'], [started(t1, 'a'), ended(t1, 'a', status)]).summary(START + 3000)).toEqual({ failed, line });
});
