import { expect, test } from 'vitest';
import { World } from './_fake.ts';
import { runOn } from './_run.ts';

const play = (tasks: readonly object[], more: object = {}): object => ({ hosts: 'all', gather_facts: false, tasks, ...more });
const boomOnA = { put: { cell: 'x', value: 'boom' }, when: "inventory_hostname == 'a'" };
const later = play([{ name: 'later', bump: { cell: 'y' } }]);

test.for<[name: string, first: object, goesOn: boolean]>([
  ['a failure alone leaves the others to go on', play([boomOnA]), true],
  [
    'under any_errors_fatal nobody goes on, though all others had come to the end of the play',
    play([boomOnA], { any_errors_fatal: true }),
    false,
  ],
  ['beyond max_fail_percentage nobody goes on', play([boomOnA], { max_fail_percentage: 10 }), false],
  ['a rescued failure is not fatal', play([{ block: [boomOnA], rescue: [{ debug: {} }] }], { any_errors_fatal: true }), true],
])('%s', async ([, first, goesOn]) => {
  const { outcomes } = await runOn(new World(1), [first, later]);
  expect(outcomes.some(line => line.includes(' later changed '))).toBe(goesOn);
});

test('a handler cannot flush handlers', async () => {
  const flushing = play([{ debug: {}, changed_when: true, notify: 'flush' }], { handlers: [{ name: 'flush', meta: 'flush_handlers' }] });
  await expect(runOn(new World(1), [flushing])).rejects.toThrow('flush_handlers cannot be used as a handler');
});

test('what a module fails with is a message and the whole text, and no status', async () => {
  const { events } = await runOn(new World(1), [{ ...play([{ name: 'first', put: { cell: 'x', value: 'boom' } }]), hosts: 'a' }]);
  const results = events.flatMap(event => (event.type === 'outcome' ? [event.outcome.result] : []));
  expect(results).toEqual([{ changed: false, failed: true, msg: 'x went boom', stderr: 'x went boom' }]);
});

test('a play that has no host left is not announced', async () => {
  const plays = [play([boomOnA], { name: 'first' }), { ...play([{ debug: {} }], { name: 'nobody' }), hosts: 'a' }];
  const { events } = await runOn(new World(1), plays);
  expect(
    events.flatMap(event => (event.type === 'play-start' || event.type === 'no-hosts' ? [`${event.type} ${event.name}`] : [])),
  ).toEqual(['play-start first', 'no-hosts nobody']);
});
