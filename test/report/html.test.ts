import { expect, test } from 'vitest';
import type { Event, Untimed } from '../../src/model/event.ts';
import { htmlReport } from '../../src/report/html.ts';
import { ended, feed, play, started, task } from './_events.ts';
import { eventfulRun } from './_run.ts';

const pagesOf = async (events: readonly Untimed<Event>[]): Promise<string[]> => {
  const pages: string[] = [];
  const report = htmlReport(text => pages.push(text));
  feed(report, events);
  await report.close();
  return pages;
};
const pageOf = async (events: readonly Untimed<Event>[]): Promise<string> => (await pagesOf(events))[0] ?? '';
const run: Untimed<Event> = {
  type: 'run-start',
  run: 'r',
  playbooks: ['/x/<i>site</i>.yml'],
  plays: [1],
  check: true,
  diff: false,
  version: '0',
};
const end = (exitCode: number): Untimed<Event> => ({ type: 'run-end', exitCode, durationMs: 61_000 });

test('nothing that hosts or files say becomes markup', async () => {
  const evil = '"><script>alert(1)</script>';
  const info = task(1, { name: evil, role: evil, at: { file: evil, line: 1, col: 1 } });
  const page = await pageOf([
    run,
    play(evil, [evil]),
    { type: 'warning', message: evil },
    started(info, evil),
    {
      type: 'item',
      outcome: {
        task: info,
        host: evil,
        status: 'failed',
        result: { [evil]: evil, stderr: evil },
        changes: [{ key: 'content', before: evil, after: '' }],
        durationMs: 0,
      },
      item: evil,
    },
    ended(info, evil, 'failed', { message: evil, hint: evil, delegate: evil, result: { msg: evil, results: [] } }),
    { type: 'recap', hosts: {} },
    end(2),
  ]);
  expect(page).not.toMatch(/<script|<i>/);
  expect(page.split('&lt;script&gt;').length).toBeGreaterThan(10);
});

test('needs nothing from elsewhere', async () => {
  const page = await pageOf(eventfulRun());
  expect(page).not.toMatch(/(src|href)="(?!#)|url\(|@import|<script|<link/);
  const ids = new Set([...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id));
  for (const [, target] of page.matchAll(/href="#([^"]+)"/g)) expect(ids).toContain(target);
});

test('failures come before hosts and tasks, with stderr and what to do', async () => {
  const page = await pageOf(eventfulRun());
  const order = [
    'worker04 did not answer',
    'received unexpected HTTP status: 503',
    '<h2>Hosts and tasks</h2>',
    '<h2>Changes',
    '<h2>Recap</h2>',
  ].map(text => page.indexOf(text));
  expect(order).toEqual(order.toSorted((a, b) => a - b));
  expect(order[0]).toBeGreaterThan(0);
  expect(page).toContain('the registry 10.89.0.1:10500 answers 503; is it up?');
});

test('failures that were rescued or ignored are cells, not failures', async () => {
  const t1 = task(1);
  const page = await pageOf([
    run,
    play('p', ['a', 'b']),
    started(t1, 'a', 'b'),
    ended(t1, 'a', 'rescued'),
    ended(t1, 'b', 'ignored'),
    end(0),
  ]);
  expect(page).not.toContain('<h2>Failures');
  expect(page).toContain('title="a: rescued, 1.2 s"');
});

test('what an interruption left unknown is marked', async () => {
  const t1 = task(1);
  const page = await pageOf([run, play('p', ['a']), started(t1, 'a'), { type: 'unknown-outcome', task: t1, host: 'a' }, end(130)]);
  expect(page).toContain('<td class="unknown" title="a: interrupted, outcome unknown">?</td>');
});

test('the same difference on several hosts is shown once', async () => {
  const t1 = task(1);
  const changes = [{ key: 'content', before: 'x\n', after: 'y\n' }];
  const page = await pageOf([
    run,
    play('p', ['a', 'b']),
    started(t1, 'a', 'b'),
    ended(t1, 'a', 'changed', { changes }),
    ended(t1, 'b', 'changed', { changes }),
    end(0),
  ]);
  expect(page.split('class="diff"').length - 1).toBe(1);
  expect(page).toContain('<span>a</span><span>b</span>');
});

test.each([
  [[end(0)], 'Checked'],
  [[end(2)], 'Failed'],
  [[end(4)], 'Unreachable hosts'],
  [[end(130)], 'Interrupted'],
  [[], 'Unfinished'],
] as const)('verdict %#', async (events, verdict) => expect(await pageOf([run, ...events])).toContain(`>${verdict}</span>`));

test('a run that never started leaves no page', async () => expect(await pagesOf([{ type: 'warning', message: 'x' }])).toEqual([]));
