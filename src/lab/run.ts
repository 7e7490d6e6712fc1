import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { KplayError } from '../model/errors.ts';

const execute = promisify(execFile);

/** Variables of a program's environment, beside those of this process. */
export type Variables = Readonly<Record<string, string>>;

/** Runs a program of this machine, in a folder, to its end and gives its stdout. Fails with E_LAB, everything it said as detail. */
export const run = async (file: string, args: readonly string[], cwd = '/', variables: Variables = {}): Promise<string> => {
  try {
    const env = { ...process.env, LC_ALL: 'C', PATH: SYSTEM_PATH, ...variables };
    const { stdout } = await execute(file, args, { cwd, env, maxBuffer: 1 << 26 });
    return stdout;
  } catch (cause) {
    const { code, stdout = '', stderr = '' } = cause as { code?: number | string; stdout?: string; stderr?: string };
    throw new KplayError('E_LAB', `${file} ${args[0] ?? ''} failed (${code ?? 'killed'})`, { detail: `${stdout}${stderr}`.trim(), cause });
  }
};

/** root's PATH, whatever su or cron left of it. */
export const SYSTEM_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
