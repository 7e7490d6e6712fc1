import { evaluationError } from '../value/errors.ts';
import { iterate } from '../value/iterate.ts';
import { truth } from '../value/kinds.ts';
import type { Value } from '../value/value.ts';
import type { StatementOf, Target } from './ast.ts';
import { compileExpression, compileFilter, type Evaluate, type Unit } from './compile-expression.ts';
import { type Assign, captured, type Execute, isSilent, runAll, type TemplateUnit } from './execute.ts';
import { Loop, Namespace } from './objects.ts';
import { wellDefined } from './result.ts';
import type { Frame } from './run.ts';

const compileAssign = (target: Target): Assign => {
  if (target.kind === 'name') return (frame, value) => void frame.names.set(target.name, value);
  if (target.kind === 'namespace')
    return (frame, value) => {
      const namespace = frame.lookup(target.name);
      if (!(namespace instanceof Namespace)) throw evaluationError('cannot assign attribute on non-namespace object');
      namespace.values.set(target.attribute, value);
    };
  const parts = target.items.map(compileAssign);
  return (frame, value) => {
    const items = iterate(value);
    if (items.length < parts.length) throw evaluationError(`not enough values to unpack (expected ${parts.length}, got ${items.length})`);
    if (items.length > parts.length) throw evaluationError(`too many values to unpack (expected ${parts.length})`);
    parts.forEach((assign, at) => assign(frame, items[at] ?? null));
  };
};

export const compileFor = (node: StatementOf<'for'>, unit: TemplateUnit): Execute => {
  const [source, assign] = [compileExpression(node.source, unit), compileAssign(node.target)];
  const test = node.test && compileExpression(node.test, unit);
  const [body, otherwise] = [unit.body(node.body), unit.body(node.otherwise)];
  const usesLoop = unit.assigned.has('loop');
  const kept = (frame: Frame, items: readonly Value[], check: Evaluate): readonly Value[] =>
    items.filter(item => {
      const inner = frame.inner();
      assign(inner, item);
      return truth(check(inner));
    });
  const repeat = (frame: Frame, out: Value[], given: Value, depth: number): void => {
    const items = test ? kept(frame, iterate(given), test) : iterate(given);
    if (items.length === 0) return runAll(otherwise, frame.inner(), out);
    const recurse = (deeper: Value): Value => {
      const pieces: Value[] = [];
      repeat(frame, pieces, deeper, depth + 1);
      return frame.instance.run.concat(pieces);
    };
    const loop = usesLoop ? new Loop(items, depth, node.recursive ? recurse : undefined) : undefined;
    for (let at = 0; at < items.length; at++) {
      const inner = frame.inner();
      if (loop) {
        loop.at = at;
        inner.names.set('loop', loop);
      }
      assign(inner, items[at] ?? null);
      runAll(body, inner, out);
    }
  };
  return (frame, out) => repeat(frame, out, source(frame), 0);
};

export const compileIf = ({ branches, otherwise = [] }: StatementOf<'if'>, unit: TemplateUnit): Execute => {
  const cases = branches.map(([test, body]) => ({ test: compileExpression(test, unit), body: unit.body(body) }));
  const rest = unit.body(otherwise);
  return (frame, out) => {
    for (const { test, body } of cases) if (truth(test(frame))) return runAll(body, frame, out);
    runAll(rest, frame, out);
  };
};

export const compileWith = (node: StatementOf<'with'>, unit: TemplateUnit): Execute => {
  const values = node.values.map(([target, value]) => ({ assign: compileAssign(target), value: compileExpression(value, unit) }));
  const body = unit.body(node.body);
  return (frame, out) => {
    const inner = frame.inner();
    const given = values.map(({ value }) => value(frame));
    values.forEach(({ assign }, at) => assign(inner, given[at] ?? null));
    runAll(body, inner, out);
  };
};

const BLOCK_TEXT = ' block';
/** The block's text goes through the filters by way of a name no template can write. */
const compileBlockFilter = (filter: Parameters<typeof compileFilter>[0], unit: Unit): ((frame: Frame, text: Value) => Value) => {
  const evaluate = compileFilter(filter, unit, frame => frame.own(BLOCK_TEXT) ?? '');
  return (frame, text) => {
    const inner = frame.inner();
    inner.names.set(BLOCK_TEXT, text);
    return evaluate(inner);
  };
};
export const compileSetBlock = (node: StatementOf<'set-block'>, unit: TemplateUnit): Execute => {
  const [assign, body] = [compileAssign(node.target), unit.body(node.body)];
  const filter = node.filter && compileBlockFilter(node.filter, unit);
  return frame => {
    const text = captured(body, frame.inner());
    assign(frame, filter ? filter(frame, text) : text);
  };
};

export const compileSet = ({ target, value }: StatementOf<'set'>, unit: Unit): Execute => {
  const [assign, evaluate] = [compileAssign(target), compileExpression(value, unit)];
  return frame => assign(frame, evaluate(frame));
};
export const compileFilterBlock = ({ filter, body }: StatementOf<'filter-block'>, unit: TemplateUnit): Execute => {
  const [inside, apply] = [unit.body(body), compileBlockFilter(filter, unit)];
  return (frame, out) => void out.push(wellDefined(apply(frame, captured(inside, frame.inner()))));
};
export const compileOutput = ({ value }: StatementOf<'output'>, unit: Unit): Execute => {
  const evaluate = compileExpression(value, unit);
  return (frame, out) => {
    if (!isSilent(frame)) out.push(wellDefined(evaluate(frame)));
  };
};
