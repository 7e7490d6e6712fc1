import { DateTime, TimeDelta } from './datetime.ts';
import { defined, evaluationError } from './errors.ts';
import { percentFormat } from './percent.ts';
import { isInteger, isList, isNumber, isText, type PyNumber, textOf, toNumber, typeName, unmarked } from './kinds.ts';
import { Float, Tuple, type Value } from './value.ts';

export type Operator = '+' | '-' | '*' | '/' | '//' | '%' | '**';

/** An int as small as it can be held: number within ±2^53, else bigint. */
export const integer = (value: bigint): number | bigint => {
  const small = Number(value);
  return Number.isSafeInteger(small) ? small : value;
};
const big = (value: boolean | number | bigint): bigint => BigInt(value);

const zeroDivision = (operator: Operator, float: boolean): never => {
  const messages = { '/': ['division by zero', 'float division by zero'], '%': ['integer modulo by zero', 'float modulo'] } as const;
  const floors = ['integer division or modulo by zero', 'float floor division by zero'] as const;
  throw evaluationError((operator === '/' || operator === '%' ? messages[operator] : floors)[float ? 1 : 0]);
};

/** The remainder takes the divisor's sign. */
const floatModulo = (left: number, right: number): number => {
  const rest = left % right;
  if (rest !== 0) return rest < 0 === right < 0 ? rest : rest + right;
  return right < 0 ? -0 : 0;
};
const floatFloor = (left: number, right: number): number => {
  const quotient = (left - floatModulo(left, right)) / right;
  // A quotient of nothing takes the sign that the division would have.
  if (quotient === 0) return left / right < 0 || Object.is(left / right, -0) ? -0 : 0;
  const floor = Math.floor(quotient);
  return quotient - floor > 0.5 ? floor + 1 : floor;
};

const floats = (operator: Operator, left: number, right: number): Float => {
  if (right === 0 && (operator === '/' || operator === '//' || operator === '%')) zeroDivision(operator, true);
  switch (operator) {
    case '+':
      return new Float(left + right);
    case '-':
      return new Float(left - right);
    case '*':
      return new Float(left * right);
    case '/':
      return new Float(left / right);
    case '//':
      return new Float(floatFloor(left, right));
    case '%':
      return new Float(floatModulo(left, right));
    case '**':
      return power(left, right);
  }
};
const power = (left: number, right: number): Float => {
  if (left === 0 && right < 0) throw evaluationError('0.0 cannot be raised to a negative power');
  if (left < 0 && !Number.isInteger(right)) throw evaluationError('a negative number to a fractional power is complex');
  return new Float(left ** right);
};

const bitLength = (value: bigint): number => value.toString(2).length;
/** The quotient of two whole numbers, rounded once: as doubles they may be rounded already. */
const ratio = (left: bigint, right: bigint): number => {
  const [a, b] = [left < 0n ? -left : left, right < 0n ? -right : right];
  const shift = Math.max(0, 66 - bitLength(a) + bitLength(b));
  const [shifted, whole] = [a << BigInt(shift), (a << BigInt(shift)) / b];
  // A last bit that stands for all that was cut off keeps ties apart from near ties.
  const size = Number(shifted % b === 0n ? whole : whole | 1n) / 2 ** shift;
  return left < 0n === right < 0n ? size : -size;
};

const bigs = (operator: Operator, left: bigint, right: bigint): number | bigint => {
  switch (operator) {
    case '+':
      return integer(left + right);
    case '-':
      return integer(left - right);
    case '*':
      return integer(left * right);
    case '**':
      // A longer result could never be of use and would hold the controller's memory.
      if (right > 100_000n) throw evaluationError('the exponent is too large');
      return integer(left ** right);
    default: {
      const rest = left % right;
      const modulo = rest !== 0n && rest < 0n !== right < 0n ? rest + right : rest;
      return integer(operator === '%' ? modulo : (left - modulo) / right);
    }
  }
};

const integers = (operator: Operator, left: boolean | number | bigint, right: boolean | number | bigint): Value => {
  const [a, b] = [Number(left), Number(right)];
  if (b === 0 && (operator === '/' || operator === '//' || operator === '%')) zeroDivision(operator, false);
  if (operator === '/') return new Float(Number.isSafeInteger(a) && Number.isSafeInteger(b) ? a / b : ratio(big(left), big(right)));
  if (operator === '**' && b < 0) return power(a, b);
  if (operator === '+' || operator === '-' || operator === '*') {
    const quick = operator === '+' ? a + b : operator === '-' ? a - b : a * b;
    if (Number.isSafeInteger(quick) && typeof left !== 'bigint' && typeof right !== 'bigint') return quick === 0 ? 0 : quick;
  }
  return bigs(operator, big(left), big(right));
};

const numbers = (operator: Operator, left: PyNumber, right: PyNumber): Value =>
  isInteger(left) && isInteger(right) ? integers(operator, left, right) : floats(operator, toNumber(left), toNumber(right));

const unsupported = (operator: Operator, left: Value, right: Value): never => {
  const [a, b] = [typeName(left), typeName(right)];
  if (operator === '+' && typeof left === 'string') throw evaluationError(`can only concatenate str (not "${b}") to str`);
  if (operator === '+' && Array.isArray(left)) throw evaluationError(`can only concatenate ${a} (not "${b}") to ${a}`);
  if (operator === '*' && (typeof left === 'string' || Array.isArray(left)))
    throw evaluationError(`can't multiply sequence by non-int of type '${b}'`);
  throw evaluationError(`unsupported operand type(s) for ${operator === '**' ? '** or pow()' : operator}: '${a}' and '${b}'`);
};

/** Longest text or list that `*` may make. */
const MAX_REPEATED = 100_000_000;
const repeat = (what: Value, times: PyNumber): Value | undefined => {
  const count = Math.max(0, toNumber(times));
  if ((typeof what === 'string' || Array.isArray(what)) && what.length * count > MAX_REPEATED)
    throw evaluationError('the result is too long');
  if (typeof what === 'string') return what.repeat(count);
  if (!isList(what) && !(what instanceof Tuple)) return undefined;
  const items: Value[] = Array.from({ length: count }, () => [...what]).flat();
  return what instanceof Tuple ? Tuple.holding(items) : items;
};

const add = (left: Value, right: Value): Value | undefined => {
  if (typeof left === 'string' && typeof right === 'string') return left + right;
  if (left instanceof Tuple && right instanceof Tuple) return Tuple.holding([...left, ...right]);
  if (isList(left) && isList(right)) return [...left, ...right];
  if (left instanceof DateTime && right instanceof TimeDelta) return new DateTime(new Date(left.fields.getTime() + right.seconds * 1000));
  if (left instanceof TimeDelta && right instanceof TimeDelta) return new TimeDelta(left.seconds + right.seconds);
  return undefined;
};
const subtract = (left: Value, right: Value): Value | undefined => {
  if (left instanceof DateTime && right instanceof DateTime) return new TimeDelta((left.fields.getTime() - right.fields.getTime()) / 1000);
  if (left instanceof DateTime && right instanceof TimeDelta) return new DateTime(new Date(left.fields.getTime() - right.seconds * 1000));
  if (left instanceof TimeDelta && right instanceof TimeDelta) return new TimeDelta(left.seconds - right.seconds);
  return undefined;
};

const multiply = (left: Value, right: Value): Value | undefined => {
  if (isInteger(right)) return repeat(left, right);
  return isInteger(left) ? repeat(right, left) : undefined;
};

/** Python's binary operators; E_TEMPLATE with Python's message where Python raises. */
export const operate = (operator: Operator, leftValue: Value, rightValue: Value): Value => {
  // A text's values may be undefined as long as no place is left for them.
  if (operator === '%' && isText(leftValue)) return percentFormat(textOf(leftValue), unmarked(rightValue));
  const [left, right] = [unmarked(defined(leftValue)), unmarked(defined(rightValue))];
  if (isNumber(left) && isNumber(right)) return numbers(operator, left, right);
  let result: Value | undefined;
  if (operator === '+') result = add(left, right);
  else if (operator === '-') result = subtract(left, right);
  else if (operator === '*') result = multiply(left, right);
  return result ?? unsupported(operator, left, right);
};

export const negate = (value: Value): Value => {
  const operand = defined(value);
  if (operand instanceof Float) return new Float(-operand.value);
  if (typeof operand === 'bigint') return integer(-operand);
  if (isInteger(operand)) return Number(operand) === 0 ? 0 : -Number(operand);
  throw evaluationError(`bad operand type for unary -: '${typeName(operand)}'`);
};
export const positive = (value: Value): Value => {
  const operand = defined(value);
  if (typeof operand === 'boolean') return Number(operand);
  if (isNumber(operand)) return operand;
  throw evaluationError(`bad operand type for unary +: '${typeName(operand)}'`);
};
