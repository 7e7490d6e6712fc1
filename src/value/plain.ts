import type { Plain } from '../model/module.ts';
import { defined } from './errors.ts';
import { isMapping, MarkedText } from './kinds.ts';
import { repr, str } from './repr.ts';
import { Float, type Value } from './value.ts';

/** A dict's key as json.dumps writes it. */
export const jsonKey = (key: Value): string => {
  if (key === null) return 'null';
  if (typeof key === 'boolean') return String(key);
  return key instanceof Float ? repr(key) : str(key);
};

/** A value as a module's arguments take it: JSON. Tuples become arrays, ints beyond 2^53 lose digits; an undefined raises E_UNDEFINED. */
export const toPlain = (value: Value): Plain => {
  const given = defined(value);
  if (given === null || typeof given === 'boolean' || typeof given === 'number' || typeof given === 'string') return given;
  if (typeof given === 'bigint') return Number(given);
  if (given instanceof Float) return given.value;
  if (given instanceof MarkedText) return given.text;
  if (Array.isArray(given)) return Array.from(given, toPlain);
  if (given instanceof Map) return Object.fromEntries([...given].map(([key, item]) => [jsonKey(key), toPlain(item)]));
  if (isMapping(given)) return Object.fromEntries(given.keys().map(key => [jsonKey(key), toPlain(given.item(key) ?? null)]));
  return str(given);
};
