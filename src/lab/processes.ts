import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { KplayError } from '../model/errors.ts';

/**
 * This machine's processes that were started with exactly this word among their arguments, oldest first. A lab's words hold the path of its
 * own folder, so no file of process ids is needed, and none can be stale.
 */
export const processesWith = async (word: string): Promise<readonly number[]> => {
  const pids = (await readdir('/proc')).map(Number).filter(pid => pid > 0);
  const ours = await Promise.all(pids.map(async pid => (await proc(pid, 'cmdline')).split('\0').includes(word)));
  return pids.filter((_, i) => ours[i]).toSorted((a, b) => a - b);
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

/** Looks again every 50 ms until `done` says yes; fails with E_LAB after the time. */
export const until = async (what: string, timeoutMs: number, done: () => Promise<boolean>, hint?: string): Promise<void> => {
  const deadline = performance.now() + timeoutMs;
  while (!(await done())) {
    if (performance.now() > deadline)
      throw new KplayError('E_LAB', `${what}: not within ${timeoutMs / 1000} s`, hint === undefined ? {} : { hint });
    await wait(50);
  }
};
