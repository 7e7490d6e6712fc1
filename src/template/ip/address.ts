import { isIPv6 } from 'node:net';
import { evaluationError } from '../../value/errors.ts';

export type Version = 4 | 6;
export interface Address {
  readonly version: Version;
  readonly value: bigint;
}

export const widthOf = (version: Version): 32 | 128 => (version === 4 ? 32 : 128);
export const maxOf = (version: Version): bigint => (1n << BigInt(widthOf(version))) - 1n;

const OCTET = '(25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)';
const DOTTED = new RegExp(`^${Array<string>(4).fill(OCTET).join('\\.')}$`);
/** inet_pton's four numbers, without leading zeros. */
const parseFour = (text: string): bigint | undefined => {
  const octets = DOTTED.exec(text)?.slice(1);
  return octets && octets.reduce((value, octet) => (value << 8n) | BigInt(octet), 0n);
};
const hextets = (text: string): bigint[] => (text === '' ? [] : text.split(':').map(part => BigInt(`0x${part}`)));
const parseSix = (text: string): bigint | undefined => {
  if (!isIPv6(text) || text.includes('%')) return undefined;
  const four = parseFour(text.slice(text.lastIndexOf(':') + 1));
  const whole = four === undefined ? text : text.slice(0, text.lastIndexOf(':') + 1) + [four >> 16n, four & 0xffffn].map(hex).join(':');
  const [head = '', tail] = whole.split('::');
  const [left, right] = [hextets(head), tail === undefined ? [] : hextets(tail)];
  const middle = tail === undefined ? [] : Array<bigint>(8 - left.length - right.length).fill(0n);
  return [...left, ...middle, ...right].reduce((value, part) => (value << 16n) | part, 0n);
};
const hex = (value: bigint): string => value.toString(16);

/** What inet_pton accepts, of one version or of either. */
export const parseAddress = (text: string, version?: Version): Address | undefined => {
  const four = version === 6 ? undefined : parseFour(text);
  if (four !== undefined) return { version: 4, value: four };
  const six = version === 4 ? undefined : parseSix(text);
  return six === undefined ? undefined : { version: 6, value: six };
};

/** E_TEMPLATE for a number that is no address of the version. */
export const addressOf = (version: Version, value: bigint): Address => {
  if (value < 0n || value > maxOf(version)) throw evaluationError(`${value} is no IPv${version} address`);
  return { version, value };
};
/** An address by its number alone: IPv4 as long as it can be. */
export const addressOfNumber = (value: bigint): Address => addressOf(value <= maxOf(4) ? 4 : 6, value);

/** Parts of a number, the highest first. */
export const wordsOf = (value: bigint, count: number, bits: number): bigint[] =>
  Array.from({ length: count }, (_, at) => (value >> BigInt(bits * (count - 1 - at))) & ((1n << BigInt(bits)) - 1n));
const showFour = (value: bigint): string => wordsOf(value, 4, 8).join('.');

/** The longest run of zeros, if it is longer than one. */
const zeros = (words: readonly string[]): { start: number; length: number } | undefined => {
  let [start, length] = [0, 1];
  for (let at = 0; at < words.length; at++) {
    const end = words.findIndex((word, index) => index >= at && word !== '0');
    const run = (end < 0 ? words.length : end) - at;
    if (run > length) [start, length] = [at, run];
  }
  return length > 1 ? { start, length } : undefined;
};
/** RFC 5952 without IPv4 in it. */
export const showHextets = (value: bigint): string => {
  const words = wordsOf(value, 8, 16).map(hex);
  const gap = zeros(words);
  return gap ? `${words.slice(0, gap.start).join(':')}::${words.slice(gap.start + gap.length).join(':')}` : words.join(':');
};
/** glibc's inet_ntop: addresses that hold an IPv4 one show it. */
const showSix = (value: bigint): string => {
  const words = wordsOf(value, 8, 16).map(hex);
  const gap = zeros(words);
  if (gap?.start !== 0) return showHextets(value);
  if (gap.length === 6) return `::${showFour(value & maxOf(4))}`;
  return gap.length === 5 && words[5] === 'ffff' ? `::ffff:${showFour(value & maxOf(4))}` : showHextets(value);
};
export const showAddress = ({ version, value }: Address): string => (version === 4 ? showFour(value) : showSix(value));

/** `d.c.b.a.in-addr.arpa.` and its IPv6 counterpart. */
export const reverseName = ({ version, value }: Address): string =>
  version === 4
    ? `${wordsOf(value, 4, 8).toReversed().join('.')}.in-addr.arpa.`
    : `${wordsOf(value, 32, 4).toReversed().map(hex).join('.')}.ip6.arpa.`;

const isPowerOfTwo = (value: bigint): boolean => (value & (value - 1n)) === 0n;
export const isHostmask = ({ value }: Address): boolean => isPowerOfTwo(value + 1n);
export const isNetmask = ({ version, value }: Address): boolean => isPowerOfTwo((value ^ maxOf(version)) + 1n);
