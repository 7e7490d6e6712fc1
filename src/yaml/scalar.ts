import { Float } from '../value/value.ts';
import type { Value } from '../value/value.ts';

/** What a text is not; the caller knows where it stands. */
export class NotThat extends Error {}

const BOOL = /^(?:yes|Yes|YES|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF)$/;
const NULL = /^(?:~|null|Null|NULL|)$/;
const INT = /^(?:[-+]?0b[01_]+|[-+]?0[0-7_]+|[-+]?(?:0|[1-9][0-9_]*)|[-+]?0x[0-9a-fA-F_]+|[-+]?[1-9][0-9_]*(?::[0-5]?[0-9])+)$/;
const FLOAT =
  /^(?:[-+]?[0-9][0-9_]*\.[0-9_]*(?:[eE][-+][0-9]+)?|\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/;
const TIMESTAMP =
  /^(?:[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt]|[ \t]+)[0-9]{1,2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]*)?(?:[ \t]*(?:Z|[-+][0-9]{1,2}(?::[0-9]{2})?))?)$/;
/** First characters of everything that is not a string. */
const TYPED = /^[-+.0-9~yYnNtTfFoO]/;

/** Digits in a base as a Python int: exact, a bigint where a number would not be. */
const digits = (text: string, base: 2 | 8 | 10 | 16): number | bigint => {
  const clean = text.replace(/^0[oO]/, base === 8 ? '' : '$&').toLowerCase();
  const allowed = { 2: /^[01]+$/, 8: /^[0-7]+$/, 10: /^[0-9]+$/, 16: /^[0-9a-f]+$/ }[base];
  if (!allowed.test(clean)) throw new NotThat(`"${text}" is no integer in base ${base}`);
  const number = Number.parseInt(clean, base);
  if (Number.isSafeInteger(number)) return number;
  return BigInt({ 2: '0b', 8: '0o', 10: '', 16: '0x' }[base] + clean);
};
const magnitude = (text: string): number | bigint => {
  if (text.startsWith('0b')) return digits(text.slice(2), 2);
  if (text.startsWith('0x')) return digits(text.slice(2), 16);
  if (text !== '0' && text.startsWith('0')) return digits(text, 8);
  if (!text.includes(':')) return digits(text, 10);
  const total = text.split(':').reduce((sum, part) => sum * 60n + BigInt(digits(part, 10)), 0n);
  return total <= Number.MAX_SAFE_INTEGER ? Number(total) : total;
};
const signed = (text: string): { readonly negative: boolean; readonly rest: string } => ({
  negative: text.startsWith('-'),
  rest: text.replace(/^[-+]/, ''),
});

/** `0644` is octal, `1_000` a thousand, `1:30` sexagesimal. */
export const toInt = (text: string): number | bigint => {
  const { negative, rest } = signed(text.replaceAll('_', ''));
  const value = magnitude(rest);
  return negative && value !== 0 ? -value : value;
};

export const toFloat = (text: string): Float => {
  const { negative, rest } = signed(text.replaceAll('_', '').toLowerCase());
  const sign = negative ? -1 : 1;
  if (/^\.?(?:inf|infinity)$/.test(rest)) return new Float(sign * Number.POSITIVE_INFINITY);
  if (/^\.?nan$/.test(rest)) return new Float(Number.NaN);
  const parts = rest.split(':');
  if (!parts.every(part => /^(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:e[-+]?[0-9]+)?$/.test(part))) throw new NotThat(`"${text}" is no float`);
  return new Float(sign * parts.reduce((sum, part) => sum * 60 + Number(part), 0));
};

export const toBool = (text: string): boolean => {
  const word = text.toLowerCase();
  if (/^(?:yes|true|on)$/.test(word)) return true;
  if (/^(?:no|false|off)$/.test(word)) return false;
  throw new NotThat(`"${text}" is no boolean`);
};

const STAMP = /^(\d{4})-(\d\d?)-(\d\d?)(?:(?:[Tt]|[ \t]+)(\d\d?):(\d\d):(\d\d)(?:\.(\d*))?(?:[ \t]*(?:(Z)|([-+])(\d\d?)(?::(\d\d))?))?)?$/;
const two = (text = '0'): string => text.padStart(2, '0');

/** A date or time as Python's `str()` prints the object that PyYAML makes of it; kplay has no dates, so this text is the value. */
export const toTimestamp = (text: string): string => {
  const match = STAMP.exec(text);
  if (!match) throw new NotThat(`"${text}" is no timestamp`);
  const [, year = '', month = '', day = '', hour, minute = '0', second = '0', fraction = '', zulu, sign, zoneHour, zoneMinute] = match;
  const date = new Date(Date.UTC(2000, Number(month) - 1, Number(day)));
  date.setUTCFullYear(Number(year), Number(month) - 1, Number(day));
  const exists = date.getUTCMonth() === Number(month) - 1 && date.getUTCDate() === Number(day) && Number(year) > 0;
  if (!exists || Number(hour ?? 0) > 23 || Number(minute) > 59 || Number(second) > 59) throw new NotThat(`"${text}" is no point in time`);
  const ymd = `${year}-${two(month)}-${two(day)}`;
  if (hour === undefined) return ymd;
  const micros = fraction.slice(0, 6).padEnd(6, '0');
  const zone = zulu ? '+00:00' : sign ? offset(sign, Number(zoneHour), Number(zoneMinute ?? 0)) : '';
  return `${ymd} ${two(hour)}:${minute}:${second}${micros === '000000' ? '' : `.${micros}`}${zone}`;
};
const offset = (sign: string, hours: number, minutes: number): string => {
  const total = hours * 60 + minutes;
  if (total >= 24 * 60) throw new NotThat('a time zone is less than 24 hours from UTC');
  return `${total === 0 ? '+' : sign}${two(String(Math.floor(total / 60)))}:${two(String(total % 60))}`;
};

/**
 * A plain (unquoted, untagged) scalar as PyYAML's resolver types it: YAML 1.1, where `0644` is 420, `yes` is true, and `1e3` and `y`
 * are strings. Throws `NotThat` for what only looks like a date, and for `=` and `<<`, which PyYAML cannot construct.
 */
export const plainScalar = (text: string): Value => {
  if (text === '=' || text === '<<') throw new NotThat(`a plain "${text}" has a meaning of its own in YAML 1.1; quote it`);
  if (text === '') return null;
  if (!TYPED.test(text)) return text;
  if (BOOL.test(text)) return toBool(text);
  if (NULL.test(text)) return null;
  if (FLOAT.test(text)) return toFloat(text);
  if (INT.test(text)) return toInt(text);
  if (TIMESTAMP.test(text)) return toTimestamp(text);
  return text;
};

/** A literal of a file that is JSON from end to end: Ansible reads such a file as JSON, where `1e3` is a float. */
export const jsonScalar = (text: string): Value => {
  if (text === 'null') return null;
  if (text === 'true' || text === 'false') return text === 'true';
  return /[.eE]/.test(text) ? new Float(Number(text)) : toInt(text);
};
