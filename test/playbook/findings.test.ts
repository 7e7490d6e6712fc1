import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { formatDiagnostic } from '../../src/playbook/findings.ts';
import { nearest } from '../../src/model/nearest.ts';
import { compile, compiled, tasksOf, told } from './_project.ts';

test('a finding is shown with its place, its line, a caret and what to do', () => {
  const { diagnostics, folder } = compile('- hosts: all\n  tasks:\n    - ping:\n      wehn: x\n');
  const file = join(folder, 'site.yml');
  expect(formatDiagnostic(diagnostics[0]!, readFileSync(file, 'utf8'))).toBe(
    [
      "ERROR E_SYNTAX: 'wehn' is not a valid attribute for a Task",
      `  at ${file}:4:7`,
      '  4 |       wehn: x',
      '    |       ^',
      '  hint: did you mean "when"?',
    ].join('\n'),
  );
});

test('tabs before the caret stay tabs, and a line that is not there is left out', () => {
  const at = { file: 'f', line: 1, col: 3 };
  const shown = formatDiagnostic({ severity: 'warning', code: 'E_YAML', message: 'm', at }, '\t\tx');
  expect(shown.split('\n')).toEqual(['WARNING E_YAML: m', '  at f:1:3', '  1 | \t\tx', '    | \t\t^']);
  expect(formatDiagnostic({ severity: 'error', code: 'E_YAML', message: 'm', at: { ...at, line: 9 } }, 'x')).toBe(
    'ERROR E_YAML: m\n  at f:9:3',
  );
});

test('all mistakes of all files are told at once, errors first', () => {
  const { diagnostics } = compile({
    'site.yml':
      '- hosts: all\n  gather_fact: no\n  vars_files: [none.yml]\n  roles: [r]\n  tasks:\n    - pign:\n    - import_tasks: t.yml\n- hosts: []\n',
    't.yml': '- ping: free text\n- debug: {msg: "{{ 1 + }}"}\n',
    'roles/r/tasks/main.yml': '- ping:\n  loop: [1]\n  with_items: [1]\n- [\n',
    'roles/r/defaults/main.yml': '- no\n',
  });
  expect(diagnostics.map(({ severity }) => severity)).toEqual(
    [...diagnostics].map(({ severity }) => severity).toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0)),
  );
  expect(told(diagnostics).map(line => line.replace(/^((?:warning )?\d+:\d+ .{0,30}).*/s, '$1'))).toEqual([
    "2:3 'gather_fact' is not a valid a",
    '1:1 The defaults/main.yml file for',
    expect.stringMatching(/^\d+:\d+ /),
    "6:7 couldn't resolve module/action",
    "1:9 this task 'ping' has extra par",
    '8:10 Hosts list cannot be empty. Pl',
    'warning 3:16 vars file none.yml was not fou',
    'warning 2:17 an expression ends too soon',
  ]);
});

test('a broken YAML file is one finding, with the hint of the YAML room', () => {
  const { diagnostics } = compile('- hosts: all\n  tasks:\n    - debug: msg: {{ x }}\n');
  expect(diagnostics).toHaveLength(1);
  expect(diagnostics[0]).toMatchObject({ code: 'E_YAML', severity: 'error', at: { line: 3 } });
});

test('the nearest word is near', () => {
  expect(nearest('tempalte', ['template', 'copy'])).toBe('template');
  expect(nearest('x', ['y'])).toBeUndefined();
  expect(nearest('become_usr', ['become', 'become_user', 'become_method'])).toBe('become_user');
  expect(nearest('kubelet', ['etcd', 'nginx'])).toBeUndefined();
});

test("kplay's guard is inherited like any keyword", () => {
  const [guarded, free] = tasksOf(
    compiled('- hosts: all\n  tasks:\n    - guard: etcd_quorum\n      block: [ping: ]\n    - ping:\n  rolling: {canary: 1}\n').plays[0],
  );
  expect(guarded?.guard).toMatchObject({ value: 'etcd_quorum', at: { line: 3, col: 14 } });
  expect(free?.guard).toBeUndefined();
});

test('prompts, strategy, serial and the other settings of a play', () => {
  const [play] = compiled(`
- hosts: [a, b]
  strategy: ansible.builtin.free
  serial: [1, "50%"]
  order: sorted
  gather_facts: false
  gather_subset: [min]
  max_fail_percentage: 10%
  force_handlers: yes
  vars_prompt:
    - {name: user, prompt: "Who?", default: me, private: no}
    - {name: secret, encrypt: sha512_crypt, confirm: yes, salt_size: 7, unsafe: yes}
`).plays;
  expect(play).toMatchObject({
    name: 'a,b',
    strategy: 'free',
    serial: [1, '50%'],
    order: { value: 'sorted' },
    gatherFacts: { value: false },
    maxFailPercentage: { value: '10%' },
    forceHandlers: { value: true },
  });
  expect(play?.varsPrompt).toEqual([
    { name: 'user', prompt: 'Who?', default: 'me', private: false, confirm: false, unsafe: false },
    { name: 'secret', prompt: 'secret', private: true, confirm: true, unsafe: true, encrypt: 'sha512_crypt', saltSize: 7 },
  ]);
});

test('a role with an argument spec starts by checking it', () => {
  const spec = 'argument_specs:\n  main: {short_description: Serve pages, options: {listen_on: {type: int}}}\n';
  const [check, own] = tasksOf(
    compile({
      'site.yml': '- hosts: all\n  roles: [{role: r, listen_on: 80}]\n',
      'roles/r/meta/argument_specs.yml': spec,
      'roles/r/tasks/main.yml': '- ping:\n',
    }).playbook.plays[0],
  );
  expect(check).toMatchObject({
    name: { value: "Validating arguments against arg spec 'main' - Serve pages" },
    action: 'validate_argument_spec',
    tags: ['always'],
  });
  expect(check?.args.get('provided_arguments')?.value).toEqual(new Map([['listen_on', 80]]));
  expect(own?.action).toBe('ping');
});

test('a notified handler that nobody defines is told', () => {
  const notify = (handlers: string, notified: string): readonly string[] =>
    told(compile(`- hosts: all\n  tasks: [{ping: , notify: ${notified}}]\n  handlers: ${handlers}\n`).diagnostics);
  const handlers = '[{name: restart etcd, ping: }, {name: x, ping: , listen: topic}]';
  expect(notify(handlers, '[restart etcd, topic, "{{ any }}"]')).toEqual([]);
  expect(notify(handlers, 'restart ectd')).toEqual([
    expect.stringContaining("warning 2:28 The requested handler 'restart ectd' was not found"),
  ]);
  expect(notify('[{name: "restart {{ x }}", ping: }]', 'restart ectd')).toEqual([]);
});
