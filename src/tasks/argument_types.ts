import type { z } from 'zod';
import { KplayError } from '../model/errors.ts';
import { scaled } from '../value/decimal.ts';
import { fromJson, toJson } from '../value/json.ts';
import { isDict, isInteger, isList, isNumber, isText, textOf, typeName } from '../value/kinds.ts';
import { literal } from '../value/literal.ts';
import { toPlain } from '../value/plain.ts';
import { repr, str } from '../value/repr.ts';
import { type Dict, Float, fromPlain, type Value } from '../value/value.ts';
import { bool, dict, float, int } from './args.ts';

/** A value is not what an argument spec says; the message is Ansible's. */
export class Mismatch extends Error {}

/** As Python tells a class. Of texts Ansible also tells where they came from; here each is a str. */
export const classOf = (value: Value): string => `<class '${isText(value) ? 'str' : typeName(value)}'>`;

const refuse = (message: string): never => {
  throw new Mismatch(message);
};
/** What a schema of args.ts makes of a value; undefined where it refuses. */
const read = <Type extends z.ZodType>(type: Type, value: Value): z.output<Type> | undefined => type.safeParse(toPlain(value)).data;

const toText = (value: Value): Value =>
  isText(value) ? value : value === null ? refuse("'None' is not a string and conversion is not allowed") : str(value);

const toList = (value: Value): Value[] => {
  if (isList(value)) return value;
  if (isText(value)) return textOf(value).split(',');
  return isNumber(value) ? [str(value)] : refuse(`${classOf(value)} cannot be converted to a list`);
};

/** `k=v` pairs and JSON; what JSON is not may still be a Python literal. */
export const toDict = (value: Value): Dict => {
  if (isDict(value)) return value;
  if (!isText(value)) return refuse(`${classOf(value)} cannot be converted to a dict`);
  const text = textOf(value);
  if (text.startsWith('{')) {
    const made = fromJsonOrPython(text);
    return isDict(made) ? made : refuse('unable to evaluate string as dictionary');
  }
  const parsed = dict.safeParse(text);
  return parsed.success ? (fromPlain(parsed.data) as Dict) : refuse(parsed.error.issues[0]?.message ?? '');
};
const fromJsonOrPython = (text: string): Value | undefined => {
  try {
    return fromJson(text);
  } catch (error) {
    if (error instanceof KplayError) return literal(text);
    throw error;
  }
};

const toBool = (value: Value): Value => {
  if (!isText(value) && !isNumber(value)) return refuse(`${classOf(value)} cannot be converted to a bool`);
  const parsed = bool.safeParse(toPlain(value));
  return parsed.success ? parsed.data : refuse(parsed.error.issues[0]?.message ?? '');
};
const toInt = (value: Value): Value =>
  isInteger(value) ? value : (read(int, value) ?? refuse(`"${repr(value)}" cannot be converted to an int`));
const toFloat = (value: Value): Value => {
  const number = read(float, value);
  return number === undefined ? refuse(`${classOf(value)} cannot be converted to a float`) : new Float(number);
};

const toJsonText = (value: Value): Value => {
  if (isText(value)) return textOf(value).trim();
  return Array.isArray(value) || isDict(value) ? toJson(value) : refuse(`${classOf(value)} cannot be converted to a json string`);
};

const NAMES: Readonly<Record<string, string>> = {
  B: '', K: 'kilo', M: 'mega', G: 'giga', T: 'tera', P: 'peta', E: 'exa', Z: 'zeta', Y: 'yotta',
}; // prettier-ignore
/** Ansible's human_to_bytes: `1.5 GB`, `10M`, `2 kilobyte`. */
const toAmount =
  (letter: 'B' | 'b', word: 'byte' | 'bit', name: string) =>
  (value: Value): Value => {
    const [, amount = '', unit = 'B'] = /^(\d*\.?\d+)(?:\s*([A-Za-z]+))?\s*$/.exec(str(value)) ?? [];
    const size = unit.charAt(0).toUpperCase();
    const prefix = NAMES[size];
    const isKnown = unit.length === 1 || unit.toLowerCase() === `${prefix}${word}` || unit === (size === 'B' ? letter : size + letter);
    if (amount === '' || prefix === undefined || !isKnown) return refuse(`${classOf(value)} cannot be converted to a ${name} value`);
    return scaled(Number(amount) * 1024 ** Object.keys(NAMES).indexOf(size), 0);
  };

type Convert = (value: Value) => Value;
/** DEFAULT_TYPE_VALIDATORS of module_utils/common/parameters.py. A path is left as it is written: it means something on its host only. */
const TYPES: Readonly<Record<string, Convert>> = {
  str: toText,
  list: toList,
  dict: toDict,
  bool: toBool,
  int: toInt,
  float: toFloat,
  path: value => toText(value),
  raw: value => value,
  jsonarg: toJsonText,
  json: toJsonText,
  bytes: toAmount('B', 'byte', 'Byte'),
  bits: toAmount('b', 'bit', 'Bit'),
};

/** A value as an argument spec's type; throws a Mismatch. */
export const converted = (value: Value, type: string): Value =>
  (Object.hasOwn(TYPES, type) ? TYPES[type]! : () => refuse("'NoneType' object is not callable"))(value);
