import { equals, inOrder, type Order } from '../../value/compare.ts';
import { evaluationError } from '../../value/errors.ts';
import { isDict, isList, isMapping, isNumber, isText, toNumber, truth } from '../../value/kinds.ts';
import { slice } from '../../value/slice.ts';
import type { Value } from '../../value/value.ts';

/** A compiled expression. */
export type Expression = (value: Value) => Value;

export const identity: Expression = value => value;
export const chain =
  (first: Expression, next: Expression): Expression =>
  value =>
    next(first(value));

/** Of a dict, or an object that acts as one: hostvars give up no more of themselves than they are asked for. */
export const field =
  (name: Value): Expression =>
  value => {
    const held = isDict(value) ? value.get(name) : isMapping(value) ? value.item(name) : undefined;
    return held ?? null;
  };
export const index =
  (at: number): Expression =>
  value =>
    (isList(value) ? value.at(at) : undefined) ?? null;
export const sliced =
  (start: Value, stop: Value, step: Value): Expression =>
  value => {
    if (step === 0) throw evaluationError('slice step cannot be zero');
    return isList(value) ? slice(value, start, stop, step) : null;
  };

const isTrue = (value: Value): boolean => (isNumber(value) && typeof value !== 'boolean' ? true : truth(value));
const collected = (values: readonly Value[], each: Expression): Value => values.map(each).filter(value => value !== null);

export const projection =
  (list: Expression, each: Expression): Expression =>
  value => {
    const items = list(value);
    return isList(items) ? collected(items, each) : null;
  };
export const valueProjection =
  (dict: Expression, each: Expression): Expression =>
  value => {
    const held = dict(value);
    if (!isMapping(held)) return null;
    return collected(held instanceof Map ? [...held.values()] : held.keys().map(key => held.item(key) ?? null), each);
  };
export const filterProjection =
  (list: Expression, each: Expression, condition: Expression): Expression =>
  value => {
    const items = list(value);
    return isList(items)
      ? collected(
          items.filter(item => isTrue(condition(item))),
          each,
        )
      : null;
  };
export const flattened =
  (list: Expression): Expression =>
  value => {
    const items = list(value);
    return isList(items) ? items.flatMap(item => (isList(item) ? item : [item])) : null;
  };

export const multiList =
  (parts: readonly Expression[]): Expression =>
  value =>
    value === null ? null : parts.map(part => part(value));
export const multiDict =
  (parts: readonly (readonly [Value, Expression])[]): Expression =>
  value =>
    value === null ? null : new Map(parts.map(([name, part]) => [name, part(value)]));

export const either =
  (left: Expression, right: Expression): Expression =>
  value => {
    const found = left(value);
    return isTrue(found) ? found : right(value);
  };
export const both =
  (left: Expression, right: Expression): Expression =>
  value => {
    const found = left(value);
    return isTrue(found) ? right(value) : found;
  };
export const not =
  (operand: Expression): Expression =>
  value =>
    !isTrue(operand(value));

const isNumeric = (value: Value): boolean => isNumber(value) && typeof value !== 'boolean';
/** Python takes 1 for True; a query does not. */
const same = (left: Value, right: Value): boolean => {
  const mixed = (number: Value, flag: Value): boolean =>
    typeof flag === 'boolean' && isNumber(number) && typeof number !== 'boolean' && [0, 1].includes(toNumber(number));
  return !mixed(left, right) && !mixed(right, left) && equals(left, right);
};
const isOrdered = (value: Value): boolean => isNumeric(value) || isText(value);
export const comparison =
  (sign: Order | '==' | '!=', left: Expression, right: Expression): Expression =>
  value => {
    const [a, b] = [left(value), right(value)];
    if (sign === '==' || sign === '!=') return same(a, b) === (sign === '==');
    return isOrdered(a) && isOrdered(b) ? inOrder(sign, a, b) : null;
  };
