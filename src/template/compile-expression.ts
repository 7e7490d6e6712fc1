import { callMethod, callValue, getAttribute, getItem } from '../value/access.ts';
import { negate, operate, positive } from '../value/arithmetic.ts';
import { type Named, NO_NAMES } from '../value/call.ts';
import { contains, equals, inOrder } from '../value/compare.ts';
import { dictOf } from '../value/dict.ts';
import { defined, evaluationError } from '../value/errors.ts';
import { iterate } from '../value/iterate.ts';
import { isMapping, isText, textOf, truth, typeName, Iterated } from '../value/kinds.ts';
import { str } from '../value/repr.ts';
import { slice } from '../value/slice.ts';
import { PyObject, Tuple, Undefined, type Value } from '../value/value.ts';
import type { Arguments, Comparison, Expression, FilterExpression } from './ast.ts';
import { firstUndefined, seesUndefined } from './native.ts';
import type { Frame, Services } from './run.ts';
import type { Semantics } from './semantics.ts';
import { isTemplate } from './syntax.ts';

/** A compiled expression. */
export type Evaluate = (frame: Frame) => Value;
type EvaluateArguments = (frame: Frame) => { readonly args: readonly Value[]; readonly named: Named };

/** What compiling needs to know about the whole template. */
export interface Unit {
  readonly services: Pick<Services, 'filter' | 'test'>;
  /** Names that some statement of the template sets: all others come from outside and need no walk through the frames. */
  readonly assigned: ReadonlySet<string>;
  readonly semantics: Semantics;
  /** Constants that hold a template are rendered: in what lookups are given, and from 2.19 on in conditions. */
  readonly embedded: boolean;
}

const comparisons: Readonly<Record<Comparison, (left: Value, right: Value) => boolean>> = {
  '==': equals,
  '!=': (left, right) => !equals(left, right),
  '<': (left, right) => inOrder('<', left, right),
  '<=': (left, right) => inOrder('<=', left, right),
  '>': (left, right) => inOrder('>', left, right),
  '>=': (left, right) => inOrder('>=', left, right),
  in: (left, right) => contains(right, left),
  'not in': (left, right) => !contains(right, left),
};
const NO_ELSE = 'the inline if-expression evaluated to false and no else section was defined.';

type Compilers = { readonly [Kind in Expression['kind']]: (node: Extract<Expression, { kind: Kind }>, unit: Unit) => Evaluate };

const all = (nodes: readonly Expression[], unit: Unit): readonly Evaluate[] => nodes.map(node => compileExpression(node, unit));

const compileName = (name: string, { assigned }: Unit): Evaluate =>
  assigned.has(name) ? frame => frame.lookup(name) : frame => frame.instance.resolve(name);

const compileCompare = ({ first, rest }: Extract<Expression, { kind: 'compare' }>, unit: Unit): Evaluate => {
  const start = compileExpression(first, unit);
  const steps = rest.map(([comparison, node]) => ({ compare: comparisons[comparison], evaluate: compileExpression(node, unit) }));
  const [only] = steps;
  if (steps.length === 1 && only) return frame => only.compare(start(frame), only.evaluate(frame));
  return frame => {
    let left = start(frame);
    for (const { compare, evaluate } of steps) {
      const right = evaluate(frame);
      if (!compare(left, right)) return false;
      left = right;
    }
    return true;
  };
};

const compileSlice = ({ object, bounds }: Extract<Expression, { kind: 'slice' }>, unit: Unit): Evaluate => {
  const from = compileExpression(object, unit);
  const [start, stop, step] = [bounds[0], bounds[1], bounds[2]].map(bound => bound && compileExpression(bound, unit));
  return frame => slice(from(frame), start?.(frame), stop?.(frame), step?.(frame));
};

const spreadNames = (value: Value): [string, Value][] => {
  const mapping = defined(value);
  if (!isMapping(mapping)) throw evaluationError(`argument after ** must be a mapping, not ${typeName(mapping)}`);
  const pairs = mapping instanceof Map ? [...mapping] : mapping.keys().map((key): [Value, Value] => [key, mapping.item(key) ?? null]);
  return pairs.map(([key, item]) => {
    if (!isText(key)) throw evaluationError('keywords must be strings');
    return [textOf(key), item];
  });
};

export const compileArguments = ({ positional, named, spread, spreadNamed }: Arguments, unit: Unit): EvaluateArguments => {
  const places = all(positional, unit);
  const names = named.map(([name, node]) => [name, compileExpression(node, unit)] as const);
  const [more, moreNamed] = [spread && compileExpression(spread, unit), spreadNamed && compileExpression(spreadNamed, unit)];
  if (names.length === 0 && !more && !moreNamed) return frame => ({ args: places.map(evaluate => evaluate(frame)), named: NO_NAMES });
  return frame => ({
    args: [...places.map(evaluate => evaluate(frame)), ...(more ? iterate(more(frame)) : [])],
    named: new Map([
      ...names.map(([name, evaluate]): [string, Value] => [name, evaluate(frame)]),
      ...(moreNamed ? spreadNames(moreNamed(frame)) : []),
    ]),
  });
};

const compileMethod = (object: Evaluate, name: string, given: EvaluateArguments, { native }: Semantics): Evaluate => {
  if (!native)
    return frame => {
      const from = defined(object(frame));
      const { args, named } = given(frame);
      return callMethod(from, name, args, named);
    };
  return frame => {
    const from = object(frame);
    if (from instanceof Undefined) return from;
    const { args, named } = given(frame);
    // Macros take undefined arguments.
    const missing = from instanceof PyObject ? undefined : firstUndefined(args, named);
    return missing ?? listed(callMethod(from, name, args, named));
  };
};
/** Views of a dict are given away as lists; a range is not. */
const listed = (value: Value): Value => (value instanceof Iterated && value.typeName !== 'range' ? [...value] : value);

const LOOKUPS: ReadonlySet<string> = new Set(['lookup', 'query', 'q']);
const compileCall = ({ callee, args }: Extract<Expression, { kind: 'call' }>, unit: Unit): Evaluate => {
  const looksUp = callee.kind === 'name' && LOOKUPS.has(callee.name);
  const given = compileArguments(args, looksUp ? { ...unit, embedded: true } : unit);
  if (callee.kind === 'attribute') return compileMethod(compileExpression(callee.object, unit), callee.name, given, unit.semantics);
  const called = compileExpression(callee, unit);
  return frame => {
    const value = called(frame);
    if (unit.semantics.native && value instanceof Undefined) return value;
    const { args: values, named } = given(frame);
    return callValue(value, values, named);
  };
};

/** A filter whose first input is given by the caller when the chain names none. */
export const compileFilter = ({ name, input, args }: FilterExpression, unit: Unit, first?: Evaluate): Evaluate => {
  const filter = unit.services.filter(name);
  const from = input ? (input.kind === 'filter' ? compileFilter(input, unit, first) : compileExpression(input, unit)) : first;
  // The parser refuses unknown filters and every chain has an input.
  if (!filter || !from) throw new Error(`filter ${name} was not checked`);
  const given = compileArguments(args, unit);
  const handsOn = unit.semantics.native && !seesUndefined(name);
  return frame => {
    const value = from(frame);
    const { args: values, named } = given(frame);
    const missing = handsOn ? firstUndefined([value, ...values], named) : undefined;
    if (missing) return missing;
    const result = filter(value, values, named, frame.instance.run);
    // Ansible's filters give no range and no view of a dict away: a list of what is in it.
    return result instanceof Iterated ? [...result] : result;
  };
};

const compileTest = ({ name, input, args }: Extract<Expression, { kind: 'test' }>, unit: Unit): Evaluate => {
  const test = unit.services.test(name);
  // The parser refuses unknown tests.
  if (!test) throw new Error(`test ${name} was not checked`);
  const value = compileExpression(input, unit);
  if (name === 'defined') return frame => !(value(frame) instanceof Undefined);
  const given = compileArguments(args, unit);
  const handsOn = unit.semantics.native && !seesUndefined(name);
  return frame => {
    const tested = value(frame);
    const { args: values, named } = given(frame);
    const missing = handsOn ? firstUndefined([tested, ...values], named) : undefined;
    if (missing) return missing;
    return test(tested, values, named, frame.instance.run);
  };
};

/** Jinja's sandbox lets nobody see what is private. */
const guarded = (object: Value, name: string): Value =>
  object instanceof Undefined ? object : new Undefined(`access to attribute '${name}' of '${typeName(object)}' object is unsafe.`);

const compilers: Compilers = {
  constant: ({ value }, { embedded }) =>
    embedded && typeof value === 'string' && isTemplate(value)
      ? frame => frame.instance.run.services.render(value, frame.instance.run)
      : () => value,
  name: ({ name }, unit) => compileName(name, unit),
  list: ({ items }, unit) => {
    const parts = all(items, unit);
    return frame => parts.map(evaluate => evaluate(frame));
  },
  tuple: ({ items }, unit) => {
    const parts = all(items, unit);
    return frame => Tuple.holding(parts.map(evaluate => evaluate(frame)));
  },
  dict: ({ pairs }, unit) => {
    const parts = pairs.map(([key, value]) => [compileExpression(key, unit), compileExpression(value, unit)] as const);
    return frame => dictOf(parts.map(([key, value]) => [key(frame), value(frame)]));
  },
  choice: ({ test, yes, no }, unit) => {
    const [check, right, wrong] = [compileExpression(test, unit), compileExpression(yes, unit), no && compileExpression(no, unit)];
    return frame => (truth(check(frame)) ? right(frame) : wrong ? wrong(frame) : new Undefined(NO_ELSE, true));
  },
  and: ({ left, right }, unit) => {
    const [first, second] = [compileExpression(left, unit), compileExpression(right, unit)];
    return frame => {
      const value = first(frame);
      return truth(value) ? second(frame) : value;
    };
  },
  or: ({ left, right }, unit) => {
    const [first, second] = [compileExpression(left, unit), compileExpression(right, unit)];
    return frame => {
      const value = first(frame);
      return truth(value) ? value : second(frame);
    };
  },
  not: ({ operand }, unit) => {
    const value = compileExpression(operand, unit);
    return frame => !truth(value(frame));
  },
  negative: ({ operand }, unit) => {
    const value = compileExpression(operand, unit);
    return frame => negate(value(frame));
  },
  positive: ({ operand }, unit) => {
    const value = compileExpression(operand, unit);
    return frame => positive(value(frame));
  },
  compare: compileCompare,
  operation: ({ operator, left, right }, unit) => {
    const [first, second] = [compileExpression(left, unit), compileExpression(right, unit)];
    return frame => operate(operator, first(frame), second(frame));
  },
  concat: ({ parts }, unit) => {
    const values = all(parts, unit);
    return frame => values.map(evaluate => str(evaluate(frame))).join('');
  },
  attribute: ({ object, name }, unit) => {
    const from = compileExpression(object, unit);
    if (unit.semantics.native && name === '__class__') return frame => guarded(from(frame), name);
    return frame => getAttribute(from(frame), name);
  },
  item: ({ object, key }, unit) => {
    const [from, at] = [compileExpression(object, unit), compileExpression(key, unit)];
    return frame => getItem(from(frame), at(frame));
  },
  slice: compileSlice,
  call: compileCall,
  filter: (node, unit) => compileFilter(node, unit),
  test: compileTest,
};

/** Turns an expression into a closure; done once for each source text. */
export const compileExpression = (node: Expression, unit: Unit): Evaluate =>
  // The table's type says that each kind has the compiler of its own node.
  (compilers[node.kind] as (node: Expression, unit: Unit) => Evaluate)(node, unit);
