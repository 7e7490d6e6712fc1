import { MUTATORS } from '../value/container-methods.ts';
import type { Expression, Statement, Target } from './ast.ts';

/** Everything a node holds that is itself a node, whatever its kind. */
const children = (node: object): readonly object[] =>
  Object.values(node).filter((value): value is object => typeof value === 'object' && value !== null);

/** Calls `visit` for every statement, expression and target under `node`, itself included. */
export const walk = (node: object, visit: (node: Statement | Expression | Target) => void): void => {
  // Whatever carries a kind is one of the three; lists, arguments and signatures only lead on to them.
  if ('kind' in node) visit(node as Statement | Expression | Target);
  if ('kind' in node && node.kind === 'constant') return;
  for (const child of children(node)) walk(child, visit);
};

const IMPLICIT = ['loop', 'self', 'super', 'caller', 'varargs', 'kwargs'] as const;
/** Names that targets bind: a target is a plain name where a value would be an expression. */
const targetNames = (target: Target): readonly string[] => {
  if (target.kind === 'tuple') return target.items.flatMap(targetNames);
  return target.kind === 'name' ? [target.name] : [];
};
/** Names a statement itself binds, in itself or around it. */
export const boundBy = (node: Statement | Expression | Target): readonly string[] => {
  switch (node.kind) {
    case 'for':
    case 'set':
    case 'set-block':
      return targetNames(node.target);
    case 'with':
      return node.values.flatMap(([target]) => targetNames(target));
    case 'macro':
      return [node.name, ...node.signature.parameters];
    case 'call-block':
      return node.signature.parameters;
    case 'import':
      return [node.name];
    case 'from':
      return node.names.map(([, alias]) => alias);
    default:
      return [];
  }
};

/** Which names some statement binds, and whether any method that changes its object is mentioned. */
export const surveyNames = (statements: readonly Statement[]): { assigned: ReadonlySet<string>; mutates: boolean } => {
  const assigned = new Set<string>();
  const implicit = new Set<string>(IMPLICIT);
  let mutates = false;
  walk(statements, node => {
    for (const name of boundBy(node)) assigned.add(name);
    if (node.kind === 'name' && implicit.has(node.name)) assigned.add(node.name);
    if (node.kind === 'attribute' && MUTATORS.has(node.name)) mutates = true;
  });
  return { assigned, mutates };
};
