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
  readonly stdout: string;
  readonly stderr: string;
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
      const [stdout, stderr] = [Buffer.concat(out).toString(), Buffer.concat(err).toString()];
      if (code === 0) resolve({ seconds, cpu: cpuOfChildren() - used, stdout, stderr });
      else reject(new Error(`${[file, ...args].join(' ')} ended with ${code}:\n${stdout}${stderr}`));
    });
  });
