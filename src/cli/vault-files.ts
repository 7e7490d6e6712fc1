import { spawn } from 'node:child_process';
import { chmodSync, chownSync, mkdtempSync, readFileSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, extname, join, resolve } from 'node:path';
import { KplayError } from '../model/errors.ts';

/** A file's bytes, `-` being stdin. Fails with E_FILE. */
export const readInput = (file: string): Buffer => {
  try {
    return readFileSync(file === '-' ? 0 : file);
  } catch (cause) {
    throw new KplayError('E_FILE', `Unable to read source file (${file})`, { cause });
  }
};

/** What a path leads to; one that leads nowhere yet is itself. */
export const realFile = (file: string, cwd: string): string => {
  if (file === '-') return file;
  const path = resolve(cwd, file);
  return statSync(path, { throwIfNoEntry: false }) ? realpathSync(path) : path;
};

/**
 * Puts a file in the place of another at once: whoever reads it finds the old one or the new one. It is its owner's alone, unless it is to
 * keep the owner and the permissions of the old one.
 */
export const replaceFile = (file: string, content: Uint8Array | string, like: 'old' | 'private'): void => {
  try {
    const before = like === 'old' ? statSync(file, { throwIfNoEntry: false }) : undefined;
    const folder = mkdtempSync(join(dirname(file), '.kplay-vault-'));
    try {
      const written = join(folder, basename(file));
      writeFileSync(written, content, { mode: 0o600, flush: true });
      if (before) {
        chownSync(written, before.uid, before.gid);
        chmodSync(written, before.mode & 0o7777);
      }
      renameSync(written, file);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  } catch (cause) {
    throw new KplayError('E_FILE', `${file} cannot be written`, { cause });
  }
};

/**
 * What the user makes of a text, in an editor on a private file of the same extension, which is gone afterwards, whatever happens. Fails with
 * E_FILE when the editor cannot be run or fails.
 */
export const edited = async (before: Uint8Array, file: string, editor: readonly string[]): Promise<Buffer> => {
  const folder = mkdtempSync(join(tmpdir(), 'kplay-vault-'));
  try {
    const open = join(folder, `text${extname(file)}`);
    writeFileSync(open, before, { mode: 0o600 });
    await runEditor([...editor, open]);
    return readInput(open);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

const runEditor = async ([program = '', ...args]: readonly string[]): Promise<void> => {
  const { promise, resolve: ended, reject } = Promise.withResolvers<number | NodeJS.Signals | null>();
  const child = spawn(program, args, { stdio: 'inherit' });
  child.on('error', cause => reject(new KplayError('E_FILE', `the editor ${program} cannot be run`, { cause, hint: 'set EDITOR' })));
  child.on('exit', (code, signal) => ended(code ?? signal));
  // The file must not outlive kplay: a signal ends the editor first. The terminal's Ctrl-C is the editor's own business.
  const passOn = (signal: NodeJS.Signals): void => void (signal === 'SIGINT' || child.kill(signal));
  for (const name of SIGNALS) process.on(name, passOn);
  try {
    const status = await promise;
    if (status !== 0) throw new KplayError('E_FILE', `the editor ${program} ended with ${status}; nothing was written`);
  } finally {
    for (const name of SIGNALS) process.off(name, passOn);
  }
};
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
