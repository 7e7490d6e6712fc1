import { expect, test } from 'vitest';
import { batchesOf } from '../../src/engine/batches.ts';
import type { Value } from '../../src/value/value.ts';
import { World } from './_fake.ts';
import { runOn } from './_run.ts';

const ten = [...'abcdefghij'];

test.for<[name: string, serial: Value[], sizes: number[]]>([
  ['no serial is one batch', [], [10]],
  ['the last size repeats', [1, 4], [1, 4, 4, 1]],
  ['a percentage is of all hosts, rounded down', ['25%'], [2, 2, 2, 2, 2]],
  ['and at least one host', ['1%'], Array.from({ length: 10 }, () => 1)],
  ['numbers and percentages mix', [1, '50%'], [1, 5, 4]],
  ['numbers as text count', ['3'], [3, 3, 3, 1]],
  ['zero means all', [0], [10]],
])('%s', ([, serial, sizes]) => {
  expect(batchesOf(ten, serial).map(batch => batch.length)).toEqual(sizes);
});

test('anything else is refused', () => {
  expect(() => batchesOf(ten, ['some'])).toThrow(expect.objectContaining({ code: 'E_ARGS' }));
});

test('a play is announced once, whatever its batches', async () => {
  const { events } = await runOn(new World(1), [{ hosts: 'all', gather_facts: false, serial: 1, tasks: [{ debug: {} }] }]);
  expect(events.flatMap(({ type }) => (type === 'play-start' || type === 'task-start' ? [type] : []))).toEqual([
    'play-start',
    ...Array.from({ length: 4 }, () => 'task-start'),
  ]);
});
