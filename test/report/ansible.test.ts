import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import type { Event, Untimed } from '../../src/model/event.ts';
import { plainReport } from '../../src/report/plain.ts';
import { counts, ended, feed, item, play, started, task } from './_events.ts';

const oracle = process.env['KPLAY_ORACLE'];
const FILES: Record<string, string> = {
  inventory: 'h1 ansible_connection=local\nlong-host-name-2 ansible_connection=local\n',
  'more.yml': '- debug: {var: inventory_hostname}\n',
  'roles/web/tasks/main.yml': '- name: greet\n  debug: {msg: [a, "é"]}\n  changed_when: true\n  notify: told\n',
  'roles/web/handlers/main.yml': '- name: told\n  debug: {msg: told}\n',
  'site.yml': `
- name: Lines
  hosts: all
  gather_facts: false
  roles: [web]
  tasks:
  - include_tasks: more.yml
  - include_tasks: more.yml
    loop: [é]
    loop_control: {label: 'a {{ item }}'}
  - name: skip
    fail:
    when: inventory_hostname == 'none'
  - name: items
    debug: {msg: "item {{ item }}"}
    loop: [1, 2]
    when: item == 2
  - name: ignored
    fail: {msg: bad}
    ignore_errors: true
  - name: delegated
    set_fact: {x: 1}
    delegate_to: long-host-name-2
  - name: once
    run_once: true
    assert: {that: "1 == 1"}
  - block:
    - fail: {msg: why}
    rescue:
    - set_fact: {z: 1}
  - name: half
    fail: {msg: "bad \\"thing\\""}
    when: inventory_hostname == 'h1'
- hosts: nobody
  tasks: [{ping: }]
- hosts: h1
  gather_facts: false
  tasks: [{ping: }]
`,
};
const [H1, H2] = ['h1', 'long-host-name-2'];

const sameRun = (dir: string): Untimed<Event>[] => {
  const info = (id: number, name: string, action: string, more = {}): ReturnType<typeof task> => task(id, { name, action, ...more });
  const both = (one: ReturnType<typeof task>, ...rest: [Parameters<typeof ended>[2], Parameters<typeof ended>[3]?]): Untimed<Event>[] => [
    started(one, H1, H2),
    ended(one, H1, ...rest),
    ended(one, H2, ...rest),
  ];
  const [include, items, delegated, once, half] = [
    info(2, '', 'include_tasks'),
    info(5, 'items', 'debug'),
    info(6, 'delegated', 'set_fact'),
    info(7, 'once', 'assert'),
    info(10, 'half', 'fail'),
  ];
  const loopOf = (host: string): Untimed<Event>[] => [
    item('1', items, host, 'skipped'),
    item('2', items, host, 'ok', { result: { ansible_loop_var: 'item', changed: false, item: 2, msg: 'item 2' } }),
    ended(items, host, 'ok', { result: { changed: false, msg: 'All items completed', results: [] } }),
  ];
  const [shown, looped, again] = [info(3, '', 'debug'), info(13, '', 'include_tasks'), info(14, '', 'debug')];
  return [
    play('Lines', [H1, H2]),
    ...both(info(1, 'greet', 'debug', { role: 'web' }), 'changed', { result: { changed: true, msg: ['a', 'é'] } }),
    started(include, H1, H2),
    ended(include, H1, 'ok'),
    ended(include, H2, 'ok'),
    { type: 'included', task: include, file: join(dir, 'more.yml'), hosts: [H1, H2] },
    started(shown, H1, H2),
    ended(shown, H1, 'ok', { result: { changed: false, inventory_hostname: H1 } }),
    ended(shown, H2, 'ok', { result: { changed: false, inventory_hostname: H2 } }),
    started(looped, H1, H2),
    { type: 'included', task: looped, file: join(dir, 'more.yml'), hosts: [H1, H2], item: 'a é' },
    started(again, H1, H2),
    ended(again, H1, 'ok', { result: { changed: false, inventory_hostname: H1 } }),
    ended(again, H2, 'ok', { result: { changed: false, inventory_hostname: H2 } }),
    ...both(info(4, 'skip', 'fail'), 'skipped'),
    started(items, H1, H2),
    ...loopOf(H1),
    ...loopOf(H2),
    ...both(info(12, 'ignored', 'fail'), 'ignored', { result: { changed: false, msg: 'bad' } }),
    ...both(delegated, 'ok', { delegate: H2 }),
    started(once, H1, H2),
    ended(once, H1, 'ok', { result: { changed: false, msg: 'All assertions passed' } }),
    ...both(info(8, '', 'fail'), 'rescued', { result: { changed: false, msg: 'why' } }),
    ...both(info(9, '', 'set_fact'), 'ok'),
    started(half, H1, H2),
    ended(half, H1, 'failed', { result: { changed: false, msg: 'bad "thing"' } }),
    ended(half, H2, 'skipped'),
    ...[info(11, 'told', 'debug', { role: 'web', handler: true })].flatMap((told): Untimed<Event>[] => [
      started(told, H2),
      ended(told, H2, 'ok', { result: { changed: false, msg: 'told' } }),
    ]),
    { type: 'no-hosts', play: 2, name: 'nobody', why: 'no match' },
    play('h1', [H1], 3),
    {
      type: 'recap',
      hosts: {
        [H1]: counts({ ok: 10, changed: 1, failed: 1, skipped: 1, rescued: 1, ignored: 1 }),
        [H2]: counts({ ok: 10, changed: 1, skipped: 2, rescued: 1, ignored: 1 }),
      },
    },
  ];
};

const ansible = (dir: string): Promise<string> =>
  new Promise(done => {
    const env = { ...process.env, ANSIBLE_LOCALHOST_WARNING: 'false', ANSIBLE_DEPRECATION_WARNINGS: 'false', HOME: dir, LC_ALL: 'C.UTF-8' };
    execFile(`${oracle}/ansible-playbook`, ['-i', 'inventory', '-f', '1', 'site.yml'], { cwd: dir, env }, (_failed, stdout) =>
      done(stdout),
    );
  });

test.runIf(oracle)('the same run prints what ansible-playbook prints, but for the explanations', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'kplay-lines-'));
  for (const [name, text] of Object.entries(FILES)) {
    mkdirSync(dirname(join(dir, name)), { recursive: true });
    writeFileSync(join(dir, name), text);
  }
  let lines = '';
  feed(
    plainReport(text => (lines += text), { verbosity: 0, diff: false, color: false }),
    sameRun(dir),
  );
  expect(lines.replaceAll(/^ {2}\S.*\n/gm, '')).toBe(await ansible(dir));
});
