import { Writable } from 'node:stream';
import { runCli } from '../../src/cli/program.ts';
import type { System } from '../../src/cli/system.ts';
import type { Ran } from './_kplay.ts';
import { around } from './_system.ts';

/** Runs a command line of kplay in this process, and without a terminal. */
export const kplayHere = async (cwd: string, line: readonly string[], env: NodeJS.ProcessEnv): Promise<Ran> => {
  const written = { stdout: '', stderr: '' };
  const into = (name: keyof typeof written): Writable =>
    new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        written[name] += chunk.toString();
        done();
      },
    });
  const streams = { stdout: into('stdout'), stderr: into('stderr') } as unknown as Pick<System, 'stdout' | 'stderr'>;
  const system: System = { env, cwd, home: '/', version: '0', ...streams, ...around };
  return { code: await runCli(line, system), ...written };
};
