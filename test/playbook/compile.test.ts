import { expect, test } from 'vitest';
import { compiled, names, tasksFrom, tasksIn, tasksOf } from './_project.ts';

test('arguments in every form a task can be written', () => {
  const forms = [
    '- copy: src=a dest=/b mode=0644',
    '- copy: {src: a, dest: /b, mode: "0644"}',
    '- action: copy src=a dest=/b mode=0644',
    '- action: {module: copy, src: a, dest: /b, mode: "0644"}',
    '- action: {module: copy src=a, args: {dest: /b, mode: "0644"}}',
    '- local_action: copy src=a dest=/b mode=0644',
    '- ansible.builtin.copy: {src: a, dest: /b}\n  args: {mode: "0644", dest: /other}',
    '- copy:\n  args: {src: a, dest: /b, mode: "0644"}',
  ];
  for (const form of forms) {
    const [task] = tasksFrom(form);
    expect(task?.action, form).toBe('copy');
    expect(Object.fromEntries([...(task?.args ?? [])].map(([name, { value }]) => [name, value])), form).toEqual({
      src: 'a',
      dest: '/b',
      mode: '0644',
    });
    expect(task?.delegateTo?.value, form).toBe(form.includes('local_action') ? 'localhost' : undefined);
  }
});

test('free-form text keeps what is no option of the module', () => {
  const args = (tasks: string): object =>
    Object.fromEntries([...(tasksFrom(tasks)[0]?.args ?? [])].map(([name, { value }]) => [name, value]));
  expect(args('- command: ls -l  x=1 chdir=/tmp "a b"')).toEqual({ _raw_params: 'ls -l  x=1 "a b"', chdir: '/tmp' });
  expect(args('- shell: |\n    a\n    b c=d')).toEqual({ _raw_params: 'a\nb c=d\n' });
  expect(args('- command: {cmd: ls, chdir: /tmp}')).toEqual({ _raw_params: 'ls', chdir: '/tmp' });
  expect(args('- debug: "{{ arguments }}"')).toEqual({ _variable_params: '{{ arguments }}' });
  expect(args('- debug: msg="{{ a + \' b\' }}" verbosity=2')).toEqual({ msg: "{{ a + ' b' }}", verbosity: '2' });
  expect(args('- debug: {msg: x}\n  args: "{{ more }}"')).toEqual({ msg: 'x', _variable_params: '{{ more }}' });
});

test('when, tags and environment add up, of the rest the innermost counts', () => {
  const [play] = compiled(`
- hosts: all
  become: true
  tags: play
  environment: {A: 1}
  tasks:
    - when: outer
      tags: [b1, b2]
      become_user: them
      environment: [{B: 2}]
      vars: {x: 1}
      block:
        - ping:
          when: [one, two]
          tags: t
          become: false
          become_user:
          environment: {C: 3}
          vars: {y: 2}
`).plays;
  const [task] = tasksOf(play);
  expect(task?.when.map(({ value }) => value)).toEqual(['outer', 'one', 'two']);
  expect(task?.tags).toEqual(['play', 'b1', 'b2', 't']);
  expect(task?.become?.value).toBe(false);
  expect(task?.becomeUser).toBeUndefined();
  expect(task?.environment.map(({ value }) => value)).toEqual([new Map([['A', 1]]), new Map([['B', 2]]), new Map([['C', 3]])]);
  expect(task?.outerVars).toEqual([new Map([['x', 1]])]);
  expect(task?.vars).toEqual(new Map([['y', 2]]));
  expect(task?.at).toMatchObject({ line: 13, col: 11 });
});

test("roles: dependencies first, keywords and variables of the entry, handlers before the play's", () => {
  const { plays, folder } = compiled({
    'site.yml': `
- hosts: all
  roles:
    - {role: web, listen_on: 80, tags: w, when: on, vars: {v: 1}}
    - plain
  pre_tasks: [{ping: , name: pre}]
  tasks: [{ping: , name: own}]
  post_tasks: [{ping: , name: post}]
  handlers: [{name: restart, ping: }]
`,
    'roles/web/meta/main.yml': 'dependencies: [{role: base, level: 2, tags: b}]\nallow_duplicates: yes\n',
    'roles/web/tasks/main.yml': '- {name: web, ping: }\n',
    'roles/web/handlers/main.yml': '- {name: reload, ping: , listen: topic}\n',
    'roles/web/defaults/main.yml': 'd: 1\n',
    'roles/web/vars/main/a.yml': 'a: 1\nb: 1\n',
    'roles/web/vars/main/b.yml': 'b: 2\n',
    'roles/base/tasks/main.yml': '- {name: base, ping: }\n',
    'roles/plain/tasks/main.yaml': '- {name: plain, ping: }\n',
  });
  const [play] = plays;
  const tasks = tasksOf(play);
  expect(names(tasks)).toEqual(['pre', 'base', 'web', 'plain', 'own', 'post']);
  const [, base, web, plain] = tasks;
  expect(base?.tags).toEqual(['w', 'b']);
  expect(base?.when.map(({ value }) => value)).toEqual([true]);
  expect(base?.role).toMatchObject({ name: 'base', params: new Map([['level', 2]]), parent: { name: 'web' } });
  expect(web?.role).toMatchObject({
    path: `${folder}/roles/web`, params: new Map([['listen_on', 80]]), entryVars: new Map([['v', 1]]), defaults: new Map([['d', 1]]),
    vars: new Map([['a', 1], ['b', 2]]), allowDuplicates: true, public: true,
  }); // prettier-ignore
  expect(web?.folders).toEqual([`${folder}/roles/web`, `${folder}/roles/web/tasks`]);
  expect(base?.folders).toEqual([`${folder}/roles/base`, `${folder}/roles/web`, `${folder}/roles/base/tasks`]);
  expect(plain?.role?.allowDuplicates).toBe(false);
  expect(play?.roles.map(({ name }) => name)).toEqual(['web', 'plain']);
  expect(play?.handlers.map(names)).toEqual([['reload'], ['restart']]);
  expect(play?.handlers[0]?.[0]).toMatchObject({ listen: ['topic', 'web : topic'], tags: ['w'] });
  const marks = (play?.sections ?? []).flatMap(({ nodes }) => tasksIn(nodes)).filter(({ implicit }) => implicit);
  expect(marks.map(({ role }) => role?.name)).toEqual(['base', 'web', 'plain']);
});

test('two uses of a role are the same when nothing about them differs', () => {
  const key = (entry: string): string | undefined =>
    compiled({ 'site.yml': `- hosts: all\n  roles: [${entry}]\n`, 'r/tasks/main.yml': '- ping:\n' }).plays[0]?.roles[0]?.key.replace(
      /\/\S*?kplay-playbook-\w+/,
      '',
    );
  expect(key('r')).toBe(key('{role: r}'));
  expect(key('{role: r, a: [1, {b: 2}], c: 3}')).toBe(key('{role: r, c: 3, a: [1, {b: 2}]}'));
  for (const other of ['{role: r, a: 1}', '{role: r, when: x}', '{role: r, tags: x}', '{role: r, vars: {a: 1}}'])
    expect(key(other)).not.toBe(key('r'));
  expect(key('{role: r, a: 1}')).not.toBe(key('{role: r, a: 1.0}'));
});

test('import_tasks and import_role stand in place, with what is written on them', () => {
  const { plays } = compiled({
    'site.yml': `
- hosts: all
  vars: {which: two}
  tasks:
    - import_tasks: sub/one.yml
      when: a
      tags: t
      vars: {x: 1}
    - import_role: {name: r, tasks_from: other}
      vars: {y: 2}
      become: true
`,
    'sub/one.yml': '- {name: one, ping: }\n- import_tasks: "{{ which }}.yml"\n  when: b\n',
    'sub/two.yml': '- {name: two, ping: , when: c}\n',
    'roles/r/tasks/other.yml': '- {name: other, ping: }\n- import_tasks: more.yml\n',
    'roles/r/tasks/more.yml': '- {name: more, ping: }\n',
    'roles/r/handlers/main.yml': '- {name: h, ping: }\n',
  });
  const tasks = tasksOf(plays[0]);
  expect(names(tasks)).toEqual(['one', 'two', 'other', 'more']);
  expect(tasks[1]).toMatchObject({ tags: ['t'], outerVars: [new Map([['x', 1]])], includedFrom: ['', 'sub'] });
  expect(tasks[1]?.when.map(({ value }) => value)).toEqual(['a', 'b', 'c']);
  expect(tasks[2]).toMatchObject({ become: { value: true }, role: { name: 'r', entryVars: new Map([['y', 2]]), allowDuplicates: true } });
  expect(plays[0]?.handlers.map(names)).toEqual([['h']]);
  expect(plays[0]?.roles.map(({ name }) => name)).toEqual(['r']);
});

test('import_playbook brings plays of another folder, with its vars, tags and conditions', () => {
  const { plays, folder } = compiled({
    'site.yml': '- import_playbook: sub/b.yml\n  vars: {x: 1}\n  tags: i\n  when: c\n- hosts: b\n  tasks: [ping: ]\n',
    'sub/b.yml': '- hosts: a\n  tags: own\n  vars: {x: 2, y: 2}\n  tasks: [{ping: , when: d}]\n  handlers: [{ping: , name: h}]\n',
  });
  const [first, second] = plays;
  expect(first).toMatchObject({ folder: `${folder}/sub`, vars: new Map([['x', 1], ['y', 2]]), name: 'a' }); // prettier-ignore
  expect(first?.importWhen.map(({ value }) => value)).toEqual(['c']);
  expect(tasksOf(first)[0]?.when.map(({ value }) => value)).toEqual(['c', 'd']);
  expect(tasksOf(first)[0]?.tags).toEqual(['i', 'own']);
  expect(first?.handlers[0]?.[0]?.when).toEqual([]);
  expect(second?.folder).toBe(folder);
});
