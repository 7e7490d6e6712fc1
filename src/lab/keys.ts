import { basename } from 'node:path';
import { exists } from './machine.ts';
import { run } from './run.ts';

/** Makes a key pair of the type that the file is named for, unless there is one. */
export const makeKey = async (path: string, comment: string): Promise<void> => {
  const type = /ed25519|ecdsa/.exec(basename(path))?.[0] ?? 'ed25519';
  if (!(await exists(path))) await run('ssh-keygen', ['-q', '-t', type, '-N', '', '-C', comment, '-f', path]);
};
