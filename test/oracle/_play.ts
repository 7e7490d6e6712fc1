import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Event, Outcome, TaskInfo } from '../../src/model/event.ts';
import { FOLDER, type Theme } from './_themes.ts';
import type { Heard, Step } from './_told.ts';

const MAIN = resolve(import.meta.dirname, '../../dist/cli/main.js');

/** Where a run takes place. */
export interface Stage {
  readonly inventory: string;
  /** The `scratch` of the playbooks, on the hosts. */
  readonly scratch: string;
  /** A folder of this machine for the tool's own files. */
  readonly home: string;
  readonly vars: Readonly<Record<string, string>>;
}
/** Runs a theme's playbook once. */
export type Player = (theme: Theme, args: readonly string[], stage: Stage) => Promise<Heard>;

interface Ended {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}
const spawned = (file: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<Ended> =>
  new Promise((done, fail) => {
    const child = execFile(file, args, { cwd: FOLDER, env, maxBuffer: 1 << 28 }, (error, stdout, stderr) => {
      if (error && typeof error.code !== 'number') fail(error);
      else done({ exitCode: child.exitCode ?? -1, stdout, stderr });
    });
    child.stdin?.end();
  });
const argumentsFor = ({ name }: Theme, args: readonly string[], { inventory, scratch, vars }: Stage): readonly string[] => {
  const extra = JSON.stringify({ ...vars, scratch });
  return ['-i', inventory, '-e', extra, ...args, join(FOLDER, `${name}.yml`)];
};
const lines = <T>(text: string): readonly T[] =>
  text
    .split('\n')
    .filter(line => line.startsWith('{'))
    .map(line => JSON.parse(line) as T);

export const ansible: Player = async (theme, args, stage) => {
  mkdirSync(stage.home, { recursive: true });
  const told = join(stage.home, 'told');
  // A command line that Ansible refuses tells nothing.
  writeFileSync(told, '');
  const env = {
    ...process.env,
    TOLD: told,
    ANSIBLE_CALLBACK_PLUGINS: join(import.meta.dirname, 'callback'),
    ANSIBLE_STDOUT_CALLBACK: 'told',
    ANSIBLE_HOME: stage.home,
    ANSIBLE_LOCALHOST_WARNING: 'false',
    ANSIBLE_DEPRECATION_WARNINGS: 'false',
    ANSIBLE_PIPELINING: 'true',
    ANSIBLE_SSH_ARGS: '-C -o ControlMaster=auto -o ControlPersist=10s',
  };
  const command = join(process.env['KPLAY_ORACLE'] ?? '', 'ansible-playbook');
  const { exitCode, stdout, stderr } = await spawned(command, argumentsFor(theme, args, stage), env);
  return { steps: lines<Step>(readFileSync(told, 'utf8')), exitCode, said: stdout + stderr };
};

export const kplay: Player = async (theme, args, stage) => {
  mkdirSync(stage.home, { recursive: true });
  const { exitCode, stdout, stderr } = await spawned(
    process.execPath,
    [MAIN, 'run', '--json', ...argumentsFor(theme, args, stage)],
    process.env,
  );
  const events = lines<Event>(stdout);
  const warnings = events.flatMap(event => (event.type === 'warning' ? [event.message] : []));
  return { steps: events.flatMap(stepsOf), exitCode, said: [...warnings, stderr].join('\n') };
};

const started = ({ id, name, action, role, handler }: TaskInfo): Step => ({
  type: 'task',
  id: String(id),
  name,
  action,
  handler,
  ...(role !== undefined && { role }),
});
const ended = (type: 'item' | 'outcome', { task, host, status, result }: Outcome): Step => ({
  type,
  id: String(task.id),
  host,
  status,
  result,
});
const stepsOf = (event: Event): readonly Step[] => {
  switch (event.type) {
    case 'play-start':
      return [{ type: 'play', name: event.name }];
    case 'no-hosts':
      return event.why === 'no match'
        ? [
            { type: 'play', name: event.name },
            { type: 'no-hosts', why: event.why },
          ]
        : [{ type: 'no-hosts', why: event.why }];
    case 'task-start':
      return [started(event.task)];
    case 'item':
    case 'outcome':
      return [ended(event.type, event.outcome)];
    case 'included':
      return [{ type: 'included', id: String(event.task.id), file: event.file, hosts: event.hosts }];
    case 'recap':
      return [{ type: 'recap', hosts: event.hosts }];
    default:
      return [];
  }
};
