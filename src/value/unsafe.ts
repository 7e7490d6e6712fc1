import { MarkedText } from './kinds.ts';
import type { Value } from './value.ts';

/** Text that is never templated (`!unsafe`): it behaves as the str it holds, and nothing evaluates what is in it. */
export class Unsafe extends MarkedText {}

/** Marks every text in a value that a template would look into; any other text is safe as it is. */
export const unsafe = (value: Value): Value => {
  if (typeof value === 'string') return /\{[{%#]/.test(value) ? new Unsafe(value) : value;
  if (Array.isArray(value)) return value.map(unsafe);
  if (value instanceof Map) return new Map([...value].map(([key, item]) => [key, unsafe(item)]));
  return value;
};
