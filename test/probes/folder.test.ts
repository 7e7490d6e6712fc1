import { chmodSync, mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { folderFiles } from '../../src/probes/folder.ts';
import { lookAll, shells } from '../tasks/_converge.ts';

test.for(shells)('the files of folders in $name', shell => {
  const dir = mkdtempSync(join(tmpdir(), "kplay it's "));
  writeFileSync(join(dir, 'b.conf'), 'two\n\n', { mode: 0o600 });
  chmodSync(join(dir, 'b.conf'), 0o600);
  writeFileSync(join(dir, '.a'), '');
  mkdirSync(join(dir, 'sub'));
  symlinkSync('b.conf', join(dir, 'l'));
  symlinkSync('gone', join(dir, 'dangling'));
  const [gone, kept, empty] = lookAll(folderFiles, [`${dir}/gone`, dir, `${dir}/sub`], shell);
  expect([gone, empty]).toEqual([[], []]);
  expect(kept).toMatchObject([
    { path: `${dir}/b.conf`, text: 'two\n\n', node: { bits: 0o600 } },
    { path: `${dir}/l`, text: 'two\n\n' },
    { path: `${dir}/.a`, text: '' },
  ]);
});
