import { withoutCollection } from '../model/builtin.ts';
import type { Named } from '../value/call.ts';
import { DateTime } from '../value/datetime.ts';
import { evaluationError, undefinedError } from '../value/errors.ts';
import { isMapping, Iterated, MarkedText, typeName } from '../value/kinds.ts';
import { OMIT } from '../value/omit.ts';
import { str } from '../value/repr.ts';
import { Float, Tuple, Undefined, type Value } from '../value/value.ts';
import type { Concat } from './run.ts';

/** Results as ansible-core 2.19 makes them (ansible/_internal/_templating/_jinja_bits.py). */

/** Filters and tests that take an undefined argument for what it is. */
const SEE_UNDEFINED: ReadonlySet<string> = new Set(['default', 'd', 'mandatory', 'ternary', 'type_debug', 'defined', 'undefined']);
export const seesUndefined = (plugin: string): boolean => SEE_UNDEFINED.has(withoutCollection(plugin));
/** What all others are given they give back, so that `default` may look at it in the end. */
export const firstUndefined = (values: readonly Value[], named: Named): Undefined | undefined =>
  [...values, ...named.values()].find((value): value is Undefined => value instanceof Undefined && !value.lenient);

const isSaid = (value: Value): boolean => value !== OMIT;
/** As a piece of a text: tuples print as lists. */
const asPiece = (value: Value): Value => {
  if (Array.isArray(value) && !(value instanceof Iterated)) return Array.from(value.filter(isSaid), asPiece);
  if (!(value instanceof Map)) return value;
  return new Map([...value].filter(([, item]) => isSaid(item)).map(([key, item]) => [key, asPiece(item)]));
};
/** A sole piece is the result, whatever its type; several make a text. None is no piece, and without any the result is None. */
export const nativeResult: Concat = pieces => {
  const said = pieces.filter(piece => piece !== null);
  const [only = null] = said;
  return said.length <= 1
    ? only
    : said
        .filter(isSaid)
        .map(piece => str(asPiece(piece)))
        .join('');
};

const unsupported = (value: Value): Error => evaluationError(`Type '${typeName(value)}' is unsupported for variable storage.`);
const storedItems = (items: Value[]): Value => {
  if (items instanceof Iterated && items.typeName === 'range') throw unsupported(items);
  const list = Array.from(items.filter(isSaid), stored);
  const isList = !(items instanceof Tuple || items instanceof Iterated);
  return isList && list.length === items.length && list.every((item, at) => item === items[at]) ? items : list;
};
/** A result as variables hold it: tuples become lists, and what no YAML could say is E_TEMPLATE. */
export const stored = (value: Value): Value => {
  if (value === null || typeof value !== 'object' || value instanceof Float || value instanceof DateTime || value === OMIT) return value;
  if (value instanceof MarkedText) return value.text;
  if (Array.isArray(value)) return storedItems(value);
  if (value instanceof Map) {
    const items = [...value].filter(([, item]) => isSaid(item)).map(([key, item]): [Value, Value] => [key, stored(item)]);
    return items.length === value.size && items.every(([key, item]) => item === value.get(key)) ? value : new Map(items);
  }
  if (value instanceof Undefined && !value.lenient) throw undefinedError(value);
  if (!isMapping(value)) throw unsupported(value);
  return new Map(value.keys().map((key): [Value, Value] => [key, stored(value.item(key) ?? null)]));
};
