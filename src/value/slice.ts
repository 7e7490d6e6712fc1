import { defined, evaluationError } from './errors.ts';
import { Iterated, isInteger, typeName, unmarked } from './kinds.ts';
import { Tuple, type Value } from './value.ts';

const index = (value: Value | undefined): number | undefined => {
  if (value === undefined || value === null) return undefined;
  const given = defined(value);
  if (!isInteger(given)) throw evaluationError('slice indices must be integers or None or have an __index__ method');
  return Number(given);
};

const picked = <T>(items: readonly T[], start: number | undefined, stop: number | undefined, step: number): T[] => {
  const size = items.length;
  const clamp = (at: number | undefined, otherwise: number, low: number, high: number): number =>
    at === undefined ? otherwise : Math.min(Math.max(at < 0 ? at + size : at, low), high);
  const result: T[] = [];
  if (step > 0) {
    const end = clamp(stop, size, 0, size);
    for (let at = clamp(start, 0, 0, size); at < end; at += step) result.push(items[at] as T);
  } else {
    const end = clamp(stop, -1, -1, size - 1);
    for (let at = clamp(start, size - 1, -1, size - 1); at > end; at += step) result.push(items[at] as T);
  }
  return result;
};

/** Python's value[start:stop:step]; undefined or None leaves an end open. */
export const slice = (value: Value, start?: Value, stop?: Value, step?: Value): Value => {
  const from = unmarked(defined(value));
  const stride = index(step) ?? 1;
  if (stride === 0) throw evaluationError('slice step cannot be zero');
  const [first, last] = [index(start), index(stop)];
  if (typeof from === 'string') return picked([...from], first, last, stride).join('');
  if (from instanceof Tuple) return Tuple.holding(picked(from, first, last, stride));
  if (Array.isArray(from) && !(from instanceof Iterated && from.typeName !== 'range')) return picked([...from], first, last, stride);
  throw evaluationError(`'${typeName(from)}' object is not subscriptable`);
};
