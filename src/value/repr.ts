import { DateTime, TimeDelta } from './datetime.ts';
import { undefinedError } from './errors.ts';
import { Builtin, isMapping, Iterated, MarkedText, PyType } from './kinds.ts';
import { Float, Tuple, Undefined, type Value } from './value.ts';

/** Python's float.__repr__: the shortest text that reads back the same. */
export const floatRepr = (value: number): string => {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  if (Object.is(value, -0)) return '-0.0';
  const size = Math.abs(value);
  if (size !== 0 && (size >= 1e16 || size < 1e-4)) return value.toExponential().replace(/e([+-])(\d)$/, 'e$10$2');
  const text = String(value);
  return text.includes('.') ? text : `${text}.0`;
};

const named: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' };
const escaped = (char: string): string => {
  const code = char.codePointAt(0) ?? 0;
  const hex = code.toString(16);
  if (code < 0x100) return `\\x${hex.padStart(2, '0')}`;
  return code < 0x10000 ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`;
};
const UNPRINTABLE = /[\\\n\r\t]|(?! )[\p{C}\p{Z}]/gu;

/** Python's str.__repr__. */
export const textRepr = (text: string): string => {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const body = text.replace(UNPRINTABLE, char => named[char] ?? escaped(char));
  return quote + (quote === "'" ? body.replaceAll("'", "\\'") : body) + quote;
};

const undefinedRepr = (value: Undefined): string => {
  if (value.lenient) return 'Undefined';
  throw undefinedError(value);
};
const items = (values: readonly Value[]): string => values.map(repr).join(', ');

/** Python's repr(value); a strict undefined inside raises E_UNDEFINED, as it does when Ansible prints it. */
export const repr = (value: Value): string => {
  if (value === null) return 'None';
  switch (typeof value) {
    case 'string':
      return textRepr(value);
    case 'boolean':
      return value ? 'True' : 'False';
    case 'number':
      return Math.abs(value) < 1e21 ? String(value) : String(BigInt(value));
    case 'bigint':
      return String(value);
  }
  if (value instanceof Float) return floatRepr(value.value);
  if (value instanceof Tuple) return value.length === 1 ? `(${items(value)},)` : `(${items(value)})`;
  if (value instanceof Iterated) return value.label || `${value.typeName}([${items(value)}])`;
  if (Array.isArray(value)) return `[${items(value)}]`;
  if (value instanceof Map) return `{${[...value].map(([key, item]) => `${repr(key)}: ${repr(item)}`).join(', ')}}`;
  if (value instanceof MarkedText) return textRepr(value.text);
  if (value instanceof Undefined) return undefinedRepr(value);
  if (value instanceof Builtin) return `<${value.label}>`;
  if (value instanceof PyType) return `<class '${value.name}'>`;
  if (value instanceof DateTime) return `datetime.datetime(${value.toString()})`;
  if (value instanceof TimeDelta) return `datetime.timedelta(seconds=${value.seconds})`;
  if (isMapping(value))
    return `{${value
      .keys()
      .map(key => `${repr(key)}: ${repr(value.item(key) ?? null)}`)
      .join(', ')}}`;
  return `<${value.typeName} object>`;
};

/** Python's str(value). */
export const str = (value: Value): string => {
  if (typeof value === 'string') return value;
  if (value instanceof MarkedText) return value.text;
  if (value instanceof Undefined) {
    if (value.lenient) return '';
    throw undefinedError(value);
  }
  if (value instanceof DateTime || value instanceof TimeDelta) return value.toString();
  return repr(value);
};
