import type { Named } from '../value/call.ts';
import { DateTime } from '../value/datetime.ts';
import { evaluationError, undefinedError } from '../value/errors.ts';
import { isMapping, Iterated, MarkedText, typeName } from '../value/kinds.ts';
import { str } from '../value/repr.ts';
import { Float, Tuple, Undefined, type Value } from '../value/value.ts';
import type { Concat } from './run.ts';

/** Results as ansible-core 2.19 makes them (ansible/_internal/_templating/_jinja_bits.py). */

/** Filters and tests that take an undefined argument for what it is. */
const SEE_UNDEFINED: ReadonlySet<string> = new Set(['default', 'd', 'mandatory', 'ternary', 'type_debug', 'defined', 'undefined']);
export const seesUndefined = (plugin: string): boolean => SEE_UNDEFINED.has(plugin.replace(/^ansible\.(?:builtin|legacy)\./, ''));
/** What all others are given they give back, so that `default` may look at it in the end. */
export const firstUndefined = (values: readonly Value[], named: Named): Undefined | undefined =>
  [...values, ...named.values()].find((value): value is Undefined => value instanceof Undefined && !value.lenient);

/** As a piece of a text: tuples print as lists. */
const asPiece = (value: Value): Value => {
  if (Array.isArray(value) && !(value instanceof Iterated)) return Array.from(value, asPiece);
  return value instanceof Map ? new Map([...value].map(([key, item]) => [key, asPiece(item)])) : value;
};
/** A sole piece is the result, whatever its type; several make a text. None is no piece, and without any the result is None. */
export const nativeResult: Concat = pieces => {
  const said = pieces.filter(piece => piece !== null);
  const [only = null] = said;
  return said.length <= 1 ? only : said.map(piece => str(asPiece(piece))).join('');
};

const unsupported = (value: Value): Error => evaluationError(`Type '${typeName(value)}' is unsupported for variable storage.`);
const storedItems = (items: Value[]): Value => {
  if (items instanceof Iterated && items.typeName === 'range') throw unsupported(items);
  const list = Array.from(items, stored);
  return items instanceof Tuple || items instanceof Iterated || list.some((item, at) => item !== items[at]) ? list : items;
};
/** A result as variables hold it: tuples become lists, and what no YAML could say is E_TEMPLATE. */
export const stored = (value: Value): Value => {
  if (value === null || typeof value !== 'object' || value instanceof Float || value instanceof DateTime) return value;
  if (value instanceof MarkedText) return value.text;
  if (Array.isArray(value)) return storedItems(value);
  if (value instanceof Map) {
    const items = [...value].map(([key, item]): [Value, Value] => [key, stored(item)]);
    return items.some(([key, item]) => item !== value.get(key)) ? new Map(items) : value;
  }
  if (value instanceof Undefined && !value.lenient) throw undefinedError(value);
  if (!isMapping(value)) throw unsupported(value);
  return new Map(value.keys().map((key): [Value, Value] => [key, stored(value.item(key) ?? null)]));
};
