// Importing it would evaluate every one of its exports, streams among them: a tenth of a start.
const { readFileSync, writeSync } = process.getBuiltinModule('node:fs');

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

if (argv.length === 1 && argv[0] === '--version') {
  // Scripts ask often: answered before any of ours is loaded or a stream is made.
  writeSync(1, `kplay ${version()}\n`);
} else {
  const { runCli } = await import('./program.ts');
  const [stdout, stderr] = [survive(process.stdout), survive(process.stderr)];
  process.exitCode = await runCli(argv, { env: process.env, cwd: process.cwd(), stdout, stderr, home, version: version() });
}
