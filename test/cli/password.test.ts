import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Typed, readPassword } from '../../src/cli/password.ts';

const file = (text: string, mode = 0o600): string => {
  const path = join(mkdtempSync(join(tmpdir(), 'kplay-password-')), 'file');
  writeFileSync(path, text);
  chmodSync(path, mode);
  return path;
};

test('a file is trimmed; a program is run and keeps its blanks', () => {
  expect(readPassword(file(' secret \n'))).toBe('secret');
  expect(readPassword(file('#!/bin/sh\necho " secret "\n', 0o700))).toBe(' secret ');
});

test.each([
  ['missing', '/nonexistent/password'],
  ['empty', file('\n')],
  ['a program that fails', file('#!/bin/sh\necho why >&2\nexit 3\n', 0o700)],
])('%s is refused', (_name, path) => expect(() => readPassword(path)).toThrow(expect.objectContaining({ code: 'E_FILE' })));

test('keys are edited as on a terminal', () => {
  const press = (keys: string): [string, string] => {
    const typed = new Typed();
    const ends = [...keys].map(key => typed.press(key));
    return [typed.text, ends.at(-1) ?? 'more'];
  };
  expect(press('ab\u007fc\r')).toEqual(['ac', 'done']);
  expect(press('ab\u0015é\n')).toEqual(['é', 'done']);
  expect(press('ab\u0003')[1]).toBe('interrupted');
});
