/** DER (ITU-T X.690), as far as certificates need it. Every function gives a whole value: tag, length and content. */

const bytesOf = (number: number): Buffer => {
  const hex = number.toString(16);
  return Buffer.from(hex.padStart(hex.length + (hex.length % 2), '0'), 'hex');
};
const lengthOf = (sizeBytes: number): Buffer => {
  const bytes = bytesOf(sizeBytes);
  return sizeBytes < 0x80 ? bytes : Buffer.concat([Buffer.of(0x80 | bytes.length), bytes]);
};
const tagged =
  (tag: number) =>
  (...content: readonly Uint8Array[]): Buffer => {
    const body = Buffer.concat(content);
    return Buffer.concat([Buffer.of(tag), lengthOf(body.length), body]);
  };

export const sequence = tagged(0x30);
export const set = tagged(0x31);
export const octetString = tagged(0x04);
export const nothing = tagged(0x05)();
export const yes = tagged(0x01)(Buffer.of(0xff));
/** Context-specific tags: around a whole value, and in the place of a primitive value's own tag. */
export const explicit = (number: number): ReturnType<typeof tagged> => tagged(0xa0 | number);
export const implicit = (number: number): ReturnType<typeof tagged> => tagged(0x80 | number);

/** A positive number, as big-endian bytes without leading zeros. */
export const integer = (bytes: Buffer): Buffer => tagged(0x02)(Buffer.of(...((bytes[0] ?? 0) & 0x80 ? [0] : [])), bytes);
export const bitString = (bytes: Uint8Array, unusedBits = 0): Buffer => tagged(0x03)(Buffer.of(unusedBits), bytes);
export const utf8 = (text: string): Buffer => tagged(0x0c)(Buffer.from(text));

export const oid = (dotted: string): Buffer => {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  return tagged(0x06)(Buffer.from([first * 40 + second, ...rest.flatMap(base128)]));
};
/** Seven bits a byte, the highest first; all but the last say that more follow. */
const base128 = (number: number): number[] => {
  const digits = [number & 0x7f];
  for (let rest = number >> 7; rest > 0; rest >>= 7) digits.unshift(0x80 | (rest & 0x7f));
  return digits;
};

/** Two digits of the year until 2049, four from then on (RFC 5280 §4.1.2.5). */
export const time = (at: Date): Buffer => {
  const text = `${at.toISOString().replace(/\D/g, '').slice(0, 14)}Z`;
  return at.getUTCFullYear() < 2050 ? tagged(0x17)(Buffer.from(text.slice(2))) : tagged(0x18)(Buffer.from(text));
};

/** The content of a value. */
export const contentOf = (value: Buffer): Buffer => value.subarray(headerOf(value));
/** The values that a constructed value holds. */
export const valuesIn = (value: Buffer): readonly Buffer[] => {
  const values: Buffer[] = [];
  for (let rest = contentOf(value); rest.length > 0;) {
    const end = headerOf(rest) + sizeOf(rest);
    values.push(rest.subarray(0, end));
    rest = rest.subarray(end);
  }
  return values;
};
const long = (value: Buffer): number => ((value[1] ?? 0) & 0x80 ? (value[1] ?? 0) & 0x7f : 0);
const headerOf = (value: Buffer): number => 2 + long(value);
const sizeOf = (value: Buffer): number => (long(value) === 0 ? (value[1] ?? 0) : value.readUIntBE(2, long(value)));
