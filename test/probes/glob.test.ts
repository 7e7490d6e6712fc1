import { mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { glob } from '../../src/probes/glob.ts';
import { escapeGlob } from '../../src/shell/expand.ts';
import { execute, shells } from '../tasks/_converge.ts';

const dir = mkdtempSync(join(tmpdir(), "kplay glob's-"));
['one.conf', '.hidden', 'a[b', 'two words', 'star*'].forEach(name => writeFileSync(join(dir, name), ''));
symlinkSync('nowhere', join(dir, 'dangling'));

describe.for(shells)('in $name', shell => {
  test('one program answers for many globs', () => {
    const asked = {
      'one.conf': true,
      '*.conf': true,
      'o?e.c[a-z]nf': true,
      'o[!n]e.conf': false,
      'two w*': true,
      'hid*': false,
      '.h*': true,
      dangling: true,
      'a[b': true,
      'a[[]b': true,
      'gone*': false,
      $HOME: false,
      [escapeGlob('star*')]: true,
      [escapeGlob('o*')]: false,
    };
    const subjects = Object.keys(asked).map(name => `${escapeGlob(dir)}/${name}`);
    const { rc, stdout } = execute(shell, glob.script([...subjects, '$HOME', '~/gone', '/etc*']));
    expect(rc).toBe(0);
    expect(glob.parse(stdout, [...subjects, 'a', 'b', 'c'])).toEqual([...Object.values(asked), true, false, true]);
  });

  test('what was not answered is an error of its own', () => {
    expect(glob.parse(Buffer.from('1\n'), ['a', 'b'])).toEqual([true, expect.objectContaining({ code: 'E_PROBE' })]);
  });
});
