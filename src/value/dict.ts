import { evaluationError, undefinedError } from './errors.ts';
import { isNumber, MarkedText, toNumber, typeName } from './kinds.ts';
import { type Dict, Tuple, Undefined, type Value } from './value.ts';

/** Equal numbers and tuples have equal texts. */
const canonical = (key: Value): string => {
  if (typeof key === 'bigint') return `#${key}`;
  if (isNumber(key)) return `#${toNumber(key)}`;
  if (key instanceof Tuple) return `(${key.map(canonical).join()})`;
  return typeof key === 'string' ? JSON.stringify(key) : '';
};

/** A key as the Map holds it: equal Python keys (1, 1.0 and True; equal tuples) are one key. */
const held = (dict: Dict, key: Value): Value => {
  if (typeof key === 'string') return key;
  if (key instanceof MarkedText) return key.text;
  if (dict.has(key)) return key;
  if (key instanceof Undefined) throw undefinedError(key);
  if (key instanceof Map || (Array.isArray(key) && !(key instanceof Tuple))) throw evaluationError(`unhashable type: '${typeName(key)}'`);
  if (!isNumber(key) && !(key instanceof Tuple)) return key;
  const wanted = canonical(key);
  for (const other of dict.keys()) if ((isNumber(other) || other instanceof Tuple) && canonical(other) === wanted) return other;
  return key;
};

/** dict[key]; undefined when there is none. An unhashable key is a TypeError. */
export const getKey = (dict: Dict, key: Value): Value | undefined => dict.get(held(dict, key));
export const hasKey = (dict: Dict, key: Value): boolean => dict.has(held(dict, key));
export const setKey = (dict: Dict, key: Value, value: Value): void => void dict.set(held(dict, key), value);
export const deleteKey = (dict: Dict, key: Value): boolean => dict.delete(held(dict, key));

/** dict(pairs). */
export const dictOf = (pairs: Iterable<readonly [Value, Value]>): Dict => {
  const dict: Dict = new Map();
  for (const [key, value] of pairs) setKey(dict, key, value);
  return dict;
};
