import { evaluationError, undefinedError } from './errors.ts';
import { isInteger, isNumber, textOf, isText, toNumber, typeName } from './kinds.ts';
import { Undefined, type Value } from './value.ts';

export type Named = ReadonlyMap<string, Value>;
export const NO_NAMES: Named = new Map();

/** Positional and named arguments in the order of the parameters, as Python binds them; what was not given is undefined. */
export const bind = (what: string, parameters: readonly string[], args: readonly Value[], named: Named): readonly (Value | undefined)[] => {
  if (args.length > parameters.length)
    throw evaluationError(
      `${what}() takes at most ${parameters.length} argument${parameters.length === 1 ? '' : 's'} (${args.length} given)`,
    );
  if (named.size === 0) return args;
  const bound: (Value | undefined)[] = [...args];
  for (const [name, value] of named) {
    const at = parameters.indexOf(name);
    if (at < 0) throw evaluationError(`${what}() got an unexpected keyword argument '${name}'`);
    if (at < args.length) throw evaluationError(`${what}() got multiple values for argument '${name}'`);
    bound[at] = value;
  }
  return bound;
};

export type Method<Self> = (self: Self, args: readonly Value[], named: Named) => Value;

/** A method with these parameters; destructure the bound arguments with their defaults. */
export const method =
  <Self>(
    what: string,
    parameters: readonly string[],
    run: (self: Self, bound: readonly (Value | undefined)[]) => Value,
    required = 0,
  ): Method<Self> =>
  (self, args, named) => {
    const bound = bind(what, parameters, args, named);
    for (let at = 0; at < required; at++)
      if (bound[at] === undefined) throw evaluationError(`${what}() missing 1 required positional argument: '${parameters[at]}'`);
    return run(self, bound);
  };

/** An argument that must be text. */
export const textArgument = (value: Value | undefined, what: string): string => {
  if (isText(value)) return textOf(value);
  if (value instanceof Undefined) throw undefinedError(value);
  throw evaluationError(`${what} must be str, not ${typeName(value ?? null)}`);
};

/** An argument that must be an int. */
export const integerArgument = (value: Value | undefined, otherwise: number): number => {
  if (value === undefined || value === null) return otherwise;
  if (isInteger(value)) return Number(value);
  if (value instanceof Undefined) throw undefinedError(value);
  throw evaluationError(
    isNumber(value)
      ? `'float' object cannot be interpreted as an integer`
      : `'${typeName(value)}' object cannot be interpreted as an integer`,
  );
};

/** An argument that may be any number. */
export const numberArgument = (value: Value | undefined, otherwise: number): number => {
  if (value === undefined || value === null) return otherwise;
  if (isNumber(value)) return toNumber(value);
  if (value instanceof Undefined) throw undefinedError(value);
  throw evaluationError(`must be real number, not ${typeName(value)}`);
};
