import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { compilePlaybook } from '../../src/playbook/playbook.ts';
import { oracleBin } from '../yaml/_oracle.ts';
import { runByAnsible } from './_oracle.ts';
import { project, testOptions, told } from './_project.ts';

type Files = Readonly<Record<string, string>>;
const play = (tasks: string, more = ''): string =>
  `- hosts: localhost\n  gather_facts: false\n${more}  tasks:\n${tasks.replaceAll(/^/gm, '    ')}\n`;
const asFiles = (files: string | Files): Files => (typeof files === 'string' ? { 'site.yml': play(files) } : files);
const sure = { ...testOptions, matches: () => true, onController: () => false };

/** Loads, but fails wherever a host gets there: tasks (or files), place, a part of the message. */
const SURE: readonly (readonly [string | Files, string, string])[] = [
  ['- debug: {mgs: x}', '4:15', 'Unsupported parameters for (debug) module: mgs. Supported parameters include: msg, var, verbosity.'],
  ['- debug: mgs=x', '4:14', 'Unsupported parameters'],
  ['- template: {src: a.j2}', '4:7', 'template: missing required arguments: dest'],
  ['- file: {path: /tmp/x, state: gone}', '4:35', "file: argument 'state'"],
  ['- action: pign', '4:7', "couldn't resolve module/action 'pign'"],
  ['- ping:\n  become: maybe', '5:15', "the field 'become' has an invalid value ('maybe'), and could not be converted to bool"],
  ['- ping:\n  retries: many', '5:16', "the field 'retries' has an invalid value"],
  ['- debug: {msg: "{{ 1 + }}"}', '4:21', 'an expression ends too soon'],
  ['- debug:\n  when: 1 +', '5:13', 'an expression ends too soon'],
  ['- debug:\n  when: ["1 +", false]', '5:14', 'an expression ends too soon'],
  ['- debug: {msg: "{{ nowhere }}"}', '4:24', "'nowhere' is undefined"],
  ['- debug: {msg: "{{ a.b }} {{ nowhere }}"}\n  vars: {a: {b: 1}}', '4:34', "'nowhere' is undefined"],
  ['- debug:\n  when: nowhere', '5:13', "'nowhere' is undefined"],
  ['- debug:\n  loop: "{{ nowhere }}"', '5:17', "'nowhere' is undefined"],
  ['- command: |\n    echo a\n    echo {{ nowhere }}', '6:17', "'nowhere' is undefined"],
  ['- copy: {src: none.txt, dest: /tmp/kplay-none}', '4:19', "Could not find or access 'none.txt'"],
  ['- template: {src: none.j2, dest: /tmp/kplay-none}', '4:23', "Could not find or access 'none.j2'"],
  ['- script: none.sh a b', '4:15', "Could not find or access 'none.sh'"],
  ['- include_vars: none.yml', '4:21', "Could not find or access 'none.yml'"],
  ['- include_tasks: none.yml', '4:22', "Could not find or access 'none.yml'"],
  ['- block: [{debug: {mgs: x}}]\n  always: [ping: ]', '4:24', 'Unsupported parameters'],
  ['- block: [ping: ]\n  rescue: [ping: ]\n  always: [{debug: {mgs: x}}]', '6:25', 'Unsupported parameters'],
  ['- debug: {mgs: x}\n  loop: [1]', '4:15', 'Unsupported parameters'],
  [{ 'site.yml': play('- include_tasks: a.yml'), 'a.yml': '- debug: {mgs: x}\n' }, '1:11', 'Unsupported parameters'],
  [{ 'site.yml': play('- include_tasks: a.yml'), 'a.yml': '- pign:\n' }, '1:3', "couldn't resolve module/action 'pign'"],
  [{ 'site.yml': play('- include_role: {name: r}'), 'roles/r/tasks/main.yml': '- debug: {msg: "{{ nowhere }}"}\n' }, '1:20', "'nowhere' is undefined"],
  [{ 'site.yml': play('- template: {src: a.j2, dest: /tmp/kplay-none}'), 'templates/a.j2': 'x\n{{ 1 + }}\n' }, '1:1', 'an expression ends too soon'],
  [{ 'site.yml': play('- template: {src: a.j2, dest: /tmp/kplay-none}'), 'templates/a.j2': 'x\n{{ nowhere }}\n' }, '2:4', "'nowhere' is undefined, in the template"],
  ['- debug:\n  loop: one', '5:13', "Invalid data passed to 'loop', it requires a list"],
  [{ 'site.yml': '- hosts: "{{ nowhere }}"\n  tasks: [debug: ]\n' }, '1:14', "'nowhere' is undefined"],
  [{ 'site.yml': '- hosts: localhost\n  gather_facts: perhaps\n' }, '2:17', "the field 'gather_facts' has an invalid value"],
  [{ 'site.yml': '- hosts: localhost\n  strategy: linaer\n  tasks: [ping: ]\n' }, '2:13', 'Invalid play strategy specified: linaer'],
]; // prettier-ignore

/** Looks like the same, but no host stumbles over it. */
const FORGIVEN: readonly (string | Files)[] = [
  '- debug: {mgs: x}\n  when: false',
  '- debug: {mgs: x}\n  ignore_errors: true',
  '- debug: {mgs: x}\n  tags: never',
  '- debug: {mgs: x}\n  loop: []',
  '- block: [{debug: {mgs: x}}]\n  rescue: [debug: ]',
  '- block: [debug: ]\n  rescue: [{debug: {mgs: x}}]',
  '- block: [{debug: {mgs: x}}]\n  when: false',
  '- meta: end_play\n- debug: {mgs: x}',
  '- meta: end_host\n- debug: {mgs: x}',
  '- include_tasks: none.yml\n  when: false',
  '- include_tasks: none.yml\n  loop: []',
  '- debug: {msg: "{{ nowhere | default(1) }}"}',
  '- debug: {msg: "{{ later }}"}\n  when: later is defined\n- set_fact: {later: 1}',
  '- debug: {var: nowhere}',
  '- debug: {msg: x}\n  name: "{{ nowhere }}"',
  '- debug: "{{ {\'msg\': 1} }}"',
  '- debug: {msg: x}\n  vars: {unused: "{{ nowhere }}"}',
  '- debug:\n  when: [false, "1 +"]',
  '- debug:\n  loop: "{{ nowhere }}"\n  when: false',
  '- copy: {content: x, dest: /tmp/kplay-playbook-check/a}\n  delegate_to: localhost\n  when: false\n- copy: {src: none.txt, dest: /tmp/kplay-none}\n  when: false',
  '- ping:\n  become: maybe\n  when: false',
  '- action: pign\n  when: false',
  { 'site.yml': play('- debug:', '  handlers: [{name: h, debug: {mgs: x}}]\n') },
  { 'site.yml': play('- include_tasks: a.yml\n- debug: {mgs: x}'), 'a.yml': '- meta: end_play\n' },
  { 'site.yml': play('- include_tasks: a.yml\n  when: false'), 'a.yml': '- pign:\n' },
  {
    'site.yml': play('- include_tasks: "{{ f }}.yml"\n  vars: {f: a}\n- debug: {msg: "{{ there }}"}'),
    'a.yml': '- set_fact: {there: 1}\n',
  },
  { 'site.yml': play('- include_vars: v.yml\n- debug: {msg: "{{ there }}"}'), 'v.yml': 'there: 1\n' },
  { 'site.yml': play('- debug: {msg: "{{ there }}"}'), 'group_vars/all/x.yml': 'there: 1\n' },
  { 'site.yml': '- hosts: "{{ h }}"\n  vars: {h: nobody}\n  gather_facts: false\n  tasks: [debug: ]\n' },
  {
    'site.yml': play('- include_role: {name: a}'),
    'roles/a/tasks/main.yml': '- include_role: {name: b}\n  when: false\n',
    'roles/b/meta/main.yml': 'dependencies: [a]\n',
  },
  { 'site.yml': '- hosts: nobody\n  gather_facts: false\n  tasks: [{debug: {mgs: x}}]\n' },
  { 'site.yml': '- hosts: localhost\n  gather_facts: false\n  vars_files: [none.yml]\n  tasks: [debug: ]\n' },
  {
    'site.yml': '- hosts: localhost\n  gather_facts: false\n  roles: [a, a]\n',
    'roles/a/tasks/main.yml': '- debug: {msg: "{{ x }}"}\n- set_fact: {x: 1}\n',
    'roles/a/defaults/main.yml': 'x: 0\n',
  },
];

const write = (files: string | Files): string => join(project(asFiles(files)), 'site.yml');
const options = { ...sure, matches: (hosts: unknown) => hosts === 'localhost' };

test.each(SURE)('%j is refused at %s: %s', (files, place, message) => {
  const [first] = told(compilePlaybook(write(files), options).diagnostics);
  expect(first).toMatch(new RegExp(`^${place} `));
  expect(first).toContain(message);
});
test.each(FORGIVEN.map(files => [files]))('%j is let through', files => {
  expect(told(compilePlaybook(write(files), options).diagnostics).filter(line => !line.startsWith('warning'))).toEqual([]);
});

test('nothing is sure in a play that may have no hosts', () => {
  for (const [files] of SURE.slice(0, -3))
    expect(compilePlaybook(write(files), testOptions).diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
});

test('the nearest known word is offered', () => {
  const hint = (tasks: string): string | undefined => compilePlaybook(write(tasks), options).diagnostics[0]?.hint;
  expect(hint('- pign:')).toBe('did you mean "ping"?');
  expect(hint('- debug: {mgs: x}')).toBe('did you mean "msg"?');
  expect(hint('- ping:\n  wehn: x')).toBe('did you mean "when"?');
  expect(hint('- ping:\n  with_itmes: x')).toBe('did you mean "with_items"?');
  expect(hint('- set_fact: {kubeconfig: 1}\n- debug: {msg: "{{ kubeconfg }}"}')).toBe('did you mean "kubeconfig"?');
  expect(hint('- zzzzzzzz:')).toBeUndefined();
});

test('a file that an earlier task may write is not missed', () => {
  const errors = (files: string, more = {}): number =>
    compilePlaybook(write(files), { ...options, ...more }).diagnostics.filter(({ severity }) => severity === 'error').length;
  const copy = '- copy: {src: made.txt, dest: /b}';
  expect(errors(copy)).toBe(1);
  expect(errors(`- ping:\n${copy}`, { onController: () => true })).toBe(1);
  expect(errors(`- command: make\n${copy}`)).toBe(1);
  expect(errors(`- command: make\n${copy}`, { onController: () => true })).toBe(0);
  expect(errors(`- command: make\n  delegate_to: localhost\n${copy}`)).toBe(0);
  expect(errors(`- local_action: command make\n${copy}`)).toBe(0);
  expect(errors(`- command: make\n  connection: local\n${copy}`)).toBe(0);
  expect(errors(`- debug: {msg: "{{ lookup('pipe', 'make') }}"}\n${copy}`)).toBe(0);
  expect(errors(`- include_tasks: "{{ x }}.yml"\n  vars: {x: 1}\n${copy}`)).toBe(0);
});

describe.runIf(oracleBin)('ansible-core', () => {
  test('fails on what kplay refuses, and not on what kplay lets through', () => {
    const codes = runByAnsible([...SURE.map(([files]) => files), ...FORGIVEN].map(write));
    expect(SURE.filter((_case, at) => codes[at] === 0)).toEqual([]);
    expect(FORGIVEN.filter((_case, at) => codes[SURE.length + at] !== 0)).toEqual([]);
  }, 300_000);
});

test('modules that kplay has not got are counted by name where they are allowed to be missing', () => {
  const tasks =
    '- git: {repo: a, dest: b}\n- ansible.posix.selinux: {state: disabled}\n- git: {repo: c, dest: d}\n- mine: {}\n- gti: {}\n- action: "{{ m }} a=b"\n- cloudformation: {}';
  const files = { 'site.yml': play(tasks), 'modules/mine.py': '' };
  const folder = project(files);
  const found = (allowMissingModules: boolean): readonly string[] =>
    told(compilePlaybook(join(folder, 'site.yml'), { ...sure, modulePath: [join(folder, 'modules')], allowMissingModules }).diagnostics);
  expect(found(false).filter(line => /^\d+:\d+ kplay has no module/.test(line))).toHaveLength(6);
  expect(found(true)).toEqual([
    expect.stringMatching(/^8:7 couldn't resolve module\/action 'gti'/),
    "warning 4:7 kplay has no module 'git': 2 tasks",
    "warning 5:7 kplay has no module 'ansible.posix.selinux': 1 task",
    "warning 7:7 kplay has no module 'mine': 1 task",
    "warning 9:7 kplay has no module '{{ m }}': 1 task",
    "warning 10:7 kplay has no module 'cloudformation': 1 task",
  ]);
});
