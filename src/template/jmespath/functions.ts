import { integer, operate } from '../../value/arithmetic.ts';
import { compare, contains, inOrder } from '../../value/compare.ts';
import { evaluationError } from '../../value/errors.ts';
import { iterate, length } from '../../value/iterate.ts';
import { toJson } from '../../value/json.ts';
import { isDict, isInteger, isList, isNumber, isText, textOf, toNumber } from '../../value/kinds.ts';
import { str } from '../../value/repr.ts';
import { Float, type Value } from '../../value/value.ts';
import { parseFloatText } from '../filters/number.ts';
import { type Expression, identity } from './evaluate.ts';

/** What a function is called with: a value, or `&expression`. */
export type Argument = Value | Expression;

type Kind = 'number' | 'string' | 'boolean' | 'array' | 'object' | 'null';
const kindOf = (value: Value): Kind => {
  if (value === null) return 'null';
  if (typeof value === 'boolean') return 'boolean';
  if (isNumber(value)) return 'number';
  if (isText(value)) return 'string';
  return isList(value) ? 'array' : 'object';
};

/** What an argument may be; `number[]` is an array of nothing but numbers. */
type Wanted = Kind | 'number[]' | 'string[]' | 'any' | 'expression';
const fits = (value: Argument, wanted: Wanted): boolean => {
  if (typeof value === 'function') return wanted === 'expression';
  if (wanted === 'number[]' || wanted === 'string[]') return isList(value) && value.every(item => `${kindOf(item)}[]` === wanted);
  return wanted === 'any' || kindOf(value) === wanted;
};

/** Values, and the expression that goes with them: no function has two. */
type Body = (values: readonly Value[], key: Expression) => Value;
interface Signature {
  /** Of each argument; a variadic function's only entry holds for all. */
  readonly wanted: readonly (readonly Wanted[])[];
  readonly variadic?: boolean;
  readonly body: Body;
}
/** `number, string[]|number[]`: arguments by commas, what each may be by bars. */
const takes = (wanted: string, body: Body): Signature => ({
  wanted: wanted.split(', ').map(argument => argument.split('|') as Wanted[]),
  body,
});
const takesMany = (wanted: Wanted, body: Body): Signature => ({ wanted: [[wanted]], variadic: true, body });

const best = (items: readonly Value[], key: Expression, sign: '<' | '>'): Value => {
  let chosen: readonly [item: Value, key: Value] | undefined;
  for (const item of items) {
    const own = key(item);
    if (!chosen || inOrder(sign, own, chosen[1])) chosen = [item, own];
  }
  return chosen?.[0] ?? null;
};
const keyOf =
  (key: Expression, kinds: readonly Kind[]): Expression =>
  item => {
    const value = key(item);
    if (!kinds.includes(kindOf(value))) throw evaluationError(`${str(value)} is no ${kinds.join(' or ')} to sort by`);
    return value;
  };
const ORDERED: readonly Kind[] = ['number', 'string'];
const sortedBy = (items: readonly Value[], key: Expression): Value => {
  const [first] = items;
  // The first one decides which of the two all must be.
  const checked = first === undefined ? identity : keyOf(key, [kindOf(keyOf(key, ORDERED)(first))]);
  return items
    .map(item => ({ item, key: checked(item) }))
    .toSorted((left, right) => compare(left.key, right.key))
    .map(({ item }) => item);
};

const sum = (items: readonly Value[]): Value => items.reduce<Value>((total, item) => operate('+', total, item), 0);
const rounded = (value: Value, round: (value: number) => number): Value =>
  isNumber(value) && !isInteger(value) ? integer(BigInt(round(toNumber(value)))) : value;
const numeric = (value: Value): Value => {
  if (isNumber(value)) return typeof value === 'boolean' ? null : value;
  if (!isText(value)) return null;
  const text = textOf(value).trim();
  if (/^[+-]?\d+$/.test(text)) return integer(BigInt(text.replace(/^\+/, '')));
  const float = parseFloatText(text);
  return float === undefined ? null : new Float(float);
};
const reversed = (value: Value): Value => (isText(value) ? [...textOf(value)].toReversed().join('') : iterate(value).toReversed());

const FUNCTIONS: ReadonlyMap<string, Signature> = new Map(
  Object.entries({
    abs: takes('number', ([value = 0]) => (inOrder('<', value, 0) ? operate('*', value, -1) : value)),
    avg: takes('number[]', ([items = null]) => (length(items) === 0 ? null : operate('/', sum(iterate(items)), length(items)))),
    ceil: takes('number', ([value = 0]) => rounded(value, Math.ceil)),
    contains: takes('array|string, any', ([subject = null, search = null]) => contains(subject, search)),
    ends_with: takes('string, string', ([text = '', end = '']) => str(text).endsWith(str(end))),
    floor: takes('number', ([value = 0]) => rounded(value, Math.floor)),
    join: takes('string, string[]', ([glue = '', items = null]) => iterate(items).map(str).join(str(glue))),
    keys: takes('object', ([dict = null]) => [...iterate(dict)]),
    length: takes('string|array|object', ([value = null]) => length(value)),
    map: takes('expression, array', ([items = null], key) => iterate(items).map(key)),
    max: takes('number[]|string[]', ([items = null]) => best(iterate(items), identity, '>')),
    max_by: takes('array, expression', ([items = null], key) => best(iterate(items), keyOf(key, ORDERED), '>')),
    merge: takesMany('object', dicts => new Map(dicts.flatMap(dict => (isDict(dict) ? [...dict] : [])))),
    min: takes('number[]|string[]', ([items = null]) => best(iterate(items), identity, '<')),
    min_by: takes('array, expression', ([items = null], key) => best(iterate(items), keyOf(key, ORDERED), '<')),
    not_null: takesMany('any', values => values.find(value => value !== null) ?? null),
    reverse: takes('array|string', ([value = null]) => reversed(value)),
    sort: takes('string[]|number[]', ([items = null]) => iterate(items).toSorted(compare)),
    sort_by: takes('array, expression', ([items = null], key) => sortedBy(iterate(items), key)),
    starts_with: takes('string, string', ([text = '', start = '']) => str(text).startsWith(str(start))),
    sum: takes('number[]', ([items = null]) => sum(iterate(items))),
    to_array: takes('any', ([value = null]) => (isList(value) ? value : [value])),
    to_number: takes('any', ([value = null]) => numeric(value)),
    to_string: takes('any', ([value = null]) => (isText(value) ? value : toJson(value, { separators: [',', ':'] }))),
    type: takes('any', ([value = null]) => kindOf(value)),
    values: takes('object', ([dict = null]) => (isDict(dict) ? [...dict.values()] : [])),
  }),
);

/** Calls a function by its name; E_TEMPLATE for an unknown one and for arguments that it does not take. */
export const callFunction = (name: string, args: readonly Argument[]): Value => {
  const signature = FUNCTIONS.get(name);
  if (!signature) throw evaluationError(`Unknown function: ${name}()`);
  const { wanted, variadic = false, body } = signature;
  if (variadic ? args.length === 0 : args.length !== wanted.length)
    throw evaluationError(`Expected ${wanted.length} arguments for function ${name}(), received ${args.length}`);
  for (const [at, argument] of args.entries()) {
    const kinds = wanted[variadic ? 0 : at] ?? [];
    if (!kinds.some(kind => fits(argument, kind)))
      throw evaluationError(`In function ${name}(), argument ${at + 1} must be ${kinds.join(' or ')}`);
  }
  const key = args.find(argument => typeof argument === 'function');
  return body(
    args.filter(argument => typeof argument !== 'function'),
    key ?? identity,
  );
};
