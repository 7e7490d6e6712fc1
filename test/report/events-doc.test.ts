import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Counts, Event, Outcome, TaskInfo } from '../../src/model/event.ts';
import type { Change } from '../../src/model/module.ts';
import type { Source } from '../../src/model/source.ts';
import { jsonReport } from '../../src/report/json.ts';
import { feed } from './_events.ts';
import { eventfulRun } from './_run.ts';

/** The compiler keeps these tables complete: a field of the type that is missing or too many here does not compile. */
type FieldsOf<T> = { readonly [K in keyof T]-?: undefined extends T[K] ? '?' : '' };
type Holds = { Source: Source; Task: TaskInfo; Outcome: Outcome; Change: Change; Counts: Counts };
type Documented = { readonly [T in Event['type']]: FieldsOf<Omit<Extract<Event, { type: T }>, 'type' | 'time'>> } & {
  readonly [T in keyof Holds]: FieldsOf<Holds[T]>;
};
const FIELDS: Documented = {
  'run-start': { run: '', playbooks: '', plays: '', check: '', diff: '', version: '' },
  'play-start': { play: '', name: '', hosts: '', at: '' },
  'no-hosts': { play: '', name: '', why: '' },
  'task-start': { task: '', hosts: '' },
  'host-start': { task: '', host: '' },
  'host-wait': { task: '', host: '', reason: '', retriesLeft: '?' },
  spent: { host: '', on: '', joined: '?', durationMs: '' },
  item: { outcome: '', item: '' },
  outcome: { outcome: '' },
  included: { task: '', file: '', hosts: '', item: '?' },
  meta: { task: '', host: '', message: '' },
  warning: { message: '', at: '?' },
  recap: { hosts: '' },
  'unknown-outcome': { task: '', host: '' },
  stopped: { message: '', detail: '', hint: '', at: '?' },
  'run-end': { exitCode: '', durationMs: '' },
  Source: { file: '', line: '', col: '' },
  Task: { id: '', play: '', name: '', action: '', role: '?', includes: '?', handler: '', at: '' },
  Outcome: { task: '', host: '', delegate: '?', status: '', result: '', changes: '', message: '?', hint: '?', code: '?', durationMs: '' },
  Change: { path: '?', key: '', before: '', after: '' },
  Counts: { ok: '', changed: '', unreachable: '', failed: '', skipped: '', rescued: '', ignored: '' },
};

test('docs/events.md has every event and every field, and no other', () => {
  const text = readFileSync(join(import.meta.dirname, '../../docs/events.md'), 'utf8');
  const sections = text.split(/^### /m).slice(1);
  const documented = sections.map(section => {
    const name = section.split('\n', 1)[0]?.replaceAll('`', '') ?? '';
    return [
      name,
      Object.fromEntries([...section.matchAll(/^\| `(\w+)`( \?)? \|/gm)].map(([, field = '', optional]) => [field, optional ? '?' : ''])),
    ];
  });
  expect(Object.fromEntries(documented)).toEqual(FIELDS);
});

test('each event is one line of JSON', () => {
  let text = '';
  feed(
    jsonReport(part => (text += part)),
    eventfulRun(),
  );
  const events = text
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line) as Event);
  expect(events.map(({ type }) => type)).toEqual(eventfulRun().map(({ type }) => type));
  for (const { time } of events) expect(new Date(time).toISOString()).toBe(time);
});
