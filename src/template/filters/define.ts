import { getItem } from '../../value/access.ts';
import { bind } from '../../value/call.ts';
import { evaluationError } from '../../value/errors.ts';
import { isText, textOf } from '../../value/kinds.ts';
import { Undefined, type Value } from '../../value/value.ts';
import type { Filter, Run, Test } from '../run.ts';

export type Bound = readonly (Value | undefined)[];
export type Filters = Readonly<Record<string, Filter>>;

const bound = (parameters: readonly string[], args: readonly Value[], named: ReadonlyMap<string, Value>, required: number): Bound => {
  const values = bind('filter', parameters, args, named);
  for (let at = 0; at < required; at++)
    if (values[at] === undefined) throw evaluationError(`filter() missing 1 required positional argument: '${parameters[at]}'`);
  return values;
};

/** A filter with these parameters after its input; destructure the bound arguments with their defaults. */
export const takes =
  (parameters: readonly string[], run: (input: Value, values: Bound, run: Run) => Value, required = 0): Filter =>
  (input, args, named, context) =>
    run(input, bound(parameters, args, named, required), context);

export const testTakes =
  (parameters: readonly string[], run: (input: Value, values: Bound, run: Run) => boolean, required = 0): Test =>
  (input, args, named, context) =>
    run(input, bound(parameters, args, named, required), context);

/** Parts of Jinja's `attribute` argument: `a.b.0`, or a number. */
const parts = (attribute: Value): readonly Value[] => {
  if (attribute === null) return [];
  if (!isText(attribute)) return [attribute];
  return textOf(attribute)
    .split('.')
    .map(part => (/^\d+$/.test(part) ? Number(part) : part));
};
/** Jinja's make_attrgetter: digs an attribute out of items. */
export const attributeGetter = (attribute: Value, otherwise?: Value): ((item: Value) => Value) => {
  const path = parts(attribute);
  return item => {
    let value = item;
    for (const part of path) {
      value = getItem(value, part);
      if (otherwise !== undefined && otherwise !== null && value instanceof Undefined) value = otherwise;
    }
    return value;
  };
};

/** Jinja's ignore_case. */
export const foldCase = (value: Value): Value => (isText(value) ? textOf(value).toLowerCase() : value);

/** A collection's plugins by their FQCNs. */
export const prefixed = <Plugin>(collection: string, plugins: Readonly<Record<string, Plugin>>): Readonly<Record<string, Plugin>> =>
  Object.fromEntries(Object.entries(plugins).map(([name, plugin]) => [`${collection}.${name}`, plugin]));
