import { expect, test } from 'vitest';
import { messagesReport } from '../../src/report/messages.ts';
import { ended, feed, started, task } from './_events.ts';

test('nothing but what a playbook says, and what failed', () => {
  let [said, warned] = ['', ''];
  const [debug, uri] = [task(1, { action: 'ansible.builtin.debug' }), task(2, { action: 'uri' })];
  const report = messagesReport(part => (said += part), { verbosity: 0, diff: false, color: false, warn: part => (warned += part) });
  feed(report, [
    started(uri, 'a', 'b'),
    ended(uri, 'a', 'ok', { result: { msg: 'OK (2 bytes)' } }),
    ended(uri, 'b', 'unreachable', { result: { msg: 'nothing listens there', unreachable: true } }),
    started(debug, 'a'),
    ended(debug, 'a', 'ok', { result: { msg: ['host  etcd', 'a     3.5.35'] } }),
    ended(debug, 'b', 'skipped'),
    ended(debug, 'b', 'ok', { result: { msg: 'well' } }),
  ]);
  expect(said).toBe('host  etcd\na     3.5.35\nwell\n');
  expect(warned).toBe('  b: nothing listens there\n  task: task 2\n  at: site.yml:12:5\n');
});
