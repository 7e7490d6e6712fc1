import type { Expression, Statement } from './ast.ts';
import { isGlobal } from './globals.ts';
import { isImpureLookup } from './lookups/index.ts';
import { CONDITION } from './condition.ts';
import { boundBy, walk } from './names.ts';
import { seesUndefined } from './native.ts';
import type { Semantics } from './semantics.ts';

export interface Inspection {
  /** Names that come from outside, wherever they stand. */
  readonly names: ReadonlySet<string>;
  /** Names whose value is surely used: undefined, they surely fail the evaluation. */
  readonly certain: ReadonlySet<string>;
  /** It calls something whose answer differs from one evaluation to the next. */
  readonly impure: boolean;
}

const IMPLICIT: ReadonlySet<string> = new Set(['loop', 'self', 'super', 'caller', 'varargs', 'kwargs', CONDITION]);
const IMPURE_FILTERS: ReadonlySet<string> = new Set(['random', 'shuffle', 'strftime', 'vault', 'password_hash', 'random_mac']);
/** Filters that raise when their input is undefined. */
const STRICT_FILTERS: ReadonlySet<string> = new Set(
  (
    'upper lower capitalize title trim string replace indent join list length count first last int float bool abs round sort unique ' +
    'to_json to_nice_json to_yaml to_nice_yaml from_json from_yaml b64encode b64decode hash md5 sha1 basename dirname quote split ' +
    'regex_replace regex_search regex_findall map select reject selectattr rejectattr dict2items items2dict flatten sum min max ' +
    'combine union difference intersect zip ternary mandatory random urlsplit'
  ).split(' '),
);
const LENIENT_TESTS: ReadonlySet<string> = new Set(['defined', 'undefined', 'none', 'string', 'mapping', 'number', 'boolean', 'sequence']);

const constantText = (node: Expression | undefined): string | undefined =>
  node?.kind === 'constant' && typeof node.value === 'string' ? node.value : undefined;
const isImpureCall = (node: Statement | Expression): boolean => {
  if (node.kind === 'filter') return IMPURE_FILTERS.has(node.name) && !node.args.named.some(([name]) => name === 'seed' || name === 'salt');
  if (node.kind !== 'call' || node.callee.kind !== 'name') return false;
  const { name } = node.callee;
  if (name === 'now') return true;
  if (name !== 'lookup' && name !== 'query' && name !== 'q') return false;
  const plugin = constantText(node.args.positional[0]);
  // A lookup that is only known at run time may be any.
  return plugin === undefined || isImpureLookup(plugin);
};

/** Names used by an expression whose value is itself used. */
const used = (node: Expression): readonly string[] => {
  switch (node.kind) {
    case 'name':
      return [node.name];
    case 'list':
    case 'tuple':
      return node.items.flatMap(used);
    case 'dict':
      return node.pairs.flat().flatMap(used);
    case 'choice':
      return used(node.test);
    case 'and':
    case 'or':
      return used(node.left);
    case 'not':
    case 'negative':
    case 'positive':
      return used(node.operand);
    case 'compare':
      return usedByComparison(node);
    case 'operation':
      return [...used(node.left), ...used(node.right)];
    case 'concat':
      return node.parts.flatMap(used);
    case 'attribute':
    case 'slice':
      return used(node.object);
    case 'item':
      return [...used(node.object), ...(node.key.kind === 'name' ? [] : within(node.key))];
    case 'call':
      return used(node.callee);
    case 'filter':
      return STRICT_FILTERS.has(node.name) && node.input ? used(node.input) : node.input ? within(node.input) : [];
    case 'test':
      return LENIENT_TESTS.has(node.name) ? within(node.input) : [];
    case 'constant':
      return [];
  }
};
/** Names that are used on the way even if the expression's own value is not. */
const within = (node: Expression): readonly string[] => {
  switch (node.kind) {
    case 'name':
    case 'attribute':
    case 'item':
      return [];
    default:
      return used(node);
  }
};
/** `x in []` looks at nothing, so the left side of `in` is not sure to be used. */
const usedByComparison = ({ first, rest }: Extract<Expression, { kind: 'compare' }>): readonly string[] => {
  const [next] = rest;
  if (!next) return used(first);
  const [comparison, right] = next;
  return comparison === 'in' || comparison === 'not in' ? used(right) : [...used(first), ...used(right)];
};

/** Names that running these statements surely uses, as long as none of them is bound by the template itself. */
const usedBy = (statements: readonly Statement[]): readonly string[] =>
  statements.flatMap(node => {
    switch (node.kind) {
      case 'output':
        return used(node.value);
      case 'if':
        return node.branches[0] ? used(node.branches[0][0]) : [];
      case 'for':
        return used(node.source);
      case 'set':
        return node.target.kind === 'name' && node.target.name === CONDITION ? used(node.value) : within(node.value);
      case 'with':
        return node.values.flatMap(([, value]) => within(value));
      default:
        return [];
    }
  });

/** Looks a template over without evaluating it. */
export const inspectStatements = (statements: readonly Statement[], { native }: Semantics): Inspection => {
  const mentioned = new Set<string>();
  const bound = new Set<string>();
  let impure = false;
  let forgiving = false;
  walk(statements, node => {
    for (const name of boundBy(node)) bound.add(name);
    // Natively what is undefined comes to whoever asks for it, from however deep.
    if (native && (node.kind === 'filter' || node.kind === 'test') && seesUndefined(node.name)) forgiving = true;
    if (node.kind === 'name') mentioned.add(node.name);
    else if (node.kind !== 'tuple' && node.kind !== 'namespace' && isImpureCall(node)) impure = true;
  });
  const outside = (name: string): boolean => !bound.has(name) && !IMPLICIT.has(name) && !isGlobal(name);
  // A layout decides for itself which of a page's statements run.
  const extending = statements.some(({ kind }) => kind === 'extends');
  return {
    names: new Set([...mentioned].filter(outside)),
    certain: new Set(extending || forgiving ? [] : usedBy(statements).filter(outside)),
    impure,
  };
};
