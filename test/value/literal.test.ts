import { expect, test } from 'vitest';
import { literal } from '../../src/value/literal.ts';
import { Float, Tuple } from '../../src/value/value.ts';
import type { Value } from '../../src/value/value.ts';

test.each([
  ['1', 1],
  ['-0x1F', -31],
  ['1_000', 1000],
  ['12345678901234567890', 12345678901234567890n],
  ['1e3', new Float(1000)],
  ['.5', new Float(0.5)],
  [' True', true],
  ['None # why', null],
  ["'it\\'s' \"\\x41\"", "it'sA"],
  ['r"\\n"', '\\n'],
  ['[1, "a",]', [1, 'a']],
  ['()', new Tuple()],
  ['(1)', 1],
  ['1, 2', Tuple.holding([1, 2])],
  ['{"a": {1: None}}', new Map([['a', new Map([[1, null]])]])],
  ['{1: "a", True: "b"}', new Map([[1, 'b']])],
] as [string, Value][])('%s', (text, value) => {
  expect(literal(text)).toEqual(value);
});

test.each(['', 'true', 'yes', '0644', '1.2.3', 'foo', '--1', '[1', '"a', '{[1]: 2}', '1 2', '[,]', 'f("x")'])('%s is none', text => {
  expect(literal(text)).toBeUndefined();
});
