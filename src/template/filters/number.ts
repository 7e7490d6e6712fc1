import { integer, operate } from '../../value/arithmetic.ts';
import { integerArgument } from '../../value/call.ts';
import { equals } from '../../value/compare.ts';
import { scaled } from '../../value/decimal.ts';
import { defined, evaluationError } from '../../value/errors.ts';
import { isInteger, isNumber, isText, textOf, toNumber, truth, typeName } from '../../value/kinds.ts';
import { repr, str } from '../../value/repr.ts';
import { Float, type Value } from '../../value/value.ts';
import { type Filters, takes } from './define.ts';

const FLOAT = /^[+-]?(?:(?:\d(?:_?\d)*\.?(?:\d(?:_?\d)*)?|\.\d(?:_?\d)*)(?:e[+-]?\d+)?|inf(?:inity)?|nan)$/i;
/** Python's float(text); undefined where it raises. */
export const parseFloatText = (text: string): number | undefined => {
  const clean = text.trim();
  if (!FLOAT.test(clean)) return undefined;
  if (/nan$/i.test(clean)) return Number.NaN;
  if (/inf/i.test(clean)) return clean.startsWith('-') ? -Infinity : Infinity;
  return Number(clean.replaceAll('_', ''));
};

const DIGITS: Readonly<Record<number, string>> = { 2: '0b', 8: '0o', 16: '0x' };
/** Python's int(text, base); undefined where it raises. */
const parseInteger = (text: string, base: number): number | bigint | undefined => {
  const [, sign = '', rest = ''] = /^([+-]?)(.*)$/s.exec(text.trim().toLowerCase()) ?? [];
  const prefix = DIGITS[base === 0 ? ({ b: 2, o: 8, x: 16 }[rest[1] ?? ''] ?? 10) : base];
  const radix = base === 0 ? ({ '0b': 2, '0o': 8, '0x': 16 }[prefix ?? ''] ?? 10) : base;
  const body = prefix !== undefined && rest.startsWith(prefix) ? rest.slice(2).replace(/^_/, '') : rest;
  if (!/^[\da-z]+(?:_[\da-z]+)*$/.test(body)) return undefined;
  let value = 0n;
  for (const char of body.replaceAll('_', '')) {
    const digit = Number.parseInt(char, 36);
    if (digit >= radix) return undefined;
    value = value * BigInt(radix) + BigInt(digit);
  }
  return integer(sign === '-' ? -value : value);
};

const toInteger = (input: Value, otherwise: Value, base: number): Value => {
  const value = defined(input);
  if (isText(value)) {
    const parsed = parseInteger(textOf(value), base);
    if (parsed !== undefined) return parsed;
    const float = parseFloatText(textOf(value));
    return float === undefined || !Number.isFinite(float) ? otherwise : integer(BigInt(Math.trunc(float)));
  }
  if (value instanceof Float) return Number.isFinite(value.value) ? integer(BigInt(Math.trunc(value.value))) : otherwise;
  if (typeof value === 'boolean') return Number(value);
  return isInteger(value) ? value : otherwise;
};

const toFloat = (input: Value, otherwise: Value): Value => {
  const value = defined(input);
  if (isNumber(value)) return new Float(toNumber(value));
  const parsed = isText(value) ? parseFloatText(textOf(value)) : undefined;
  return parsed === undefined ? otherwise : new Float(parsed);
};

/** Python's round(): exact, ties to even. */
export const roundHalfEven = (value: number, digits: number): number => {
  if (!Number.isFinite(value)) return value;
  const size = Number(`${scaled(Math.abs(value), digits)}e${-digits}`);
  return value < 0 ? -size : size;
};
const round = (input: Value, precision: number, method: string): Value => {
  const value = defined(input);
  if (!isNumber(value)) throw evaluationError(`type ${typeName(value)} doesn't define __round__ method`);
  const amount = toNumber(value);
  const scale = 10 ** precision;
  switch (method) {
    case 'common':
      return isInteger(value) ? roundInteger(value, precision) : new Float(roundHalfEven(amount, precision));
    case 'ceil':
      return new Float(Math.ceil(amount * scale) / scale);
    case 'floor':
      return new Float(Math.floor(amount * scale) / scale);
    default:
      throw evaluationError('method must be common, ceil or floor');
  }
};
const roundInteger = (value: boolean | number | bigint, precision: number): Value =>
  precision >= 0 ? (typeof value === 'boolean' ? Number(value) : value) : roundHalfEven(Number(value), precision);

/** What a function of numbers is given, None included, must be one. */
const numberOf = (value: Value, what: string): number => {
  const given = defined(value);
  if (!isNumber(given)) throw evaluationError(`${what}() can only be used on numbers: must be real number, not ${typeName(given)}`);
  return toNumber(given);
};

const readableSize = (input: Value): number => {
  const size = defined(input);
  if (isNumber(size)) return toNumber(size);
  throw evaluationError(`human_readable() failed on bad input: ${repr(size)}`);
};

const TRUE: readonly Value[] = ['yes', 'on', '1', 'true', 1];
const toBool = (input: Value, native: boolean): Value => {
  const value = defined(input);
  if (value === null) return native ? false : null;
  if (typeof value === 'boolean') return value;
  const wanted = isText(value) ? textOf(value).toLowerCase() : value;
  return TRUE.some(item => equals(item, wanted));
};

const UNITS = 'YZEPTGMK';
/** Ansible's bytes_to_human. */
const humanReadable = (size: number, bits: boolean, unit: string | undefined): string => {
  const base = bits ? 'bits' : 'Bytes';
  const suffix = bits ? 'b' : 'B';
  const ranges = [...[...UNITS].map((letter, at) => ({ name: letter, limit: 2 ** (10 * (UNITS.length - at)) })), { name: '', limit: 1 }];
  const chosen = ranges.find(({ name, limit }) => (unit === undefined ? size >= limit : unit.toUpperCase() === (name || 'B'))) ?? {
    name: '',
    limit: 1,
  };
  const label = chosen.limit === 1 ? base : chosen.name + suffix;
  return `${(size / chosen.limit).toFixed(2)} ${label}`;
};
/** Ansible's human_to_bytes: `10M`, `1.5 GB`, `2Kb` with isbits. */
const humanToBytes = (input: Value, defaultUnit: Value | undefined, bits: boolean): Value => {
  const text = str(input);
  const [, amount, given] = /^\s*(\d*\.?\d*)(?:\s*([A-Za-z]+))?/.exec(text) ?? [];
  if (amount === undefined || amount === '' || amount === '.')
    throw evaluationError(`human_to_bytes() can't interpret following string: ${text}`);
  const unit = given ?? (defaultUnit === undefined || defaultUnit === null ? undefined : str(defaultUnit));
  if (unit === undefined) return integer(BigInt(roundHalfEven(Number(amount), 0)));
  const power = 'BKMGTPEZY'.indexOf((unit[0] ?? '').toUpperCase());
  const rest = unit.slice(1);
  const short = bits ? 'b' : 'B';
  const long = bits ? ['bit', 'bits'] : ['byte', 'bytes'];
  const single =
    (unit[0] ?? '').toUpperCase() === 'B'
      ? unit === short || long.includes(unit.toLowerCase()) || unit.length === 1
      : rest === '' || rest === short || rest === `i${short}` || long.includes(rest.toLowerCase());
  if (power < 0 || !single) throw evaluationError(`human_to_bytes() can't interpret following string: ${text}`);
  return integer(BigInt(roundHalfEven(Number(amount) * 2 ** (10 * power), 0)));
};

/** Jinja's filesizeformat. */
const fileSize = (bytes: number, binary: boolean): string => {
  const base = binary ? 1024 : 1000;
  const prefixes = binary ? ['KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB', 'ZiB', 'YiB'] : ['kB', 'MB', 'GB', 'TB', 'PB', 'EB', 'ZB', 'YB'];
  if (bytes === 1) return '1 Byte';
  if (bytes < base) return `${Math.trunc(bytes)} Bytes`;
  const power = Math.min(prefixes.length, Math.floor(Math.log(bytes) / Math.log(base) + 1e-12));
  return `${(bytes / base ** power).toFixed(1)} ${prefixes[power - 1]}`;
};

export const numberFilters: Filters = {
  int: takes(['default', 'base'], (input, [otherwise = 0, base]) => toInteger(input, otherwise, integerArgument(base, 10))),
  float: takes(['default'], (input, [otherwise = new Float(0)]) => toFloat(input, otherwise)),
  abs: takes([], input => {
    const value = defined(input);
    if (!isNumber(value)) throw evaluationError(`bad operand type for abs(): '${typeName(value)}'`);
    if (value instanceof Float) return new Float(Math.abs(value.value));
    return toNumber(value) < 0 ? operate('*', value, -1) : operate('+', value, 0);
  }),
  round: takes(['precision', 'method'], (input, [precision, method = 'common']) =>
    round(input, integerArgument(precision, 0), str(method)),
  ),
  bool: takes([], (input, _, { native }) => toBool(input, native)),
  pow: takes(['y'], (input, [exponent]) => new Float(numberOf(input, 'pow') ** numberOf(exponent ?? null, 'pow')), 1),
  root: takes(['base'], (input, [base]) => {
    const [value, degree] = [numberOf(input, 'root'), base === undefined ? 2 : numberOf(base, 'root')];
    if (value < 0) throw evaluationError('root() can only be used on numbers: math domain error');
    return new Float(degree === 2 ? Math.sqrt(value) : value ** (1 / degree));
  }),
  log: takes(['base'], (input, [base]) => {
    const value = numberOf(input, 'log');
    if (value <= 0) throw evaluationError('math domain error');
    const of = base === undefined ? Math.E : numberOf(base, 'log');
    return new Float(of === 10 ? Math.log10(value) : of === Math.E ? Math.log(value) : Math.log(value) / Math.log(of));
  }),
  human_readable: takes(['isbits', 'unit'], (input, [bits = false, unit]) =>
    humanReadable(readableSize(input), truth(bits), unit === undefined || unit === null ? undefined : str(unit)),
  ),
  human_to_bytes: takes(['default_unit', 'isbits'], (input, [unit, bits = false]) => humanToBytes(input, unit, truth(bits))),
  filesizeformat: takes(['binary'], (input, [binary = false]) => {
    const bytes = toFloat(input, null);
    if (!(bytes instanceof Float)) throw evaluationError(`could not convert to float: ${str(input)}`);
    return fileSize(bytes.value, truth(binary));
  }),
};
