// How long starting takes: medians of 20 warm runs, and how many times a bare `node -e 0` that is. `node bench/startup.ts` after a build.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

const RUNS = 20;
const home = join(import.meta.dirname, '..');
const node = process.execPath;
const ansible = [process.env['KPLAY_ORACLE'] ?? '/usr/bin', 'ansible'].join('/');

const COMMANDS: readonly (readonly [string, ...string[]])[] = [
  [node, '-e', '0'],
  [join(home, 'bin/kplay'), '--version'],
  [join(home, 'bin/kplay'), 'run', '--help'],
  [join(home, 'bin/kplay'), 'lab', 'up', '--help'],
  ...(existsSync(ansible) ? [[ansible, '--version'] as const] : []),
];

interface Cost {
  readonly wallMs: number;
  /** User and system time: what remains comparable on a busy machine. */
  readonly cpuMs: number;
}
/** The shell's `times` tells what its children used. */
const run = (command: readonly string[]): Cost => {
  const before = performance.now();
  const { stdout, status } = spawnSync('sh', ['-c', '"$@" >/dev/null 2>&1 </dev/null && times', 'sh', ...command], { encoding: 'utf8' });
  const wallMs = performance.now() - before;
  if (status !== 0) throw new Error(`${command.join(' ')} ended with status ${status}`);
  const spent = [...(stdout.trim().split('\n').at(-1) ?? '').matchAll(/(\d+)m([\d.]+)s/g)];
  return { wallMs, cpuMs: spent.reduce((sum, [, minutes, seconds]) => sum + (Number(minutes) * 60 + Number(seconds)) * 1000, 0) };
};
const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

// In turns, so that whatever else the machine does falls on all of them alike; the first round warms the caches.
const rounds = Array.from({ length: RUNS + 1 }, () => COMMANDS.map(run)).slice(1);
const costs = COMMANDS.map((_, index) => ({
  wallMs: median(rounds.map(round => round[index]?.wallMs ?? 0)),
  cpuMs: median(rounds.map(round => round[index]?.cpuMs ?? 0)),
}));
const [bare = { wallMs: 1, cpuMs: 1 }] = costs;
console.log('command                    wall ms   ratio    cpu ms   ratio');
for (const [index, command] of COMMANDS.entries()) {
  const { wallMs, cpuMs } = costs[index] ?? bare;
  const name = command.join(' ').replace(/^\S*\//, '');
  const columns = [wallMs.toFixed(0), (wallMs / bare.wallMs).toFixed(2), cpuMs.toFixed(0), (cpuMs / bare.cpuMs).toFixed(2)];
  console.log(`${name.padEnd(24)}${columns.map(text => text.padStart(10)).join('')}`);
}
