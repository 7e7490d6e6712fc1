import { wordsOf } from './address.ts';

/** An EUI-48 (MAC address) or EUI-64. */
export interface HardwareAddress {
  readonly bits: 48 | 64;
  readonly value: bigint;
}

const groups = (count: number, digits: string, separators: string): RegExp =>
  new RegExp(`^[\\da-f]{${digits}}(?:([${separators}])[\\da-f]{${digits}}(?:\\1[\\da-f]{${digits}}){${count - 2}})$`, 'i');
interface Form {
  readonly bits: HardwareAddress['bits'];
  readonly pattern: RegExp;
  /** Hexadecimal digits of each group, leading zeros included. */
  readonly width: number;
}
const FORMS: readonly Form[] = [
  { bits: 48, pattern: groups(6, '1,2', ':-'), width: 2 },
  { bits: 48, pattern: groups(3, '1,4', ':.-'), width: 4 },
  { bits: 48, pattern: groups(2, '5,6', ':-'), width: 6 },
  { bits: 48, pattern: /^[\da-f]{11,12}$/i, width: 12 },
  { bits: 64, pattern: groups(8, '1,2', ':-'), width: 2 },
  { bits: 64, pattern: groups(4, '1,4', ':.-'), width: 4 },
  { bits: 64, pattern: /^[\da-f]{16}$/i, width: 16 },
];

const formed = (text: string, bits: HardwareAddress['bits']): HardwareAddress | undefined => {
  const form = FORMS.find(({ bits: own, pattern }) => own === bits && pattern.test(text));
  const digits = form && text.split(/[:.-]/).map(group => group.padStart(form.width, '0'));
  return digits && { bits, value: BigInt(`0x${digits.join('')}`) };
};
/** Any usual form, or a plain number. */
export const parseHardware = (text: string): HardwareAddress | undefined => {
  const number = /^\s*\d+\s*$/.test(text) ? BigInt(text) : undefined;
  const fits = (bits: 48 | 64): HardwareAddress | undefined =>
    number !== undefined && number < 1n << BigInt(bits) ? { bits, value: number } : undefined;
  return formed(text, 48) ?? fits(48) ?? formed(text, 64) ?? fits(64);
};

interface Dialect {
  readonly word: number;
  readonly separator: string;
  readonly digits: number;
  readonly upper?: boolean;
}
const DIALECTS: ReadonlyMap<string, Dialect> = new Map<string, Dialect>([
  ['bare', { word: 48, separator: '', digits: 12, upper: true }],
  ['cisco', { word: 16, separator: '.', digits: 4 }],
  ['eui48', { word: 8, separator: '-', digits: 2, upper: true }],
  ['win', { word: 8, separator: '-', digits: 2, upper: true }],
  ['linux', { word: 8, separator: ':', digits: 2 }],
  ['unix', { word: 8, separator: ':', digits: 1 }],
  ['pgsql', { word: 24, separator: ':', digits: 6 }],
  ['postgresql', { word: 24, separator: ':', digits: 6 }],
  ['psql', { word: 24, separator: ':', digits: 6 }],
]);
export const isDialect = (name: string): boolean => DIALECTS.has(name);

/** A MAC address as one of its users writes it; undefined for an unknown dialect or a longer address. */
export const showHardware = ({ value }: HardwareAddress, dialect: string): string | undefined => {
  const style = DIALECTS.get(dialect);
  if (!style || value >= 1n << 48n) return undefined;
  const words = wordsOf(value, 48 / style.word, style.word).map(word => word.toString(16).padStart(style.digits, '0'));
  const text = words.join(style.separator);
  return style.upper ? text.toUpperCase() : text;
};

/** The lower half of its IPv6 address (RFC 4291, appendix A). */
export const interfaceId = ({ bits, value }: HardwareAddress): bigint => {
  const long = bits === 64 ? value : ((value >> 24n) << 40n) | 0xfffe000000n | (value & 0xffffffn);
  return long ^ (1n << 57n);
};
