import { spawnSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { KplayError } from '../../src/model/errors.ts';
import type { Fields } from '../../src/model/module.ts';
import { catalog } from '../../src/tasks/index.ts';
import { runOnce } from './_converge.ts';

const bin = process.env['KPLAY_ORACLE'];
const dir = mkdtempSync(join(tmpdir(), 'kplay-programs-'));
writeFileSync(join(dir, 'tool.sh'), '#!/bin/sh\necho "$# $*"; exit 4\n', { mode: 0o755 });
writeFileSync(join(dir, 'there.1'), 'version=12\n');

/** Tasks that both do; `cmd` stands for free-form text. */
const cases: readonly (readonly [module: string, args: Readonly<Record<string, unknown>>])[] = [
  ['command', { cmd: `printf '%s|' a "b c" $HOME '$NOPE' '*' ~ ''` }],
  ['command', { argv: ['echo', 'a b', '$HOME', '~'], expand_argument_vars: false }],
  ['command', { argv: ['echo', 1, true] }],
  ['command', { cmd: 'cd /' }],
  ['command', { cmd: '/etc/passwd "a b"' }],
  ['command', { cmd: 'ls', chdir: '/nope' }],
  ['command', { cmd: 'pwd', chdir: dir, creates: 'there.*' }],
  ['command', { cmd: 'pwd', chdir: dir, removes: 'gone*' }],
  ['command', { cmd: 'pwd', chdir: dir, creates: '$NOPE/x' }],
  ['command', { cmd: 'cat', stdin: 'a\nb\n', strip_empty_ends: false }],
  ['command', { cmd: 'cat', stdin: 'a', stdin_add_newline: false, strip_empty_ends: false }],
  ['command', { cmd: 'false', executable: '/bin/bash' }],
  ['command', { cmd: ' ' }],
  ['command', { cmd: 'a', argv: ['b'] }],
  ['shell', { cmd: 'echo out; echo; echo er >&2; exit 7' }],
  ['shell', { cmd: `printf 'a\\rb\\fc\\n\\n'` }],
  ['shell', { cmd: 'echo $0', executable: '/bin/bash' }],
  ['shell', { argv: ['echo', 'a b'] }],
  ['shell', { cmd: 'x', executable: '/nope/sh' }],
  ['raw', { _raw_params: 'echo "a  b"; echo; exit 3' }],
  ['script', { cmd: `${dir}/tool.sh a 'b c' $((1 + 2))` }],
  ['script', { cmd: `${dir}/tool.sh`, executable: 'sh', chdir: '/etc' }],
  ['script', { cmd: `${dir}/tool.sh`, creates: '/etc' }],
  ['script', { cmd: `${dir}/tool.sh`, removes: '/nope' }],
  ['wait_for', { path: `${dir}/there.1`, search_regex: 'version=(?P<n>[0-9]+)' }],
  ['wait_for', { path: `${dir}/gone`, timeout: 1 }],
  ['wait_for', { port: 1, timeout: 1, msg: 'closed' }],
  ['wait_for', { port: 1, state: 'drained' }],
  ['uri', { url: 'http://127.0.0.1:1/', creates: '/etc' }],
  ['ping', { data: 'x' }],
];
const RUNS = ['run', 'check'] as const;

const ansible = (): ReadonlyMap<string, Fields> => {
  const tasks = cases.flatMap(([module, args], i) =>
    RUNS.map(run => ({ name: `${i} ${run}`, [`ansible.builtin.${module}`]: args, check_mode: run === 'check', ignore_errors: true })),
  );
  const play = join(dir, 'play.json');
  writeFileSync(play, JSON.stringify([{ hosts: 'localhost', connection: 'local', gather_facts: false, tasks }]));
  const env = {
    ...process.env,
    ANSIBLE_STDOUT_CALLBACK: 'ansible.posix.json',
    ANSIBLE_LOCALHOST_WARNING: 'false',
    ANSIBLE_HOME: join(dir, 'home'),
  };
  const argv = ['-i', 'localhost,', '-e', 'ansible_python_interpreter={{ ansible_playbook_python }}', play];
  const { stdout, stderr } = spawnSync(join(bin ?? '', 'ansible-playbook'), argv, { env, encoding: 'utf8', maxBuffer: 1 << 28 });
  const start = stdout.indexOf('{');
  if (start < 0) throw new Error(stderr || stdout);
  const { plays } = JSON.parse(stdout.slice(start)) as { plays: { tasks: { task: { name: string }; hosts: { localhost: Fields } }[] }[] };
  return new Map(plays[0]?.tasks.map(({ task, hosts }) => [task.name, hosts.localhost]));
};

/** Without what varies from run to run, and what the engine adds or takes away. */
const VARIES = [
  'start',
  'end',
  'delta',
  'elapsed',
  'invocation',
  'action',
  'exception',
  'warnings',
  '_ansible_no_log',
  'module_stdout',
  'module_stderr',
];
const steady = ({ failed, skipped, changed, ...fields }: Fields): unknown => ({
  failed: failed === true,
  skipped: skipped === true,
  changed: changed === true,
  // That message has the name of the module as the task wrote it.
  ...(skipped === true && /check mode/.test(String(fields['msg']))
    ? {}
    : Object.fromEntries(Object.entries(fields).filter(([key]) => !VARIES.includes(key)))),
});

const kplay = async (module: string, args: Readonly<Record<string, unknown>>, check: boolean): Promise<Fields> => {
  const task = catalog().get(module);
  if (task?.kind !== 'module') throw new Error(`no module ${module}`);
  const { _raw_params: text, ...rest } = args;
  const given = text === undefined ? rest : { ...rest, [task.freeForm ?? 'cmd']: text };
  try {
    return (await runOnce(task, given, { mode: { check, diff: false }, controller: { find: (name: string) => name } })).result;
  } catch (error) {
    if (error instanceof KplayError) return { failed: true, msg: error.message };
    throw error;
  }
};

describe.runIf(bin)('as Ansible does', () => {
  let theirs: ReadonlyMap<string, Fields>;
  beforeAll(() => {
    theirs = ansible();
  });
  test.for(cases.flatMap(([module, args], i) => RUNS.map(run => [i, module, run, args] as const)))(
    '%i %s %s %j',
    async ([i, module, run, args]) => {
      const told = theirs.get(`${i} ${run}`);
      if (told === undefined) throw new Error('Ansible says nothing');
      const mine = await kplay(module, args, run === 'check');
      const isRefusal = mine['failed'] === true && Object.keys(mine).length === 2;
      if (isRefusal) expect({ failed: told['failed'], msg: told['msg'] }).toEqual(mine);
      else expect(steady(mine)).toEqual(steady(told));
    },
  );
});
