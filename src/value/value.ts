import type { Plain } from '../model/module.ts';

/** A Python float. A bare `number` is always a Python int, so that 2.0 and 2 stay apart. */
export class Float {
  readonly value: number;
  constructor(value: number) {
    this.value = value;
  }
}
/** A Python tuple. */
export class Tuple extends Array<Value> {
  /** What map, filter and slice make of it is a list. */
  static override get [Symbol.species](): ArrayConstructor {
    return Array;
  }
  /** Array's own constructor reads one number as a length. */
  static holding(items: Iterable<Value>): Tuple {
    const tuple = new Tuple();
    for (const item of items) tuple.push(item);
    return tuple;
  }
}
/** Something a template can ask attributes of or call: hostvars, a namespace, a macro, a loop. */
export abstract class PyObject {
  /** Python's type name. */
  abstract readonly typeName: string;
  attribute?(name: string): Value | undefined;
  item?(key: Value): Value | undefined;
  keys?(): readonly Value[];
  call?(args: readonly Value[], named: ReadonlyMap<string, Value>): Value;
}
/** Jinja's StrictUndefined: using it raises E_UNDEFINED; `default` and `is defined` may look at it. */
export class Undefined {
  readonly message: string;
  /** An inline `if` without `else`: prints as nothing instead of raising. */
  readonly lenient: boolean;
  constructor(message: string, lenient = false) {
    this.message = message;
    this.lenient = lenient;
  }
}
export type Dict = Map<Value, Value>;
/** Python values as templates see them. int = number, or bigint beyond 2^53. */
export type Value = null | boolean | number | bigint | string | Float | Tuple | Value[] | Dict | PyObject | Undefined;

const wholeNumber = (value: number): Value => (Number.isSafeInteger(value) ? value : BigInt(value));
/** JSON as Python values; a number with a fraction becomes a Float. */
export const fromPlain = (plain: Plain | undefined): Value => {
  if (plain === undefined) return null;
  if (typeof plain === 'number') return Number.isInteger(plain) ? wholeNumber(plain) : new Float(plain);
  if (Array.isArray(plain)) return plain.map(fromPlain);
  if (plain !== null && typeof plain === 'object')
    return new Map(Object.entries(plain as Record<string, Plain>).map(([key, item]) => [key, fromPlain(item)]));
  return plain as Value;
};
