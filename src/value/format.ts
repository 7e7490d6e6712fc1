import { defined, evaluationError } from './errors.ts';
import { exponential, fixed } from './decimal.ts';
import { getKey } from './dict.ts';
import { isDict, isInteger, isNumber, type PyNumber, toNumber, typeName, unmarked } from './kinds.ts';
import { repr, str } from './repr.ts';
import { Float, Tuple, type Value } from './value.ts';

/** Python's format mini-language: `[[fill]align][sign][z][#][0][width][,_][.precision][type]`. */
interface Spec {
  readonly fill: string;
  readonly align: string | undefined;
  readonly sign: string;
  readonly alternate: boolean;
  readonly width: number;
  readonly grouping: string;
  readonly precision: number | undefined;
  readonly type: string;
}
const SPEC = /^(?:(.)?([<>=^]))?([+\- ])?(#)?(0)?(\d+)?([,_])?(?:\.(\d+))?([a-zA-Z%])?$/su;

const parseSpec = (text: string, value: Value): Spec => {
  const found = SPEC.exec(text);
  if (!found) throw evaluationError(`Invalid format specifier '${text}' for object of type '${typeName(value)}'`);
  const [, fill, align, sign = '-', alternate, zero, width, grouping = '', precision, type = ''] = found;
  return {
    fill: fill ?? (zero && !align ? '0' : ' '),
    align: align ?? (zero && isNumber(value) ? '=' : undefined),
    sign,
    alternate: alternate !== undefined,
    width: Number(width ?? 0),
    grouping,
    precision: precision === undefined ? undefined : Number(precision),
    type,
  };
};

const group = (digits: string, separator: string, size = 3): string =>
  separator ? digits.replace(new RegExp(`(?<=[0-9a-fA-F])(?=(?:[0-9a-fA-F]{${size}})+$)`, 'g'), separator) : digits;

/** C's %g: `precision` significant digits, exponent when it is below -4 or too large. */
const general = (size: number, precision: number, alternate: boolean): string => {
  const digits = precision === 0 ? 1 : precision;
  const exponent = Number(exponential(size, digits - 1).split('e')[1]);
  const text = exponent < -4 || exponent >= digits ? exponential(size, digits - 1) : fixed(size, digits - 1 - exponent);
  return alternate || !text.includes('.') ? text : text.replace(/\.?0+(?=e|$)/, '');
};

const floatBody = (size: number, { type, precision, alternate }: Spec, value: PyNumber): string => {
  if (!Number.isFinite(size)) return Number.isNaN(size) ? 'nan' : 'inf';
  switch (type.toLowerCase()) {
    case 'f':
      return fixed(size, precision ?? 6);
    case 'e':
      return exponential(size, precision ?? 6);
    case 'g':
      return general(size, precision ?? 6, alternate);
    case '%':
      return `${fixed(size * 100, precision ?? 6)}%`;
    case '':
    case 'n':
      if (precision === undefined) return repr(value instanceof Float ? new Float(size) : size);
      return /[.e]/.test(general(size, precision, alternate)) || !(value instanceof Float)
        ? general(size, precision, alternate)
        : `${general(size, precision, alternate)}.0`;
    default:
      throw evaluationError(`Unknown format code '${type}' for object of type '${typeName(value)}'`);
  }
};

const BASES: Readonly<Record<string, number>> = { d: 10, n: 10, '': 10, x: 16, X: 16, o: 8, b: 2 };
const integerBody = (size: bigint, spec: Spec, value: Value): string => {
  const base = BASES[spec.type];
  if (spec.type === 'c') return String.fromCodePoint(Number(size));
  if (base === undefined) throw evaluationError(`Unknown format code '${spec.type}' for object of type '${typeName(value)}'`);
  if (spec.precision !== undefined) throw evaluationError('Precision not allowed in integer format specifier');
  const digits = group(size.toString(base), spec.grouping, base === 10 ? 3 : 4);
  const text = spec.type === 'X' ? digits.toUpperCase() : digits;
  return spec.alternate && base !== 10 ? `0${spec.type}${text}` : text;
};

const absolute = (value: bigint): bigint => (value < 0n ? -value : value);
const numberText = (value: PyNumber, spec: Spec): { sign: string; body: string } => {
  const amount = toNumber(value);
  const sign = amount < 0 || Object.is(amount, -0) ? '-' : spec.sign === '-' ? '' : spec.sign;
  if (isInteger(value) && !/^[eEfFgG%]$/.test(spec.type)) return { sign, body: integerBody(absolute(BigInt(value)), spec, value) };
  const [whole = '', rest = ''] = floatBody(Math.abs(amount), spec, value).split(/(?=[.e%])(.*)/s);
  const body = group(whole, spec.grouping) + rest;
  return { sign, body: /^[EFG]$/.test(spec.type) ? body.toUpperCase() : body };
};

const padded = (sign: string, body: string, { width, fill }: Spec, align: string): string => {
  const missing = Math.max(0, width - [...sign, ...body].length);
  switch (align) {
    case '<':
      return sign + body + fill.repeat(missing);
    case '^':
      return fill.repeat(Math.floor(missing / 2)) + sign + body + fill.repeat(Math.ceil(missing / 2));
    case '=':
      return sign + fill.repeat(missing) + body;
    default:
      return fill.repeat(missing) + sign + body;
  }
};

/** format(value, spec). */
export const format = (input: Value, text: string): string => {
  const value = unmarked(defined(input));
  if (text === '') return str(value);
  const spec = parseSpec(text, value);
  if (isNumber(value) && !(typeof value === 'boolean' && spec.type === '')) {
    const { sign, body } = numberText(value, spec);
    return padded(sign, body, spec, spec.align ?? '>');
  }
  if (typeof value !== 'string' && typeof value !== 'boolean')
    throw evaluationError(`unsupported format string passed to ${typeName(value)}.__format__`);
  if (spec.type !== '' && spec.type !== 's') throw evaluationError(`Unknown format code '${spec.type}' for object of type 'str'`);
  if (spec.align === '=') throw evaluationError("'=' alignment not allowed in string format specifier");
  const shown = str(value);
  return padded('', spec.precision === undefined ? shown : [...shown].slice(0, spec.precision).join(''), spec, spec.align ?? '<');
};

const CONVERSION = /%(?:\(([^)]*)\))?([-+ #0]*)(\*|\d+)?(?:\.(\*|\d+))?[hlL]?(.|$)/gsu;

/** Python's `text % values`. */
export const percentFormat = (text: string, values: Value): string => {
  const queue = values instanceof Tuple ? [...values] : [values];
  let next = 0;
  let keyed = false;
  const take = (): Value => {
    const value = queue[next++];
    if (value === undefined) throw evaluationError('not enough arguments for format string');
    return value;
  };
  const width = (field: string | undefined): number | undefined =>
    field === undefined ? undefined : field === '*' ? toNumber(numeric(take(), '*')) : Number(field);
  const result = text.replace(CONVERSION, (_, key: string | undefined, flags: string, min?: string, exact?: string, type = '') => {
    if (type === '%') return '%';
    const [least, precision] = [width(min), width(exact)];
    if (key === undefined) return converted(take(), flags, least, precision, type);
    keyed = true;
    if (!isDict(values)) throw evaluationError('format requires a mapping');
    const found = getKey(values, key);
    if (found === undefined) throw evaluationError(repr(key));
    return converted(found, flags, least, precision, type);
  });
  // Python looks for leftovers only where it knows the count: lists and dicts pass as mappings.
  if (next < queue.length && !keyed && (values instanceof Tuple || !(isDict(values) || Array.isArray(values))))
    throw evaluationError('not all arguments converted during string formatting');
  return result;
};

const numeric = (value: Value, type: string): PyNumber => {
  const given = defined(value);
  if (isNumber(given)) return given;
  if (type === '*') throw evaluationError('* wants int');
  const wanted = 'xXo'.includes(type) ? 'an integer' : 'a real number';
  throw evaluationError(`%${type} format: ${wanted} is required, not ${typeName(given)}`);
};

const converted = (value: Value, flags: string, width = 0, precision: number | undefined, type: string): string => {
  const left = flags.includes('-') ? '<' : '>';
  if (type === 's' || type === 'r' || type === 'a') {
    const shown = type === 's' ? str(value) : repr(value);
    return format(shown, `${left}${width}${precision === undefined ? '' : `.${precision}`}`);
  }
  if (type === 'c')
    return format(typeof value === 'string' ? value : String.fromCodePoint(toNumber(numeric(value, type))), `${left}${width}`);
  if (!'diuoxXeEfFgG'.includes(type) || type === '') throw evaluationError(`unsupported format character '${type}'`);
  const amount = numeric(value, type);
  const sign = flags.includes('+') ? '+' : flags.includes(' ') ? ' ' : '';
  const fill = flags.includes('0') && left === '>' ? '0=' : left;
  const shape = `${fill}${sign}${flags.includes('#') ? '#' : ''}${width}`;
  if ('diu'.includes(type)) return format(whole(amount), `${shape}d`);
  return format(amount, `${shape}${'oxX'.includes(type) ? '' : `.${precision ?? 6}`}${type}`);
};
const whole = (amount: PyNumber): Value => (amount instanceof Float ? Math.trunc(amount.value) : amount);
