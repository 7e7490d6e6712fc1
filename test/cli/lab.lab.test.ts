import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

test('lab ssh leaves the options of a command to the command, and gives its status', () => {
  const { stdout, status } = spawnSync('bin/kplay', ['lab', 'ssh', 'h4', 'printf', '%s.', '-n', '--help', '-t', '5;', 'exit', '7'], {
    encoding: 'utf8',
  });
  expect({ stdout, status }).toEqual({ stdout: '-n.--help.-t.5.', status: 7 });
});

test('lab list, lab inventory, and a run that takes the inventory as it is', () => {
  const inventory = process.env['KPLAY_LAB'] ?? '';
  const kplay = (...args: readonly string[]): string => spawnSync('bin/kplay', args, { encoding: 'utf8' }).stdout;
  expect(kplay('lab', 'list')).toMatch(/^h4 +10\.89\.0\.14 +up$/m);
  expect(kplay('lab', 'inventory')).toBe(readFileSync(inventory, 'utf8'));
  expect(kplay('exec', 'h4', '-i', inventory, '-m', 'ping')).toMatch(/^h4 \| SUCCESS => /);
});
