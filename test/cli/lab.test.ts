import { execFile, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { canUnshare } from '../transport/_shells.ts';
import { folder } from './_kplay.ts';

const MAIN = join(import.meta.dirname, '../../dist/cli/main.js');
/** A namespace whose user is nobody, yet may read what its owner may. */
const NOBODY = ['unshare', '-U'] as const;
/** Where two programs are none. */
const POOR = [
  'unshare',
  '-m',
  'sh',
  '-c',
  'for name in systemd-nspawn debootstrap; do file=$(command -v $name) && mount --bind /dev/null $file; done; exec "$@"',
  'sh',
] as const;

describe.runIf(canUnshare && spawnSync('unshare', ['-U', 'true']).status === 0)('lab up refuses', () => {
  test.each([
    ['without root', NOBODY, 'ERROR! a lab needs root\n  hint: run the same command with sudo\n'],
    [
      'without its programs, and names their packages',
      POOR,
      'ERROR! this machine lacks systemd-container, debootstrap\n  hint: apt-get install systemd-container debootstrap\n',
    ],
  ])('%s', async (_name, [file, ...words], said) => {
    const dir = join(folder({}), 'lab');
    const env = { PATH: process.env['PATH'], KPLAY_LAB_DIR: dir };
    const ran = await new Promise(done =>
      execFile(file, [...words, process.execPath, MAIN, 'lab', 'up', '1'], { env }, (error, stdout, stderr) =>
        done({ code: error?.code, stdout, stderr }),
      ),
    );
    expect(ran).toEqual({ code: 1, stdout: '', stderr: said });
    expect(existsSync(dir)).toBe(false);
  });
});
