import type { Token } from './lexer.ts';
import { integer } from '../value/arithmetic.ts';
import type { Operator } from '../value/arithmetic.ts';
import { Float, type Value } from '../value/value.ts';
import type { Arguments, Comparison, Expression, FilterExpression } from './ast.ts';
import type { TokenStream } from './token-stream.ts';

const CONSTANTS: ReadonlyMap<string, Value> = new Map<string, Value>([
  ['true', true],
  ['True', true],
  ['false', false],
  ['False', false],
  ['none', null],
  ['None', null],
]);
export const isConstantName = (name: string): boolean => CONSTANTS.has(name);
const COMPARISONS: ReadonlySet<string> = new Set(['==', '!=', '<', '<=', '>', '>=']);
const NO_ARGUMENTS: Arguments = { positional: [], named: [] };

/** What the parser finds out about names: which filters and tests a text uses, and where. */
export interface Known {
  filter(name: string): boolean;
  test(name: string): boolean;
  /** What can be said of a name that is unknown. */
  hint(kind: 'filter' | 'test', name: string): string | undefined;
}

/** Jinja's expressions, by its own precedence: `a if b else c`, or, and, not, comparisons, + -, ~, * / // %, **, unary, postfix, filters. */
export class ExpressionParser {
  readonly stream: TokenStream;
  readonly #known: Known;
  constructor(stream: TokenStream, known: Known) {
    this.stream = stream;
    this.#known = known;
  }

  expression(): Expression {
    let result = this.#or();
    while (this.stream.skipKeyword('if')) {
      const test = this.#or();
      const no = this.stream.skipKeyword('else') ? this.expression() : undefined;
      result = { kind: 'choice', test, yes: result, ...(no && { no }) };
    }
    return result;
  }

  /** Expressions separated by commas; without a comma just the one. `conditions`: each may be `a if b`. */
  tuple({
    conditions = true,
    until = [],
    inParentheses = false,
  }: { conditions?: boolean; until?: readonly string[]; inParentheses?: boolean } = {}): Expression {
    const items: Expression[] = [];
    let comma = false;
    for (;;) {
      if (items.length > 0) this.stream.expectOperator(',');
      if (this.#endsTuple(until)) break;
      items.push(conditions ? this.expression() : this.#or());
      if (!this.stream.operator(',')) break;
      comma = true;
    }
    const [only] = items;
    if (!comma && only) return only;
    if (!comma && !inParentheses) this.stream.fail(`Expected an expression, got '${this.stream.described()}'`);
    return { kind: 'tuple', items };
  }
  #endsTuple(until: readonly string[]): boolean {
    const { type, text } = this.stream.current;
    if (type === 'variable-end' || type === 'block-end') return true;
    return (type === 'operator' && text === ')') || (type === 'name' && until.includes(text));
  }

  #or(): Expression {
    let left = this.#and();
    while (this.stream.skipKeyword('or')) left = { kind: 'or', left, right: this.#and() };
    return left;
  }
  #and(): Expression {
    let left = this.#not();
    while (this.stream.skipKeyword('and')) left = { kind: 'and', left, right: this.#not() };
    return left;
  }
  #not(): Expression {
    return this.stream.skipKeyword('not') ? { kind: 'not', operand: this.#not() } : this.#compare();
  }
  #compare(): Expression {
    const first = this.#sum();
    const rest: [Comparison, Expression][] = [];
    for (;;) {
      const comparison = this.#comparison();
      if (!comparison) break;
      rest.push([comparison, this.#sum()]);
    }
    return rest.length === 0 ? first : { kind: 'compare', first, rest };
  }
  #comparison(): Comparison | undefined {
    const { stream } = this;
    const { type, text } = stream.current;
    if (type === 'operator' && COMPARISONS.has(text)) {
      stream.next();
      // COMPARISONS holds exactly these members of Comparison.
      return text as Comparison;
    }
    if (stream.skipKeyword('in')) return 'in';
    if (!stream.keyword('not') || stream.following.type !== 'name' || stream.following.text !== 'in') return undefined;
    stream.next();
    stream.next();
    return 'not in';
  }

  #operations(operators: readonly Operator[], operand: () => Expression): Expression {
    let left = operand();
    for (;;) {
      const operator = operators.find(text => this.stream.operator(text));
      if (!operator) return left;
      this.stream.next();
      left = { kind: 'operation', operator, left, right: operand() };
    }
  }
  #sum(): Expression {
    return this.#operations(['+', '-'], () => this.#concat());
  }
  #concat(): Expression {
    const first = this.#product();
    if (!this.stream.operator('~')) return first;
    const parts = [first];
    while (this.stream.skipOperator('~')) parts.push(this.#product());
    return { kind: 'concat', parts };
  }
  #product(): Expression {
    return this.#operations(['*', '/', '//', '%'], () => this.#operations(['**'], () => this.unary()));
  }

  /** A sign, or a primary with what follows it. */
  unary(withFilters = true): Expression {
    const { stream } = this;
    let node: Expression;
    if (stream.skipOperator('-')) node = { kind: 'negative', operand: this.unary(false) };
    else if (stream.skipOperator('+')) node = { kind: 'positive', operand: this.unary(false) };
    else node = this.#primary();
    node = this.#postfix(node);
    return withFilters ? this.#filtersAndTests(node) : node;
  }

  #primary(): Expression {
    const { stream } = this;
    const token = stream.current;
    switch (token.type) {
      case 'name': {
        stream.next();
        const value = CONSTANTS.get(token.text);
        if (value !== undefined) return { kind: 'constant', value };
        if (/^\d/.test(token.text)) stream.fail('Invalid character in identifier', token);
        return { kind: 'name', name: token.text };
      }
      case 'string': {
        let text = '';
        while (stream.is('string')) text += stream.next().text;
        return { kind: 'constant', value: text };
      }
      case 'integer':
        stream.next();
        return { kind: 'constant', value: integer(BigInt(token.text)) };
      case 'float':
        stream.next();
        return { kind: 'constant', value: new Float(Number(token.text)) };
      default:
        return this.#bracketed();
    }
  }
  #bracketed(): Expression {
    const { stream } = this;
    if (stream.skipOperator('(')) {
      const inside = this.tuple({ inParentheses: true });
      stream.expectOperator(')');
      return inside;
    }
    if (stream.skipOperator('[')) return { kind: 'list', items: this.#separated(']', () => this.expression()) };
    if (stream.skipOperator('{')) return { kind: 'dict', pairs: this.#separated('}', () => this.#pair()) };
    return stream.fail(`unexpected '${stream.described()}'`);
  }
  #pair(): readonly [Expression, Expression] {
    const key = this.expression();
    this.stream.expectOperator(':');
    return [key, this.expression()];
  }
  /** `one, one, …` up to the closing bracket; a last comma is allowed. */
  #separated<T>(end: string, one: () => T): T[] {
    const items: T[] = [];
    while (!this.stream.operator(end)) {
      if (items.length > 0) this.stream.expectOperator(',');
      if (this.stream.operator(end)) break;
      items.push(one());
    }
    this.stream.expectOperator(end);
    return items;
  }

  #postfix(node: Expression): Expression {
    const { stream } = this;
    let result = node;
    for (;;) {
      if (stream.skipOperator('.')) result = this.#dotted(result);
      else if (stream.skipOperator('[')) result = this.#subscript(result);
      else if (stream.operator('(')) result = { kind: 'call', callee: result, args: this.callArguments() };
      else return result;
    }
  }
  #dotted(object: Expression): Expression {
    const token = this.stream.next();
    if (token.type === 'name') return { kind: 'attribute', object, name: token.text };
    if (token.type !== 'integer') this.stream.fail('expected name or number', token);
    return { kind: 'item', object, key: { kind: 'constant', value: Number(token.text) } };
  }
  #subscript(object: Expression): Expression {
    const { stream } = this;
    const bounds: (Expression | undefined)[] = [];
    let colons = 0;
    while (!stream.operator(']')) {
      if (stream.skipOperator(':')) colons++;
      else if (stream.operator(',') && colons === 0) break;
      else bounds[colons] = this.expression();
      if (colons > 2) stream.fail("expected token ']', got ':'");
    }
    const key = bounds[0];
    if (stream.operator(',') && key) return { kind: 'item', object, key: this.#tupleKey(key) };
    stream.expectOperator(']');
    if (colons > 0) return { kind: 'slice', object, bounds };
    return key ? { kind: 'item', object, key } : stream.fail('expected subscript expression');
  }
  #tupleKey(first: Expression): Expression {
    const items = [first];
    while (this.stream.skipOperator(',')) if (!this.stream.operator(']')) items.push(this.expression());
    this.stream.expectOperator(']');
    return { kind: 'tuple', items };
  }

  #filtersAndTests(node: Expression): Expression {
    const { stream } = this;
    let result = node;
    for (;;) {
      if (stream.operator('|')) result = this.filter(result);
      else if (stream.keyword('is')) result = this.#test(result);
      else if (stream.operator('(')) result = { kind: 'call', callee: result, args: this.callArguments() };
      else return result;
    }
  }
  #dottedName(): string {
    let name = this.stream.expect('name').text;
    while (this.stream.skipOperator('.')) name += `.${this.stream.expect('name').text}`;
    return name;
  }

  #unknown(kind: 'filter' | 'test', name: string, token: Token): never {
    const hint = this.#known.hint(kind, name);
    return this.stream.fail(`Could not load "${name}": '${name}'${hint === undefined ? '' : ` (${hint})`}`, token);
  }
  /** One `| name(…)`. */
  filter(input: Expression): FilterExpression {
    this.stream.expectOperator('|');
    return this.#namedFilter(input);
  }
  #namedFilter(input: Expression | undefined): FilterExpression {
    const token = this.stream.current;
    const name = this.#dottedName();
    if (!this.#known.filter(name)) this.#unknown('filter', name, token);
    const args = this.stream.operator('(') ? this.callArguments() : NO_ARGUMENTS;
    return { kind: 'filter', name, args, ...(input && { input }) };
  }
  /** `name(…) | name …` whose first input is a block's text. */
  filterChain(): FilterExpression {
    let chain = this.#namedFilter(undefined);
    while (this.stream.operator('|')) chain = this.filter(chain);
    return chain;
  }

  #test(input: Expression): Expression {
    const { stream } = this;
    stream.next();
    const negated = stream.skipKeyword('not');
    const token = stream.current;
    const name = this.#dottedName();
    if (!this.#known.test(name)) this.#unknown('test', name, token);
    const test: Expression = { kind: 'test', name, input, args: this.#testArguments() };
    return negated ? { kind: 'not', operand: test } : test;
  }
  #testArguments(): Arguments {
    const { stream } = this;
    if (stream.operator('(')) return this.callArguments();
    const { type, text } = stream.current;
    const word = type === 'name' && !['else', 'or', 'and'].includes(text);
    const bracket = type === 'operator' && (text === '[' || text === '{');
    if (!word && !bracket && type !== 'string' && type !== 'integer' && type !== 'float') return NO_ARGUMENTS;
    if (stream.keyword('is')) stream.fail('You cannot chain multiple tests with is');
    return { positional: [this.#postfix(this.#primary())], named: [] };
  }

  callArguments(): Arguments {
    const { stream } = this;
    const positional: Expression[] = [];
    const named: [string, Expression][] = [];
    let spread: Expression | undefined;
    let spreadNamed: Expression | undefined;
    stream.expectOperator('(');
    this.#separated(')', () => {
      // `*list` may follow `name=value`, as in Python; a plain argument may not.
      if (spreadNamed) this.#badArgument();
      else if (stream.skipOperator('**')) spreadNamed = this.expression();
      else if (stream.skipOperator('*')) spread = spread ? this.#badArgument() : this.expression();
      else if (stream.is('name') && stream.following.type === 'operator' && stream.following.text === '=') {
        const name = stream.next().text;
        stream.next();
        named.push([name, this.expression()]);
      } else positional.push(named.length > 0 || spread ? this.#badArgument() : this.expression());
    });
    return { positional, named, ...(spread && { spread }), ...(spreadNamed && { spreadNamed }) };
  }
  #badArgument(): never {
    return this.stream.fail('invalid syntax for function call expression');
  }
}
