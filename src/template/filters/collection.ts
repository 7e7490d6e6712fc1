import { getItem } from '../../value/access.ts';
import { operate } from '../../value/arithmetic.ts';
import { integerArgument } from '../../value/call.ts';
import { compare, contains, equals, inOrder } from '../../value/compare.ts';
import { defined, evaluationError } from '../../value/errors.ts';
import { iterate, length } from '../../value/iterate.ts';
import { isDict, isList, isNumber, isSequence, isText, NamedTuple, textOf, truth } from '../../value/kinds.ts';
import { repr, str } from '../../value/repr.ts';
import { Float, Tuple, Undefined, type Value } from '../../value/value.ts';
import { type Draw, drawWith } from '../draw.ts';
import type { Filter } from '../run.ts';
import { attributeGetter, type Filters, foldCase, takes } from './define.ts';

/** Items that are equal to none before them. */
export const distinct = (items: readonly Value[], key: (item: Value) => Value = item => item): Value[] => {
  const texts = new Set<string>();
  const others: Value[] = [];
  return items.filter(item => {
    const value = key(item);
    if (isText(value)) {
      const fresh = !texts.has(textOf(value));
      texts.add(textOf(value));
      return fresh;
    }
    if (contains(others, value)) return false;
    others.push(value);
    return true;
  });
};

const sorted = (items: readonly Value[], key: (item: Value) => Value, reverse: boolean): Value[] =>
  items
    .map(item => ({ item, key: key(item) }))
    .toSorted((left, right) => (reverse ? compare(right.key, left.key) : compare(left.key, right.key)))
    .map(({ item }) => item);
const keyed = (attribute: Value, caseSensitive: boolean): ((item: Value) => Value) => {
  const get = attributeGetter(attribute);
  return caseSensitive ? get : item => foldCase(get(item));
};
/** `a,b.c` sorts by several attributes. */
const keyedByAll = (attribute: Value, caseSensitive: boolean): ((item: Value) => Value) => {
  const names = isText(attribute) ? textOf(attribute).split(',') : [attribute];
  const getters = names.map(name => keyed(name, caseSensitive));
  const [only] = getters;
  return getters.length === 1 && only ? only : item => getters.map(get => get(item));
};

const extreme = (which: 'min' | 'max'): Filter =>
  takes(['case_sensitive', 'attribute'], (input, [caseSensitive = false, attribute = null]) => {
    const items = iterate(input);
    const key = keyed(attribute, truth(caseSensitive));
    let best = items[0];
    if (best === undefined) return new Undefined('No aggregated item, sequence was empty.');
    for (const item of items.slice(1)) if (inOrder(which === 'min' ? '<' : '>', key(item), key(best))) best = item;
    return best;
  });

const zipped = (lists: readonly (readonly Value[])[], size: number, fill: Value): Value[] =>
  Array.from({ length: size }, (_, at) =>
    Tuple.holding(
      lists.map(list => {
        const item = list[at];
        return item === undefined ? fill : item;
      }),
    ),
  );
const product = (lists: readonly (readonly Value[])[]): Value[] =>
  lists.reduce<Value[][]>((rows, list) => rows.flatMap(row => list.map(item => [...row, item])), [[]]).map(row => Tuple.holding(row));
const combinations = (items: readonly Value[], size: number): Value[][] => {
  if (size === 0) return [[]];
  return items.flatMap((item, at) => combinations(items.slice(at + 1), size - 1).map(rest => [item, ...rest]));
};
const permutations = (items: readonly Value[], size: number): Value[][] => {
  if (size === 0) return [[]];
  return items.flatMap((item, at) => permutations(items.toSpliced(at, 1), size - 1).map(rest => [item, ...rest]));
};

/** What map and select go through: nothing at all for anything empty, None included. */
const itemsOf = (input: Value): readonly Value[] => (truth(input) ? iterate(input) : []);

const mapFilter: Filter = (input, args, named, run) => {
  const items = itemsOf(input);
  const attribute = named.get('attribute');
  if (args.length === 0 && attribute !== undefined) return items.map(attributeGetter(attribute, named.get('default')));
  const [name = null, ...rest] = args;
  if (name === null) throw evaluationError('map requires a filter argument');
  const filter = run.services.filter(str(name));
  if (!filter) throw evaluationError(`No filter named '${str(name)}'.`);
  return items.map(item => filter(item, rest, named, run));
};
/** select, reject, selectattr and rejectattr. */
const selection =
  (keep: boolean, byAttribute: boolean): Filter =>
  (input, args, named, run) => {
    const [attribute = null] = args;
    if (byAttribute && attribute === null) throw evaluationError('Missing parameter for attribute name');
    const get = byAttribute ? attributeGetter(attribute) : (item: Value): Value => item;
    const [name, ...rest] = byAttribute ? args.slice(1) : args;
    if (name === undefined) return itemsOf(input).filter(item => truth(get(item)) === keep);
    const test = run.services.test(str(name));
    if (!test) throw evaluationError(`No test named '${str(name)}'.`);
    return itemsOf(input).filter(item => test(get(item), rest, named, run) === keep);
  };

const groupBy = (input: Value, attribute: Value, otherwise: Value, caseSensitive: boolean): Value => {
  const get = attributeGetter(attribute, otherwise);
  const key = (item: Value): Value => (caseSensitive ? get(item) : foldCase(get(item)));
  const groups: { key: Value; items: Value[] }[] = [];
  for (const item of sorted(iterate(input), key, false)) {
    const last = groups.at(-1);
    const of = key(item);
    if (last && equals(last.key, of)) last.items.push(item);
    else groups.push({ key: of, items: [item] });
  }
  return groups.map(({ key: of, items }) => NamedTuple.named({ grouper: caseSensitive ? of : get(items[0] ?? null), list: items }));
};

const flatten = (items: readonly Value[], levels: number | undefined, skipNulls: boolean): Value[] =>
  items.flatMap(item => {
    if (skipNulls && (item === null || item === 'None' || item === 'null')) return [];
    if (!isSequence(item)) return [item];
    if (levels === undefined) return flatten(item, undefined, skipNulls);
    return levels >= 1 ? flatten(item, levels - 1, skipNulls) : [item];
  });

const batch = (items: readonly Value[], size: number, fill: Value): Value[] => {
  const rows: Value[][] = [];
  for (let at = 0; at < items.length; at += size) rows.push(items.slice(at, at + size));
  const last = rows.at(-1);
  while (fill !== null && last && last.length < size) last.push(fill);
  return rows;
};
/** Jinja's slice: `count` columns, the first ones longer by one. */
const columns = (items: readonly Value[], count: number, fill: Value): Value[] => {
  const size = Math.floor(items.length / count);
  const longer = items.length % count;
  return Array.from({ length: count }, (_, at) => {
    const start = at * size + Math.min(at, longer);
    const part = items.slice(start, start + size + (at < longer ? 1 : 0));
    if (fill !== null && longer > 0 && at >= longer) part.push(fill);
    return part;
  });
};

const subelements = (input: Value, path: Value, skipMissing: boolean): Value => {
  const source = defined(input);
  const elements = source instanceof Map ? [...source.values()] : isList(source) ? source : undefined;
  if (!elements) throw evaluationError('obj must be a list of dicts or a nested dict');
  if (!isList(path) && !isText(path)) throw evaluationError('subelements must be a list or a string');
  const keys = isList(path) ? path : textOf(path).split('.');
  return elements.flatMap(element => {
    let values: Value = element;
    for (const key of keys) {
      if (!(values instanceof Map)) throw evaluationError(`the key ${str(key)} should point to a dictionary, got '${str(values)}'`);
      const next: Value = getItem(values, key);
      if (next instanceof Undefined || !values.has(key)) {
        if (skipMissing) return [];
        throw evaluationError(`could not find ${repr(key)} key in iterated item ${repr(values)}`);
      }
      values = next;
    }
    if (!isList(values)) throw evaluationError(`the key ${repr(keys.at(-1) ?? null)} should point to a list, got ${repr(values)}`);
    return values.map(value => Tuple.holding([element, value]));
  });
};

const randomItem = (input: Value, from: Value, by: Value, below: Draw): Value => {
  const value = defined(input);
  if (typeof value === 'number') {
    const [start, step] = [integerArgument(from, 0), integerArgument(by, 1) || 1];
    const choices = Math.ceil((value - start) / step);
    if (choices <= 0) throw evaluationError(`empty range for randrange() (${start}, ${value}, ${value - start})`);
    return start + step * below(choices);
  }
  if (value === null || value instanceof Float) throw evaluationError('random can only be used on sequences and integers');
  if (truth(from) || truth(by)) throw evaluationError('start and step can only be used with integer values');
  const items = iterate(value);
  const item = items.length === 0 ? undefined : items[below(items.length)];
  if (item === undefined) throw evaluationError('Cannot choose from an empty sequence');
  return item;
};
/** What is no sequence comes back as it is. */
const shuffled = (input: Value, below: Draw): Value => {
  if (input === null || typeof input === 'boolean' || isNumber(input)) return input;
  const items = [...iterate(input)];
  for (let at = items.length - 1; at > 0; at--) {
    const other = below(at + 1);
    [items[at], items[other]] = [items[other] ?? null, items[at] ?? null];
  }
  return items;
};

const setOf = (a: Value, b: Value | undefined): { left: Value[]; right: Value[] } => ({
  left: distinct(iterate(a)),
  right: distinct(iterate(b ?? null)),
});
/** What cannot be hashed is compared item by item, but not with these settings. */
const uniqueItems = (items: readonly Value[], attribute: Value, caseSensitive: Value): Value => {
  const key = keyed(attribute, truth(caseSensitive));
  const isUnhashable = (value: Value): boolean => isDict(value) || isList(value);
  if ((caseSensitive === false || truth(attribute)) && items.some(item => isUnhashable(key(item))))
    throw evaluationError(
      "Jinja2's unique filter failed and we cannot fall back to Ansible's version as it does not support the parameters supplied",
    );
  return distinct(items, key);
};
const sets: Filters = {
  // Ansible's own order is that of Python's sets, random from run to run for texts: first seen is as good.
  union: takes(['b'], (a, [b]) => distinct([...iterate(a), ...iterate(b ?? null)]), 1),
  intersect: takes(
    ['b'],
    (a, [b]) => {
      const { left, right } = setOf(a, b);
      return left.filter(item => contains(right, item));
    },
    1,
  ),
  difference: takes(
    ['b'],
    (a, [b]) => {
      const { left, right } = setOf(a, b);
      return left.filter(item => !contains(right, item));
    },
    1,
  ),
  symmetric_difference: takes(
    ['b'],
    (a, [b]) => {
      const { left, right } = setOf(a, b);
      return [...left.filter(item => !contains(right, item)), ...right.filter(item => !contains(left, item))];
    },
    1,
  ),
  unique: takes(['case_sensitive', 'attribute'], (input, [caseSensitive = null, attribute = null]) =>
    uniqueItems(iterate(input), attribute, caseSensitive),
  ),
};

const reversed = (input: Value): Value => {
  const value = defined(input);
  return isText(value) ? [...textOf(value)].reverse().join('') : [...iterate(value)].reverse();
};
const firstOf = (input: Value, which: 'first' | 'last'): Value => {
  const items = iterate(input);
  const item = items.at(which === 'first' ? 0 : -1);
  return item === undefined ? new Undefined(`No ${which} item, sequence was empty.`) : item;
};

export const collectionFilters: Filters = {
  ...sets,
  list: takes([], input => [...iterate(input)]),
  first: takes([], input => firstOf(input, 'first')),
  last: takes([], input => firstOf(input, 'last')),
  length: takes([], length),
  count: takes([], length),
  join: takes(['d', 'attribute'], (input, [glue = '', attribute = null]) => {
    const get = attributeGetter(attribute);
    return iterate(input)
      .map(item => str(get(item)))
      .join(str(glue));
  }),
  sort: takes(['reverse', 'case_sensitive', 'attribute'], (input, [reverse = false, caseSensitive = false, attribute = null]) =>
    sorted(iterate(input), keyedByAll(attribute, truth(caseSensitive)), truth(reverse)),
  ),
  min: extreme('min'),
  max: extreme('max'),
  sum: takes(['attribute', 'start'], (input, [attribute = null, start = 0]) =>
    iterate(input)
      .map(attributeGetter(attribute))
      .reduce<Value>((total, item) => operate('+', total, item), start),
  ),
  reverse: takes([], reversed),
  zip: (input, args) => {
    const lists = [input, ...args].map(iterate);
    return zipped(lists, Math.min(...lists.map(list => list.length)), null);
  },
  zip_longest: (input, args, named) => {
    const lists = [input, ...args].map(iterate);
    return zipped(lists, Math.max(...lists.map(list => list.length)), named.get('fillvalue') ?? null);
  },
  product: (input, args, named) => {
    const lists = [input, ...args].map(iterate);
    return product(Array.from({ length: integerArgument(named.get('repeat'), 1) }, () => lists).flat());
  },
  combinations: takes(['r'], (input, [size]) => combinations(iterate(input), integerArgument(size, 0)).map(row => Tuple.holding(row)), 1),
  permutations: takes(['r'], (input, [size]) => {
    const items = iterate(input);
    return permutations(items, integerArgument(size, items.length)).map(row => Tuple.holding(row));
  }),
  map: mapFilter,
  select: selection(true, false),
  reject: selection(false, false),
  selectattr: selection(true, true),
  rejectattr: selection(false, true),
  groupby: takes(
    ['attribute', 'default', 'case_sensitive'],
    (input, [attribute = null, otherwise = null, caseSensitive = false], { native }) =>
      // Natively an item without the attribute is an error before the default is looked at.
      groupBy(input, attribute, native ? null : otherwise, truth(caseSensitive)),
    1,
  ),
  flatten: takes(['levels', 'skip_nulls'], (input, [levels, skip = true]) =>
    flatten(iterate(input), levels === undefined || levels === null ? undefined : integerArgument(levels, 0), truth(skip)),
  ),
  batch: takes(['linecount', 'fill_with'], (input, [size, fill = null]) => batch(iterate(input), integerArgument(size, 1), fill), 1),
  slice: takes(['slices', 'fill_with'], (input, [count, fill = null]) => columns(iterate(input), integerArgument(count, 1), fill), 1),
  subelements: takes(['subelements', 'skip_missing'], (input, [path = '', skip = false]) => subelements(input, path, truth(skip)), 1),
  extract: takes(
    ['container', 'morekeys'],
    (input, [container = null, more = null]) =>
      [input, ...(more === null ? [] : isList(more) ? more : [more])].reduce<Value>((value, key) => getItem(value, key), container),
    1,
  ),
  random: takes(['start', 'step', 'seed'], (input, [start = null, step = null, seed = null], run) =>
    randomItem(input, start, step, drawWith(seed, 'random', run)),
  ),
  shuffle: takes(['seed'], (input, [seed = null], run) => shuffled(input, drawWith(seed, 'shuffle', run))),
};
