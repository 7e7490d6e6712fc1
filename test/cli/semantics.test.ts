import { expect, test } from 'vitest';
import { folder, kplay } from './_kplay.ts';

const PLAYBOOK = `- hosts: localhost
  connection: local
  gather_facts: false
  vars:
    n: 5
    text: "[1, 2]"
    range_of_two: "{{ range(2) }}"
  tasks:
    - set_fact: {kept: "{{ (n, text) }}", word: "yes"}
    - debug:
        msg: "{{ [n, '{{ n }}', text, kept, word, kept | type_debug, range_of_two | type_debug, ansible_version.minor] | to_json }}"
    - debug: {msg: "{{ n }}"}
    - name: "{% if false %}never{% endif %}"
      debug: {msg: not a bool}
      when: text
`;
const messages = (stdout: string): readonly unknown[] =>
  [...stdout.matchAll(/"msg": (.*)/g)].map(([, json = '']): unknown => JSON.parse(json));

test('2.18 unless something else is said', async () => {
  const { code, stdout } = await kplay(folder({ 'p.yml': PLAYBOOK }), ['run', 'p.yml']);
  expect(messages(stdout)).toEqual(['[5, "{{ n }}", "[1, 2]", "(5, \'[1, 2]\')", true, "str", "list", 18]', 5, 'not a bool']);
  expect(code).toBe(0);
});

test.each([
  ['the flag', {}, ['--semantics', '2.19']],
  ['kplay.config.yaml', { 'kplay.config.yaml': 'semantics: "2.19"\n' }, []],
  ['a number in kplay.config.yaml', { 'kplay.config.yaml': 'semantics: 2.19\n' }, []],
])('%s says 2.19', async (_name, files, flags) => {
  const { code, stdout } = await kplay(folder({ 'p.yml': PLAYBOOK, ...files }), ['run', 'p.yml', ...flags]);
  expect(messages(stdout).slice(0, 2)).toEqual(['[5, "{{ n }}", "[1, 2]", [5, "[1, 2]"], "yes", "list", "range", 19]', 5]);
  expect(messages(stdout)[2]).toContain('Conditionals must have a boolean result');
  expect(code).toBe(2);
});

test('--strict tells once, with the place, what would be another value', async () => {
  const playbook = `- hosts: a,b
  connection: local
  gather_facts: false
  vars:
    list: "[{{ 1 }}]"
    secret: "{{ '[5]' }}"
  tasks:
    - debug: {msg: "{{ 'the' }} {{ 'same' }}"}
    - debug:
        msg: "{{ list }}"
      when: list
    - debug: {msg: "{{ secret }}"}
      loop: "{{ range(1) }}"
    - template: {src: page.j2, dest: ./page}
`;
  const cwd = folder({ 'p.yml': playbook, 'page.j2': '{{ (1, 2) }} x\n' });
  const warnings = async (...flags: readonly string[]): Promise<readonly string[]> => {
    const { stdout, stderr } = await kplay(cwd, ['run', 'p.yml', '-i', 'a,b,', '--check', ...flags]);
    return (stdout + stderr).split('\n').filter(line => line.startsWith('[WARNING]'));
  };
  expect(await warnings()).toEqual([]);
  expect(await warnings('--strict')).toEqual([
    '[WARNING]: [{{ 1 }}]: a list in ansible-core 2.18, a str in 2.19 (./p.yml:11:13)',
    '[WARNING]: list: a bool in ansible-core 2.18, an error in 2.19 (./p.yml:11:13)',
    '[WARNING]: {{ range(1) }}: a list in ansible-core 2.18, an error in 2.19 (./p.yml:13:13)',
    "[WARNING]: {{ '[5]' }}: a list in ansible-core 2.18, a str in 2.19 (./p.yml:12:20)",
    '[WARNING]: another str in ansible-core 2.19 than in 2.18 (./page.j2:1:1)',
  ]);
});

test('exec follows it, too, and nobody takes another version', async () => {
  const cwd = folder({});
  const exec = ['exec', 'localhost', '-c', 'local', '-m', 'debug', '-a', 'msg="{{ (1, 2) }}"'];
  expect((await kplay(cwd, exec)).stdout).toContain('"msg": "(1, 2)"');
  expect((await kplay(cwd, [...exec, '--semantics', '2.19'])).stdout).toMatch(/"msg": \[\s*1,\s*2\s*\]/);
  expect((await kplay(cwd, ['run', 'p.yml', '--semantics', '2.20'])).stderr).toContain('Allowed choices are 2.18, 2.19');
});

test('2.19 changes values, and no messages', async () => {
  const dir = folder({
    'p.yml': '- hosts: localhost\n  tasks: [{ debug: {}, register: said }, { debug: {}, when: said.no == 1 }]\n  gather_facts: no\n',
  });
  const [one, other] = await Promise.all(['2.18', '2.19'].map(version => kplay(dir, ['run', 'p.yml', '--semantics', version])));
  expect(one?.stdout).toContain("The conditional check 'said.no == 1' failed. The error was: 'dict object' has no attribute 'no'");
  expect(other?.stdout).toBe(one?.stdout);
});
