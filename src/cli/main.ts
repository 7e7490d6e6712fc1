// Importing it would evaluate every one of its exports, streams among them: a tenth of a start.
const { existsSync, readFileSync, writeSync } = process.getBuiltinModule('node:fs');

const home = `${import.meta.dirname}/../..`;
const argv = process.argv.slice(2);

const version = (): string => {
  const manifest: unknown = JSON.parse(readFileSync(`${home}/package.json`, 'utf8'));
  return String((manifest as { version: unknown }).version);
};
/** A reader that went away (`kplay … | head`) must not stop a run halfway. */
const survive = (stream: NodeJS.WriteStream): NodeJS.WriteStream =>
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });

/** What is known before any of ours is loaded or a stream is made: scripts ask often, and people wait for help. */
const known = (): string | undefined => {
  const [first = '', second] = argv;
  if (argv.length === 1 && first === '--version') return `kplay ${version()}\n`;
  const asked = [first, second].filter(word => word !== undefined).join(' ');
  const name = /^(?:(\w+) )?(?:-h|--help)$/.exec(asked);
  const page = `${import.meta.dirname}/help/${name?.[1] ?? 'kplay'}.txt`;
  return name && argv.length <= 2 && existsSync(page) ? readFileSync(page, 'utf8') : undefined;
};

const answer = known();
if (answer !== undefined) writeSync(1, answer);
else {
  const { runCli } = await import('./program.ts');
  const [stdout, stderr] = [survive(process.stdout), survive(process.stderr)];
  process.exitCode = await runCli(argv, { env: process.env, cwd: process.cwd(), stdout, stderr, home, version: version() });
}
