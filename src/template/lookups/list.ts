import { evaluationError } from '../../value/errors.ts';
import { percentFormat } from '../../value/percent.ts';
import { iterate } from '../../value/iterate.ts';
import { isDict, isMapping, isSequence, isText, truth } from '../../value/kinds.ts';
import { str } from '../../value/repr.ts';
import { Tuple, type Value } from '../../value/value.ts';
import { findFilter } from '../filters/index.ts';
import { pythonRegex } from '../../value/python-regex.ts';
import type { Run } from '../run.ts';
import type { Lookup, Lookups } from './define.ts';

/** One level, as with_items. */
const flattened = (terms: readonly Value[]): Value[] => terms.flatMap(term => (isSequence(term) ? [...term] : [term]));
const deeply = (terms: readonly Value[]): Value[] =>
  terms.flatMap(term => {
    if (term === 'None' || term === 'null' || term === null) return [];
    return isSequence(term) ? deeply(term) : [term];
  });

const pairs = (term: Value): Value[] => {
  if (!isMapping(term)) throw evaluationError('with_dict expects a dict');
  const items = term instanceof Map ? [...term] : term.keys().map((key): [Value, Value] => [key, term.item(key) ?? null]);
  return items.map(
    ([key, value]): Value =>
      new Map<Value, Value>([
        ['key', key],
        ['value', value],
      ]),
  );
};

const nested: Lookup = terms => {
  if (terms.length === 0) throw evaluationError('with_nested requires at least one element in the nested list');
  return terms
    .map(term => (isSequence(term) ? [...term] : [term]))
    .reduce<Value[][]>((rows, list) => rows.flatMap(row => list.map(item => [...row, ...(isSequence(item) ? item : [item])])), [[]]);
};
const together: Lookup = terms => {
  if (terms.length === 0) throw evaluationError('with_together requires at least one element in each list');
  const lists = terms.map(term => (isSequence(term) ? term : [term]));
  const size = Math.max(...lists.map(list => list.length));
  return Array.from({ length: size }, (_, at) => flattened(lists.map(list => (at < list.length ? (list[at] ?? null) : null))));
};
const subelements: Lookup = ([source = null, path = '', flags], _, run) => {
  const skip = isDict(flags) && truth(flags.get('skip_missing') ?? false);
  const elements = source instanceof Map ? [...source.values()] : iterate(source);
  // A skipped task's result has no lists to offer.
  const kept = elements.filter(element => !(isDict(element) && truth(element.get('skipped') ?? false)));
  const filter = findFilter('subelements');
  if (!filter) return [];
  const keys = isSequence(path) ? [...path] : str(path).split('.');
  return iterate(filter([...kept], [path], new Map([['skip_missing', skip]]), run)).map(pair => {
    const [outer = null, inner = null] = iterate(pair);
    return Tuple.holding([withoutKey(outer, keys), inner]);
  });
};
const withoutKey = (value: Value, [key = '', ...rest]: readonly Value[]): Value => {
  if (!(value instanceof Map)) return value;
  const copy = new Map(value);
  if (rest.length === 0) copy.delete(key);
  else copy.set(key, withoutKey(value.get(key) ?? null, rest));
  return copy;
};

const NUMBER = '(0?x?[0-9a-f]+)';
const SHORTCUT = new RegExp(`^(?:${NUMBER}-)?${NUMBER}(?:/${NUMBER})?(?::(.+))?$`, 'i');
/** Python's int(text, 0), where a leading zero alone means octal. */
const number = (text: string | undefined, otherwise: number): number => {
  if (text === undefined) return otherwise;
  const value = Number(text.replace(/^(-?)0(?=\d)/, '$10o').replace(/^-(0[ox].*)$/, '$1'));
  if (!Number.isInteger(value)) throw evaluationError(`Invalid type for a number of with_sequence: '${text}'`);
  return /^-0[ox]/.test(text) ? -value : value;
};
const FIELDS = ['start', 'end', 'stride', 'count', 'format'] as const;
const fieldsOf = (term: string, named: ReadonlyMap<string, Value>): Map<string, string> => {
  const given = new Map([...named].map(([name, value]): [string, string] => [name, str(value)]));
  const [, start, end, stride, format] = SHORTCUT.exec(term) ?? [];
  if (end !== undefined) {
    for (const [name, value] of Object.entries({ start, end, stride, format })) if (value !== undefined) given.set(name, value);
    return given;
  }
  for (const [, name = '', quoted, bare = ''] of term.matchAll(/(\w+)=(?:["']([^"']*)["']|(\S*))/g)) given.set(name, quoted ?? bare);
  for (const name of given.keys())
    if (!FIELDS.some(field => field === name)) throw evaluationError(`unrecognized arguments to with_sequence: ['${name}']`);
  return given;
};
const oneSequence = (term: string, named: ReadonlyMap<string, Value>): Value[] => {
  const given = fieldsOf(term, named);
  const [start, stride] = [number(given.get('start'), 1), number(given.get('stride'), 1)];
  const format = given.get('format') ?? '%d';
  const count = given.has('count') ? number(given.get('count'), 0) : undefined;
  if (count === undefined && !given.has('end')) throw evaluationError('must specify count or end in with_sequence');
  if (count !== undefined && given.has('end')) throw evaluationError("can't specify both count and end in with_sequence");
  if (count === 0) return [];
  const end = count === undefined ? number(given.get('end'), 0) : start + count * stride - 1;
  if (stride > 0 && end < start) throw evaluationError('to count backwards make stride negative');
  if (stride < 0 && end > start) throw evaluationError("to count forward don't make stride negative");
  if (format.split('%').length !== 2) throw evaluationError(`bad formatting string: ${format}`);
  const result: Value[] = [];
  if (stride !== 0) for (let at = start; stride > 0 ? at <= end : at >= end; at += stride) result.push(percentFormat(format, at));
  return result;
};
const sequence: Lookup = (terms, named, { native }) =>
  (native && terms.length === 0 ? [''] : terms).flatMap(term => oneSequence(str(term), named));

const vars: Lookup = (terms, named, run) =>
  terms.map(term => {
    if (!isText(term)) throw evaluationError(`Invalid setting identifier, "${str(term)}" is not a string`);
    const value = run.scope.lookup(str(term));
    const otherwise = named.get('default');
    if (value !== undefined) return value;
    if (otherwise === undefined) throw evaluationError(`No variable found with this name: ${str(term)}`);
    return otherwise;
  });
const varNames: Lookup = (terms, _, run) => {
  const names = [...run.scope.names()];
  return terms.flatMap(term => {
    const pattern = pythonRegex(str(term));
    return names.filter(name => pattern.test(name));
  });
};
const inventoryHostNames: Lookup = (terms, _, run) => run.host.hostNames(terms.map(str).join(','));
const randomChoice = (terms: readonly Value[], run: Run): Value[] => {
  run.impure('random_choice');
  const item = terms[Math.floor(run.host.random() * terms.length)];
  return item === undefined ? [] : [item];
};

export const listLookups: Lookups = {
  items: flattened,
  list: terms => terms,
  flattened: deeply,
  indexed_items: terms => flattened(terms).map((item, at) => Tuple.holding([at, item])),
  dict: terms => terms.flatMap(pairs),
  nested,
  cartesian: nested,
  together,
  subelements,
  sequence,
  vars,
  varnames: varNames,
  inventory_hostnames: inventoryHostNames,
  random_choice: (terms, _, run) => randomChoice(terms, run),
};
