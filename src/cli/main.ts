import { keeperFolder } from './keeper-folder.ts';
import { program } from './manifest.ts';
import type { System } from './system.ts';

// Importing them would evaluate every one of their exports, streams among them: a tenth of a start.
const { existsSync, readFileSync, writeSync } = process.getBuiltinModule('node:fs');
const { isatty } = process.getBuiltinModule('node:tty');

const argv = process.argv.slice(2);
/** Where a keeper runs them, if there is one. */
const HANDED_OVER = ['run', 'exec'];

/** A reader that went away (`kplay … | head`) must not stop a run halfway. */
const survive = (stream: NodeJS.WriteStream): NodeJS.WriteStream =>
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });

/** What is known before any of ours is loaded or a stream is made: scripts ask often, and people wait for help. */
const known = (): string | undefined => {
  const [first = '', second] = argv;
  if (argv.length === 1 && first === '--version') return `kplay ${program().version}\n`;
  const asked = [first, second].filter(word => word !== undefined).join(' ');
  const name = /^(?:(\w+) )?(?:-h|--help)$/.exec(asked);
  const page = `${import.meta.dirname}/help/${name?.[1] ?? 'kplay'}.txt`;
  return name && argv.length <= 2 && existsSync(page) ? readFileSync(page, 'utf8') : undefined;
};

const systemHere = (): System => ({
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
      const { askLine, askPassword } = await import('./password.ts');
      return await (hidden ? askPassword : askLine)(question);
    },
  },
  used: () => {
    const { user, system } = process.cpuUsage();
    return { wallMs: performance.now(), processorMs: (user + system) / 1000 };
  },
});

const run = async (system: System): Promise<number> => {
  if (HANDED_OVER.includes(argv[0] ?? '') && existsSync(keeperFolder(system.env))) {
    const { handOver } = await import('./hand-over.ts');
    const code = await handOver(argv, system);
    if (code !== undefined) return code;
  }
  const { runCli } = await import('./program.ts');
  return await runCli(argv, system);
};

const answer = known();
if (answer !== undefined) writeSync(1, answer);
else process.exitCode = await run(systemHere());
