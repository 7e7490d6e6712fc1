import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Case } from '../inventory/_cases.ts';
import { GOOD } from '../inventory/_cases.ts';
import { laidOut, runInventories } from '../inventory/_oracle.ts';
import { oracleBin } from '../yaml/_oracle.ts';
import { kplayHere } from './_in-process.ts';
import { COMMANDS, CONSTRUCTED, SCRIPTS, WITH_FILES } from './_inventories.ts';

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
    const { stderr, ...printed } = await kplayHere(line.cwd, ['inventory', ...line.args], {});
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
