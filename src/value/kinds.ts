import { DateTime, TimeDelta } from './datetime.ts';
import { undefinedError } from './errors.ts';
import { type Dict, Float, PyObject, Tuple, Undefined, type Value } from './value.ts';

/**
 * Text that must stay text when it is the whole result of a template: what to_json, to_yaml and `string` return (Ansible's
 * NativeJinjaText). It behaves as the str it holds.
 */
export class MarkedText extends PyObject {
  override readonly typeName: string = 'NativeJinjaText';
  #text: string | (() => string);
  /** A function is asked when the text is first needed. */
  constructor(text: string | (() => string)) {
    super();
    this.#text = text;
  }
  get text(): string {
    if (typeof this.#text === 'function') this.#text = this.#text();
    return this.#text;
  }
  override toString(): string {
    return this.text;
  }
}

/** Something that can be iterated but is no list: a range or a view of a dict. */
export class Iterated extends Array<Value> {
  /** What map, filter and slice make of it is a list. */
  static override get [Symbol.species](): ArrayConstructor {
    return Array;
  }
  typeName: 'range' | 'dict_keys' | 'dict_values' | 'dict_items' = 'range';
  /** Python's repr of a range; views print their items. */
  label = '';
  static holding(typeName: Iterated['typeName'], items: Iterable<Value>, label = ''): Iterated {
    const iterated = new Iterated();
    for (const item of items) iterated.push(item);
    iterated.typeName = typeName;
    iterated.label = label;
    return iterated;
  }
}

/** A namedtuple: its items have names too. */
export class NamedTuple extends Tuple {
  names: readonly string[] = [];
  static named(items: Readonly<Record<string, Value>>): NamedTuple {
    const tuple = new NamedTuple();
    tuple.push(...Object.values(items));
    tuple.names = Object.keys(items);
    return tuple;
  }
}

/** A value's class, as `x.__class__` gives it. */
export class PyType extends PyObject {
  override readonly typeName = 'type';
  readonly name: string;
  constructor(name: string) {
    super();
    this.name = name;
  }
  override attribute(name: string): Value | undefined {
    return name === '__name__' ? this.name : undefined;
  }
}

/** Python's function or method with a name. */
export class Builtin extends PyObject {
  override readonly typeName = 'builtin_function_or_method';
  readonly label: string;
  readonly #run: (args: readonly Value[], named: ReadonlyMap<string, Value>) => Value;
  constructor(label: string, run: (args: readonly Value[], named: ReadonlyMap<string, Value>) => Value) {
    super();
    this.label = label;
    this.#run = run;
  }
  override call(args: readonly Value[], named: ReadonlyMap<string, Value>): Value {
    return this.#run(args, named);
  }
}

export type PyNumber = boolean | number | bigint | Float;

export const isText = (value: Value | undefined): value is string | MarkedText => typeof value === 'string' || value instanceof MarkedText;
export const textOf = (value: string | MarkedText): string => (typeof value === 'string' ? value : value.text);
/** Marked text as the str it is; everything else unchanged. */
export const unmarked = (value: Value): Value => (value instanceof MarkedText ? value.text : value);

/** Python's numbers.Number: bool counts. */
export const isNumber = (value: Value | undefined): value is PyNumber =>
  typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint' || value instanceof Float;
export const isInteger = (value: Value | undefined): value is boolean | number | bigint =>
  typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint';
export const toNumber = (value: PyNumber): number => (value instanceof Float ? value.value : Number(value));

export const isDict = (value: Value | undefined): value is Dict => value instanceof Map;
/** list, tuple, range or dict view. */
export const isArray = (value: Value | undefined): value is Value[] => Array.isArray(value);
export const isList = (value: Value | undefined): value is Value[] =>
  Array.isArray(value) && !(value instanceof Tuple) && !(value instanceof Iterated);
/** Ansible's is_sequence: list or tuple (a range too), never text. */
export const isSequence = (value: Value | undefined): value is Value[] =>
  Array.isArray(value) && (!(value instanceof Iterated) || value.typeName === 'range');

/** A dict, or an object that acts as one (hostvars). */
export const isMapping = (value: Value | undefined): value is Dict | (PyObject & Required<Pick<PyObject, 'keys' | 'item'>>) =>
  value instanceof Map || (value instanceof PyObject && value.keys !== undefined && value.item !== undefined);

/** Python's name of a value's class. */
export const typeName = (value: Value): string => {
  if (value === null) return 'NoneType';
  switch (typeof value) {
    case 'boolean':
      return 'bool';
    case 'string':
      return 'str';
    case 'number':
    case 'bigint':
      return 'int';
  }
  if (value instanceof Float) return 'float';
  if (value instanceof Tuple) return 'tuple';
  if (value instanceof Iterated) return value.typeName;
  if (Array.isArray(value)) return 'list';
  if (value instanceof Map) return 'dict';
  if (value instanceof Undefined) return value.lenient ? 'Undefined' : 'AnsibleUndefined';
  return value.typeName;
};

/** How Jinja calls an object in "has no attribute" messages. */
export const objectName = (value: Value): string => (value === null ? 'None' : `${typeName(value)} object`);

/** Python's bool(value). A strict undefined raises E_UNDEFINED. */
export const truth = (value: Value): boolean => {
  if (typeof value === 'boolean') return value;
  if (typeof value === 'string') return value !== '';
  if (value === null) return false;
  if (typeof value === 'number') return value !== 0;
  if (Array.isArray(value)) return value.length > 0;
  if (value instanceof Map) return value.size > 0;
  if (typeof value === 'bigint') return value !== 0n;
  if (value instanceof Float) return value.value !== 0;
  if (value instanceof MarkedText) return value.text !== '';
  if (value instanceof Undefined) {
    if (!value.lenient) throw undefinedError(value);
    return false;
  }
  if (value instanceof TimeDelta) return value.seconds !== 0;
  return !value.keys || value instanceof DateTime || value.keys().length > 0;
};
