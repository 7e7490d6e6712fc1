import { expect, test } from 'vitest';
import { encoded } from '../../src/tasks/encoding.ts';

test.each([
  ['', 'é', [0xc3, 0xa9]],
  ['UTF_8', 'é', [0xc3, 0xa9]],
  ['utf-16', 'é', [0xff, 0xfe, 0xe9, 0]],
  ['latin-1', 'é\x80', [0xe9, 0x80]],
  ['windows-1252', 'é€', [0xe9, 0x80]],
  ['cp1251', 'Ж', [0xc6]],
  ['iso-8859-15', '€', [0xa4]],
])('%s', (encoding, text, bytes) => {
  expect([...encoded(text, encoding)]).toEqual(bytes);
});

test('what an encoding cannot say, and an encoding that nobody knows, are errors', () => {
  expect(() => encoded('€', 'latin-1')).toThrow("'latin-1' codec can't encode character '€'");
  expect(() => encoded('é', 'ascii')).toThrow("'ascii' codec can't encode");
  expect(() => encoded('x', 'klingon')).toThrow('unknown encoding: klingon');
});
