// Importing it would evaluate every one of its exports, streams among them: a tenth of a start.
const { existsSync, readFileSync, writeSync } = process.getBuiltinModule('node:fs');

const argv = process.argv.slice(2);

/** A page of help is known before any of ours is loaded or a stream is made: people wait for it. */
const helpPage = (): string | undefined => {
  const asked = argv.slice(0, 2).join(' ');
  const name = /^(?:(\w+) )?(?:-h|--help)$/.exec(asked);
  const page = `${import.meta.dirname}/help/${name?.[1] ?? 'kplay'}.txt`;
  return name && argv.length <= 2 && existsSync(page) ? readFileSync(page, 'utf8') : undefined;
};

const page = helpPage();
if (page !== undefined) writeSync(1, page);
else process.exitCode = await (await import('./start.ts')).start(argv);
