import { spawnSync } from 'node:child_process';
import { accessSync, constants, openSync, readFileSync, statSync, writeSync } from 'node:fs';
import { ReadStream } from 'node:tty';
import { KplayError } from '../model/errors.ts';
import { sh } from '../shell/sh.ts';
import type { System } from './system.ts';

/** Asks on the terminal itself, so that stdin and stdout stay free; nothing typed is shown. Fails with E_USAGE without a terminal. */
export const askPassword = (question: string): Promise<string> => ask(question, true);

/** The same for what is no secret. */
export const askLine = (question: string): Promise<string> => ask(question, false);

const ask = async (question: string, hidden: boolean): Promise<string> => {
  const terminal = openTerminal(question);
  const input = new ReadStream(terminal);
  try {
    // Before the question: an answer that comes at once would be shown.
    if (hidden) input.setRawMode(true);
    writeSync(terminal, question);
    return await readLine(input);
  } finally {
    if (hidden) {
      input.setRawMode(false);
      writeSync(terminal, '\n');
    }
    input.destroy();
  }
};

const openTerminal = (question: string): number => {
  try {
    return openSync('/dev/tty', 'r+');
  } catch (cause) {
    throw new KplayError('E_USAGE', `there is no terminal to ask "${question.trim()}" on`, { cause, hint: 'give the password in a file' });
  }
};

const readLine = (input: ReadStream): Promise<string> =>
  new Promise((done, fail) => {
    const typed = new Typed();
    input.setEncoding('utf8');
    input.on('error', fail);
    input.on('data', (chunk: string) => {
      for (const key of chunk) {
        const end = typed.press(key);
        if (end === 'done') return done(typed.text);
        if (end === 'interrupted') return fail(new KplayError('E_INTERRUPTED', 'interrupted while asking for a password'));
      }
    });
  });

/** A line as a terminal's own line editor keeps it: backspace, Ctrl-U, Ctrl-C, Ctrl-D, Enter. */
export class Typed {
  #keys: string[] = [];

  get text(): string {
    return this.#keys.join('');
  }

  press(key: string): 'more' | 'done' | 'interrupted' {
    if (key === '\r' || key === '\n' || key === '\u0004') return 'done';
    if (key === '\u0003') return 'interrupted';
    if (key === '\u007f' || key === '\b') this.#keys.pop();
    else if (key === '\u0015') this.#keys = [];
    else this.#keys.push(key);
    return 'more';
  }
}

/** What the file holds, trimmed; a file that may be executed is run and its output read, `-` is stdin, as in Ansible. Fails with E_FILE. */
export const readPassword = (file: string): string => readSecret(file).toString();

/** Stdin, and a program that may ask on the terminal, are there only for the process that was asked for the command: the keeper leaves it to that. */
export const leaveTo = ({ keeper }: System, files: readonly (string | undefined)[]): void => {
  if (keeper && files.some(file => file !== undefined && (file === '-' || isExecutable(file)))) keeper.decline();
};

/** The same as bytes; a program is given `args`. */
export const readSecret = (file: string, args: readonly string[] = []): Buffer => {
  const said = file === '-' ? readFileSync(0) : isExecutable(file) ? runForPassword(file, args) : trimmed(readBytes(file));
  const secret = withoutLineEnds(said);
  if (secret.length === 0) throw new KplayError('E_FILE', `the password file ${file} is empty`);
  return secret;
};
export const withoutLineEnds = (bytes: Buffer): Buffer => replaced(bytes, /^[\r\n]+|[\r\n]+$/g);
const trimmed = (bytes: Buffer): Buffer => replaced(bytes, /^[ \t-\r]+|[ \t-\r]+$/g);
/** A password need not be UTF-8. */
const replaced = (bytes: Buffer, blanks: RegExp): Buffer => Buffer.from(bytes.toString('latin1').replaceAll(blanks, ''), 'latin1');

/** A password that everybody on this machine may read is none. Fails with E_FILE; a program may be read, as it is asked for the password. */
export const refuseOpenToAll = (file: string): void => {
  const mode = statSync(file, { throwIfNoEntry: false })?.mode ?? 0;
  if ((mode & 0o004) === 0 || isExecutable(file)) return;
  throw new KplayError('E_FILE', `the password file ${file} may be read by everybody`, { hint: sh`chmod 600 ${file}` });
};

const isExecutable = (file: string): boolean => {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};
const runForPassword = (file: string, args: readonly string[]): Buffer => {
  const { status, stdout, stderr, error } = spawnSync(file, args, { stdio: ['inherit', 'pipe', 'pipe'] });
  if (error !== undefined) throw new KplayError('E_FILE', `the password program ${file} cannot be run`, { cause: error });
  if (status !== 0)
    throw new KplayError('E_FILE', `the password program ${file} ended with status ${status}`, { detail: stderr.toString() });
  return stdout;
};
const readBytes = (file: string): Buffer => {
  try {
    return readFileSync(file);
  } catch (cause) {
    throw new KplayError('E_FILE', `the password file ${file} cannot be read`, { cause });
  }
};
