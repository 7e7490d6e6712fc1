// Run by the build: commander's help as files in the given folder, which main.ts prints without loading commander.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { commandNames, runCli } from './program.ts';
import type { System } from './system.ts';

const [folder = 'help'] = process.argv.slice(2);

const pageOf = async (argv: readonly string[]): Promise<string> => {
  // No terminal, so 80 columns.
  const stdout = new PassThrough() as unknown as NodeJS.WriteStream;
  await runCli(argv, { env: {}, cwd: '/', stdout, stderr: process.stderr, home: '/', version: '' } as unknown as System);
  return String(stdout.read());
};

mkdirSync(folder, { recursive: true });
writeFileSync(join(folder, 'kplay.txt'), await pageOf(['--help']));
for (const name of commandNames()) writeFileSync(join(folder, `${name}.txt`), await pageOf([name, '--help']));
