import { contains, equals, compare } from '../../value/compare.ts';
import { getKey, hasKey, setKey } from '../../value/dict.ts';
import { defined, evaluationError, undefinedError } from '../../value/errors.ts';
import { iterate } from '../../value/iterate.ts';
import { isDict, isList, isMapping, isSequence, isText, truth, typeName } from '../../value/kinds.ts';
import { str } from '../../value/repr.ts';
import { type Dict, Tuple, Undefined, type Value } from '../../value/value.ts';
import { type Filters, foldCase, takes } from './define.ts';

/** A mapping's pairs; undefined for anything else. */
export const pairsOf = (value: Value): [Value, Value][] | undefined => {
  if (value instanceof Map) return [...value];
  return isMapping(value) ? value.keys().map(key => [key, value.item(key) ?? null]) : undefined;
};

const MERGES = ['replace', 'keep', 'append', 'prepend', 'append_rp', 'prepend_rp'] as const;
type Merge = (typeof MERGES)[number];
const mergeLists = (low: Value[], high: Value[], how: Merge): Value => {
  const without = (): Value[] => low.filter(item => !contains(high, item));
  switch (how) {
    case 'replace':
      return high;
    case 'keep':
      return low;
    case 'append':
      return [...low, ...high];
    case 'prepend':
      return [...high, ...low];
    case 'append_rp':
      return [...without(), ...high];
    case 'prepend_rp':
      return [...high, ...without()];
  }
};
/** Ansible's merge_hash: `high` wins. */
const merge = (low: Dict, high: Dict, recursive: boolean, how: Merge): Dict => {
  if (low.size === 0 || equals(low, high)) return new Map(high);
  const result: Dict = new Map(low);
  for (const [key, value] of high) {
    const old = getKey(result, key);
    if (recursive && isDict(old) && isDict(value)) setKey(result, key, merge(old, value, recursive, how));
    else setKey(result, key, isList(old) && isList(value) ? mergeLists(old, value, how) : value);
  }
  return result;
};
const checkDefined = (value: Value): void => {
  if (value instanceof Undefined) throw undefinedError(value);
  if (isList(value)) value.forEach(checkDefined);
  if (value instanceof Map) for (const item of value.values()) checkDefined(item);
};
const combine = (terms: readonly Value[], recursive: boolean, listMerge: string): Value => {
  const how = MERGES.find(name => name === listMerge);
  if (!how) throw evaluationError(`merge_hash: 'list_merge' argument can only be equal to ${MERGES.map(name => `'${name}'`).join(', ')}`);
  const dicts = terms.flatMap(term => (isSequence(term) ? [...term] : [term])).filter(term => term !== null);
  dicts.forEach(checkDefined);
  const [first = new Map<Value, Value>(), ...rest] = dicts;
  if (rest.length === 0) return first;
  return dicts
    .map(dict => {
      const pairs = pairsOf(dict);
      if (!pairs) throw evaluationError(`failed to combine variables, expected dicts but got a '${typeName(dict)}'`);
      return dict instanceof Map ? dict : new Map(pairs);
    })
    .reduce((low, high) => merge(low, high, recursive, how));
};

const dictToItems = (input: Value, keyName: Value, valueName: Value): Value => {
  const pairs = pairsOf(defined(input));
  if (!pairs) throw evaluationError(`dict2items requires a dictionary, got <class '${typeName(input)}'> instead.`);
  return pairs.map(
    ([key, value]): Value =>
      new Map([
        [keyName, key],
        [valueName, value],
      ]),
  );
};
const itemsToDict = (input: Value, keyName: Value, valueName: Value): Value => {
  if (!isSequence(defined(input))) throw evaluationError(`items2dict requires a list, got <class '${typeName(input)}'> instead.`);
  const result: Dict = new Map();
  for (const item of iterate(input)) {
    if (!isDict(item)) throw evaluationError(`items2dict requires a list of dictionaries, got ${str(input)} instead.`);
    const [key, value] = [getKey(item, keyName), getKey(item, valueName)];
    if (key === undefined || value === undefined)
      throw evaluationError(
        `items2dict requires each dictionary in the list to contain the keys '${str(keyName)}' and '${str(valueName)}', got ${str(input)} instead.`,
      );
    setKey(result, key, value);
  }
  return result;
};
const rekeyed = (input: Value, key: Value, duplicates: string): Value => {
  if (duplicates !== 'error' && duplicates !== 'overwrite')
    throw evaluationError(`duplicates parameter to rekey_on_member has unknown value: ${duplicates}`);
  const source = defined(input);
  if (isText(source)) throw evaluationError('Type is not a valid list, set, or dict');
  const result: Dict = new Map();
  for (const item of source instanceof Map ? source.values() : iterate(source)) {
    if (!isDict(item)) throw evaluationError('List item is not a valid dict');
    const name = getKey(item, key);
    if (name === undefined) throw evaluationError(`Key ${str(key)} was not found`);
    if (hasKey(result, name) && duplicates === 'error')
      throw evaluationError(`Key ${str(name)} is not unique, cannot correctly turn into dict`);
    setKey(result, name, item);
  }
  return result;
};

const dictSorted = (input: Value, caseSensitive: boolean, by: string, reverse: boolean): Value => {
  const pairs = pairsOf(defined(input));
  if (!pairs) throw evaluationError(`'${typeName(input)}' object has no attribute 'items'`);
  if (by !== 'key' && by !== 'value') throw evaluationError('You can only sort by either "key" or "value"');
  const of = (pair: [Value, Value]): Value => (caseSensitive ? pair[by === 'key' ? 0 : 1] : foldCase(pair[by === 'key' ? 0 : 1]));
  return pairs
    .toSorted((left, right) => (reverse ? compare(of(right), of(left)) : compare(of(left), of(right))))
    .map(pair => Tuple.holding(pair));
};

export const dictFilters: Filters = {
  combine: (input, args, named) => {
    for (const name of named.keys())
      if (name !== 'recursive' && name !== 'list_merge')
        throw evaluationError("'recursive' and 'list_merge' are the only valid keyword arguments");
    return combine([input, ...args], truth(named.get('recursive') ?? false), str(named.get('list_merge') ?? 'replace'));
  },
  dict2items: takes(['key_name', 'value_name'], (input, [key = 'key', value = 'value']) => dictToItems(input, key, value)),
  items2dict: takes(['key_name', 'value_name'], (input, [key = 'key', value = 'value']) => itemsToDict(input, key, value)),
  rekey_on_member: takes(['key', 'duplicates'], (input, [key = null, duplicates = 'error']) => rekeyed(input, key, str(duplicates)), 1),
  dictsort: takes(['case_sensitive', 'by', 'reverse'], (input, [caseSensitive = false, by = 'key', reverse = false]) =>
    dictSorted(input, truth(caseSensitive), str(by), truth(reverse)),
  ),
  items: takes([], input => {
    if (input instanceof Undefined) return [];
    const pairs = pairsOf(input);
    if (!pairs) throw evaluationError('Can only get item pairs from a mapping.');
    return pairs.map(pair => Tuple.holding(pair));
  }),
};
