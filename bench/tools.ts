import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';

export interface Command {
  readonly argv: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}
export interface Ran {
  readonly seconds: number;
  /** User and system seconds of the process and of those it waited for; right while nothing else is started beside it. */
  readonly cpu: number;
  readonly stdout: string;
}

/** What all children that have ended used, and theirs: cutime and cstime of proc(5), in hundredths of a second. */
const cpuOfChildren = (): number => {
  const afterName = readFileSync('/proc/self/stat', 'utf8').split(') ')[1]!.split(' ');
  return (Number(afterName[13]) + Number(afterName[14])) / 100;
};

/** Wall clock from before the process starts until it is gone and its output read. Throws when it does not end with 0. */
export const timed = ({ argv: [file, ...args], env }: Command): Promise<Ran> =>
  new Promise((resolve, reject) => {
    const started = performance.now();
    const used = cpuOfChildren();
    const child = spawn(file!, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
    child.on('error', reject);
    child.on('close', code => {
      const seconds = (performance.now() - started) / 1000;
      const stdout = Buffer.concat(out).toString();
      if (code === 0) resolve({ seconds, cpu: cpuOfChildren() - used, stdout });
      else reject(new Error(`${[file, ...args].join(' ')} ended with ${code}:\n${stdout}${Buffer.concat(err).toString()}`));
    });
  });

/** What both tools' recaps say: `h1 : ok=50 changed=3 …`, added up. */
export const changedIn = (stdout: string): number =>
  [...stdout.matchAll(/^\S+\s+: ok=\d+ .*?changed=(\d+)/gm)].reduce((sum, [, count]) => sum + Number(count), 0);

/** Ansible with what its own documentation recommends for speed: pipelining, kept connections, as many forks as kplay has. */
export const ansible = (bin: string, scratch: string, forks: number): ((args: readonly string[]) => Command) => {
  const config = join(scratch, 'ansible.cfg');
  const lines = [
    '[defaults]',
    `forks = ${forks}`,
    'nocows = true',
    '[ssh_connection]',
    'pipelining = True',
    'ssh_args = -o ControlMaster=auto -o ControlPersist=300s',
    `control_path_dir = ${join(scratch, 'cp')}`,
  ];
  writeFileSync(config, `${lines.join('\n')}\n`);
  return args => ({ argv: [join(bin, 'ansible-playbook'), ...args], env: { ANSIBLE_CONFIG: config } });
};
