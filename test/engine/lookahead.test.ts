import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Rule } from '../../src/engine/rules.ts';
import { World } from './_fake.ts';
import { HOSTS, type Options, type Ran, runOn } from './_run.ts';

/*
 * The proof of docs/look-ahead.md: a run that looks ahead as far as it can gives the same events and leaves the same world as one that
 * never does, for playbooks made at random of everything that can disturb what was seen. And with any one rule off it does not.
 */

type TaskData = Record<string, unknown>;
const cell = fc.constantFrom('x', 'y', 'z');
const value = fc.constantFrom('1', '2', '{{ v }}', '{{ v }}{{ inventory_hostname }}', '{{ w }}');
const host = fc.constantFrom(...Object.keys(HOSTS));

const module: fc.Arbitrary<TaskData> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ put: fc.record({ cell, value }) }) },
  { weight: 3, arbitrary: fc.record({ pin: fc.record({ cell, value }) }) },
  { weight: 2, arbitrary: fc.record({ note: fc.record({ cell, value }) }) },
  { weight: 2, arbitrary: fc.record({ note: fc.record({ cell, value }), register: fc.constantFrom('r', 's') }) },
  { weight: 4, arbitrary: fc.record({ look: fc.record({ cell }), register: fc.constantFrom('r', 's') }) },
  { weight: 2, arbitrary: fc.record({ spread: fc.record({ cell, value }) }) },
  { weight: 2, arbitrary: fc.record({ bump: fc.record({ cell }) }) },
  { weight: 1, arbitrary: fc.record({ serve: fc.record({ cell, value }) }) },
  { weight: 1, arbitrary: fc.record({ peek: fc.record({ cell }) }) },
  { weight: 1, arbitrary: fc.record({ publish: fc.record({ cell, value }) }) },
  { weight: 1, arbitrary: fc.record({ age: fc.record({ cell }) }) },
  { weight: 1, arbitrary: fc.constant({ adduser: { user: 'app' } }) },
  {
    weight: 2,
    arbitrary: fc.record({ set_fact: fc.record({ v: fc.constantFrom('5', '{{ r.value | default(7) }}', '{{ s.value | default(w) }}') }) }),
  },
  { weight: 1, arbitrary: fc.constant({ pause: { seconds: 10 } }) },
  { weight: 1, arbitrary: fc.record({ put: fc.record({ cell, value: fc.constant('boom') }), ignore_errors: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ put: fc.record({ cell, value: fc.constant("{{ lookup('pipe', 'count') }}") }) }) },
  { weight: 1, arbitrary: fc.record({ include_tasks: fc.constantFrom('/one.yml', '/two.yml') }) },
  { weight: 1, arbitrary: fc.constant({ meta: 'flush_handlers' }) },
);

const spice = fc.record(
  {
    when: fc.constantFrom("v == '5'", "r.value | default('') == '1'", "inventory_hostname in ['a', 'd']", 's is defined and s.value != w'),
    delegate_to: host,
    run_once: fc.constant(true),
    loop: fc.constantFrom(['1', '2'], ['x', 'x']),
    environment: fc.record({ E: fc.constantFrom('1', '{{ v }}') }),
    notify: fc.constantFrom('one', 'two'),
    become_user: fc.constantFrom('app', 'root'),
    until: fc.constantFrom("r.value | default('') == '1'", "s.value | default('') == '2'"),
  },
  { requiredKeys: [] },
);
const task: fc.Arbitrary<TaskData> = fc.tuple(module, spice, fc.nat({ max: 10 })).map(([base, extra, chance]) => {
  if ('meta' in base || 'pause' in base) return base;
  const kept = Object.fromEntries(Object.entries(extra).filter(([key], index) => index === chance % 8 && mayHave(base, key)));
  const { become_user: user, ...rest } = kept;
  const patience = 'until' in kept && { retries: 2, delay: 4 };
  return { ...base, ...rest, ...(user !== undefined && { become: true, become_user: user }), ...patience };
});
/** Keywords that Ansible refuses on an include. */
const mayHave = (base: TaskData, key: string): boolean => !('include_tasks' in base) || ['when', 'loop'].includes(key);
const tasks = fc.array(task, { minLength: 1, maxLength: 7 });
const block = fc.record({ block: tasks, rescue: fc.array(task, { maxLength: 2 }), always: fc.array(task, { maxLength: 2 }) });
const clean = ({ block: body, rescue, always }: { block: TaskData[]; rescue: TaskData[]; always: TaskData[] }): TaskData => ({
  block: body,
  ...(rescue.length > 0 && { rescue }),
  ...(always.length > 0 && { always }),
});
const body = fc.array(fc.oneof({ weight: 4, arbitrary: task }, { weight: 1, arbitrary: block.map(clean) }), { minLength: 2, maxLength: 9 });
const handler = module.filter(one => !('meta' in one || 'include_tasks' in one));
const play = fc
  .record({ body, serial: fc.constantFrom(0, 1, 2), handlers: fc.tuple(handler, handler) })
  .map(({ body: nodes, serial, handlers }) => ({
    hosts: 'all',
    gather_facts: false,
    vars: { v: '1', w: '{{ v }}' },
    serial,
    tasks: named(nodes),
    handlers: handlers.map((one, index) => ({ ...one, name: ['one', 'two'][index] })),
  }));
/** Names tell a task from its twin. */
const named = (nodes: readonly TaskData[], prefix = 't'): TaskData[] =>
  nodes.map((node, index) => {
    const parts = Object.fromEntries(
      ['block', 'rescue', 'always'].flatMap(part =>
        part in node ? [[part, named(node[part] as TaskData[], `${prefix}${index}${part[0]}`)]] : [],
      ),
    );
    return { ...node, ...parts, name: `${prefix}${index}` };
  });
const scenario = fc.record({ plays: fc.array(play, { minLength: 1, maxLength: 2 }), one: tasks, two: tasks, seed: fc.nat() });
type Scenario = typeof scenario extends fc.Arbitrary<infer T> ? T : never;

const go = async ({ plays, one, two, seed }: Scenario, options: Options): Promise<Ran & { readonly world: World }> => {
  const world = new World(seed);
  for (const address of Object.values(HOSTS)) world.machine(address.split('.')[0]!);
  const flat = (list: readonly TaskData[]): TaskData[] => named(list.filter(item => !('include_tasks' in item)));
  return { ...(await runOn(world, plays, options, { '/one.yml': flat(one), '/two.yml': flat(two) })), world };
};
/** What must be the same whether or not a run looks ahead; and what no run may do, however it comes out. */
const observed = ({ exitCode, outcomes, world }: Ran & { readonly world: World }): unknown => ({
  exitCode,
  outcomes,
  world: world.snapshot(),
  /** One each; which of them were of use to a look ahead is no difference. */
  oneConnection: [...world.machines.values()].every(({ used }) => [...used.values()].every(({ size }) => size <= 1)),
  lookedPastFlush: world.trace.findIndex(line => line.includes('late')) < world.trace.findIndex(line => line.includes('flushed')),
});
const holds = async (made: Scenario, off: readonly Rule[] = []): Promise<void> => {
  expect(observed(await go(made, { off }))).toEqual(observed(await go(made, { window: 0 })));
};

const only = (tasks: readonly TaskData[], more: TaskData = {}): [Scenario] => [
  {
    plays: [
      { hosts: 'all', gather_facts: false, vars: { v: '1', w: '{{ v }}' }, serial: 0, tasks: named(tasks), handlers: [], ...more } as never,
    ],
    one: [{ look: { cell: 'x' } }],
    two: [],
    seed: 1,
  },
];
const onA = { when: "inventory_hostname == 'a'" };
const onB = { when: "inventory_hostname == 'b'" };
/** For each rule a playbook that goes wrong without it. */
const EXAMPLES: Readonly<Record<Rule, [Scenario]>> = {
  1: only([{ look: { cell: 'x' } }, { set_fact: { v: '5' } }, { put: { cell: 'y', value: '{{ w }}' } }]),
  2: only([{ look: { cell: 'x' } }, { put: { cell: 'x', value: '3' }, delegate_to: 'd', run_once: true }, { look: { cell: 'x' } }]),
  3: only([{ look: { cell: 'x' } }, { spread: { cell: 'x', value: '3' }, ...onB }, { look: { cell: 'x' } }]),
  4: only([{ look: { cell: 'x' } }, { serve: { cell: 'x', value: '3' }, ...onB }, { peek: { cell: 'x' }, ...onA }]),
  5: only([{ age: { cell: 'x' } }, { pause: { seconds: 10 } }, { age: { cell: 'x' } }]),
  6: only([{ look: { cell: 'x' } }, { put: { cell: "y{{ lookup('pipe', 'count') }}", value: '3' } }]),
  7: only([{ look: { cell: 'x' } }, { adduser: { user: 'app' } }, { look: { cell: 'x' }, become: true, become_user: 'app' }]),
  8: only([{ put: { cell: 'x', value: '3' }, notify: 'one' }], {
    handlers: [{ name: 'one', put: { cell: 'flushed', value: '1' } }],
    post_tasks: [{ look: { cell: 'late' } }],
  }),
  9: only([{ put: { cell: 'x', value: '3' } }, { spread: { cell: 'x', value: '{{ inventory_hostname }}' } }, { look: { cell: 'x' } }]),
  10: only([{ bump: { cell: 'x' } }, { bump: { cell: 'x' }, environment: { E: '1' } }, { bump: { cell: 'x' } }]),
  11: only([{ put: { cell: 'x', value: '{{ inventory_hostname }}' } }]),
};
/** What root sees is no answer for somebody else. */
const SECRETS = only([
  { put: { cell: 'z', value: '3' } },
  { look: { cell: 'z' }, delegate_to: 'c' },
  { look: { cell: 'z' }, delegate_to: 'a' },
]);
const examples = [...Object.values(EXAMPLES), SECRETS];

test('a run that looks ahead equals one that never does', { timeout: 600_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(scenario, made => holds(made)),
    { numRuns: 1_000, examples },
  );
});

/** Outcomes, those that are well without what their results tell. */
const told = ({ outcomes }: Ran): readonly string[] => outcomes.map(line => line.replace(/^(\w+ \w+ (?:ok|changed|skipped)) .*/, '$1'));

test('where no report tells results, all else is the same', { timeout: 600_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(scenario, fc.constantFrom(0, 1_000), async (made, window) => {
      const [read, unread] = [await go(made, { window }), await go(made, { window, resultsUnread: true })];
      expect([told(unread), observed({ ...unread, outcomes: [] })]).toEqual([told(read), observed({ ...read, outcomes: [] })]);
    }),
    { numRuns: 300 },
  );
});

test.for<[string, TaskData, boolean]>([
  ['with nothing else', {}, false],
  ['with a register', { register: 'r' }, true],
  ['that may fail all the same', { failed_when: 'nothing' }, true],
  ['that may fail over its change', { changed_when: 'nothing' }, true],
  ['that may be done in vain', { until: 'false', retries: 1 }, true],
  ['that may be followed by an item that fails', { loop: ['1'] }, true],
])('what only a result tells is looked at for a task %s: %o', async ([, more, isLookedAt]) => {
  const [made] = only([{ note: { cell: 'x', value: '1' }, ...onA, ...more, ignore_errors: true }]);
  const { world } = await go(made, { resultsUnread: true });
  expect(world.trace.filter(line => line === 'm1 root cells x').length > 1).toBe(isLookedAt);
});

test.for([1, 2])('a window of %i reaches that far, its own task counted', async window => {
  const [made] = only([{ look: { cell: 'x' }, failed_when: true }, { look: { cell: 'y' } }]);
  const { world } = await go(made, { window });
  expect(world.trace.some(line => / cells .*\by\b/.test(line))).toBe(window > 1);
});

test.for(Object.keys(EXAMPLES).map(Number) as Rule[])('with rule %i off it does not', { timeout: 600_000 }, async rule => {
  const { failed } = await fc.check(
    fc.asyncProperty(scenario, made => holds(made, [rule])),
    { examples: [EXAMPLES[rule]], endOnFailure: true },
  );
  expect(failed).toBe(true);
});
