import { mkdtempSync, readdirSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { tempfile } from '../../src/tasks/tempfile.ts';
import { runOnce, shells } from './_converge.ts';

const scratch = (): string => mkdtempSync(join(tmpdir(), 'kplay-tempfile-'));
const made = async (args: object, options: object): Promise<string> => String((await runOnce(tempfile, args, options)).result['path']);

describe.each(shells)('in $name', shell => {
  test('every run makes another file that only its owner can read', async () => {
    const path = scratch();
    const files = [await made({ path }, { shell }), await made({ path }, { shell })];
    expect(
      readdirSync(path)
        .map(name => join(path, name))
        .toSorted(),
    ).toEqual(files.toSorted());
    for (const file of files) {
      expect(basename(file)).toMatch(/^ansible\.\w{8}$/);
      expect(statSync(file)).toMatchObject({ size: 0, mode: 0o100_600 });
    }
  });

  test('a directory, with a beginning and an end of its name', async () => {
    const folder = await made({ path: scratch(), state: 'directory', prefix: "a b'", suffix: '.d $x' }, { shell });
    expect(basename(folder)).toMatch(/^a b'\w{8}\.d \$x$/);
    expect(statSync(folder).mode).toBe(0o040_700);
  });

  test('a folder that is not there is an error', async () => {
    await expect(made({ path: join(scratch(), 'gone') }, { shell })).rejects.toThrow('gone');
  });
});

test('nothing is made in check mode', async () => {
  const path = scratch();
  const { result } = await runOnce(tempfile, { path }, { mode: { check: true, diff: false } });
  expect(result).toEqual({ msg: 'remote module (tempfile) does not support check mode' });
  expect(readdirSync(path)).toEqual([]);
});
