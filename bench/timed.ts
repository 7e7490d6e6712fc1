import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';

export interface Command {
  readonly argv: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}
export interface Ran {
  readonly seconds: number;
  /** User and system seconds of the process and of those it waited for; right while nothing else is started beside it. */
  readonly cpu: number;
  /** Of the process alone, as last seen before it ended: user and system seconds, and the most memory it ever held. */
  readonly own: { readonly cpu: number; readonly peakBytes: number };
  readonly stdout: string;
  readonly stderr: string;
}

const SAMPLE_MS = 20;
/** Of a thousand hosts the end is enough. */
const MOST_TOLD = 4000;

/** What a process used, and what its children that have ended used, and theirs: utime to cstime of proc(5), in hundredths of a second. */
const cpuOf = (pid: number | 'self'): { own: number; children: number } => {
  const afterName = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
  const [user = 0, system = 0, childrenUser = 0, childrenSystem = 0] = afterName.slice(11, 15).map(Number);
  return { own: (user + system) / 100, children: (childrenUser + childrenSystem) / 100 };
};

/** Looks at a process from now on; the function that is returned stops that, and says what was seen last. */
const watch = (pid: number): (() => Ran['own']) => {
  let seen = { cpu: 0, peakBytes: 0 };
  const look = (): void => {
    try {
      const peak = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
      // Without memory it is ending, and has told all.
      if (peak !== undefined) seen = { cpu: cpuOf(pid).own, peakBytes: Number(peak) * 1024 };
    } catch {}
  };
  const timer = setInterval(look, SAMPLE_MS);
  return () => {
    clearInterval(timer);
    return seen;
  };
};

/** Wall clock from before the process starts until it is gone and its output read. Throws when it does not end with 0. */
export const timed = ({ argv: [file, ...args], env }: Command): Promise<Ran> =>
  new Promise((resolve, reject) => {
    const started = performance.now();
    const used = cpuOf('self').children;
    const child = spawn(file!, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    const stop = watch(child.pid ?? 0);
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
    child.on('error', reject);
    child.on('close', code => {
      const seconds = (performance.now() - started) / 1000;
      const own = stop();
      const [stdout, stderr] = [Buffer.concat(out).toString(), Buffer.concat(err).toString()];
      if (code === 0) resolve({ seconds, cpu: cpuOf('self').children - used, own, stdout, stderr });
      else reject(new Error(`${[file, ...args].join(' ')} ended with ${code}:\n${stdout.slice(-MOST_TOLD)}${stderr}`));
    });
  });
