import { type Method, method, type Named, textArgument } from './call.ts';
import { dictMethods, listMethods, tupleMethods } from './container-methods.ts';
import { DateTime, strftime, TimeDelta } from './datetime.ts';
import { getKey } from './dict.ts';
import { defined, evaluationError } from './errors.ts';
import { Builtin, Iterated, isInteger, isMapping, MarkedText, NamedTuple, objectName, PyType, typeName, unmarked } from './kinds.ts';
import { repr } from './repr.ts';
import { strFormat } from './str-format.ts';
import { textMethods } from './text-methods.ts';
import { Float, PyObject, Tuple, Undefined, type Value } from './value.ts';

const allTextMethods: ReadonlyMap<string, Method<string>> = new Map([
  ...textMethods,
  ['format', (text, args, named) => strFormat(text, args, named, { attribute: getAttribute, item: getItem })],
]);
const timeMethods: ReadonlyMap<string, Method<DateTime>> = new Map([
  [
    'strftime',
    method<DateTime>('strftime', ['format'], (time, [format]) => strftime(textArgument(format, 'strftime() argument 1'), time), 1),
  ],
  ['isoformat', method<DateTime>('isoformat', ['sep'], (time, [separator = 'T']) => time.toString(textArgument(separator, 'sep')))],
  ['timestamp', method<DateTime>('timestamp', [], time => new Float(time.epoch()))],
  ['weekday', method<DateTime>('weekday', [], time => (time.fields.getUTCDay() + 6) % 7)],
  ['isoweekday', method<DateTime>('isoweekday', [], time => time.fields.getUTCDay() || 7)],
  ['date', method<DateTime>('date', [], time => time.toString().slice(0, 10))],
  ['time', method<DateTime>('time', [], time => time.toString().slice(11))],
]);
const deltaMethods: ReadonlyMap<string, Method<TimeDelta>> = new Map([
  ['total_seconds', method<TimeDelta>('total_seconds', [], delta => delta.totalSeconds())],
]);
type IntLike = boolean | number | bigint;
const integerMethods: ReadonlyMap<string, Method<IntLike>> = new Map([
  ['bit_length', method<IntLike>('bit_length', [], value => BigInt(value).toString(2).replace(/^-?0?/, '').length)],
  ['conjugate', method<IntLike>('conjugate', [], value => value)],
]);
const floatMethods: ReadonlyMap<string, Method<Float>> = new Map([
  ['is_integer', method<Float>('is_integer', [], ({ value }) => Number.isInteger(value))],
]);

const methodsOf = (value: Value): ReadonlyMap<string, Method<never>> | undefined => {
  if (typeof value === 'string') return allTextMethods;
  if (value instanceof Map) return dictMethods;
  if (value instanceof Tuple || value instanceof Iterated) return tupleMethods;
  if (Array.isArray(value)) return listMethods;
  if (value instanceof DateTime) return timeMethods;
  if (value instanceof TimeDelta) return deltaMethods;
  if (value instanceof Float) return floatMethods;
  return isInteger(value) ? integerMethods : undefined;
};

/** Objects that act as dicts (hostvars) have dict's reading methods. */
const asDict = (value: PyObject): ReadonlyMap<string, Method<never>> | undefined => (isMapping(value) ? dictMethods : undefined);
const dictFrom = (value: Value): Value =>
  value instanceof PyObject && isMapping(value) ? new Map(value.keys().map(key => [key, value.item(key) ?? null])) : value;

/** Python's getattr without Jinja's fallback to items; undefined when there is no such attribute. */
const attribute = (value: Value, name: string): Value | undefined => {
  const own = value instanceof PyObject ? value.attribute?.(name) : undefined;
  if (own !== undefined) return own;
  if (value instanceof NamedTuple && value.names.includes(name)) return value[value.names.indexOf(name)];
  const found = methodsOf(value)?.get(name) ?? (value instanceof PyObject ? asDict(value)?.get(name) : undefined);
  // The table was chosen by the value's own type.
  if (found)
    return new Builtin(`built-in method ${name} of ${typeName(value)} object at 0x7f0000000000`, (args, named) =>
      found(dictFrom(value) as never, args, named),
    );
  return name === '__class__' ? new PyType(typeName(value)) : undefined;
};

const item = (value: Value, key: Value): Value | undefined => {
  if (value instanceof Map) return getKey(value, key);
  if (value instanceof PyObject) return value.item?.(key);
  if (!isInteger(key) || (value instanceof Iterated && value.typeName !== 'range')) return undefined;
  const items = typeof value === 'string' ? [...value] : Array.isArray(value) ? value : [];
  const at = Number(key);
  return items[at < 0 ? at + items.length : at];
};

const shownKey = (key: Value): string => (key instanceof Undefined ? 'AnsibleUndefined' : repr(key));
const missing = (value: Value, key: Value): Undefined =>
  new Undefined(
    typeof key === 'string'
      ? `'${objectName(value)}' has no attribute ${repr(key)}`
      : `${objectName(value)} has no element ${shownKey(key)}`,
  );

const ofUndefined = (value: Undefined): Undefined => {
  // Ansible's undefined answers everything with itself; Jinja's plain one raises.
  if (value.lenient) throw evaluationError(value.message);
  return value;
};

/** Jinja's `value.name`: the attribute, else the item. */
export const getAttribute = (given: Value, name: string): Value => {
  if (given instanceof Undefined) return ofUndefined(given);
  const value = unmarked(given);
  // Not `??`: None is a value.
  const own = attribute(value, name);
  if (own !== undefined) return own;
  const held = item(value, name);
  return held === undefined ? missing(value, name) : held;
};

/** Jinja's `value[key]`: the item, else the attribute. */
export const getItem = (given: Value, givenKey: Value): Value => {
  if (given instanceof Undefined) return ofUndefined(given);
  const [value, key] = [unmarked(given), unmarked(givenKey)];
  if (value instanceof Map || isMapping(value)) defined(key);
  const held = item(value, key);
  if (held !== undefined) return held;
  const own = typeof key === 'string' ? attribute(value, key) : undefined;
  return own === undefined ? missing(value, key) : own;
};

/** value(…). */
export const callValue = (value: Value, args: readonly Value[], named: Named): Value => {
  const callee = defined(value);
  if (callee instanceof PyObject && callee.call) return callee.call(args, named);
  throw evaluationError(`'${typeName(callee)}' object is not callable`);
};

/** value.name(…) without making a bound method where the value has one built in. */
export const callMethod = (given: Value, name: string, args: readonly Value[], named: Named): Value => {
  const value = given instanceof MarkedText ? given.text : given;
  const found = value instanceof PyObject ? undefined : methodsOf(value)?.get(name);
  // The table was chosen by the value's own type.
  return found ? found(value as never, args, named) : callValue(getAttribute(value, name), args, named);
};
