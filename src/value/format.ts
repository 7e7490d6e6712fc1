import { defined, evaluationError } from './errors.ts';
import { exponential, fixed } from './decimal.ts';
import { isInteger, isNumber, type PyNumber, toNumber, typeName, unmarked } from './kinds.ts';
import { repr, str } from './repr.ts';
import { Float, type Value } from './value.ts';

/** Python's format mini-language: `[[fill]align][sign][z][#][0][width][,_][.precision][type]`. */
interface Spec {
  readonly fill: string;
  readonly align: string | undefined;
  readonly sign: string;
  /** A sign was asked for. */
  readonly signed: boolean;
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
  const [, fill, align, sign, alternate, zero, width, grouping = '', precision, type = ''] = found;
  return {
    fill: fill ?? (zero ? '0' : ' '),
    align: align ?? (zero && isNumber(value) ? '=' : undefined),
    sign: sign ?? '-',
    signed: sign !== undefined,
    alternate: alternate !== undefined,
    width: Number(width ?? 0),
    grouping,
    precision: precision === undefined ? undefined : Number(precision),
    type,
  };
};

const group = (digits: string, separator: string, size = 3): string =>
  separator ? digits.replace(new RegExp(`(?<=[0-9a-fA-F])(?=(?:[0-9a-fA-F]{${size}})+$)`, 'g'), separator) : digits;

/** C's %g: `precision` significant digits, exponent when it is below -4 or too large. `pointed` is Python's variant for no type at all. */
const general = (size: number, precision: number, alternate: boolean, pointed = false): string => {
  const digits = precision === 0 ? 1 : precision;
  const exponent = Number(exponential(size, digits - 1).split('e')[1]);
  const scientific = exponent < -4 || exponent >= digits - (pointed ? 1 : 0);
  const text = scientific ? exponential(size, digits - 1) : fixed(size, digits - 1 - exponent);
  const short = alternate || !text.includes('.') ? text : text.replace(/\.?0+(?=e|$)/, '');
  return pointed && !/[.e]/.test(short) ? `${short}.0` : short;
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
      return general(size, precision, alternate, value instanceof Float);
    default:
      throw evaluationError(`Unknown format code '${type}' for object of type '${typeName(value)}'`);
  }
};

/** A number cut where signs, padding and separators go. */
interface Parts {
  readonly sign: string;
  readonly whole: string;
  readonly rest: string;
}
const BASES: Readonly<Record<string, number>> = { d: 10, n: 10, '': 10, x: 16, X: 16, o: 8, b: 2 };
const integerParts = (value: boolean | number | bigint, sign: string, spec: Spec, digits: number): Parts => {
  const { type, grouping } = spec;
  const size = BigInt(value) < 0n ? -BigInt(value) : BigInt(value);
  if (type === 'c') return { sign, whole: String.fromCodePoint(Number(size)), rest: '' };
  const base = BASES[type];
  if (base === undefined) throw evaluationError(`Unknown format code '${type}' for object of type '${typeName(value)}'`);
  if (spec.precision !== undefined) throw evaluationError('Precision not allowed in integer format specifier');
  if (grouping === ',' && base !== 10) throw evaluationError(`Cannot specify ',' with '${type}'.`);
  const text = size.toString(base).padStart(digits, '0');
  return { sign: spec.alternate && base !== 10 ? `${sign}0${type}` : sign, whole: type === 'X' ? text.toUpperCase() : text, rest: '' };
};
const floatParts = (value: PyNumber, sign: string, spec: Spec): Parts => {
  const body = floatBody(Math.abs(toNumber(value)), spec, value);
  const text = /^[EFG]$/.test(spec.type) ? body.toUpperCase() : body;
  const [, whole = '', point = '', rest = ''] = /^([^.eE%]*)(\.\d*)?(.*)$/s.exec(text) ?? [];
  return { sign, whole, rest: (point || (spec.alternate ? '.' : '')) + rest };
};
const partsOf = (value: PyNumber, spec: Spec, digits: number): Parts => {
  const amount = toNumber(value);
  const sign = amount < 0 || Object.is(amount, -0) ? '-' : spec.sign === '-' ? '' : spec.sign;
  return isInteger(value) && !/^[eEfFgG%]$/.test(spec.type) ? integerParts(value, sign, spec, digits) : floatParts(value, sign, spec);
};
/** Zeros that fill a width take separators as well. */
const grouped = ({ sign, whole, rest }: Parts, spec: Spec, align: string): string => {
  const size = /^[xXob]$/.test(spec.type) ? 4 : 3;
  const wanted = spec.fill === '0' && align === '=' ? spec.width - sign.length - rest.length : 0;
  let digits = whole;
  while (group(digits, spec.grouping, size).length < wanted) digits = `0${digits}`;
  return group(digits, spec.grouping, size);
};
const formatNumber = (value: PyNumber, spec: Spec, digits: number): string => {
  const parts = partsOf(value, spec, digits);
  const align = spec.align ?? '>';
  return padded(parts.sign, grouped(parts, spec, align) + parts.rest, spec, align);
};
const formatText = (value: string, spec: Spec): string => {
  if (spec.type !== '' && spec.type !== 's') throw evaluationError(`Unknown format code '${spec.type}' for object of type 'str'`);
  if (spec.signed) throw evaluationError(`${spec.sign === ' ' ? 'Space' : 'Sign'} not allowed in string format specifier`);
  if (spec.alternate) throw evaluationError('Alternate form (#) not allowed in string format specifier');
  if (spec.align === '=') throw evaluationError("'=' alignment not allowed in string format specifier");
  if (spec.grouping) throw evaluationError(`Cannot specify '${spec.grouping}' with 's'.`);
  return padded('', spec.precision === undefined ? value : [...value].slice(0, spec.precision).join(''), spec, spec.align ?? '<');
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

/** format(value, spec); `digits` is the least number of digits of an int, as `%.3d` wants them. */
export const format = (input: Value, text: string, digits = 0): string => {
  const value = unmarked(defined(input));
  if (text === '') return str(value);
  const spec = parseSpec(text, value);
  if (typeof value === 'boolean' && spec.type === '') return formatText(str(value), spec);
  if (isNumber(value)) return formatNumber(value, spec, digits);
  if (typeof value === 'string') return formatText(value, spec);
  throw evaluationError(`unsupported format string passed to ${typeName(value)}.__format__`);
};
