import { expect, test } from 'vitest';
import { World } from './_fake.ts';
import { runOn } from './_run.ts';

const put = (cell: string, value: string): object => ({ put: { cell, value } });
const PLAYS = [
  {
    hosts: 'a',
    gather_facts: false,
    tasks: [
      put('a', '1'),
      { include_tasks: '/{{ which }}.yml', vars: { which: 'one' } },
      put('b', '2'),
      { include_tasks: '/one.yml', when: 'which is defined' },
      put('c', '3'),
    ],
  },
];
const FILES = { '/one.yml': [put('d', '4'), { include_tasks: '/two.yml' }], '/two.yml': [put('e', '5')] };

/** Programs that a converged run takes. */
const programs = async (window?: number): Promise<number> => {
  const world = new World(1);
  await runOn(world, PLAYS, {}, FILES);
  const before = world.trace.length;
  const { outcomes } = await runOn(world, PLAYS, window === undefined ? {} : { window }, FILES);
  expect(outcomes.at(-1)).toContain('"ok":7,"changed":0');
  return world.trace.length - before;
};

test('what includes bring is looked at together with what is around them', async () => {
  expect(await programs(1)).toBeGreaterThanOrEqual(5);
  // The first task's own goes with what all others want.
  expect(await programs()).toBe(1);
});

test('the end of a role is no end of a window', async () => {
  const role = { '/roles/r/tasks/main.yml': [{ look: { cell: '{{ which }}' } }] };
  const tasks = [
    { include_role: { name: 'r' }, vars: { which: 'x' } },
    { include_role: { name: 'r' }, vars: { which: 'y' } },
  ];
  const world = new World(1);
  await runOn(world, [{ hosts: 'a', gather_facts: false, roles: [{ role: 'r', which: 'z' }], tasks }], {}, role);
  expect(world.trace).toEqual(['m1 root cells z x y']);
});

test('what a loop includes is looked at together, each of its rounds with its own item', async () => {
  const tasks = [
    { look: { cell: 'x' } },
    { include_tasks: '/round.yml', loop: ['{{ first }}', 'b'], when: "item != 'none'" },
    { look: { cell: 'z' } },
  ];
  const round = [
    { look: { cell: 'c{{ item }}' }, register: 'r' },
    { look: { cell: 'd{{ item }}' }, when: 'r.value is defined' },
  ];
  const world = new World(1);
  await runOn(world, [{ hosts: 'a', gather_facts: false, vars: { first: 'a' }, tasks }], {}, { '/round.yml': round });
  expect(world.trace).toEqual(['m1 root cells x ca da cb db z']);
});

test('behind an act in one round of an included loop, the rounds that follow are looked at', async () => {
  const tasks = [{ include_tasks: '/round.yml', loop: ['a', 'b'] }, { look: { cell: 'z' } }];
  const round = [put('{{ item }}', '1'), { look: { cell: 'c{{ item }}' } }];
  const world = new World(1);
  await runOn(world, [{ hosts: 'a', gather_facts: false, tasks }], {}, { '/round.yml': round });
  expect(world.trace).toEqual([
    'm1 root cells a ca b cb z',
    'm1 root set a 1',
    'm1 root cells ca',
    'm1 root cells b cb z',
    'm1 root set b 1',
    'm1 root cells cb',
    'm1 root cells z',
  ]);
});

test('what is to be there need not be known to look at it', async () => {
  const tasks = [{ look: { cell: 'x' }, register: 'r' }, { put: { cell: 'y', value: '{{ r.value }}' } }, { look: { cell: 'z' } }];
  const world = new World(1);
  await runOn(world, [{ hosts: 'a', gather_facts: false, tasks }]);
  expect(world.trace).toEqual(['m1 root cells x y z']);
});

test('each retry looks anew', async () => {
  const patient = { age: { cell: 'x' }, register: 'r', until: "r.value == '1'", retries: 3, delay: 4 };
  const { outcomes } = await runOn(new World(1), [{ hosts: 'a', gather_facts: false, tasks: [{ age: { cell: 'y' } }, patient] }]);
  expect(outcomes[1]).toContain('a age ok {"failed":false,"changed":false,"value":"1","attempts":4}');
});

test('what waits only in need keeps nobody from looking further', async () => {
  const tasks = [
    { look: { cell: 'x' }, register: 'r' },
    { pause: { seconds: 10 }, when: "r.value == 'never'" },
    { look: { cell: 'y' }, until: 'true' },
    { look: { cell: 'z' } },
  ];
  const world = new World(1);
  await runOn(world, [{ hosts: 'a', gather_facts: false, tasks }]);
  expect(world.trace).toHaveLength(1);
});

test('what is being looked at is not looked at once more', async () => {
  const tasks = ['x', 'y', 'x', 'z'].map(cell => ({ look: { cell } }));
  const world = new World(1);
  await runOn(world, [
    { hosts: 'a', gather_facts: false, tasks: [{ look: { cell: 'w' }, register: 'r' }, { pause: { seconds: 1 } }, ...tasks] },
  ]);
  expect(world.trace).toEqual(['m1 root cells w', 'm1 root cells x y z']);
});

test('a guess is made once, and what it missed is looked at in its turn', async () => {
  const tasks = [
    { look: { cell: 'x' }, register: 'x' },
    // Whether it is included is not known yet.
    { include_tasks: '/turn.yml', when: 'x is not changed' },
    { look: { cell: '{{ which }}' } },
    { look: { cell: 'end' } },
  ];
  const world = new World(1);
  const turn = [
    { look: { cell: 'w' }, register: 'r' },
    { set_fact: { which: "{{ 'z' if r.value is defined }}" } },
    { look: { cell: 'v' } },
  ];
  await runOn(world, [{ hosts: 'a', gather_facts: false, vars: { which: 'y' }, tasks }], {}, { '/turn.yml': turn });
  expect(world.trace).toEqual(['m1 root cells x y end', 'm1 root cells w v', 'm1 root cells z']);
});

test('what an act tells of what it left is not looked at', async () => {
  const tasks = [
    { pin: { cell: 'x', value: '1' } },
    { pin: { cell: 'x', value: '2' } },
    { look: { cell: 'x' } },
    // What failed tells nothing, and another act makes what was told void.
    { pin: { cell: 'y', value: 'boom' }, ignore_errors: true },
    { look: { cell: 'y' } },
    { bump: { cell: 'x' } },
    { look: { cell: 'y' } },
  ];
  const programs = async (window?: number): Promise<readonly string[]> => {
    const world = new World(1);
    await runOn(world, [{ hosts: 'a', gather_facts: false, tasks }], window === undefined ? {} : { window });
    return world.trace;
  };
  const root = (...lines: readonly string[]): readonly string[] => lines.map(line => `m1 root ${line}`);
  expect(await programs()).toEqual(root('cells x y', 'set x 1', 'set x 2', 'cells y', 'set y boom', 'cells y', 'bump x', 'cells y'));
  expect((await programs(1)).filter(line => line.endsWith('cells x')).length).toBe(3);
});
