import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { open, readdir, readFile } from 'node:fs/promises';
import { SYSTEM_PATH } from './run.ts';

/**
 * This machine's processes that were started with exactly this word among their arguments. A lab's words hold the path of its
 * own folder, so no file of process ids is needed, and none can be stale.
 */
export const processesWith = async (word: string): Promise<readonly number[]> => {
  const pids = (await readdir('/proc')).map(Number).filter(pid => pid > 0);
  const found: number[] = [];
  // One by one: all files at once, for each host of a lab that runs a cluster, are more than a process may open.
  for (const pid of pids) if ((await proc(pid, 'cmdline')).split('\0').includes(word)) found.push(pid);
  return found;
};

export const childrenOf = async (pid: number): Promise<readonly number[]> =>
  (await proc(pid, `task/${pid}/children`)).split(' ').filter(Boolean).map(Number);

/** Empty for a process that has just ended. */
const proc = (pid: number, file: string): Promise<string> =>
  readFile(`/proc/${pid}/${file}`, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ESRCH') return '';
    throw error;
  });

export const kill = (pid: number, signal: NodeJS.Signals): void => {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
};

/** Starts a process that belongs to no terminal and to no parent; what it says goes to a file. */
export const detach = async ([file = '', ...args]: readonly string[], log: string): Promise<void> => {
  const output = await open(log, 'a');
  try {
    const child = spawn(file, args, {
      detached: true,
      stdio: ['ignore', output.fd, output.fd],
      cwd: '/',
      env: { PATH: SYSTEM_PATH, LC_ALL: 'C' },
    });
    await once(child, 'spawn');
    child.unref();
  } finally {
    await output.close();
  }
};
