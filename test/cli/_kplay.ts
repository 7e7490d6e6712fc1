import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { afterAll, onTestFinished } from 'vitest';

/** Compiled once for all runs of a test file. */
const CACHE = mkdtempSync(join(tmpdir(), 'kplay-compiled-'));
afterAll(() => rmSync(CACHE, { recursive: true, force: true }));
const MAIN = join(import.meta.dirname, '../../dist/cli/main.js');

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A folder with these files in it, which goes with the test. */
export const folder = (files: Readonly<Record<string, string>>): string => {
  const dir = mkdtempSync(join(tmpdir(), 'kplay-cli-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(dir, name)), { recursive: true });
    writeFileSync(join(dir, name), text);
  }
  return dir;
};

type Env = Readonly<Record<string, string>>;
const envOf = (cwd: string, env: Env): NodeJS.ProcessEnv => ({ PATH: process.env['PATH'], HOME: cwd, XDG_CACHE_HOME: CACHE, ...env });

/** Runs kplay as a process of its own; what it says of `cwd` is shortened to `.`. */
export const kplay = (cwd: string, args: readonly string[], env: Env = {}): Promise<Ran> => started(cwd, args, env).ran;

/** The same, for those who have to do with it while it runs. */
export const started = (
  cwd: string,
  args: readonly string[],
  env: Env = {},
): { readonly child: ChildProcess; readonly ran: Promise<Ran> } => {
  const { promise, resolve } = Promise.withResolvers<Ran>();
  const short = (text: string): string => text.replaceAll(`${cwd}/`, './').replaceAll(cwd, '.');
  const child = execFile(process.execPath, [MAIN, ...args], { cwd, env: envOf(cwd, env) }, (error, stdout, stderr) =>
    resolve({ code: typeof error?.code === 'number' ? error.code : error ? -1 : 0, stdout: short(stdout), stderr: short(stderr) }),
  );
  return { child, ran: promise };
};

/** What is typed once the terminal shows a text. */
interface Typed {
  readonly question: string;
  readonly answer: string;
}
/** Runs kplay on a terminal of its own, as large as `size` says; what is then to be seen there, without colours and cursor movements. */
export const onTerminal = (
  cwd: string,
  args: readonly string[],
  { question, answer, size = 'rows 30 cols 100' }: Partial<Typed> & { readonly size?: string } = {},
): Promise<{ readonly code: number | null; readonly screen: string }> =>
  new Promise(done => {
    const line = [process.execPath, MAIN, ...args].map(word => `'${word}'`).join(' ');
    const child = spawn('script', ['-qefc', `stty ${size}; exec ${line}`, '/dev/null'], {
      cwd,
      env: { ...envOf(cwd, {}), SHELL: '/bin/sh', TERM: 'xterm' },
    });
    let screen = '';
    let asked = question;
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      screen += text;
      if (asked === undefined || !screen.includes(asked)) return;
      asked = undefined;
      child.stdin.write(`${answer ?? ''}\r`);
    });
    child.on('close', code => done({ code, screen: stripVTControlCharacters(screen) }));
  });
