import { readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';

/** Time of all processors since the machine started, in hundredths of a second: proc(5), the first line of /proc/stat. */
const processors = (): { readonly idle: number; readonly all: number } => {
  const times = readFileSync('/proc/stat', 'utf8').split('\n')[0]!.trim().split(/\s+/).slice(1, 9).map(Number);
  return { idle: times[3]! + times[4]!, all: times.reduce((sum, time) => sum + time) };
};

const LOOK_MS = 300;
const LONGEST_MS = 30_000;
const BUSY = 0.06;

/**
 * What a run leaves the machine to do (sshd and systemd clear up after each login) is not the next one's: resolves when the processors have
 * nothing to do, or never will.
 */
export const untilIdle = async (): Promise<void> => {
  for (let waited = 0; waited < LONGEST_MS; waited += LOOK_MS) {
    const before = processors();
    await wait(LOOK_MS);
    const after = processors();
    if (1 - (after.idle - before.idle) / (after.all - before.all) < BUSY) return;
  }
};
