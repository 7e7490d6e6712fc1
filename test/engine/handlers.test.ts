import { expect, test } from 'vitest';
import { World } from './_fake.ts';
import { type Ran, runOn } from './_run.ts';

const notifying = (...notify: readonly string[]): object => ({ name: 'change', debug: {}, changed_when: true, notify });
const handler = (name: string, msg: string, more: object = {}): object => ({ name, debug: { msg }, ...more });
const play = (tasks: readonly object[], handlers: readonly object[] = []): object => ({ hosts: 'a', gather_facts: false, tasks, handlers });
const warningsOf = ({ events }: Ran): readonly string[] => events.flatMap(event => (event.type === 'warning' ? [event.message] : []));
const said = ({ events }: Ran): readonly unknown[] =>
  events.flatMap(event => (event.type === 'outcome' && event.outcome.task.handler ? [event.outcome.result['msg']] : []));

test('a handler that nobody knows is an error, or a warning where it is wanted', async () => {
  const plays = [play([notifying('nobody'), { name: 'later', debug: {} }])];
  await expect(runOn(new World(1), plays)).rejects.toThrow("The requested handler 'nobody' was not found");
  const ran = await runOn(new World(1), plays, { errorOnMissingHandler: false });
  expect(warningsOf(ran)).toEqual([
    "The requested handler 'nobody' was not found in either the main handlers list nor in the listening handlers list",
  ]);
  expect([ran.exitCode, ran.outcomes.some(line => line.startsWith('a later ok'))]).toEqual([0, true]);
});

test('a handler without a name that is known is told once, unless it listens', async () => {
  const handlers = [handler('known', 'ran'), handler('of {{ nothing }}', 'no'), handler('{{ nothing }}', 'heard', { listen: 'news' })];
  const ran = await runOn(new World(1), [play([notifying('known'), notifying('known', 'news')], handlers)]);
  expect(warningsOf(ran)).toEqual([
    "Handler 'of {{ nothing }}' is unusable because it has no listen topics and the name could not be templated. The error: 'nothing' is undefined",
  ]);
  expect(said(ran)).toEqual(['ran', 'heard']);
});

test('of listeners with one name the first of a list answers', async () => {
  const handlers = [handler('one', 'first', { listen: 'news' }), handler('one', 'second', { listen: 'news' })];
  expect(said(await runOn(new World(1), [play([notifying('news')], handlers)]))).toEqual(['first']);
});

test('meta tasks are told, those for all hosts of the first one', async () => {
  const metas = [{ meta: 'noop' }, { meta: 'clear_facts' }, { name: 'not now', meta: 'end_host', when: false }];
  const { events } = await runOn(new World(1), [{ ...play(metas), hosts: 'a,b' }]);
  expect(events.flatMap(event => (event.type === 'meta' ? [`${event.host} ${event.task.name}: ${event.message}`] : []))).toEqual([
    'a meta: noop',
    'b meta: noop',
    'a meta: clear_facts',
    'a not now: end_host conditional evaluated to False',
    'b not now: end_host conditional evaluated to False',
  ]);
});
