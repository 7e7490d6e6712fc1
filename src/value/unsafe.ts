import { MarkedText } from './kinds.ts';
import type { Value } from './value.ts';

/** Text that is never templated (`!unsafe`): it behaves as the str it holds, and nothing evaluates what is in it. */
export class Unsafe extends MarkedText {}

const marked = (value: Value, such: (text: string) => boolean): Value => {
  if (typeof value === 'string') return such(value) ? new Unsafe(value) : value;
  if (Array.isArray(value)) return value.map(item => marked(item, such));
  if (value instanceof Map) return new Map([...value].map(([key, item]) => [key, marked(item, such)]));
  return value;
};
/** Marks every text in a value that a template would look into; any other text is safe as it is. */
export const unsafe = (value: Value): Value => marked(value, text => /\{[{%#]/.test(text));
/** Marks every text in a value: conditions made of it would evaluate any other, too. */
export const unsafeThroughout = (value: Value): Value => marked(value, () => true);
