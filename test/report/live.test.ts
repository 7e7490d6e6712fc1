import { PassThrough } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import { liveReport } from '../../src/report/live.ts';
import { counts, ended, feed, play, started, task } from './_events.ts';
import { eventfulRun } from './_run.ts';

const screen = () => {
  let text = '';
  const stream = Object.assign(new PassThrough(), { isTTY: true, columns: 100, rows: 30 }) as unknown as NodeJS.WriteStream;
  stream.write = (chunk: unknown): boolean => {
    text += String(chunk);
    return true;
  };
  return { stream, text: () => stripVTControlCharacters(text) };
};

test('plays leave a line each; failures, warnings and the recap are read beneath them', async () => {
  const { stream, text } = screen();
  const report = liveReport(stream, { verbosity: 0, diff: false, color: false, now: () => Date.UTC(2026, 0, 1, 0, 1) });
  feed(report, eventfulRun());
  await report.close();
  const order = [
    '[WARNING]: kubelet_max_pods is deprecated',
    '✖ PLAY [Kubelets]  8 hosts, 6 tasks, 14 changed, 2 failed',
    'fatal: [worker04]: UNREACHABLE!',
    'failed: [cp02] (item=etcd:3.5)',
    'hint: the registry',
    'PLAY RECAP',
    'worker04                   : ok=0',
  ].map(part => text().indexOf(part));
  expect(order).not.toContain(-1);
  expect(order).toEqual(order.toSorted((a, b) => a - b));
  expect(text()).not.toContain('chown: operation not permitted');
});

test('debug messages are for reading; other results are not', async () => {
  const { stream, text } = screen();
  const report = liveReport(stream, { verbosity: 0, diff: false, color: false });
  const [say, act] = [task(1, { action: 'debug' }), task(2)];
  feed(report, [
    play('p', ['a']),
    started(say, 'a'),
    ended(say, 'a', 'ok', { result: { msg: 'look here' } }),
    started(act, 'a'),
    ended(act, 'a', 'changed', { result: { stdout: 'hidden' } }),
    { type: 'recap', hosts: { a: counts({ ok: 2 }) } },
  ]);
  await report.close();
  expect(text()).toContain('ok: [a] => {\n    "msg": "look here"\n}\n');
  expect(text()).not.toContain('hidden');
  expect(text()).toMatch(/PLAY RECAP \*+\na {26}: ok=2/);
});
