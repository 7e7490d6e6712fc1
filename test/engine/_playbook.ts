import fc from 'fast-check';
import { stringify } from 'yaml';

/*
 * Playbooks made at random of real modules, over a few files that everybody shares. `S` is the scratch folder, and names of hosts and
 * users are those of _stage.ts.
 */

type Data = Readonly<Record<string, unknown>>;
/** Texts of the files of a playbook, by name; `play.yml` is the playbook. */
export type Project = Readonly<Record<string, string>>;

/** A user who is there only after some task made it. */
const LATE = '{{ late }}';
/** Inside a loop the items are names of files. */
const path = fc.constantFrom('{{ S }}/x', '{{ S }}/x', '{{ S }}/y', "{{ S }}/{{ item | default('x') }}", '{{ S }}/d/z');
const value = fc.constantFrom('one', 'two', '{{ v }}', '{{ v }} {{ inventory_hostname }}', '{{ w }}', "{{ r.stdout | default('none') }}");
const register = fc.constantFrom('r', 's');
const mode = fc.constantFrom('0600', '0640', '0666');

const user: fc.Arbitrary<Data> = fc.record({
  user: fc.record({
    name: fc.constant(LATE),
    uid: fc.constant('{{ late_uid }}'),
    create_home: fc.boolean(),
    shell: fc.constantFrom('/bin/sh', '/bin/bash'),
  }),
});

const module: fc.Arbitrary<Data> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ copy: fc.record({ dest: path, content: value, mode: fc.option(mode, { nil: '0644' }) }) }),
  },
  { weight: 1, arbitrary: fc.record({ copy: fc.record({ dest: path, src: path, remote_src: fc.constant(true) }) }) },
  { weight: 2, arbitrary: fc.record({ template: fc.record({ dest: path, src: fc.constant('t.j2') }) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      file: fc.oneof(
        fc.record({ path, state: fc.constantFrom('absent', 'touch', 'file') }),
        fc.record({ path, state: fc.constant('touch'), mode }),
        fc.record({ path, mode, owner: fc.constantFrom('nopass', 'root', LATE) }),
        fc.record({ path, src: path, state: fc.constant('link'), force: fc.constant(true) }),
        fc.constant({ path: '{{ S }}/d', state: 'directory', mode: '0777' }),
      ),
    }),
  },
  { weight: 3, arbitrary: fc.record({ lineinfile: fc.record({ path, line: value, create: fc.boolean() }) }) },
  {
    weight: 1,
    arbitrary: fc.record({ lineinfile: fc.record({ path, regexp: fc.constant('^o'), line: value, create: fc.constant(true) }) }),
  },
  { weight: 2, arbitrary: fc.record({ replace: fc.record({ path, regexp: fc.constantFrom('o', '^t.*$'), replace: value }) }) },
  { weight: 2, arbitrary: fc.record({ blockinfile: fc.record({ path, block: value, create: fc.constant(true) }) }) },
  { weight: 4, arbitrary: fc.record({ stat: fc.record({ path }), register }) },
  { weight: 1, arbitrary: fc.record({ slurp: fc.record({ src: path }), register }) },
  {
    weight: 3,
    arbitrary: fc.record({
      shell: fc.constantFrom(
        'echo . >> {{ S }}/count; wc -l < {{ S }}/count',
        'echo {{ v }} >> {{ S }}/x',
        'cat {{ S }}/x {{ S }}/y 2>/dev/null | cksum; id -un; echo "$E"',
        'rm -f {{ S }}/x',
        'test -e {{ S }}/y',
      ),
      register,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      command: fc.oneof(
        fc.record({ cmd: fc.constant('cp {{ S }}/x {{ S }}/y'), creates: fc.constantFrom('{{ S }}/y', '{{ S }}/d') }),
        fc.record({ cmd: fc.constant('touch {{ S }}/made'), removes: path }),
        fc.record({ cmd: fc.constant('ls'), chdir: fc.constant('{{ S }}') }),
      ),
      register,
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      set_fact: fc.record({
        v: fc.constantFrom(
          'five',
          "{{ r.stat.exists | default('no stat') }}",
          "{{ s.stdout | default('no output') }}",
          "{{ w ~ r.changed | default('') }}",
          "{{ (s.content | default('')) | b64decode }}",
        ),
      }),
    }),
  },
  { weight: 1, arbitrary: user },
  { weight: 1, arbitrary: fc.record({ debug: fc.record({ msg: value }) }) },
  { weight: 1, arbitrary: fc.record({ fail: fc.record({ msg: value }), ignore_errors: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ include_tasks: fc.constantFrom('one.yml', 'two.yml') }) },
  { weight: 1, arbitrary: fc.constant({ meta: 'flush_handlers' }) },
);

const spice: fc.Arbitrary<Data> = fc.oneof(
  fc.record({
    when: fc.constantFrom(
      "v == 'five'",
      'r.stat.exists | default(false)',
      'not (s.stat.exists | default(true))',
      "inventory_hostname in ['a', 'b']",
      'r is defined and r is changed',
      "'3' in s.stdout | default('3')",
    ),
  }),
  fc.record({ delegate_to: fc.constantFrom('a', 'b', 'c', 'd', 'localhost') }),
  fc.record({ delegate_to: fc.constantFrom('a', 'c'), run_once: fc.constant(true) }),
  fc.record({ run_once: fc.constant(true) }),
  fc.record({ loop: fc.constantFrom(['x', 'y'], ['y', 'y', 'x']) }),
  fc.record({ environment: fc.record({ E: fc.constantFrom('1', '{{ v }}') }) }),
  fc.record({ notify: fc.constantFrom('first', 'second') }),
  fc.record({ become: fc.constant(true), become_user: fc.constantFrom('nopass', 'ops', LATE, 'root') }),
  fc.record({ ignore_errors: fc.constant(true) }),
  fc.record({ changed_when: fc.constantFrom(false, "'x' in v") }),
);
/** Keywords that Ansible refuses on an include; and no users are made on this machine. */
const mayHave = (base: Data, key: string): boolean => {
  if ('meta' in base) return false;
  if ('include_tasks' in base) return ['when', 'loop'].includes(key);
  return !('user' in base && key === 'delegate_to');
};
const task: fc.Arbitrary<Data> = fc.tuple(module, fc.option(spice, { nil: {} }), fc.option(spice, { nil: {} })).map(([base, ...extras]) => {
  const extra = Object.entries(Object.assign({}, ...extras) as Data).filter(([key]) => mayHave(base, key));
  return { ...base, ...Object.fromEntries(extra) };
});
const block: fc.Arbitrary<Data> = fc.record({
  block: fc.array(task, { minLength: 1, maxLength: 5 }),
  rescue: fc.array(task, { maxLength: 2 }),
  always: fc.array(task, { maxLength: 2 }),
});
const nodes = (max: number): fc.Arbitrary<Data[]> =>
  fc.array(fc.oneof({ weight: 5, arbitrary: task }, { weight: 1, arbitrary: block }), { minLength: 1, maxLength: max });
const handler = task.filter(one => !('meta' in one || 'include_tasks' in one));

const play = (max: number): fc.Arbitrary<Data> =>
  fc
    .record({
      tasks: nodes(max),
      serial: fc.constantFrom(0, 0, 1, 2),
      handlers: fc.tuple(handler, handler),
      lenient: fc.constantFrom(true, true, false),
    })
    .map(({ tasks, serial, handlers: [first, second], lenient }) => ({
      hosts: 'all',
      gather_facts: false,
      ignore_errors: lenient,
      vars: { v: 'zero', w: '{{ v }}' },
      serial,
      tasks: named(tasks),
      handlers: [
        { ...first, name: 'first' },
        { ...second, name: 'second' },
      ],
    }));
/** Names tell a task from its twin. */
const named = (tasks: readonly Data[], prefix = 't'): readonly Data[] =>
  tasks.map((node, index) => {
    const name = `${prefix}${index}`;
    if (!('block' in node)) return { name, ...node };
    const parts = ['block', 'rescue', 'always'].map(part => [part, named(node[part] as Data[], `${name}${part[0]}`)] as const);
    return { name, ...Object.fromEntries(parts.filter(([, list]) => list.length > 0)) };
  });

/** `size`: the most tasks and blocks of one play. A failing project prints as its files. */
export const project = (size: number): fc.Arbitrary<Project> =>
  fc
    .record({
      plays: fc.array(play(size), { minLength: 1, maxLength: 2 }),
      one: fc.array(handler, { minLength: 1, maxLength: 3 }),
      two: fc.array(handler, { minLength: 1, maxLength: 3 }),
    })
    .map(({ plays, one, two }) => {
      const files: Project = {
        'play.yml': stringify(plays, { lineWidth: 0, aliasDuplicateObjects: false }),
        'one.yml': stringify(named(one, 'one'), { aliasDuplicateObjects: false }),
        'two.yml': stringify(named(two, 'two'), { aliasDuplicateObjects: false }),
        't.j2': '{{ v }} of {{ inventory_hostname }}\n{{ w }}\n',
      };
      const text = Object.entries(files)
        .map(([name, content]) => `# ${name}\n${content}`)
        .join('\n');
      return { ...files, [fc.toStringMethod]: () => `\n${text}` };
    });
