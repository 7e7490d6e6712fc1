import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from './timed.ts';

export interface AnsibleOptions {
  /** The folder that holds Ansible's programs. */
  readonly bin: string;
  readonly scratch: string;
  readonly forks: number;
  /** More lines of `[defaults]`. */
  readonly defaults?: readonly string[];
}

const masters = (scratch: string): string => join(scratch, 'cp');

/** Ansible with what its own documentation recommends for speed: pipelining, and kept connections. */
export const ansible = ({
  bin,
  scratch,
  forks,
  defaults = [],
}: AnsibleOptions): ((program: 'ansible' | 'ansible-playbook', args: readonly string[]) => Command) => {
  const config = join(mkdtempSync(join(scratch, 'ansible-')), 'ansible.cfg');
  const lines = [
    '[defaults]',
    `forks = ${forks}`,
    'nocows = true',
    // A busy machine is slow, not unreachable.
    'timeout = 60',
    ...defaults,
    '[ssh_connection]',
    'pipelining = True',
    'ssh_args = -o ControlMaster=auto -o ControlPersist=300s',
    `control_path_dir = ${masters(scratch)}`,
  ];
  writeFileSync(config, `${lines.join('\n')}\n`);
  return (program, args) => ({ argv: [join(bin, program), ...args], env: { ANSIBLE_CONFIG: config } });
};

/** What makes it Mitogen: a strategy plugin, of the package that is installed beside it. */
export const mitogen = (bin: string): readonly string[] => {
  const find = 'import importlib.util as u; print(*u.find_spec("ansible_mitogen").submodule_search_locations)';
  const found = execFileSync(join(bin, 'python3'), ['-c', find], { encoding: 'utf8' }).trim();
  return [`strategy_plugins = ${found}/plugins/strategy`, 'strategy = mitogen_linear'];
};

/** Ends Ansible's kept connections, which would outlive the bench. */
export const stopMasters = (scratch: string): void => {
  const folder = masters(scratch);
  if (!existsSync(folder)) return;
  for (const socket of readdirSync(folder))
    execFileSync('ssh', ['-o', `ControlPath=${join(folder, socket)}`, '-O', 'exit', 'bench'], { stdio: 'ignore' });
};

/** What recaps say, Ansible's and kplay's: `h1 : ok=50 changed=3 …`, added up. */
export const changedInRecap = (output: string): number =>
  [...output.matchAll(/^\S+\s+: ok=\d+ .*?changed=(\d+)/gm)].reduce((sum, [, count]) => sum + Number(count), 0);
