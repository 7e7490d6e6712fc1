import { join } from 'node:path';
import { expect, test } from 'vitest';
import { compileInclude } from '../../src/playbook/include.ts';
import type { Included } from '../../src/playbook/include.ts';
import { findIncludedTasks } from '../../src/playbook/paths.ts';
import type { Task } from '../../src/playbook/types.ts';
import type { Value } from '../../src/value/value.ts';
import { compiled, names, tasksIn, tasksOf, testOptions, told } from './_project.ts';

/** Runs the include that is the first task of a playbook, as the engine would. */
const include = (files: Readonly<Record<string, string>>, vars: ReadonlyMap<string, Value> = new Map()): Included => {
  const { plays } = compiled(files);
  const play = plays[0]!;
  const task = [...tasksOf(play), ...play.handlers.flat()].find(({ action }) => action.startsWith('include_'))!;
  const args = new Map([...task.args].filter(([name]) => name !== 'apply').map(([name, { value }]) => [name, value]));
  const handler = play.handlers.flat().includes(task);
  const { path } =
    task.action === 'include_role' ? {} : findIncludedTasks(task, String(args.get('_raw_params')), handler, play.folder, testOptions.files);
  return compileInclude({ task, play, handler, args, vars, ...(path === undefined ? {} : { file: path }) }, testOptions);
};
const whens = ({ nodes }: Included): readonly (readonly Value[])[] => tasksIn(nodes).map(({ when }) => when.map(({ value }) => value));

test('included tasks inherit what is around the include and its apply, not its own keywords', () => {
  const included = include({
    'site.yml': `
- hosts: all
  tags: p
  tasks:
    - when: around
      tags: b
      vars: {v: 1}
      block:
        - include_tasks: {file: a.yml, apply: {tags: applied, become: true, when: also, vars: {w: 1}}}
          when: own
          tags: own
          vars: {x: 1}
          loop: [1]
`,
    'a.yml': '- {name: in a, ping: , when: mine, vars: {y: 1}}\n',
  }, new Map([['item', 1]])); // prettier-ignore
  const [task] = tasksIn(included.nodes);
  expect(whens(included)).toEqual([['around', 'also', 'mine']]);
  expect(task).toMatchObject({ tags: ['p', 'b', 'applied'], become: { value: true }, vars: new Map([['y', 1]]) });
  const params = new Map([['x', 1], ['item', 1]]); // prettier-ignore
  expect(task?.outerVars).toEqual([new Map([['v', 1]]), params, new Map([['w', 1]])]);
  expect(task?.includeParams).toEqual([params]);
});

test('a file is looked for beside the file that includes it, at any depth', () => {
  const files = {
    'site.yml': '- hosts: all\n  tasks: [import_tasks: sub/one.yml]\n  handlers: []\n',
    'sub/one.yml': '- include_tasks: deep/two.yml\n',
    'sub/deep/two.yml': '- include_tasks: three.yml\n',
    'sub/deep/three.yml': '- {name: three, ping: }\n',
  };
  const [two] = tasksIn(include(files).nodes);
  const { plays, folder } = compiled(files);
  const search = findIncludedTasks(two!, 'three.yml', false, plays[0]!.folder, testOptions.files);
  expect(search.path?.replace(/.*playbook-\w+/, '')).toBe('/sub/deep/three.yml');
  expect(findIncludedTasks(two!, 'none.yml', false, folder, testOptions.files)).toMatchObject({
    tried: expect.arrayContaining([join(folder, 'none.yml')]),
  });
});

test('include_role: parent, entry variables, dependencies, handlers, and only public variables for the play', () => {
  const files = {
    'site.yml': '- hosts: all\n  roles: [{role: outer, become: true}]\n',
    'roles/outer/tasks/main.yml': '- include_role: {name: r, tasks_from: alt, public: yes}\n  vars: {x: 1}\n',
    'roles/outer/handlers/main.yml': '[]\n',
    'roles/r/tasks/alt.yml': '- {name: alt, ping: }\n- include_tasks: more.yml\n',
    'roles/r/tasks/main.yml': '- {name: main, ping: }\n',
    'roles/r/tasks/more.yml': '- {name: more, ping: }\n',
    'roles/r/meta/main.yml': 'dependencies: [base]\n',
    'roles/r/handlers/main.yml': '- {name: h, ping: }\n',
    'roles/base/tasks/main.yml': '- {name: base, ping: }\n',
  };
  const included = include(files);
  const tasks = tasksIn(included.nodes).filter(({ implicit }) => !implicit);
  expect(names(tasks)).toEqual(['base', 'alt', 'include_tasks']);
  expect(tasks[1]).toMatchObject({
    become: { value: true },
    role: { name: 'r', parent: { name: 'outer' }, entryVars: new Map([['x', 1]]), allowDuplicates: true },
  });
  expect(tasks[1]?.includeParams).toEqual([new Map([['x', 1]])]);
  expect(included.handlers.map(names)).toEqual([['h']]);
  expect(included.roles).toMatchObject([{ name: 'r', public: true }]);
  expect(tasks[1]?.folders.map(path => path.replace(/.*playbook-\w+/, ''))).toEqual(['/roles/r', '/roles/outer', '/roles/r/tasks']);
});

test('mistakes in included files are told, and a missing tasks_from', () => {
  const played = '- hosts: all\n  tasks:\n    - include_tasks: a.yml\n';
  expect(() => include({ 'site.yml': played, 'a.yml': '- pign:\n' })).toThrow('pign');
  const role = { 'site.yml': '- hosts: all\n  tasks: [include_role: {name: "{{ r }}"}]\n', 'roles/r/tasks/main.yml': '- pign:\n' };
  const { plays } = compiled(role);
  const ask = (args: ReadonlyMap<string, Value>): readonly string[] =>
    told(compileInclude({ task: tasksOf(plays[0])[0]!, play: plays[0]!, handler: false, args, vars: new Map() }, testOptions).diagnostics);
  expect(ask(new Map([['name', 'r']]))).toEqual([expect.stringContaining("1:3 couldn't resolve module/action 'pign'")]);
  expect(ask(new Map([['name', 'r'], ['tasks_from', 'x']]))).toEqual([expect.stringContaining('Could not find specified file in role: tasks/x')]); // prettier-ignore
  expect(ask(new Map([['name', 'x']]))).toEqual([expect.stringContaining("the role 'x' was not found")]);
});

test('an included file of handlers gives handlers', () => {
  const included = include({
    'site.yml': '- hosts: all\n  tasks: [ping: ]\n  handlers: [{name: all of them, include_tasks: h.yml, listen: t}]\n',
    'h.yml': '- {name: one, ping: , listen: topic}\n- block: [{name: two, ping: }]\n',
  });
  expect(names(included.nodes as readonly Task[])).toEqual(['one', 'two']);
});
