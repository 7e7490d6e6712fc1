import { callValue } from '../value/access.ts';
import type { Named } from '../value/call.ts';
import { evaluationError } from '../value/errors.ts';
import { PyObject, Tuple, Undefined, type Value } from '../value/value.ts';
import type { Signature, Statement, StatementOf } from './ast.ts';
import { compileArguments, compileExpression, type Evaluate } from './compile-expression.ts';
import { captured, type Execute, type TemplateUnit } from './execute.ts';
import { wellDefined } from './result.ts';
import type { Frame } from './run.ts';

/** A macro, or the `caller` of a call block. */
class Macro extends PyObject {
  override readonly typeName = 'Macro';
  readonly #name: string;
  readonly #frame: Frame;
  readonly #code: Code;
  constructor(name: string, frame: Frame, code: Code) {
    super();
    this.#name = name;
    this.#frame = frame;
    this.#code = code;
  }

  override attribute(name: string): Value | undefined {
    if (name === 'name') return this.#name;
    return name === 'arguments' ? Tuple.holding(this.#code.parameters) : undefined;
  }
  override call(args: readonly Value[], named: Named): Value {
    const { parameters, usesVarargs, usesKwargs, usesCaller, body } = this.#code;
    const frame = this.#frame.inner();
    const left = new Map(named);
    parameters.forEach((name, at) => {
      const value = args[at] === undefined ? left.get(name) : args[at];
      left.delete(name);
      frame.names.set(name, value === undefined ? this.#default(name, at, frame) : value);
    });
    const caller = left.get('caller');
    if (usesCaller || caller !== undefined) {
      left.delete('caller');
      frame.names.set('caller', caller ?? new Undefined('No caller defined'));
    }
    if (usesVarargs) frame.names.set('varargs', Tuple.holding(args.slice(parameters.length)));
    else if (args.length > parameters.length)
      throw evaluationError(`macro '${this.#name}' takes not more than ${parameters.length} argument(s)`);
    if (usesKwargs) frame.names.set('kwargs', new Map(left));
    else for (const name of left.keys()) throw evaluationError(`macro '${this.#name}' takes no keyword argument '${name}'`);
    return captured(body, frame);
  }
  #default(name: string, at: number, frame: Frame): Value {
    const { parameters, defaults } = this.#code;
    const evaluate = defaults[at - (parameters.length - defaults.length)];
    return evaluate ? evaluate(frame) : new Undefined(`parameter '${name}' was not provided`);
  }
}

interface Code {
  readonly parameters: readonly string[];
  readonly defaults: readonly Evaluate[];
  readonly body: readonly Execute[];
  readonly usesVarargs: boolean;
  readonly usesKwargs: boolean;
  readonly usesCaller: boolean;
}
const mentions = (node: unknown, name: string): boolean => {
  if (Array.isArray(node)) return node.some(item => mentions(item, name));
  if (typeof node !== 'object' || node === null) return false;
  if ('kind' in node && node.kind === 'name' && 'name' in node && node.name === name) return true;
  return Object.values(node).some(item => mentions(item, name));
};
const compileCode = ({ parameters, defaults }: Signature, body: readonly Statement[], unit: TemplateUnit): Code => ({
  parameters,
  defaults: defaults.map(node => compileExpression(node, unit)),
  body: unit.body(body),
  usesVarargs: mentions(body, 'varargs'),
  usesKwargs: mentions(body, 'kwargs'),
  usesCaller: mentions(body, 'caller'),
});

export const compileMacro = ({ name, signature, body }: StatementOf<'macro'>, unit: TemplateUnit): Execute => {
  const code = compileCode(signature, body, unit);
  return frame => void frame.names.set(name, new Macro(name, frame, code));
};

export const compileCallBlock = ({ call, signature, body }: StatementOf<'call-block'>, unit: TemplateUnit): Execute => {
  const code = compileCode(signature, body, unit);
  const [callee, given] = [compileExpression(call.callee, unit), compileArguments(call.args, unit)];
  return (frame, out) => {
    const { args, named } = given(frame);
    const caller = new Macro('caller', frame, code);
    out.push(wellDefined(callValue(callee(frame), args, new Map([...named, ['caller', caller]]))));
  };
};
