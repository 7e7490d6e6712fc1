import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { operate } from '../../src/value/arithmetic.ts';
import { compare, equals, inOrder } from '../../src/value/compare.ts';
import { dictOf, getKey } from '../../src/value/dict.ts';
import { fromJson, toJson } from '../../src/value/json.ts';
import { literal } from '../../src/value/literal.ts';
import { toPlain } from '../../src/value/plain.ts';
import { repr } from '../../src/value/repr.ts';
import { slice } from '../../src/value/slice.ts';
import { Float, fromPlain, Tuple, type Value } from '../../src/value/value.ts';

const integer = fc.oneof(fc.maxSafeInteger(), fc.integer({ min: -50, max: 50 }), fc.bigInt({ min: 2n ** 53n, max: 2n ** 80n }));
const float = fc.double({ noNaN: true, noDefaultInfinity: true }).map(value => new Float(value));
const scalar: fc.Arbitrary<Value> = fc.oneof(fc.constant(null), fc.boolean(), integer, float, fc.string({ unit: 'binary' }));
const { value } = fc.letrec<{ value: Value }>(tie => ({
  value: fc.oneof(
    { maxDepth: 3 },
    scalar,
    fc.array(tie('value'), { maxLength: 4 }),
    fc.array(tie('value'), { maxLength: 3 }).map(items => Tuple.holding(items)),
    fc.array(fc.tuple(fc.oneof(fc.string(), integer), tie('value')), { maxLength: 4 }).map(dictOf),
  ),
}));
const json = fc
  .jsonValue()
  .filter(item => !/\d{16}/.test(JSON.stringify(item)))
  .map(item => fromJson(JSON.stringify(item)));

describe('laws of Python values', () => {
  test('a literal reads back as what its repr shows', () => {
    fc.assert(
      fc.property(value, item => {
        const back = literal(repr(item));
        expect(back !== undefined && equals(back, item)).toBe(true);
      }),
    );
  });
  test('JSON reads back as what was written', () => {
    fc.assert(fc.property(json, item => void expect(equals(fromJson(toJson(item)), item)).toBe(true)));
    fc.assert(fc.property(json, item => void expect(equals(fromPlain(toPlain(item)), item)).toBe(true)));
  });
  test('division: a == (a // b) * b + a % b, and the remainder has the divisor’s sign', () => {
    fc.assert(
      fc.property(integer, integer, (a, b) => {
        fc.pre(b !== 0);
        const rest = operate('%', a, b);
        expect(equals(operate('+', operate('*', operate('//', a, b), b), rest), a)).toBe(true);
        expect(equals(rest, 0) || inOrder('<', rest, 0) === inOrder('<', b, 0)).toBe(true);
      }),
    );
  });
  test('whole numbers never lose digits', () => {
    fc.assert(fc.property(integer, integer, (a, b) => void expect(repr(operate('*', a, b))).toBe(String(BigInt(a) * BigInt(b)))));
  });
  test('slices: two halves make the whole, a double reversal the same', () => {
    const list = fc.oneof(fc.array(fc.integer()), fc.string({ unit: 'binary' }));
    fc.assert(
      fc.property(list, fc.integer({ min: -9, max: 9 }), (items, at) => {
        expect(equals(operate('+', slice(items, null, at), slice(items, at, null)), items)).toBe(true);
        expect(equals(slice(slice(items, null, null, -1), null, null, -1), items)).toBe(true);
      }),
    );
  });
  test('texts are ordered by code point', () => {
    const text = fc.string({ unit: 'binary' });
    const points = (item: string): number[] => [...item].map(char => char.codePointAt(0) ?? 0);
    fc.assert(fc.property(text, text, (a, b) => void expect(Math.sign(compare(a, b))).toBe(Math.sign(compare(points(a), points(b))))));
  });
  test('equal keys are one key', () => {
    expect(
      repr(
        dictOf([
          [1, 'a'],
          [new Float(1), 'b'],
          [true, 'c'],
        ]),
      ),
    ).toBe("{1: 'c'}");
    expect(getKey(dictOf([[Tuple.holding([1, 'x']), 'found']]), Tuple.holding([new Float(1), 'x']))).toBe('found');
  });
});
