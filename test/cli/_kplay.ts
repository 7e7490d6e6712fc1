import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, onTestFinished } from 'vitest';

/** Compiled once for all runs of a test file. */
const CACHE = mkdtempSync(join(tmpdir(), 'kplay-compiled-'));
afterAll(() => rmSync(CACHE, { recursive: true, force: true }));
const MAIN = join(import.meta.dirname, '../../src/cli/main.ts');

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

/** Runs kplay from its source as a process of its own; what it says of `cwd` is shortened to `.`. */
export const kplay = (cwd: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ran> =>
  new Promise(done => {
    const own = { PATH: process.env['PATH'], HOME: cwd, XDG_CACHE_HOME: CACHE, ...env };
    const short = (text: string): string => text.replaceAll(`${cwd}/`, './').replaceAll(cwd, '.');
    execFile(process.execPath, [MAIN, ...args], { cwd, env: own }, (error, stdout, stderr) =>
      done({ code: typeof error?.code === 'number' ? error.code : error ? -1 : 0, stdout: short(stdout), stderr: short(stderr) }),
    );
  });
