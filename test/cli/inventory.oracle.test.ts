import { join } from 'node:path';
import { Writable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { runCli } from '../../src/cli/program.ts';
import type { System } from '../../src/cli/system.ts';
import type { Case } from '../inventory/_cases.ts';
import { GOOD } from '../inventory/_cases.ts';
import { laidOut, type Line, type Printed, runInventories } from '../inventory/_oracle.ts';
import { oracleBin } from '../yaml/_oracle.ts';
import { COMMANDS, CONSTRUCTED, SCRIPTS, WITH_FILES } from './_inventories.ts';

/** The command line in this process. */
const kplayInventory = async ({ cwd, args }: Line): Promise<Printed & { readonly stderr: string }> => {
  const written = { stdout: '', stderr: '' };
  const into = (name: keyof typeof written): Writable =>
    new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        written[name] += chunk.toString();
        done();
      },
    });
  const system = { env: {}, cwd, home: '/', version: '0', stdout: into('stdout'), stderr: into('stderr') } as unknown as System;
  return { code: await runCli(['inventory', ...args], system), ...written };
};

/** Each command line on each inventory; sources are absolute, as is the folder of the playbook. */
const agree = async (cases: Readonly<Record<string, Case>>, commands: readonly string[]): Promise<void> => {
  const lines = Object.entries(cases).flatMap(([name, one]) => {
    const { folder, sources } = laidOut(one);
    const from = sources.flatMap(source => ['-i', source]);
    return commands.map(command => ({
      name: `${name}: ${command}`,
      cwd: folder,
      args: [...from, ...command.split(' ').map(word => (word === 'play' ? join(folder, word) : word))],
    }));
  });
  const answers = runInventories(lines);
  for (const [index, { name, ...line }] of lines.entries()) {
    const { stderr, ...printed } = await kplayInventory(line);
    expect({ name, ...printed }, stderr).toEqual({ name, ...answers[index] });
  }
};

describe.runIf(oracleBin)('kplay inventory prints what ansible-inventory does', () => {
  test('every option', () => agree(WITH_FILES, COMMANDS));
  test('inventories of all kinds, as YAML and for export', () => {
    // Dates are texts to kplay.
    const undated = Object.entries(GOOD).map(([name, { files, sources }]): [string, Case] => {
      const texts = Object.entries(files).map(([path, text]) => [path, text.replace('2024-01-01', '20240101')]);
      return [name, { files: Object.fromEntries(texts) as Case['files'], sources }];
    });
    return agree(Object.fromEntries(undated), ['--list --yaml', '--list --yaml --export', '--list --export']);
  });
  test('scripts', () => agree(SCRIPTS, ['--list', '--list --yaml']));
  test('constructed groups and variables', () => agree(CONSTRUCTED, ['--list', '--graph --vars']));
});
