import { keeperFolder } from './keeper-folder.ts';
import { whole } from './load-whole.ts';
import { program } from './manifest.ts';
import type { System } from './system.ts';
import { usedSince } from './used.ts';

// Not imported, for main.ts's reason.
const { existsSync, writeSync } = process.getBuiltinModule('node:fs');
const { isatty } = process.getBuiltinModule('node:tty');

/** Commands that a keeper runs, where there is one. */
const HANDED_OVER = ['run', 'exec'];

/** Runs the command line of this process, here or in the keeper, and gives its exit code. */
export const start = async (argv: readonly string[]): Promise<number> => {
  // Scripts ask often.
  if (argv.length === 1 && argv[0] === '--version') {
    writeSync(1, `kplay ${program().version}\n`);
    return 0;
  }
  const load = whole(process.env);
  const system = systemHere(load);
  if (HANDED_OVER.includes(argv[0] ?? '') && existsSync(keeperFolder(system.env))) {
    const { handOver } = await import('./hand-over.ts');
    const code = await handOver(argv, system);
    if (code !== undefined) return code;
  }
  const { runCli } = await load();
  return await runCli(argv, system);
};

const systemHere = (load: ReturnType<typeof whole>): System => ({
  ...program(),
  env: process.env,
  cwd: process.cwd(),
  stdout: survive(process.stdout),
  stderr: survive(process.stderr),
  signals: process,
  terminal: {
    stdin: isatty(0),
    stderr: isatty(2),
    ask: async (question, hidden) => {
      const { askLine, askPassword } = await load();
      return await (hidden ? askPassword : askLine)(question);
    },
  },
  used: usedSince(),
});

/** A reader that went away (`kplay … | head`) must not stop a run halfway. */
const survive = (stream: NodeJS.WriteStream): NodeJS.WriteStream =>
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
