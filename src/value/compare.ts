import { DateTime, TimeDelta } from './datetime.ts';
import { hasKey, getKey } from './dict.ts';
import { defined, evaluationError } from './errors.ts';
import {
  Iterated,
  MarkedText,
  isArray,
  isMapping,
  isNumber,
  isText,
  type PyNumber,
  textOf,
  toNumber,
  typeName,
  unmarked,
} from './kinds.ts';
import { type Dict, Float, PyObject, Tuple, Undefined, type Value } from './value.ts';

const numbersEqual = (left: PyNumber, right: PyNumber): boolean => {
  if (typeof left === 'bigint' || typeof right === 'bigint') {
    const [a, b] = [left, right].map(side => (side instanceof Float ? side.value : typeof side === 'boolean' ? Number(side) : side));
    // Loose equality of a bigint and a number is mathematical equality.
    return a == b;
  }
  return toNumber(left) === toNumber(right);
};

const sameKind = (left: Value[], right: Value[]): boolean => typeName(left) === typeName(right);

const dictsEqual = (left: Dict, right: Dict): boolean => {
  if (left.size !== right.size) return false;
  for (const [key, value] of left) {
    const other = getKey(right, key);
    if (other === undefined || !equals(value, other)) return false;
  }
  return true;
};

/** Python's `==`. An undefined on either side raises E_UNDEFINED. */
export const equals = (left: Value, right: Value): boolean => {
  if (left === right && !(left instanceof Undefined)) return true;
  if (typeof left === 'string' && typeof right === 'string') return false;
  if (left instanceof Undefined && left.lenient) return right instanceof Undefined && right.lenient;
  if (right instanceof Undefined && right.lenient) return false;
  const [a, b] = [defined(left), defined(right)];
  if (isNumber(a)) return isNumber(b) && numbersEqual(a, b);
  if (isText(a)) return isText(b) && textOf(a) === textOf(b);
  if (isArray(a)) return isArray(b) && sameKind(a, b) && a.length === b.length && a.every((item, at) => equals(item, b[at] ?? null));
  if (a instanceof Map) return b instanceof Map && dictsEqual(a, b);
  if (a instanceof DateTime) return b instanceof DateTime && a.fields.getTime() === b.fields.getTime();
  if (a instanceof TimeDelta) return b instanceof TimeDelta && a.seconds === b.seconds;
  return false;
};

/** UTF-16 units in the order of the code points they encode: surrogates come last. */
const rank = (unit: number): number => (unit >= 0xe000 ? unit - 0x800 : unit >= 0xd800 ? unit + 0x2000 : unit);
const textBefore = (left: string, right: string): boolean => {
  const length = Math.min(left.length, right.length);
  for (let at = 0; at < length; at++) {
    const [a, b] = [left.charCodeAt(at), right.charCodeAt(at)];
    if (a !== b) return rank(a) < rank(b);
  }
  return left.length < right.length;
};

export type Order = '<' | '<=' | '>' | '>=';
const ordered = <T>(order: Order, left: T, right: T, before: (left: T, right: T) => boolean): boolean => {
  switch (order) {
    case '<':
      return before(left, right);
    case '>':
      return before(right, left);
    case '<=':
      return !before(right, left);
    case '>=':
      return !before(left, right);
  }
};

const numberBefore = (left: PyNumber, right: PyNumber): boolean => {
  const [a, b] = [left, right].map(side => (typeof side === 'bigint' ? side : toNumber(side)));
  return (a ?? 0) < (b ?? 0);
};

/** Python's `<`, `<=`, `>`, `>=`; types that have no order are a TypeError. */
export const inOrder = (order: Order, left: Value, right: Value): boolean => {
  if (typeof left === 'number' && typeof right === 'number') return ordered(order, left, right, (a, b) => a < b);
  const [a, b] = [unmarked(defined(left)), unmarked(defined(right))];
  if (isNumber(a) && isNumber(b)) {
    // A comparison with NaN is never true.
    if (Number.isNaN(toNumber(a)) || Number.isNaN(toNumber(b))) return false;
    return ordered(order, a, b, numberBefore);
  }
  if (typeof a === 'string' && typeof b === 'string') return ordered(order, a, b, textBefore);
  if (isArray(a) && isArray(b) && sameKind(a, b) && !(a instanceof Iterated)) {
    const at = a.findIndex((item, index) => index >= b.length || !equals(item, b[index] ?? null));
    const [first, second] = [a[at], b[at]];
    return first === undefined || second === undefined
      ? ordered(order, a.length, b.length, (x, y) => x < y)
      : inOrder(order, first, second);
  }
  if (a instanceof DateTime && b instanceof DateTime) return ordered(order, a.fields.getTime(), b.fields.getTime(), (x, y) => x < y);
  if (a instanceof TimeDelta && b instanceof TimeDelta) return ordered(order, a.seconds, b.seconds, (x, y) => x < y);
  throw evaluationError(`'${order}' not supported between instances of '${typeName(a)}' and '${typeName(b)}'`);
};

/** For stable sorts: negative, zero, positive. */
export const compare = (left: Value, right: Value): number => (inOrder('<', left, right) ? -1 : inOrder('<', right, left) ? 1 : 0);

/** Python's `needle in haystack`. */
export const contains = (haystack: Value, needle: Value): boolean => {
  const where = unmarked(defined(haystack));
  if (typeof where === 'string') {
    const what = unmarked(defined(needle));
    if (typeof what !== 'string') throw evaluationError(`'in <string>' requires string as left operand, not ${typeName(what)}`);
    return where.includes(what);
  }
  if (isArray(where)) return where.some(item => item === needle || equals(item, needle));
  if (where instanceof Map) return hasKey(where, needle);
  if (isMapping(where)) return where.keys().some(key => equals(key, needle));
  throw evaluationError(`argument of type '${typeName(where)}' is not iterable`);
};

/** Python's `is`. */
export const identical = (left: Value, right: Value): boolean => {
  if (left instanceof Float || left instanceof MarkedText || left instanceof PyObject) return left === right;
  if (left instanceof Tuple && right instanceof Tuple) return left === right || (left.length === 0 && right.length === 0);
  return left === right;
};
