import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import type { Ran } from '../../cli/_kplay.ts';

/** Runs one of this folder's Python programs in a project: JSON in, JSON out. `seed` gives Python's sets their order. */
export const askPython = (bin: string, program: string, cwd: string, question: unknown, seed = 0): unknown => {
  const done = spawnSync(join(bin, 'python3'), [join(import.meta.dirname, program)], {
    cwd,
    input: JSON.stringify(question),
    encoding: 'utf8',
    maxBuffer: 1 << 30,
    // No facts of an earlier run, and plain messages.
    env: {
      ...process.env,
      ANSIBLE_CACHE_PLUGIN: 'memory',
      ANSIBLE_NOCOLOR: '1',
      ANSIBLE_LOCALHOST_WARNING: 'no',
      PYTHONHASHSEED: String(seed),
    },
  });
  if (done.error) throw done.error;
  if (done.status !== 0) throw new Error(`${program} in ${cwd}: ${done.stderr}`);
  return JSON.parse(done.stdout);
};

/** Command lines of Ansible, all of one folder. */
export const askAnsible = (bin: string, cwd: string, lines: readonly (readonly string[])[]): readonly Ran[] =>
  // commands.py prints exactly this.
  lines.length === 0 ? [] : (askPython(bin, 'commands.py', cwd, lines) as Ran[]);
