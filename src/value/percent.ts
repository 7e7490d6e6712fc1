import { getKey } from './dict.ts';
import { defined, evaluationError } from './errors.ts';
import { format } from './format.ts';
import { isDict, isNumber, type PyNumber, toNumber, typeName } from './kinds.ts';
import { repr, str } from './repr.ts';
import { Float, Tuple, Undefined, type Value } from './value.ts';

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
  if (
    next < queue.length &&
    !keyed &&
    (values instanceof Tuple || !(isDict(values) || Array.isArray(values) || values instanceof Undefined))
  )
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
  if (!'diuoxX'.includes(type)) return format(amount, `${shape}.${precision ?? 6}${type}`);
  if (amount instanceof Float && 'oxX'.includes(type)) throw evaluationError(`%${type} format: an integer is required, not float`);
  return format(whole(amount), `${shape}${'diu'.includes(type) ? 'd' : type}`, precision);
};
const whole = (amount: PyNumber): Value => (amount instanceof Float ? Math.trunc(amount.value) + 0 : amount);
