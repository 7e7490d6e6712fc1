import { readFile } from 'node:fs/promises';
import { run } from './run.ts';

/** Mount points at or below a folder, innermost first (proc(5), /proc/self/mounts: blanks are octal). */
export const mountsUnder = async (dir: string): Promise<readonly string[]> => {
  const lines = (await readFile('/proc/self/mounts', 'utf8')).split('\n');
  const points = lines.map(line =>
    (line.split(' ')[1] ?? '').replaceAll(/\\(\d{3})/g, (_, octal: string) => String.fromCharCode(parseInt(octal, 8))),
  );
  return points.filter(point => point === dir || point.startsWith(`${dir}/`)).toReversed();
};

export const unmountUnder = async (dir: string): Promise<void> => {
  for (const point of await mountsUnder(dir)) await run('umount', [point]);
};
