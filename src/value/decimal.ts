/** A finite double as `mantissa * 2^exponent`, exactly. */
const exact = (value: number): { mantissa: bigint; exponent: number } => {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  const bits = view.getBigUint64(0);
  const raised = Number((bits >> 52n) & 0x7ffn);
  const fraction = bits & 0xfffffffffffffn;
  const mantissa = raised === 0 ? fraction : fraction | 0x10000000000000n;
  return { mantissa: value < 0 ? -mantissa : mantissa, exponent: Math.max(raised, 1) - 1075 };
};

/** value * 10^digits as a whole number, rounded as Python rounds: exactly, ties to even. `value` is finite and not negative. */
export const scaled = (value: number, digits: number): bigint => {
  const { mantissa, exponent } = exact(value);
  const up = mantissa * 10n ** BigInt(Math.max(digits, 0)) * 2n ** BigInt(Math.max(exponent, 0));
  const down = 10n ** BigInt(Math.max(-digits, 0)) * 2n ** BigInt(Math.max(-exponent, 0));
  const [whole, twice] = [up / down, (up % down) * 2n];
  return twice > down || (twice === down && whole % 2n === 1n) ? whole + 1n : whole;
};

/** `digits` places after the point. */
export const fixed = (value: number, digits: number): string => {
  const text = scaled(value, digits)
    .toString()
    .padStart(digits + 1, '0');
  return digits === 0 ? text : `${text.slice(0, -digits)}.${text.slice(-digits)}`;
};

/** One digit, a point, `digits` places, and an exponent of at least two digits. */
export const exponential = (value: number, digits: number): string => {
  let power = value === 0 ? 0 : Number(value.toExponential().split('e')[1]);
  let text = scaled(value, digits - power).toString();
  if (text.length > digits + 1) {
    power++;
    text = text.slice(0, -1);
  }
  const body = text.padEnd(digits + 1, '0');
  const exponent = `${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;
  return `${body.slice(0, 1)}${digits > 0 ? `.${body.slice(1)}` : ''}e${exponent}`;
};
