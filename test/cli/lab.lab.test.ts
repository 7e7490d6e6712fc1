import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';

test('lab ssh leaves the options of a command to the command, and gives its status', () => {
  const { stdout, status } = spawnSync('bin/kplay', ['lab', 'ssh', 'h4', 'printf', '%s.', '-n', '--help', '-t', '5;', 'exit', '7'], {
    encoding: 'utf8',
  });
  expect({ stdout, status }).toEqual({ stdout: '-n.--help.-t.5.', status: 7 });
});
