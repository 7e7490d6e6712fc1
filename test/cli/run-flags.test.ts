import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Event } from '../../src/model/event.ts';
import { type Ran, folder, kplay } from './_kplay.ts';

const FILES = {
  hosts: '[web]\na\nb\n[db]\nc\n[all:vars]\nansible_connection=local\nport=80\n',
  'vars.yml': 'port: 82\n',
  'site.yml': `- name: first
  hosts: all
  gather_facts: false
  tasks:
    - {name: one, command: "echo port {{ port }}", changed_when: false, tags: [x]}
    - {name: two, copy: {content: "port {{ port }}\\n", dest: "{{ playbook_dir }}/{{ inventory_hostname }}"}, tags: [y]}
    - {name: three, debug: {msg: "three"}, tags: [y, z]}
`,
};
/** Runs site.yml in a folder of its own. */
const run = (...args: readonly string[]): Promise<Ran> => kplay(folder(FILES), ['run', 'site.yml', '-i', 'hosts', ...args]);
const tasks = ({ stdout }: Ran): readonly string[] => [...stdout.matchAll(/^TASK \[(.*?)\]/gm)].map(([, name = '']) => name);
const hosts = ({ stdout }: Ran): readonly string[] => [...stdout.matchAll(/^(\w+) +: ok=/gm)].map(([, name = '']) => name);

const events = ({ stdout }: Ran): readonly Event[] =>
  stdout
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line) as Event);

describe('which tasks and hosts', () => {
  test.each<[line: string, tasks: readonly string[], hosts: readonly string[]]>([
    ['', ['one', 'two', 'three'], ['a', 'b', 'c']],
    ['-l web', ['one', 'two', 'three'], ['a', 'b']],
    ['--limit all:!web', ['one', 'two', 'three'], ['c']],
    ['-t x', ['one'], ['a', 'b', 'c']],
    ['--tags x,z -l a', ['one', 'three'], ['a']],
    ['--skip-tags y', ['one'], ['a', 'b', 'c']],
    ['--start-at-task two -l c', ['two', 'three'], ['c']],
  ])('%s', async (line, names, of) => {
    const ran = await run(...line.split(' ').filter(Boolean));
    expect([ran.code, tasks(ran), hosts(ran)]).toEqual([0, names, of]);
  });

  test('-i a,b, names hosts without a file, and may be said more than once', async () => {
    const dir = folder(FILES);
    const ran = await kplay(dir, ['run', 'site.yml', '-i', 'd,e,', '-i', 'hosts', '-c', 'local', '-e', 'port=1', '-t', 'x']);
    expect([ran.code, hosts(ran)]).toEqual([0, ['a', 'b', 'c', 'd', 'e']]);
  });
});

test.each([
  [['-e', 'port=81'], 'port 81'],
  [['-e', '@vars.yml'], 'port 82'],
  [['-e', '@vars.yml', '-e', '{port: 83}'], 'port 83'],
])('%j gives variables, the last one wins', async (flags, text) => {
  const dir = folder(FILES);
  expect(await kplay(dir, ['run', 'site.yml', '-i', 'hosts', '-l', 'a', ...flags])).toMatchObject({ code: 0 });
  expect(readFileSync(join(dir, 'a'), 'utf8')).toBe(`${text}\n`);
});

test('-v prints results; -C with -D what would change, and changes nothing', async () => {
  expect((await run('-l', 'a', '-v')).stdout).toMatch(/^ok: \[a\] => \{.*"stdout": "port 80"/m);
  const dir = folder(FILES);
  const { code, stdout } = await kplay(dir, ['run', 'site.yml', '-i', 'hosts', '-l', 'a', '-C', '-D']);
  expect([code, existsSync(join(dir, 'a'))]).toEqual([0, false]);
  expect(stdout).toContain('@@ -0,0 +1 @@\n+port 80\n');
  expect(stdout).toMatch(/^a +: ok=2 +changed=1 .* skipped=1 /m);
});

test.for([['-v'], ['--json']])('with %j a task tells all that it returns', async ([flag = '']) => {
  const { code, stdout } = await run('-l', 'a', '-t', 'y', flag);
  expect([code, stdout]).toEqual([0, expect.stringMatching(/"mode": ?"0644"/)]);
});

describe('instead of running', () => {
  test.each([
    ['--list-hosts', /pattern: \['all'\]\n +hosts \(3\):\n +a\n +b\n +c\n/],
    ['--list-tasks', /tasks:\n +one\tTAGS: \[x\]\n +two\tTAGS: \[y\]\n +three\tTAGS: \[y, z\]\n/],
    ['--list-tags', /TASK TAGS: \[x, y, z\]\n/],
    ['--syntax-check', /^\nplaybook: \.\/site\.yml\n$/],
  ])('%s', async (flag, said) => {
    const ran = await run(flag);
    expect(ran).toMatchObject({ code: 0, stderr: '', stdout: expect.stringMatching(said) });
    expect(tasks(ran)).toEqual([]);
  });

  test('--allow-missing-modules counts what kplay has not got, and is refused where something would run', async () => {
    const files = {
      'site.yml': '- hosts: localhost\n  gather_facts: false\n  tasks:\n    - mine: {}\n    - mine: {}\n',
      'ansible.cfg': '[defaults]\nlibrary = modules\n',
      'modules/mine.py': '',
    };
    const line = ['run', 'site.yml', '--allow-missing-modules'];
    const [checked, run] = await Promise.all([kplay(folder(files), [...line, '--syntax-check']), kplay(folder(files), line)]);
    expect(checked).toMatchObject({ code: 0, stderr: expect.stringContaining("kplay has no module 'mine': 2 tasks") });
    expect(run).toMatchObject({ code: 5, stderr: expect.stringContaining('a run would fail at the first such task') });
  });
});

test('--json is NDJSON from run-start to run-end, and nothing else on stdout', async () => {
  const told = events(await run('--json'));
  expect(told[0]).toMatchObject({ type: 'run-start', run: expect.stringMatching(/^\w{12}$/) });
  expect(told.at(-1)).toMatchObject({ type: 'run-end', exitCode: 0 });
  expect(told.find(({ type }) => type === 'recap')).toMatchObject({ hosts: { a: { ok: 3, changed: 1 } } });
});

test('--report writes one page beside the usual lines', async () => {
  const dir = folder(FILES);
  const ran = await kplay(dir, ['run', 'site.yml', '-i', 'hosts', '--report', 'run.html']);
  expect(hosts(ran)).toEqual(['a', 'b', 'c']);
  expect(readFileSync(join(dir, 'run.html'), 'utf8')).toMatch(/^<!doctype html>[^]*<h2>Hosts and tasks<\/h2>[^]*<\/html>\s*$/i);
});

describe('--profile', () => {
  const lines = (text: string): readonly string[] => text.split('\n').filter(line => /^( +\d+\.\d\d){6} {2}/.test(line));
  const titles = (text: string): readonly string[] => lines(text).map(line => line.replace(/^[ \d.]+/, ''));
  const ROWS = ['one', 'two', 'three'].flatMap(name => [`${name} (3 hosts)`, ...['a', 'b', 'c'].map(host => `${name} [${host}]`)]);

  test('says behind the usual lines where the time of tasks and hosts went', async () => {
    const [ran, { stdout }] = [await run('--profile'), await run()];
    expect(ran).toMatchObject({ code: 0, stderr: '', stdout: expect.stringMatching(/\nPROFILE, in seconds\n\d+\.\d\d in all, /) });
    expect(ran.stdout.slice(0, ran.stdout.indexOf('PROFILE'))).toBe(stdout);
    expect(titles(ran.stdout).toSorted()).toEqual(['all tasks', ...ROWS].toSorted());
  });
  test('with --json: on stderr, and as events, which are none without it', async () => {
    const [ran, without] = [await run('--profile', '--json'), await run('--json')];
    const spent = (of: Ran): readonly string[] =>
      events(of).flatMap(event => (event.type === 'spent' ? [`${event.host} ${event.on}`] : []));
    expect(titles(ran.stderr).toSorted()).toEqual(['all tasks', ...ROWS].toSorted());
    expect(spent(ran)).toEqual(expect.arrayContaining(['a', 'b', 'c'].flatMap(host => [`${host} connect`, `${host} look`, `${host} act`])));
    expect([spent(without), without.stderr]).toEqual([[], '']);
  });
  test('of an ad-hoc command is no part of its results', async () => {
    const exec = (...flags: readonly string[]): Promise<Ran> =>
      kplay(folder(FILES), ['exec', 'web', '-i', 'hosts', '-m', 'ping', ...flags]);
    const [ran, { stdout }] = [await exec('--profile'), await exec()];
    expect([ran.stdout, titles(ran.stderr)[0]]).toEqual([stdout, 'all tasks']);
  });
});

describe('this machine', () => {
  const PING = "- hosts: all:localhost\n  gather_facts: false\n  tasks: [{command: 'true'}]\n";
  test('without an inventory is there as localhost, and is not one of all', async () => {
    const all = await kplay(folder({ 'site.yml': PING.replace(':localhost', '') }), ['run', 'site.yml']);
    expect(all).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('no hosts matched'),
      stderr: expect.stringContaining("'all' does not match"),
    });
    const local = await kplay(folder({ 'site.yml': PING }), ['run', 'site.yml']);
    expect(local).toMatchObject({ code: 0, stdout: expect.stringMatching(/^localhost +: ok=1 /m) });
  });
  test('named by the inventory is reached by ssh like any other host', async () => {
    const ran = await kplay(folder({ 'site.yml': PING }), ['run', 'site.yml', '-i', 'localhost,', '-e', 'ansible_port=1']);
    expect(ran).toMatchObject({ code: 4, stdout: expect.stringContaining('(localhost port 1) cannot be reached') });
  });
});

describe('the default inventory', () => {
  test.each([
    ['ansible.cfg', '[defaults]\ninventory = hosts\n'],
    ['kplay.config.yaml', 'inventory: hosts\n'],
  ])('comes from the %s above, and bare names are looked up in playbooks/', async (name, text) => {
    const dir = folder({ ...FILES, 'sub/folder/x': '', 'playbooks/other.yml': FILES['site.yml'], [name]: text });
    const ran = await kplay(join(dir, 'sub/folder'), ['run', ...(name === 'ansible.cfg' ? ['../../site.yml'] : ['other']), '-t', 'x']);
    expect([ran.code, hosts(ran)]).toEqual([0, ['a', 'b', 'c']]);
  });
});

test('module_defaults reach a module by the name of its collection, too', async () => {
  const play = `- hosts: localhost
  gather_facts: false
  module_defaults:
    ansible.posix.sysctl: {sysctl_file: "{{ playbook_dir }}/limits", reload: false}
  tasks:
    - sysctl: {name: kernel.pid_max, value: 4194304}
`;
  const cwd = folder({ 'site.yml': play });
  expect(await kplay(cwd, ['run', 'site.yml'])).toMatchObject({ code: 0 });
  expect(readFileSync(join(cwd, 'limits'), 'utf8')).toContain('kernel.pid_max=4194304');
});
