/** crypt(3)'s own digits: its base 64 is neither in RFC 4648's order nor in its byte order. */
export const CRYPT_DIGITS = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** `count` digits of a number, the lowest first. */
const digits = (value: number, count: number): string => {
  let text = '';
  for (let rest = value; text.length < count; rest >>>= 6) text += CRYPT_DIGITS[rest & 63] ?? '';
  return text;
};

/** Bytes in the order that an algorithm prints them: by threes, each group's highest first. */
export const cryptDigits = (bytes: Uint8Array, order: readonly (readonly number[])[]): string =>
  order
    .map(group =>
      digits(
        group.reduce((value, at) => (value << 8) | (bytes[at] ?? 0), 0),
        group.length + 1,
      ),
    )
    .join('');
