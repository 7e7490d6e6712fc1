import { getAttribute } from '../value/access.ts';
import { evaluationError } from '../value/errors.ts';
import { isSequence } from '../value/kinds.ts';
import { repr, str } from '../value/repr.ts';
import { Undefined, type Value } from '../value/value.ts';
import type { StatementOf } from './ast.ts';
import { compileExpression, type Unit } from './compile-expression.ts';
import { type Execute, isSilent, runAll, type Template, type TemplateUnit } from './execute.ts';
import { TemplateModule } from './objects.ts';
import { renderInto, runBlock } from './render.ts';
import { type Frame, Instance } from './run.ts';

export const compileBlock = ({ name, body, scoped }: StatementOf<'block'>, unit: TemplateUnit): Execute => {
  const inside = unit.body(body);
  unit.blocks.set(name, (frame, out) => runAll(inside, frame, out));
  // Unless it is scoped a block sees only what the page's top set.
  return (frame, out) => {
    if (!isSilent(frame)) runBlock(scoped ? frame : frame.top(), out, name, 0);
  };
};

const load = (frame: Frame, name: Value): Template | undefined => {
  const { run } = frame.instance;
  return run.services.load(str(name), run);
};
const notFound = (name: Value): Error => evaluationError(`template not found: ${isSequence(name) ? repr(name) : str(name)}`);
const required = (frame: Frame, name: Value): Template => {
  const template = load(frame, name);
  if (!template) throw notFound(name);
  return template;
};

export const compileInclude = (node: StatementOf<'include'>, unit: Unit): Execute => {
  const name = compileExpression(node.template, unit);
  return (frame, out) => {
    if (isSilent(frame)) return;
    const wanted = name(frame);
    for (const candidate of isSequence(wanted) ? wanted : [wanted]) {
      const template = load(frame, candidate);
      if (template)
        return renderInto(new Instance(frame.instance.run, template, node.withContext ? { outer: frame } : { seesScope: false }), out);
    }
    if (!node.ignoreMissing) throw notFound(wanted);
  };
};

/** The names another template sets at its top; without context it sees no variables. */
const moduleOf = (frame: Frame, name: Value, withContext: boolean): TemplateModule => {
  const instance = new Instance(frame.instance.run, required(frame, name), withContext ? { outer: frame } : { seesScope: false });
  return new TemplateModule(renderInto(instance, []).names);
};
export const compileFrom = (node: StatementOf<'from'>, unit: Unit): Execute => {
  const name = compileExpression(node.template, unit);
  return frame => {
    const file = name(frame);
    const module = moduleOf(frame, file, node.withContext);
    for (const [wanted, alias] of node.names) {
      const value = getAttribute(module, wanted);
      const missing = new Undefined(`the template '${str(file)}' does not export the requested name '${wanted}'`);
      frame.names.set(alias, value instanceof Undefined ? missing : value);
    }
  };
};
export const compileImport = ({ template, name, withContext }: StatementOf<'import'>, unit: Unit): Execute => {
  const evaluate = compileExpression(template, unit);
  return frame => void frame.names.set(name, moduleOf(frame, evaluate(frame), withContext));
};
export const compileExtends = ({ template }: StatementOf<'extends'>, unit: Unit): Execute => {
  const name = compileExpression(template, unit);
  return frame => {
    if (frame.instance.parent) throw evaluationError('extended multiple times');
    frame.instance.parent = required(frame, name(frame));
  };
};
