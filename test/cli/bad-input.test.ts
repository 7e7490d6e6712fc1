import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type Ran, folder, kplay } from './_kplay.ts';

const HOSTS = '[web]\na ansible_connection=local\nb ansible_connection=local\n';
const play = (tasks: string, more = ''): string =>
  `- hosts: web\n  gather_facts: false\n${more}  tasks:\n    - name: leave a mark\n      copy: {content: x, dest: "{{ playbook_dir }}/mark"}\n${tasks}`;
const MARK = play('');

/** What holds for every kind of bad input: one screen, no stack, nothing done. */
const refused = async (files: Readonly<Record<string, string>>, args: readonly string[], env?: Record<string, string>): Promise<Ran> => {
  const dir = folder({ hosts: HOSTS, 'site.yml': MARK, ...files });
  const ran = await kplay(dir, args, env);
  expect(existsSync(join(dir, 'mark'))).toBe(false);
  expect(ran.stdout).not.toContain('TASK');
  expect(ran.stderr).not.toMatch(/\n\s+at .*\.[jt]s:\d/);
  expect(ran.stderr.split('\n').length).toBeLessThan(40);
  return ran;
};

describe('what is asked for', () => {
  test.each<[string, readonly string[], number, string]>([
    [
      'an inventory that is missing',
      ['run', 'site.yml', '-i', 'missing.ini'],
      1,
      'ERROR! there is no inventory ./missing.ini\n  hint: a list of hosts has a comma: -i host,\n',
    ],
    [
      'a misspelt limit',
      ['run', 'site.yml', '-i', 'hosts', '-l', 'wbe'],
      1,
      'ERROR! Specified inventory, host pattern and/or --limit leaves us with no hosts to target.\n' +
        '  Could not match supplied host pattern, ignoring: wbe (did you mean "web"?)\n' +
        '  hint: see what there is with: kplay inventory --graph\n',
    ],
    [
      'an unknown option',
      ['run', 'site.yml', '-i', 'hosts', '--frks', '3'],
      2,
      "error: unknown option '--frks'\n(Did you mean --forks?)\n(--help lists what there is)\n",
    ],
    ['an unknown command', ['rnu', 'site.yml'], 2, "error: unknown command 'rnu'\n(Did you mean run?)\n(--help lists what there is)\n"],
    [
      'extra variables that do not parse',
      ['run', 'site.yml', '-i', 'hosts', '-e', '{a: '],
      4,
      'ERROR! Flow map must end with a }\n  at: -e:1:5\n',
    ],
    [
      'extra variables without names',
      ['run', 'site.yml', '-i', 'hosts', '-e', '[1]'],
      5,
      'ERROR! -e takes variables by name, not a list\n',
    ],
    [
      'a file of extra variables that is missing',
      ['run', 'site.yml', '-i', 'hosts', '-e', '@v.yml'],
      1,
      "ERROR! the file of variables ./v.yml cannot be read\n  ENOENT: no such file or directory, open './v.yml'\n",
    ],
    [
      'a password file that is missing',
      ['run', 'site.yml', '-i', 'hosts', '--become-password-file', 'pw'],
      1,
      "ERROR! the password file ./pw cannot be read\n  ENOENT: no such file or directory, open './pw'\n",
    ],
  ])('%s', async (_name, args, code, stderr) => {
    expect(await refused({}, args)).toEqual({ code, stdout: '', stderr });
  });

  test('an unknown playbook, with the name that was meant', async () => {
    const { code, stderr } = await refused({}, ['run', 'sitr.yml', '-i', 'hosts']);
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^ERROR! the playbook: sitr\.yml could not be found\n {2}looked in \., .*playbooks\n {2}hint: did you mean "site\.yml"\?\n$/,
    );
  });

  test('one of several inventories is missing', async () => {
    expect(await refused({}, ['run', 'site.yml', '-i', 'hosts', '-i', 'more'])).toMatchObject({ code: 1, stderr: /no inventory \.\/more/ });
  });

  test('a misspelt tag, or a guard of a misspelt group, is told of; the run goes on as in Ansible', async () => {
    const dir = folder({ hosts: HOSTS, 'site.yml': `${MARK}      tags: etcd\n`, 'kplay.config.yaml': 'guards: {wbe: etcd_quorum}\n' });
    const { code, stderr } = await kplay(dir, ['run', 'site.yml', '-i', 'hosts', '--tags', 'etdc']);
    expect(code).toBe(0);
    expect(existsSync(join(dir, 'mark'))).toBe(false);
    expect(stderr).toContain('no task has the tag "etdc" (did you mean "etcd"?)');
    expect(stderr).toContain('guards: there is no group "wbe", so nothing is guarded (did you mean "web"?)');
  });

  test('a misspelt group runs nothing and says what was meant, as in Ansible with status 0', async () => {
    const dir = folder({ hosts: HOSTS, 'site.yml': MARK.replace('web', 'wbe') });
    const { code, stdout, stderr } = await kplay(dir, ['run', 'site.yml', '-i', 'hosts']);
    expect(code).toBe(0);
    expect(stderr).toContain('Could not match supplied host pattern, ignoring: wbe (did you mean "web"?) (./site.yml:1:10)');
    expect(stdout).toContain('skipping: no hosts matched');
  });
});

describe('a playbook', () => {
  const run = (files: Readonly<Record<string, string>>): Promise<Ran> => refused(files, ['run', 'site.yml', '-i', 'hosts']);

  test('whose template has an undefined variable: name, line of the template, line of the task', async () => {
    const tasks = '    - name: render\n      template: {src: t.j2, dest: /nonexistent/out}\n';
    expect(await run({ 'site.yml': play(tasks), 't.j2': 'first\nvalue={{ nope_var }}\n' })).toEqual({
      code: 4,
      stdout: '',
      stderr:
        "./t.j2:2:10: ERROR! 'nope_var' is undefined, in the template of the task at ./site.yml:6\n" +
        '    2 | value={{ nope_var }}\n      |          ^\n\n1 error\n',
    });
  });

  test('that is no YAML: the position', async () => {
    expect(await run({ 'site.yml': '- hosts: web\n  tasks:\n    - debug: msg="a\n   foo: [1, 2\n' })).toEqual({
      code: 4,
      stdout: '',
      stderr: './site.yml:4:4: ERROR! All mapping items must start at the same column\n    4 |    foo: [1, 2\n      |    ^\n\n1 error\n',
    });
  });

  test('with many mistakes: all of them, from top to bottom, each with its place and what was meant', async () => {
    const site = play(
      `    - cpy: {content: x, dest: /nonexistent/x}
    - copy: {contents: x, dest: /nonexistent/x}
    - copy: {content: x, dest: /nonexistent/x}
      notfy: foo
    - file: {path: /nonexistent/x, state: presnt}
    - debug: msg="{{ foo + }}"
  roles:
    - norole
`,
      '  gather_fact: false\n',
    );
    const { code, stderr } = await run({ 'site.yml': site });
    expect(code).toBe(4);
    expect(stderr.split('\n').filter(line => /: ERROR! |hint: did/.test(line))).toEqual([
      "./site.yml:3:3: ERROR! 'gather_fact' is not a valid attribute for a Play",
      '  hint: did you mean "gather_facts"?',
      expect.stringMatching(/^\.\/site\.yml:7:7: ERROR! couldn't resolve module\/action 'cpy'/),
      '  hint: did you mean "copy"?',
      expect.stringMatching(/^\.\/site\.yml:8:14: ERROR! Unsupported parameters for \(copy\) module: contents\./),
      '  hint: did you mean "content"?',
      "./site.yml:10:7: ERROR! 'notfy' is not a valid attribute for a Task",
      '  hint: did you mean "notify"?',
      expect.stringMatching(/^\.\/site\.yml:11:\d+: ERROR! file: argument 'state': value must be one of: .*, got: presnt/),
      expect.stringMatching(/^\.\/site\.yml:12:\d+: ERROR! unexpected/),
      expect.stringMatching(/^\.\/site\.yml:14:7: ERROR! the role 'norole' was not found in /),
    ]);
    expect(stderr).toMatch(/\n7 errors\n$/);
  });

  test.each([
    ['that is empty', '', /^\.\/site\.yml:1:1: ERROR! Empty playbook, nothing to do: \.\/site\.yml\n\n1 error\n$/],
    ['that is no list', 'hosts: web\n', /A playbook must be a list of plays: .*\n(.*\n)*.*hint: start each play with "- "/],
    [
      'that names a file which is not there',
      `- hosts: web\n  tasks: [{template: {src: no.j2, dest: /nonexistent/x}}]\n`,
      /ERROR! Could not find or access 'no\.j2'/,
    ],
    ['that imports what is not there', '- import_playbook: other.yml\n', /site\.yml:1:\d+: ERROR! .*other\.yml/],
  ])('%s', async (_name, site, stderr) => {
    expect(await run({ 'site.yml': site })).toEqual({ code: 4, stdout: '', stderr: expect.stringMatching(stderr) });
  });

  test('with a mistake is refused just as well under --check, --syntax-check and --list-tasks', async () => {
    for (const mode of ['--check', '--syntax-check', '--list-tasks']) {
      const { code, stderr } = await refused({ 'site.yml': play('    - cpy: {}\n') }, ['run', 'site.yml', '-i', 'hosts', mode]);
      expect([mode, code]).toEqual([mode, 4]);
      expect(stderr).toContain('did you mean "copy"?');
    }
  });
});

describe('an inventory', () => {
  test.each([
    ['an unknown kind of section', '[web]\na\n[web:childern]\nb\n', 1, 'not of childern\n  at: ./hosts:3:1\n'],
    ['a section without its end', '[web\na\n', 1, '  at: ./hosts:1:1\n    1 | [web\n'],
    ['a group that nobody declared', '[all:children]\nnogroup\n', 1, 'names a group "nogroup" that is not declared\n  at: ./hosts:2:1\n'],
  ])('with %s', async (_name, hosts, code, said) => {
    expect(await refused({ hosts }, ['run', 'site.yml', '-i', 'hosts'])).toMatchObject({ code, stderr: expect.stringContaining(said) });
  });

  test('that is no YAML', async () => {
    const ran = await refused({ 'hosts.yml': 'all:\n  hosts:\n    a:\n   b:\n' }, ['run', 'site.yml', '-i', 'hosts.yml']);
    expect(ran).toMatchObject({ code: 4, stderr: expect.stringContaining('  at: ./hosts.yml:4:4\n    4 |    b:\n      |    ^\n') });
  });
});

describe('a config file', () => {
  test.each<[string, Record<string, string>, number, string]>([
    ['ansible.cfg without a section', { 'ansible.cfg': 'forks=5\n' }, 5, 'a section must come first\n  at: ./ansible.cfg:1:1\n'],
    ['ansible.cfg with half a line', { 'ansible.cfg': '[defaults]\nforks 5\n' }, 5, '  at: ./ansible.cfg:2:1\n    2 | forks 5\n'],
    [
      'ansible.cfg with a wrong number',
      { 'ansible.cfg': '[defaults]\nforks = many\n' },
      5,
      'forks in ./ansible.cfg must be a whole number, not "many"',
    ],
    [
      'kplay.config.yaml with an unknown key',
      { 'kplay.config.yaml': 'window: 1\nfroks: 5\n' },
      5,
      ':2:1\n    2 | froks: 5\n      | ^\n  hint: did you mean "forks"?',
    ],
    [
      'kplay.config.yaml with a wrong type',
      { 'kplay.config.yaml': 'forks: many\n' },
      5,
      'ERROR! forks: expected number, received string\n  at: ./kplay.config.yaml:1:8\n',
    ],
    [
      'kplay.config.yaml with an unknown guard',
      { 'kplay.config.yaml': 'guards: {web: etcd_qurum}\n' },
      5,
      'hint: did you mean "etcd_quorum"?',
    ],
    ['kplay.config.yaml that is no YAML', { 'kplay.config.yaml': 'inventory: [a\nforks: 5\n' }, 4, '  at: ./kplay.config.yaml:2:1\n'],
  ])('%s', async (_name, files, code, said) => {
    const ran = await refused(files, ['run', 'site.yml', '-i', 'hosts']);
    expect(ran).toMatchObject({ code, stdout: '', stderr: expect.stringContaining(said) });
  });

  test('that ANSIBLE_CONFIG names and is not there', async () => {
    const ran = await refused({}, ['run', 'site.yml', '-i', 'hosts'], { ANSIBLE_CONFIG: 'no.cfg' });
    expect(ran).toMatchObject({ code: 5, stderr: expect.stringContaining('ERROR! the config file ./no.cfg cannot be read') });
  });
});

describe('a host', () => {
  test('that is unreachable is told of, the others go on, and the status is 4', async () => {
    const port = await closedPort();
    const dir = folder({
      hosts: `${HOSTS}closed ansible_host=127.0.0.1 ansible_port=${port} ansible_user=nobody\n`,
      'site.yml': play('    - name: later\n      command: "true"\n'),
    });
    const { code, stdout } = await kplay(dir, ['run', 'site.yml', '-i', 'hosts']);
    expect(code).toBe(4);
    expect(existsSync(join(dir, 'mark'))).toBe(true);
    expect(stdout).toContain(`closed (127.0.0.1 port ${port}) cannot be reached: nothing listens there (connection refused).`);
    expect(stdout).toContain('  hint: Is sshd running, and is ansible_port right?');
    expect(stdout).toMatch(/^a +: ok=2 /m);
    expect(stdout).toMatch(/^closed +: ok=0 +changed=0 +unreachable=1 +failed=0/m);
  });

  test('that fails: host, task, place and everything it said; the status is 2', async () => {
    const dir = folder({ hosts: HOSTS, 'site.yml': play('    - name: break\n      shell: echo why >&2; exit 3\n') });
    const { code, stdout } = await kplay(dir, ['run', 'site.yml', '-i', 'hosts']);
    expect(code).toBe(2);
    expect(stdout).toContain('  a: non-zero return code\n  task: break\n  at: ./site.yml:6:7\n  stderr: why\n');
  });
});

test('--check on everything changes nothing', async () => {
  const tasks = `    - file: {path: "{{ playbook_dir }}/d", state: directory}
    - template: {src: t.j2, dest: "{{ playbook_dir }}/d/t"}
    - lineinfile: {path: "{{ playbook_dir }}/d/l", line: x, create: true}
    - shell: touch {{ playbook_dir }}/s
`;
  const dir = folder({ hosts: HOSTS, 'site.yml': play(tasks), 't.j2': '{{ inventory_hostname }}' });
  const { code } = await kplay(dir, ['run', 'site.yml', '-i', 'hosts', '-CD']);
  expect(code).toBe(0);
  for (const name of ['mark', 'd', 's']) expect(existsSync(join(dir, name))).toBe(false);
});

/** A port of the loopback on which nothing listens: one that was free a moment ago. */
const closedPort = async (): Promise<number> => {
  const server = createServer();
  await new Promise<void>(done => void server.listen(0, '127.0.0.1', done));
  const address = server.address();
  await new Promise(done => void server.close(done));
  return typeof address === 'object' && address !== null ? address.port : 0;
};
