import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { listPlaybook } from '../../src/playbook/list.ts';
import { compilePlaybook } from '../../src/playbook/playbook.ts';
import { selectNodes, selected, startsAt, taskName } from '../../src/playbook/select.ts';
import { oracleBin } from '../yaml/_oracle.ts';
import { selectByAnsible } from './_oracle.ts';
import { compiled, names, project, tasksFrom, tasksIn, tasksOf, testOptions } from './_project.ts';

const TAGGED = `
- hosts: localhost
  gather_facts: false
  tasks:
    - {name: none, debug: }
    - {name: a, debug: , tags: a}
    - {name: ab, debug: , tags: [a, b]}
    - {name: always, debug: , tags: always}
    - {name: always a, debug: , tags: [always, a]}
    - {name: never, debug: , tags: never}
    - {name: never a, debug: , tags: [never, a]}
    - {name: both, debug: , tags: [never, always]}
    - {name: included, include_tasks: x.yml, tags: a}
    - name: in a block
      tags: b
      block: [{name: inner, debug: }, {name: inner c, debug: , tags: c}]
      rescue: [{name: rescue, debug: }]
`;
const SELECTIONS: readonly (readonly [readonly string[], readonly string[]])[] = [
  [[], []], [['a'], []], [['b'], []], [['c'], []], [['all'], []], [['tagged'], []], [['untagged'], []], [['never'], []], [['always'], []],
  [['a', 'untagged'], []], [[], ['a']], [[], ['always']], [[], ['all']], [[], ['tagged']], [[], ['untagged']], [['a'], ['always']],
  [['all'], ['all', 'always']], [['never', 'all'], ['b']], [['nothing'], []],
]; // prettier-ignore

test('always, never, tagged, untagged and all', () => {
  const runs = (tags: readonly string[], asked: readonly string[], skipTags: readonly string[] = []): boolean =>
    selected({ tags }, { tags: asked, skipTags });
  expect(runs([], [])).toBe(true);
  expect(runs(['never'], [])).toBe(false);
  expect(runs(['never', 'x'], ['x'])).toBe(true);
  expect(runs(['never', 'x'], ['tagged'])).toBe(false);
  expect(runs(['always'], ['untagged'])).toBe(true);
  expect(runs(['always'], ['x'], ['always'])).toBe(false);
  expect(runs(['always'], [], ['all'])).toBe(true);
  expect(runs([], [], ['untagged'])).toBe(false);
  expect(selected({ tags: ['{{ t }}'] }, { tags: ['b'], skipTags: [], render: () => ['a', 'b'] })).toBe(true);
});

test('a block that keeps no task goes, and what the compiler put in stays', () => {
  const [play] = compiled(TAGGED).plays;
  const kept = (tags: readonly string[]): readonly string[] =>
    names(tasksIn((play?.sections ?? []).flatMap(({ nodes }) => selectNodes(nodes, { tags, skipTags: [] }))));
  expect(kept(['c'])).toEqual(['always', 'always a', 'both', 'inner c']);
  const roles = compiled({ 'site.yml': '- hosts: all\n  roles: [r]\n', 'roles/r/tasks/main.yml': '- ping:\n' }).plays[0];
  expect(selectNodes(roles?.sections[1]?.nodes ?? [], { tags: ['x'], skipTags: [] })).toHaveLength(1);
});

test('the task to start at is named by a glob, with or without its role', () => {
  const [plain] = tasksFrom('- {name: "install [x] etcd", ping: }');
  const at = (pattern: string): boolean => startsAt(plain!, pattern);
  expect(['install [x] etcd', 'install*', '*etcd', 'instal? * etcd', '[hi]nstall*', '[!x]nstall*'].every(at)).toBe(true);
  expect(['install', 'etcd', '[!i]nstall*', 'INSTALL*'].some(at)).toBe(false);
  const { plays } = compiled({
    'site.yml': '- hosts: all\n  roles: [r]\n',
    'roles/r/tasks/main.yml': '- {name: n, ping: }\n- ansible.builtin.ping:\n- include_role: {name: x}\n',
    'roles/x/tasks/main.yml': '- ping:\n',
  });
  const [named, ...unnamed] = tasksOf(plays[0]);
  expect(['n', 'r : n', 'r*'].map(pattern => startsAt(named!, pattern))).toEqual([true, true, true]);
  expect(unnamed.map(taskName)).toEqual(['r : ansible.builtin.ping', 'include_role : x']);
});

const LISTED = {
  'site.yml': `
- hosts: localhost
  tags: p
  roles: [{role: r, tags: q}]
  pre_tasks: [ping: ]
  tasks:
    - import_tasks: t.yml
    - include_tasks: t.yml
    - include_role: {name: r}
    - {name: in role, include_role: {name: r}}
    - block: [{name: b, debug: }]
      rescue: [{name: r, debug: }]
      always: [{name: a, debug: }]
    - meta: flush_handlers
  handlers: [{name: h, ping: }]
- name: second
  hosts: [localhost]
  tasks: [{name: never, ping: , tags: never}]
`,
  't.yml': '- {name: "t {{ x }}", ansible.builtin.debug: }\n- ansible.builtin.debug:\n  tags: z\n',
  'roles/r/tasks/main.yml': '- {name: in r, ping: }\n- ping:\n',
};

describe.runIf(oracleBin)('ansible-playbook', () => {
  const ask = (file: string, ...flags: readonly string[]): string => {
    const { stdout } = spawnSync(join(oracleBin ?? '', 'ansible-playbook'), ['-i', 'localhost,', ...flags, file], { encoding: 'utf8' });
    return stdout;
  };
  test.each([
    [['--list-tasks'], { listTasks: true, listTags: false }],
    [['--list-tags'], { listTasks: false, listTags: true, tags: ['never', 'all'] }],
    [
      ['--list-tasks', '--list-tags', '--list-hosts', '-t', 'q,z'],
      { listTasks: true, listTags: true, tags: ['q', 'z'], hosts: () => ['localhost'] },
    ],
  ])('%j prints the same', (flags, listing) => {
    const file = join(project(LISTED), 'site.yml');
    const { plays } = compilePlaybook(file, testOptions).playbook;
    expect(listPlaybook(file, plays, { tags: [], skipTags: [], ...listing })).toBe(ask(file, ...flags));
  });

  test('runs the same tasks for the same tags', () => {
    const file = join(project({ 'site.yml': TAGGED, 'x.yml': '- debug:\n' }), 'site.yml');
    const [play] = compilePlaybook(file, testOptions).playbook.plays;
    const left = SELECTIONS.map(([tags, skipTags]) =>
      names(tasksIn((play?.sections ?? []).flatMap(({ nodes }) => selectNodes(nodes, { tags, skipTags })))),
    );
    expect(left).toEqual(selectByAnsible(file, SELECTIONS));
  });
});
