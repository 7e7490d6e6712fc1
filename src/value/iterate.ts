import { evaluationError, undefinedError } from './errors.ts';
import { isMapping, MarkedText, typeName } from './kinds.ts';
import { Undefined, type Value } from './value.ts';

/** list(value) without a copy where it is one already: treat the answer as read-only. */
export const iterate = (value: Value): readonly Value[] => {
  if (Array.isArray(value)) return value;
  if (typeof value === 'string') return [...value];
  if (value instanceof Map) return [...value.keys()];
  if (value instanceof MarkedText) return [...value.text];
  if (value instanceof Undefined) {
    if (value.lenient) return [];
    throw undefinedError(value);
  }
  if (isMapping(value)) return value.keys();
  throw evaluationError(`'${typeName(value)}' object is not iterable`);
};

/** len(value): code points, not UTF-16 units. */
export const length = (value: Value): number => {
  if (typeof value === 'string') return codePoints(value);
  if (Array.isArray(value)) return value.length;
  if (value instanceof Map) return value.size;
  if (value instanceof MarkedText) return codePoints(value.text);
  if (value instanceof Undefined) {
    if (value.lenient) return 0;
    throw undefinedError(value);
  }
  if (isMapping(value)) return value.keys().length;
  throw evaluationError(`object of type '${typeName(value)}' has no len()`);
};

const codePoints = (text: string): number => {
  let count = text.length;
  for (let at = 1; at < text.length; at++)
    if ((text.charCodeAt(at) & 0xfc00) === 0xdc00 && (text.charCodeAt(at - 1) & 0xfc00) === 0xd800) count--;
  return count;
};
