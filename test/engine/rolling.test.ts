import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nextOf } from '../../src/engine/batches.ts';
import type { Event } from '../../src/model/event.ts';
import { World } from './_fake.ts';
import { type Options, type Ran, runOn } from './_run.ts';

const SIX = ['h1', 'h2', 'h3', 'h4', 'h5', 'h6'];
/** Hosts that each are a machine of their own. */
const machines = (names: readonly string[]): Readonly<Record<string, string>> => Object.fromEntries(names.map(name => [name, name]));
const on = (...hosts: readonly string[]): object => ({ when: `inventory_hostname in ${JSON.stringify(hosts)}` });
const put = (cell: string, value = '1'): object => ({ name: `put ${cell}`, put: { cell, value } });
const fail = (...hosts: readonly string[]): object => ({ name: 'break', fail: { msg: 'broken' }, ...on(...hosts) });

const rolled = async (rolling: object, play: object, options: Options = {}, world = new World(1)) => {
  const plays = [
    { hosts: 'all', gather_facts: false, rolling, ...play },
    { hosts: 'all', gather_facts: false, tasks: [put('later')] },
  ];
  const ran = await runOn(world, plays, { hosts: machines(SIX), forks: 50, ...options });
  return { ...ran, world };
};
/** Hosts on which a cell was set. */
const acted = ({ trace }: World, cell: string): readonly string[] =>
  trace
    .filter(line => line.includes(` set ${cell} `))
    .map(line => line.split(' ')[0]!)
    .toSorted();
const stopOf = ({ events }: Ran): Extract<Event, { type: 'stopped' }> | undefined => events.find(event => event.type === 'stopped');
const roundsOf = ({ events }: Ran): readonly string[] =>
  events.flatMap(event => (event.type === 'task-start' ? [`${event.task.name}: ${event.hosts.join(' ')}`] : []));

test('canary first, then batch by batch, each gated before the next begins; then the next play', async () => {
  const ran = await rolled({ canary: 1, batch: 2, max_unavailable: 3, gate: [put('gate')] }, { tasks: [put('x')] });
  expect(ran.exitCode).toBe(0);
  expect(roundsOf(ran)).toEqual([
    ...['h1', 'h2 h3', 'h4 h5', 'h6'].flatMap(hosts => [`put x: ${hosts}`, `gate: put gate: ${hosts}`]),
    `put later: ${SIX.join(' ')}`,
  ]);
});

test.for<[rolling: object, sizes: number[]]>([
  [{}, [1, 1, 1, 1, 1, 1]],
  [{ batch: '50%' }, [3, 3]],
  [{ canary: '10%', batch: '{{ 2 + 2 }}' }, [1, 4, 1]],
  [{ canary: 0, batch: 4 }, [4, 2]],
  [{ batch: 4, max_unavailable: 2 }, [2, 2, 2]],
  [{ batch: 3, unavailable: ['elsewhere'] }, [2, 2, 2]],
  [{ batch: 3, unavailable: ['h1', 'h5'] }, [2, 1, 2, 1]],
])('batches of %j', async ([rolling, sizes]) => {
  const ran = await rolled(rolling, { tasks: [put('x')] });
  expect(roundsOf(ran).flatMap(round => (round.startsWith('put x') ? [round.split(' ').length - 2] : []))).toEqual(sizes);
});

test('limit and order hold', async () => {
  const ran = await rolled({ batch: 2 }, { order: 'reverse_inventory', tasks: [put('x')] }, { limit: ['h1', 'h2', 'h3'] });
  expect(roundsOf(ran).slice(0, 2)).toEqual(['put x: h3 h2', 'put x: h1']);
});

test('the work is the whole play, its handlers included, before the gate', async () => {
  const notifying = { ...put('x'), notify: 'restart' };
  const ran = await rolled(
    { batch: 6, gate: [{ ...put('gate'), notify: 'restart' }] },
    { pre_tasks: [put('pre')], tasks: [notifying], post_tasks: [put('post')], handlers: [{ name: 'restart', bump: { cell: 'n' } }] },
  );
  expect(roundsOf(ran).map(round => round.split(': h1')[0])).toEqual([
    'put pre', 'put x', 'restart', 'put post', 'gate: put gate', 'gate: restart', 'put later',
  ]); // prettier-ignore
});

const rollback = [{ name: 'say', debug: { msg: '{{ ansible_failed_task.name }}: {{ ansible_failed_result.msg }}' } }, put('back')];

test('a gate that fails on the canary rolls back the canary only, and no other host sees an act', async () => {
  const ran = await rolled({ canary: 1, batch: 3, gate: [fail('h1'), put('gate')], rollback }, { tasks: [put('x')] });
  expect(ran.exitCode).toBe(2);
  expect(new Set(ran.world.trace.map(line => line.split(' ')[0]))).toEqual(new Set(['h1']));
  expect(acted(ran.world, 'back')).toEqual(['h1']);
  expect(ran.outcomes.find(line => line.startsWith('h1 rollback: say'))).toContain('break: broken');
  expect(stopOf(ran)).toMatchObject({
    message: 'h1 failed at [gate: break]: broken; its batch was rolled back, not healthy: it stays as it is',
    detail: expect.stringContaining('never touched: h2, h3, h4, h5, h6'),
    at: { line: 1 },
  });
});

test('a failure in the second batch rolls back that batch, on those that did not fail too; the first stays', async () => {
  const gate = [{ look: { cell: 'back' }, register: 'r' }];
  const ran = await rolled({ canary: 1, batch: 2, gate, rollback }, { tasks: [put('x'), fail('h3'), put('y')] });
  expect(ran.exitCode).toBe(2);
  expect(acted(ran.world, 'back')).toEqual(['h2', 'h3']);
  expect(acted(ran.world, 'y')).toEqual(['h1']);
  expect(acted(ran.world, 'later')).toEqual([]);
  expect(ran.outcomes.find(line => line.startsWith('h2 rollback: say'))).toContain('break: broken');
  expect(stopOf(ran)).toMatchObject({
    message: 'h3 failed at [break]: broken; its batch was rolled back and is healthy',
    detail: 'the batch: h2, h3\nrolled back and healthy: h2, h3\ndone before: h1\nnever touched: h4, h5, h6',
  });
  const recap = JSON.parse(ran.outcomes.at(-1)!) as Record<string, { failed: number }>;
  expect([recap['h2']?.failed, recap['h3']?.failed, recap['h4']]).toEqual([0, 1, undefined]);
});

test('what a rescue catches is no failure, and what it does not catch still has its always', async () => {
  const caught = { block: [fail('h1')], rescue: [put('rescued')] };
  const fine = await rolled({ batch: 6, rollback }, { any_errors_fatal: false, tasks: [caught, put('y')] });
  expect([fine.exitCode, acted(fine.world, 'back'), acted(fine.world, 'y')]).toEqual([0, [], SIX]);
  const open = { block: [fail('h1'), put('rest')], always: [put('always')] };
  const { world } = await rolled({ batch: 2, rollback }, { tasks: [open] });
  expect([acted(world, 'always'), acted(world, 'rest'), acted(world, 'back')]).toEqual([['h1'], [], ['h1', 'h2']]);
});

test('a host that cannot be reached any more is left out of the rollback, and the run ends with 2', async () => {
  const lose = { name: 'lose', set_fact: { ansible_host: 'down' }, ...on('h2') };
  const ran = await rolled({ batch: 3, rollback }, { tasks: [put('x'), lose, put('y')] });
  expect(ran.exitCode).toBe(2);
  expect(acted(ran.world, 'back')).toEqual(['h1', 'h3']);
  expect(stopOf(ran)).toMatchObject({
    message: 'h2 failed at [put y]: down; its batch was rolled back',
    detail: expect.stringContaining('not rolled back, unreachable: h2'),
  });
});

test('hosts that began nothing are not rolled back', async () => {
  const { world, ...ran } = await rolled(
    { batch: 3, rollback },
    { tasks: [put('x')] },
    { hosts: { ...machines(SIX), h1: 'down' }, forks: 1 },
  );
  // All three took the first task together.
  expect(acted(world, 'back')).toEqual(['h2', 'h3']);
  const none = await rolled({ rollback }, { tasks: [put('x')] }, { hosts: { ...machines(SIX), h1: 'down' } });
  expect([ran.exitCode, acted(none.world, 'back'), acted(none.world, 'x')]).toEqual([2, [], []]);
});

test('the gate must hold once more after the soak', async () => {
  const gate = [
    { age: { cell: 'x' }, register: 'r' },
    { name: 'fresh', fail: { msg: 'died' }, when: 'r.value | int > 0' },
  ];
  const ran = await rolled({ batch: 2, gate, soak: 10, rollback }, { tasks: [put('x')] });
  expect(stopOf(ran)?.message).toContain('h1 failed at [gate: fresh]: died');
  expect(acted(ran.world, 'back')).toEqual(['h1', 'h2']);
  const waits = ran.events.flatMap(event => (event.type === 'host-wait' ? [`${event.host}: ${event.reason}`] : []));
  expect(waits).toEqual(['h1: 10 s of soaking', 'h2: 10 s of soaking']);
  expect((await rolled({ batch: 2, gate, soak: 0 }, { tasks: [put('x')] })).exitCode).toBe(0);
});

test('an interruption, while soaking as well, rolls nothing back and goes no further', async () => {
  const [world, stop] = [new World(1), new AbortController()];
  const wait = world.clock.wait.bind(world.clock);
  world.clock.wait = (durationMs, signal) => {
    stop.abort(new Error('interrupted'));
    return wait(durationMs, signal);
  };
  const ran = await rolled({ gate: [put('gate')], soak: 10, rollback }, { tasks: [put('x')] }, { signal: stop.signal }, world);
  expect([ran.exitCode, acted(world, 'x'), acted(world, 'gate'), acted(world, 'back')]).toEqual([130, ['h1'], ['h1'], []]);
});

test('hosts that are down use up the budget: the run stops before the batch', async () => {
  const tell = { set_fact: { lost: ['h6', 'other'] }, ...on('h2') };
  const rolling = { batch: 2, unavailable: "{{ hostvars['h2'].lost | default([]) }}", rollback };
  const ran = await rolled(rolling, { tasks: [put('x'), tell] });
  expect([ran.exitCode, acted(ran.world, 'x'), acted(ran.world, 'back')]).toEqual([2, ['h1', 'h2'], []]);
  expect(stopOf(ran)).toMatchObject({
    message: 'h3 must wait: h6, other are down already, and max_unavailable is 2',
    detail: 'done before: h1, h2\nnever touched: h3, h4, h5, h6',
    hint: expect.stringContaining('bring h6, other back'),
  });
});

test.for(["{{ 'h1' }}", '{{ nobody_says }}', '{{ [1] }}'])('who is down must be told: %s', async unavailable => {
  const ran = await rolled({ unavailable }, { tasks: [put('x')] });
  expect([ran.exitCode, acted(ran.world, 'x'), stopOf(ran)?.message]).toEqual([2, [], expect.stringContaining('h1 must wait')]);
});

test('in check mode batches run, but nothing is gated, soaked or rolled back', async () => {
  const rolling = { batch: 4, gate: [put('gate')], soak: 5, rollback };
  const fine = await rolled(rolling, { tasks: [put('x')] }, { check: true });
  expect([fine.exitCode, roundsOf(fine).map(round => round.split(': h')[0])]).toEqual([0, ['put x', 'put x', 'put later']]);
  const ran = await rolled(rolling, { tasks: [put('x'), fail('h2')] }, { check: true });
  expect([ran.exitCode, stopOf(ran)?.message]).toEqual([2, expect.stringContaining('--check changed nothing')]);
  expect(roundsOf(ran).map(round => round.split(':')[0])).toEqual(['put x', 'break']);
});

test('a rollback that fails on one host goes on on the others, and is told', async () => {
  const ran = await rolled({ batch: 3, rollback: [fail('h2'), put('back')], gate: [put('gate')] }, { tasks: [put('x'), fail('h1')] });
  expect([ran.exitCode, acted(ran.world, 'back'), acted(ran.world, 'gate')]).toEqual([2, ['h1', 'h3'], ['h1', 'h3']]);
  expect(stopOf(ran)).toMatchObject({
    message: 'h1 failed at [break]: broken; the rollback of its batch failed',
    detail: expect.stringContaining('rolled back and healthy: h1, h3\nnot rolled back: h2 failed at [rollback: break]: broken'),
  });
});

test('without a rollback the batch stays as it is', async () => {
  const ran = await rolled({ batch: 3 }, { tasks: [put('x'), fail('h1')] });
  expect(stopOf(ran)?.message).toBe('h1 failed at [break]: broken; no rollback is written: its batch stays as it is');
});

test('an error that is no task’s rolls back as well', async () => {
  const ran = await rolled({ batch: 2, rollback: [put('back')] }, { tasks: [put('x'), { ...put('y'), notify: 'nobody' }] });
  expect([ran.exitCode, acted(ran.world, 'back')]).toEqual([2, ['h1', 'h2']]);
  expect(stopOf(ran)?.message).toContain('nobody');
});

test('tags choose among the tasks, and neither gate nor rollback; where they leave nothing, nothing is gated', async () => {
  const tagged = { ...put('x'), tags: 'some' };
  const include = { include_tasks: '/more.yml' };
  const plays = [{ hosts: 'all', gather_facts: false, rolling: { batch: 6, gate: [include, put('gate')] }, tasks: [tagged, put('y')] }];
  const run = async (tag: string): Promise<World> => {
    const world = new World(1);
    await runOn(world, plays, { hosts: machines(SIX), tags: [tag] }, { '/more.yml': [put('more')] });
    return world;
  };
  const some = await run('some');
  expect(['x', 'y', 'gate', 'more'].map(cell => acted(some, cell).length)).toEqual([6, 0, 6, 6]);
  expect((await run('other')).trace).toEqual([]);
});

test('under free, others of the batch stop too', async () => {
  const many = Array.from({ length: 20 }, (_, index) => put(`c${index}`));
  const ran = await rolled({ batch: 3, rollback }, { strategy: 'free', tasks: [fail('h1'), ...many] });
  expect(acted(ran.world, 'c19')).toEqual([]);
  expect(acted(ran.world, 'back')).toHaveLength(3);
});

test('as many at once as may be down', () => {
  const counts = fc.nat({ max: 8 });
  const all = ['a', 'b', 'c', 'd', 'e', 'x', 'y'];
  fc.assert(
    fc.property(counts, counts, fc.subarray(all), (size, mayBeDown, down) => {
      const batch = nextOf(all.slice(0, 5), size, mayBeDown, down);
      const lost = new Set([...batch, ...down]).size;
      expect(batch).toEqual(all.slice(0, batch.length));
      if (batch.length > 0) expect(lost).toBeLessThanOrEqual(mayBeDown);
      if (batch.length < Math.min(size, 5)) expect(new Set([...all.slice(0, batch.length + 1), ...down]).size).toBeGreaterThan(mayBeDown);
    }),
  );
});

test('whatever fails: batches before it are done, it is rolled back where it acted, and nothing after it is touched', async () => {
  const where = fc.constantFrom('first', 'second', 'gate', 'lost');
  const failing = fc.dictionary(fc.constantFrom(...SIX), where, { maxKeys: 3 });
  await fc.assert(
    fc.asyncProperty(
      failing, fc.nat({ max: 2 }), fc.integer({ min: 1, max: 4 }), fc.constantFrom(1, 2, 50), fc.constantFrom('linear', 'free'), fc.integer(),
      async (failures, canary, batch, forks, strategy, seed) => {
        const at = (place: string): readonly string[] => SIX.filter(host => failures[host] === place);
        const tasks = [
          fail(...at('first')), put('x'), fail(...at('second')),
          { set_fact: { ansible_host: 'down' }, ...on(...at('lost')) }, put('y'),
        ]; // prettier-ignore
        const rolling = { canary, batch, gate: [fail(...at('gate'))], rollback: [put('back')] };
        const ran = await rolled(rolling, { strategy, tasks }, { forks }, new World(seed));
        const sizes = [canary, ...Array.from({ length: 6 }, () => batch)].filter(size => size > 0);
        const ends = sizes.map((_, index) => sizes.slice(0, index + 1).reduce((sum, size) => sum + size, 0));
        const batches = ends.map((end, index) => SIX.slice(end - sizes[index]!, end));
        const failed = batches.findIndex(hosts => hosts.some(host => failures[host] !== undefined));
        const doneHosts = batches.slice(0, failed < 0 ? undefined : failed).flat();
        const touched = new Set(ran.world.trace.map(line => line.split(' ')[0]!));
        expect(acted(ran.world, 'y').filter(host => doneHosts.includes(host))).toEqual(doneHosts);
        for (const host of touched) expect([...doneHosts, ...(batches[failed] ?? [])]).toContain(host);
        const lost = new Set(ran.events.flatMap(event => (event.type === 'outcome' && event.outcome.status === 'unreachable' ? [event.outcome.host] : [])));
        const due = (batches[failed] ?? []).filter(host => acted(ran.world, 'x').includes(host) && !lost.has(host) && failures[host] !== 'lost');
        const back = acted(ran.world, 'back');
        for (const host of due) expect(back).toContain(host);
        for (const host of back) expect(batches[failed]).toContain(host);
        expect(ran.exitCode).toBe(failed < 0 ? 0 : 2);
        expect(acted(ran.world, 'later')).toHaveLength(failed < 0 ? 6 : 0);
      },
    ),
    { numRuns: 60 },
  ); // prettier-ignore
});
