import { crc32 } from 'node:zlib';
import { textArgument } from '../../value/call.ts';
import { compare, contains } from '../../value/compare.ts';
import { dictOf, getKey, hasKey, setKey } from '../../value/dict.ts';
import { defined, evaluationError } from '../../value/errors.ts';
import { iterate } from '../../value/iterate.ts';
import { isDict, isMapping, isSequence, isText, textOf, truth, typeName } from '../../value/kinds.ts';
import { repr, str } from '../../value/repr.ts';
import type { Dict, Value } from '../../value/value.ts';
import { drawWith } from '../draw.ts';
import { compileQuery } from '../jmespath/parser.ts';
import type { Filter } from '../run.ts';
import { compareVersions } from '../version.ts';
import { distinct } from './collection.ts';
import { type Filters, takes } from './define.ts';
import { dictFilters } from './dict.ts';
import { keyFilters } from './keys.ts';
import { timeFilters } from './time.ts';

const textInput = (input: Value, filter: string): string => {
  const value = defined(input);
  if (isText(value)) return textOf(value);
  throw evaluationError(`Invalid value type (${typeName(value)}) for ${filter} (${repr(value)})`);
};

const fromPairs: Filter = takes([], input =>
  dictOf(
    iterate(input).map((pair): readonly [Value, Value] => {
      const [key, value, ...rest] = iterate(pair);
      if (key === undefined || value === undefined || rest.length > 0)
        throw evaluationError('dictionary update sequence element has not length 2; 2 is required');
      return [key, value];
    }),
  ),
);
const counter: Filter = takes([], input => {
  const value = defined(input);
  if (!isText(value) && !isSequence(value))
    throw evaluationError(`Argument for community.general.counter must be a sequence. ${str(value)}`);
  const counts: Dict = new Map();
  for (const item of iterate(value)) setKey(counts, item, Number(getKey(counts, item) ?? 0) + 1);
  return counts;
});
const groupByAsDict: Filter = takes(
  ['attribute'],
  (input, [attribute = null]) => {
    const items = defined(input);
    if (!isSequence(items)) throw evaluationError('Input is not a sequence');
    const groups: Dict = new Map();
    for (const [at, item] of items.entries()) {
      if (!isDict(item)) throw evaluationError(`Sequence element #${at} is not a mapping`);
      const key = getKey(item, attribute);
      if (key === undefined) throw evaluationError(`Attribute not contained in element #${at} of sequence`);
      if (hasKey(groups, key)) throw evaluationError(`Multiple sequence entries have attribute value ${repr(key)}`);
      setKey(groups, key, item);
    }
    return groups;
  },
  1,
);

/** The lists that lists_union and its like get: their arguments, or with `flatten` the lists in them. */
const listsOf = (args: readonly Value[], flatten: boolean): readonly Value[] => {
  if (!flatten) return args;
  return args.flatMap(list => {
    if (!isSequence(list)) throw evaluationError(`All arguments must be lists. ${str(list)} is ${typeName(list)}`);
    return list.length > 0 && list.every(isSequence) ? [...list] : list.length > 0 ? [list] : [];
  });
};
const onLists =
  (combine: (left: readonly Value[], right: readonly Value[]) => Value[]): Filter =>
  (input, args, named) => {
    for (const name of named.keys()) if (name !== 'flatten') throw evaluationError(`got unexpected keywords arguments: ${name}`);
    const [first, ...rest] = listsOf([defined(input), ...args], truth(named.get('flatten') ?? false));
    if (first === undefined) return [];
    return rest.length === 0 ? first : rest.map(iterate).reduce<Value[]>((left, right) => combine(left, right), [...iterate(first)]);
  };
const without = (items: readonly Value[], others: readonly Value[]): Value[] => items.filter(item => !contains([...others], item));
const common = (items: readonly Value[], others: readonly Value[]): Value[] => items.filter(item => contains([...others], item));

const mergeTwo = (low: Value, high: Value, index: string, merge: (low: Value, high: Value) => Value): Value => {
  const merged: Dict = new Map();
  for (const item of [...iterate(low), ...iterate(high)]) {
    if (!isMapping(item)) throw evaluationError(`Elements of list arguments for lists_mergeby must be dictionaries. ${str(item)}`);
    const key = isDict(item) ? getKey(item, index) : item.item(index);
    if (key !== undefined) setKey(merged, key, merge(getKey(merged, key) ?? new Map(), item));
  }
  const keyOf = (item: Value): Value => (isDict(item) ? (getKey(item, index) ?? null) : null);
  return [...merged.values()].toSorted((left, right) => compare(keyOf(left), keyOf(right)));
};
const mergeBy: Filter = (input, args, named, run) => {
  for (const name of named.keys())
    if (name !== 'recursive' && name !== 'list_merge')
      throw evaluationError("'recursive' and 'list_merge' are the only valid keyword arguments.");
  if (args.length === 0) throw evaluationError('At least one list and index are needed.');
  const [first, ...rest] = listsOf([defined(input), ...args.slice(0, -1)], true).toReversed();
  if (first === undefined) return [];
  if (rest.length === 0) return first;
  const index = textArgument(args.at(-1), 'the index');
  const merge = (low: Value, high: Value): Value => dictFilters['combine']?.(low, [high], named, run) ?? high;
  return rest.reduce<Value>((result, list) => mergeTwo(list, result, index, merge), first);
};

const [LEAST, MOST] = [0x1000000000, 0xffffffffff];
const randomMac: Filter = takes(['seed'], (input, [seed = null], run) => {
  const prefix = textInput(input, 'random_mac').toLowerCase();
  const items = prefix.split(':');
  if (items.length > 5 || !items.every(item => /^[\da-f]{2}/.test(item))) throw evaluationError(`Invalid value (${prefix}) for random_mac`);
  const drawn = LEAST + drawWith(seed, 'random_mac', run)(MOST - LEAST + 1);
  return (
    prefix +
    drawn
      .toString(16)
      .slice(0, 2 * (6 - items.length))
      .replace(/../g, ':$&')
  );
});

const FORMS = ['NFC', 'NFD', 'NFKC', 'NFKD'];
/** https://docs.ansible.com/ansible/latest/collections/community/general/index.html#filter-plugins */
export const communityFilters: Filters = {
  json_query: takes(['expr'], (input, [query = null]) => compileQuery(textArgument(query, 'the query'))(defined(input)), 1),
  dict: fromPairs,
  dict_kv: takes(['key'], (input, [key = null]) => dictOf([[key, input]]), 1),
  counter,
  groupby_as_dict: groupByAsDict,
  lists_union: onLists((left, right) => distinct([...left, ...right])),
  lists_intersect: onLists((left, right) => common(distinct(left), right)),
  lists_difference: onLists((left, right) => without(distinct(left), right)),
  lists_symmetric_difference: onLists((left, right) => without(distinct([...left, ...right]), common(left, right))),
  lists_mergeby: mergeBy,
  version_sort: takes(['reverse'], (input, [reverse = false]) => {
    const sorted = iterate(input).toSorted((left, right) => compareVersions(str(left), str(right), 'loose') * (truth(reverse) ? -1 : 1));
    return sorted;
  }),
  random_mac: randomMac,
  crc32: takes([], input => crc32(textInput(input, 'crc32')).toString(16)),
  unicode_normalize: takes(['form'], (input, [form = 'NFC']) => {
    if (!FORMS.includes(str(form))) throw evaluationError(`${str(form)} is not a valid form`);
    return textInput(input, 'unicode_normalize').normalize(str(form));
  }),
  ...keyFilters,
  ...timeFilters,
};
