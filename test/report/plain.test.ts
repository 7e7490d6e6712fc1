import { describe, expect, test } from 'vitest';
import type { Event, Untimed } from '../../src/model/event.ts';
import { type PlainOptions, plainReport } from '../../src/report/plain.ts';
import { counts, ended, feed, item, play, started, task } from './_events.ts';

const print = (events: readonly Untimed<Event>[], options: Partial<PlainOptions> = {}): string => {
  let text = '';
  feed(
    plainReport(part => (text += part), { verbosity: 0, diff: false, color: false, ...options }),
    events,
  );
  return text;
};
const stars = (title: string): string => `\n${title} ${'*'.repeat(79 - title.length)}\n`;
const t1 = task(1);

test('a rolling play that stopped has the last word', () => {
  const at = { file: 'p.yml', line: 3, col: 5 };
  expect(print([{ type: 'stopped', message: 'b failed', detail: 'done before: a\nnever touched: c', hint: 'look', at }])).toBe(
    'STOPPED: b failed\n  done before: a\n  never touched: c\n  at: p.yml:3:5\n  hint: look\n\n',
  );
});

describe("Ansible's default lines", () => {
  test('play, task and recap banners fill 80 columns', () => {
    const text = print([
      play('First play', ['a', 'b']),
      started(task(1, { role: 'web', name: 'conf' }), 'a'),
      started(task(2, { name: '', action: 'ping' }), 'a'),
      started(task(3, { name: 'restart', handler: true }), 'a'),
      { type: 'recap', hosts: { b: counts({ ok: 12, changed: 3 }), a: counts({ failed: 1 }) } },
    ]);
    expect(text).toBe(
      [
        stars('PLAY [First play]'),
        stars('TASK [web : conf]'),
        stars('TASK [ping]'),
        stars('RUNNING HANDLER [restart]'),
        stars('PLAY RECAP'),
        'a                          : ok=0    changed=0    unreachable=0    failed=1    skipped=0    rescued=0    ignored=0   \n',
        'b                          : ok=12   changed=3    unreachable=0    failed=0    skipped=0    rescued=0    ignored=0   \n',
        '\n',
      ].join(''),
    );
  });

  test.each([
    ['ok', 'ok: [a]'],
    ['changed', 'changed: [a]'],
    ['skipped', 'skipping: [a]'],
    ['ignored', 'fatal: [a]: FAILED! => {"changed": false}\n...ignoring'],
    ['rescued', 'fatal: [a]: FAILED! => {"changed": false}'],
  ] as const)('%s', (status, line) => {
    expect(print([started(t1, 'a'), ended(t1, 'a', status)])).toBe(`${stars('TASK [task 1]')}${line}\n`);
  });

  test('a delegated task names both hosts', () => {
    expect(print([started(t1, 'a'), ended(t1, 'a', 'changed', { delegate: 'db' })])).toContain('changed: [a -> db]\n');
    expect(print([started(t1, 'a'), ended(t1, 'a', 'changed', { delegate: 'a' })])).toContain('changed: [a]\n');
  });

  test('a failure is one line of JSON with sorted keys, then explained', () => {
    const result = {
      failed: true,
      rc: 3,
      changed: true,
      msg: 'non-zero return code',
      stderr: 'no space\non device\n',
      stdout: 'é',
      cmd: ['a', 'b'],
    };
    expect(print([started(t1, 'a'), ended(t1, 'a', 'failed', { result, hint: 'free some space' })])).toBe(
      `${stars('TASK [task 1]')}fatal: [a]: FAILED! => {"changed": true, "cmd": ["a", "b"], "msg": "non-zero return code", "rc": 3, ` +
        '"stderr": "no space\\non device\\n", "stdout": "é"}\n' +
        '  a: non-zero return code\n  task: task 1\n  at: site.yml:11:5\n  stderr:\n    no space\n    on device\n  hint: free some space\n',
    );
  });

  test("what the playbook's author had to say is said once", () => {
    const [spoke, result] = [task(1, { action: 'fail' }), { changed: false, failed: true, msg: 'Not on a Sunday' }];
    expect(print([started(spoke, 'a'), ended(spoke, 'a', 'failed', { result, message: 'Not on a Sunday' })])).toBe(
      `${stars('TASK [task 1]')}fatal: [a]: FAILED! => {"changed": false, "msg": "Not on a Sunday"}\n  task: task 1\n  at: site.yml:11:5\n`,
    );
  });

  test('unreachable, also when it is ignored', () => {
    const result = { changed: false, msg: 'refused', unreachable: true };
    const text = print([started(t1, 'a', 'b'), ended(t1, 'a', 'unreachable', { result }), ended(t1, 'b', 'ignored', { result })]);
    expect(text).toContain('fatal: [a]: UNREACHABLE! => {"changed": false, "msg": "refused", "unreachable": true}\n');
    expect(text).toContain('fatal: [b]: UNREACHABLE! => {"changed": false, "msg": "refused", "unreachable": true}\n...ignoring\n');
  });

  test('debug prints its message or its variable, assert its result, without -v', () => {
    const debug = task(1, { action: 'ansible.builtin.debug' });
    const check = task(2, { action: 'assert' });
    const text = print([
      started(debug, 'a', 'b'),
      ended(debug, 'a', 'ok', { result: { msg: ['x', 'y'], changed: false } }),
      ended(debug, 'b', 'ok', { result: { port: 80, changed: false, failed: false } }),
      started(check, 'a'),
      ended(check, 'a', 'ok', { result: { changed: false, msg: 'All assertions passed' } }),
    ]);
    expect(text).toContain('ok: [a] => {\n    "msg": [\n        "x",\n        "y"\n    ]\n}\nok: [b] => {\n    "port": 80\n}\n');
    expect(text).toContain('ok: [a] => {\n    "changed": false,\n    "msg": "All assertions passed"\n}\n');
  });

  test('loop items have lines of their own and their loop none', () => {
    const results = { changed: true, results: [] };
    const text = print([
      started(t1, 'a', 'b'),
      item('1', t1, 'a', 'changed'),
      item('2', t1, 'a', 'skipped'),
      ended(t1, 'a', 'changed', { result: results }),
      item('1', t1, 'b', 'failed', { result: { msg: 'no' } }),
      ended(t1, 'b', 'ignored', { result: results }),
    ]);
    expect(text).toBe(
      `${stars('TASK [task 1]')}changed: [a] => (item=1)\nskipping: [a] => (item=2) \nfailed: [b] (item=1) => {"msg": "no"}\n...ignoring\n`,
    );
  });

  test('a failed loop explains the items that failed', () => {
    const text = print([
      started(t1, 'a'),
      item('x', t1, 'a', 'failed', { result: { msg: 'no' } }),
      ended(t1, 'a', 'failed', { result: { msg: 'One or more items failed', results: [] } }),
    ]);
    expect(text).toContain('failed: [a] (item=x) => {"msg": "no"}\n  a (item=x): no\n  task: task 1\n');
  });

  test('an all-skipped and an empty loop say skipping once more', () => {
    const text = print([
      started(t1, 'a', 'b'),
      item('1', t1, 'a', 'skipped'),
      ended(t1, 'a', 'skipped', { result: { changed: false, results: [] } }),
      ended(t1, 'b', 'skipped', { result: { changed: false, results: [], skipped_reason: 'No items in the list' } }),
    ]);
    expect(text).toContain('skipping: [a] => (item=1) \nskipping: [a]\nskipping: [b]\n');
  });

  test('meta tasks are for -vv', () => {
    const meta: Untimed<Event> = { type: 'meta', task: task(1, { name: 'flush', action: 'meta' }), host: 'a', message: 'noop' };
    expect([0, 1, 2].map(verbosity => print([meta], { verbosity }))).toEqual(['', '', expect.stringContaining('META: noop\n')]);
  });

  test('includes, hosts that ran out, retries, warnings', () => {
    const include = task(1, { action: 'include_tasks' });
    const text = print([
      play('p', ['a', 'b']),
      started(include, 'a', 'b'),
      ended(include, 'a', 'ok'),
      ended(include, 'b', 'skipped'),
      { type: 'included', task: include, file: '/x/more.yml', hosts: ['a', 'c'] },
      { type: 'host-wait', task: t1, host: 'a', reason: 'retry', retriesLeft: 2 },
      { type: 'host-wait', task: t1, host: 'a', reason: 'permit etcd_quorum' },
      { type: 'warning', message: 'odd' },
      { type: 'no-hosts', play: 1, name: 'p', why: 'none left' },
      { type: 'no-hosts', play: 2, name: 'q', why: 'no match' },
    ]);
    expect(text).toBe(
      `${stars('PLAY [p]')}${stars('TASK [task 1]')}skipping: [b]\nincluded: /x/more.yml for a, c\n` +
        'FAILED - RETRYING: [a]: task 1 (2 retries left).\nwaiting: [a]: permit etcd_quorum\n[WARNING]: odd\n' +
        `${stars('NO MORE HOSTS LEFT')}${stars('PLAY [q]')}skipping: no hosts matched\n`,
    );
  });
});

test('what a module warns of is a warning, not a field', () => {
  let warned = '';
  const warn = (text: string): void => void (warned += text);
  const text = print([started(t1, 'a'), ended(t1, 'a', 'ok', { result: { rc: 0, warnings: ['careful'] } })], { verbosity: 1, warn });
  expect(warned).toBe('[WARNING]: careful\n');
  expect(text).toContain('ok: [a] => {"rc": 0}\n');
});

describe('order', () => {
  test('hosts come in inventory order, whoever is first', () => {
    const text = print([started(t1, 'a', 'b', 'c'), ended(t1, 'c', 'ok'), ended(t1, 'b', 'changed'), ended(t1, 'a', 'ok')]);
    expect(text).toBe(`${stars('TASK [task 1]')}ok: [a]\nchanged: [b]\nok: [c]\n`);
  });

  test('the first unfinished host is not held back', () => {
    let text = '';
    const report = plainReport(part => (text += part), { verbosity: 0, diff: false, color: false });
    feed(report, [started(t1, 'a', 'b'), item('1', t1, 'b', 'ok'), item('1', t1, 'a', 'ok')]);
    expect(text).toContain('ok: [a] => (item=1)\n');
    expect(text).not.toContain('[b]');
  });

  test('what is held when a run stops is still printed', async () => {
    let text = '';
    const report = plainReport(part => (text += part), { verbosity: 0, diff: false, color: false });
    feed(report, [started(t1, 'a', 'b'), ended(t1, 'b', 'ok')]);
    await report.close();
    expect(text).toContain('ok: [b]\n');
  });

  test('hosts that go their own pace repeat the banner', () => {
    const t2 = task(2);
    const text = print([
      started(t1, 'a', 'b'),
      ended(t1, 'a', 'ok'),
      started(t2, 'a', 'b'),
      ended(t2, 'a', 'ok'),
      ended(t1, 'b', 'ok'),
      ended(t2, 'b', 'ok'),
    ]);
    expect(text).toBe(
      `${stars('TASK [task 1]')}ok: [a]\n${stars('TASK [task 2]')}ok: [a]\n${stars('TASK [task 1]')}ok: [b]\n${stars('TASK [task 2]')}ok: [b]\n`,
    );
  });
});

describe('options', () => {
  test('-v prints results, facts excepted; -vv places; -vvv several lines', () => {
    const events = [started(t1, 'a'), ended(t1, 'a', 'ok', { result: { rc: 0, changed: false, _ansible_no_log: false, diff: {} } })];
    expect(print(events, { verbosity: 1 })).toContain('ok: [a] => {"changed": false, "rc": 0}\n');
    expect(print(events, { verbosity: 2 })).toContain('***\ntask path: site.yml:11\n');
    expect(print(events, { verbosity: 3 })).toContain('ok: [a] => {\n    "changed": false,\n    "diff": {},\n    "rc": 0\n}\n');
    const setup = task(1, { action: 'setup' });
    expect(print([started(setup, 'a'), ended(setup, 'a', 'ok')], { verbosity: 1 })).toContain('ok: [a]\n');
  });

  test('--diff prints a unified diff above the host', () => {
    const changes = [{ key: 'content', before: 'a\nb\n', after: 'a\nc\n' }];
    const events = [started(t1, 'a'), ended(t1, 'a', 'changed', { changes, result: { dest: '/etc/x' } })];
    expect(print(events, { diff: true })).toContain('--- before: /etc/x\n+++ after: /etc/x\n@@ -1,2 +1,2 @@\n a\n-b\n+c\n\nchanged: [a]\n');
    expect(print(events)).not.toContain('---');
  });

  test("colours are Ansible's, and only on request", () => {
    const events = [started(t1, 'a'), ended(t1, 'a', 'changed'), { type: 'recap', hosts: { a: counts({ changed: 1 }) } } as const];
    const text = print(events, { color: true });
    expect(text).toContain('\u001b[0;33mchanged: [a]\u001b[0m\n');
    expect(text).toContain('\u001b[0;33mchanged=1   \u001b[0m unreachable=0 ');
    expect(print(events)).not.toContain('\u001b');
  });
});
