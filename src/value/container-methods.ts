import { integerArgument, type Method, method, type Named } from './call.ts';
import { compare, contains, equals } from './compare.ts';
import { deleteKey, getKey, hasKey, setKey } from './dict.ts';
import { defined, evaluationError } from './errors.ts';
import { iterate } from './iterate.ts';
import { Iterated, isDict, isMapping, truth } from './kinds.ts';
import { repr } from './repr.ts';
import { type Dict, Tuple, type Value } from './value.ts';

type Bound = readonly (Value | undefined)[];
const of = <Self>(
  name: string,
  parameters: readonly string[],
  run: (self: Self, bound: Bound) => Value,
  required = 0,
): [string, Method<Self>] => [name, method(name, parameters, run, required)];

const pairsOf = (source: Value): (readonly [Value, Value])[] => {
  if (isDict(source)) return [...source];
  if (isMapping(source)) return source.keys().map(key => [key, source.item(key) ?? null]);
  return iterate(source).map((pair, at) => {
    const [key, value, extra] = iterate(pair);
    if (key === undefined || value === undefined || extra !== undefined)
      throw evaluationError(`dictionary update sequence element #${at} has length ${iterate(pair).length}; 2 is required`);
    return [key, value];
  });
};
/** dict.update and dict(): a mapping or pairs, then names. */
export const update = (dict: Dict, [source]: readonly Value[], named: Named): null => {
  if (source !== undefined) for (const [key, value] of pairsOf(source)) setKey(dict, key, value);
  for (const [key, value] of named) setKey(dict, key, value);
  return null;
};

/** Not `??`: None is a value. */
const orElse = (held: Value | undefined, otherwise: Value): Value => (held === undefined ? otherwise : held);
const popItem = (dict: Dict): Value => {
  const last = [...dict].at(-1);
  if (!last) throw evaluationError("'popitem(): dictionary is empty'");
  dict.delete(last[0]);
  return Tuple.holding(last);
};
const popKey = (dict: Dict, [key = null, otherwise]: Bound): Value => {
  const held = getKey(dict, key);
  const value = held === undefined ? otherwise : held;
  if (value === undefined) throw evaluationError(repr(key));
  deleteKey(dict, key);
  return value;
};
const setDefault = (dict: Dict, [key = null, value = null]: Bound): Value => {
  const held = getKey(dict, key);
  if (held !== undefined) return held;
  setKey(dict, key, value);
  return value;
};

/** The methods of dict. */
export const dictMethods: ReadonlyMap<string, Method<Dict>> = new Map([
  of<Dict>('items', [], dict =>
    Iterated.holding(
      'dict_items',
      [...dict].map(pair => Tuple.holding(pair)),
    ),
  ),
  of<Dict>('keys', [], dict => Iterated.holding('dict_keys', dict.keys())),
  of<Dict>('values', [], dict => Iterated.holding('dict_values', dict.values())),
  of<Dict>('get', ['key', 'default'], (dict, [key = null, otherwise = null]) => orElse(getKey(dict, defined(key)), otherwise), 1),
  ['update', update],
  of<Dict>('pop', ['key', 'default'], popKey, 1),
  of<Dict>('popitem', [], popItem),
  of<Dict>('setdefault', ['key', 'default'], setDefault, 1),
  of<Dict>('copy', [], dict => new Map(dict)),
  of<Dict>('fromkeys', ['keys', 'value'], (_, [keys = null, value = null]) => new Map(iterate(keys).map(key => [key, value])), 1),
  of<Dict>('clear', [], dict => (dict.clear(), null)),
  of<Dict>('__len__', [], dict => dict.size),
  of<Dict>('__contains__', ['key'], (dict, [key = null]) => hasKey(dict, key), 1),
  of<Dict>(
    '__getitem__',
    ['key'],
    (dict, [key = null]) => {
      const value = getKey(dict, key);
      if (value === undefined) throw evaluationError(repr(key));
      return value;
    },
    1,
  ),
  of<Dict>('__setitem__', ['key', 'value'], (dict, [key = null, value = null]) => (setKey(dict, key, value), null), 2),
]);

const place = (list: readonly Value[], wanted: Value): number => {
  const at = list.findIndex(item => item === wanted || equals(item, wanted));
  if (at < 0) throw evaluationError(`${repr(wanted)} is not in list`);
  return at;
};
const popAt = (list: Value[], [index]: Bound): Value => {
  if (list.length === 0) throw evaluationError('pop from empty list');
  const [gone] = list.splice(integerArgument(index, -1), 1);
  if (gone === undefined) throw evaluationError('pop index out of range');
  return gone;
};
const insert = (list: Value[], [index, item = null]: Bound): null => {
  list.splice(integerArgument(index, 0), 0, item);
  return null;
};

/** What list and tuple both have. */
export const tupleMethods: ReadonlyMap<string, Method<Value[]>> = new Map([
  of<Value[]>('index', ['value'], (list, [item = null]) => place(list, item), 1),
  of<Value[]>('count', ['value'], (list, [item = null]) => list.filter(other => equals(other, item)).length, 1),
  of<Value[]>('__len__', [], list => list.length),
  of<Value[]>('__contains__', ['value'], (list, [item = null]) => contains(list, item), 1),
]);

/** The methods of list. */
export const listMethods: ReadonlyMap<string, Method<Value[]>> = new Map([
  ...tupleMethods,
  of<Value[]>('append', ['object'], (list, [item = null]) => (list.push(item), null), 1),
  of<Value[]>('extend', ['iterable'], (list, [items = null]) => (list.push(...iterate(items)), null), 1),
  of<Value[]>('insert', ['index', 'object'], insert, 2),
  of<Value[]>('pop', ['index'], popAt),
  of<Value[]>('remove', ['value'], (list, [item = null]) => (list.splice(place(list, item), 1), null), 1),
  of<Value[]>('reverse', [], list => (list.reverse(), null)),
  of<Value[]>('sort', ['key', 'reverse'], (list, [, reverse = false]) => {
    const backwards = truth(reverse);
    list.sort((left, right) => (backwards ? compare(right, left) : compare(left, right)));
    return null;
  }),
  of<Value[]>('copy', [], list => [...list]),
  of<Value[]>('clear', [], list => (list.splice(0), null)),
]);

/** Methods that change what they are called on. */
export const MUTATORS: ReadonlySet<string> = new Set(
  'append extend insert pop remove reverse sort clear update popitem setdefault __setitem__'.split(' '),
);
