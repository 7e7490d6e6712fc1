import { expect, test } from 'vitest';
import type { Event, Expense } from '../../src/model/event.ts';
import { World } from './_fake.ts';
import { runOn } from './_run.ts';

const plays = (hosts: string, ...tasks: readonly object[]): unknown => [{ hosts, gather_facts: false, tasks }];
const LOOKS = ['x', 'y', 'w'].map(cell => ({ look: { cell } }));

/** What each host's tasks waited for, task by task: `+` was joined. */
const spent = (events: readonly Event[], host: string): readonly string[] =>
  events.flatMap(event => {
    if (event.type === 'host-start' && event.host === host) return ['|'];
    return event.type === 'spent' && event.host === host ? [`${event.joined ? '+' : ''}${event.on}`] : [];
  });
const ms = (events: readonly Event[], on: Expense['on']): number =>
  events.reduce((sum, event) => (event.type === 'spent' && event.on === on ? sum + event.durationMs : sum), 0);

test('the first task looks and acts; the next one waits for what was sent ahead, and the one after it looks', async () => {
  const world = new World(1);
  const { connect } = world.connector;
  world.connector.connect = async address => {
    const connection = await connect(address);
    let requests = 0;
    // What was sent ahead is answered when the next task has long begun.
    const late = (): Promise<void> => new Promise(setImmediate);
    return { ...connection, run: async request => (++requests === 3 && (await late()), await connection.run(request)) };
  };
  const { events } = await runOn(world, plays('a', { put: { cell: 'v', value: '1' } }, ...LOOKS), { profile: true });
  expect(spent(events, 'a')).toEqual(['|', 'connect', 'look', 'act', '|', 'ahead', '+look', '|', 'look', '|']);
});

test('two names of one address wait for one connection', async () => {
  const { events } = await runOn(new World(1), plays('all', LOOKS[0]!), { profile: true, forks: 2, hosts: { h1: 'm', h2: 'm' } });
  expect([spent(events, 'h1')[1], spent(events, 'h2')[1]]).toEqual(['connect', '+connect']);
});

test('an act is one, whoever does it, and so is what is done through an API', async () => {
  const tasks = [{ put: { cell: 'x', value: '1' }, delegate_to: 'b' }, { publish: { cell: 'x', value: '1' } }];
  const { events } = await runOn(new World(1), plays('a', ...tasks), { profile: true });
  expect(spent(events, 'a')).toEqual(['|', 'connect', 'look', 'act', '|', 'connect', 'look', 'act']);
  expect(spent(events, 'b')).toEqual([]);
});

test('retries and pauses are waited for', async () => {
  const retried = { look: { cell: 'x' }, until: 'false', retries: 2, delay: 4, ignore_errors: true };
  const { events } = await runOn(new World(1), plays('a', retried, { pause: { seconds: 3 } }), { profile: true });
  expect(ms(events, 'wait')).toBe(4000 + 4000 + 3000);
});

test('what fails has taken its time, too', async () => {
  const { events } = await runOn(new World(1), plays('a', LOOKS[0]!), { profile: true, hosts: { a: 'down' } });
  expect(spent(events, 'a')).toEqual(['|', 'connect']);
});

test.for([1, 2, 3, 4, 5])('measuring changes nothing, and without it nothing is told (%i)', async seed => {
  const work = plays('all', { put: { cell: 'x', value: '1' } }, ...LOOKS, { bump: { cell: 'y' } }, { look: { cell: 'y' } });
  const [world, measured] = [new World(seed), new World(seed)];
  const [ran, profiled] = [await runOn(world, work, { forks: 4 }), await runOn(measured, work, { forks: 4, profile: true })];
  expect(ran.events.filter(({ type }) => type === 'spent')).toEqual([]);
  expect(profiled.outcomes.toSorted()).toEqual(ran.outcomes.toSorted());
  expect(measured.snapshot()).toEqual(world.snapshot());
  expect(profiled.events.at(-1)).toMatchObject({ type: 'run-end' });
});
