import { expect, test } from 'vitest';
import { minimalReport } from '../../src/report/minimal.ts';
import { ended, feed, started, task } from './_events.ts';

test("results are Ansible's minimal callback's, hosts in order", () => {
  let text = '';
  const shell = task(1, { action: 'shell' });
  const ping = task(2, { action: 'ping' });
  feed(
    minimalReport(part => (text += part), { verbosity: 0, diff: false, color: false }),
    [
      started(shell, 'a', 'b', 'c', 'd'),
      ended(shell, 'd', 'skipped'),
      ended(shell, 'c', 'unreachable', { result: { msg: 'refused', unreachable: true } }),
      ended(shell, 'b', 'failed', { result: { rc: 3, stdout: 'out\n', stderr: 'err', msg: 'non-zero return code' } }),
      ended(shell, 'a', 'changed', { result: { rc: 0, stdout: 'hi', stderr: '', msg: '' } }),
      started(ping, 'a'),
      ended(ping, 'a', 'ok', { result: { ping: 'pong', changed: false } }),
    ],
  );
  expect(text).toBe(
    'a | CHANGED | rc=0 >>\nhi\nb | FAILED | rc=3 >>\nout\nerr\nnon-zero return code\n' +
      'c | UNREACHABLE! => {\n    "msg": "refused",\n    "unreachable": true\n}\nd | SKIPPED\n' +
      'a | SUCCESS => {\n    "changed": false,\n    "ping": "pong"\n}\n',
  );
});
