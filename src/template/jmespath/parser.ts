import type { Order } from '../../value/compare.ts';
import { evaluationError } from '../../value/errors.ts';
import type { Value } from '../../value/value.ts';
import {
  both,
  chain,
  comparison,
  either,
  type Expression,
  field,
  filterProjection,
  flattened,
  identity,
  index,
  multiDict,
  multiList,
  not,
  projection,
  sliced,
  valueProjection,
} from './evaluate.ts';
import { type Argument, callFunction } from './functions.ts';
import { syntaxError, type Token, tokens } from './tokens.ts';

/** How tightly a sign binds what is on its left. */
const BINDING: Readonly<Record<string, number>> = {
  '|': 1,
  '||': 2,
  '&&': 3,
  '==': 5,
  '!=': 5,
  '<': 5,
  '<=': 5,
  '>': 5,
  '>=': 5,
  '[]': 9,
  '*': 20,
  '[?': 21,
  '.': 40,
  '!': 45,
  '{': 50,
  '[': 55,
  '(': 60,
};
/** Looser signs end a projection: what follows sees its result as a whole. */
const PROJECTION_STOP = 10;

interface Node {
  readonly evaluate: Expression;
  /** A bare name, which a call may follow. */
  readonly name?: string;
  /** `&expression`: for functions only. */
  readonly reference?: Expression;
}

class Parser {
  readonly #source: string;
  readonly #tokens: readonly Token[];
  #at = 0;
  constructor(source: string) {
    this.#source = source;
    this.#tokens = tokens(source);
  }
  whole(): Expression {
    const { evaluate } = this.#expression(0);
    if (this.#kind() !== 'end') this.#fail();
    return evaluate;
  }

  #token(ahead = 0): Token {
    return this.#tokens[this.#at + ahead] ?? { kind: 'end', text: '', value: null };
  }
  #kind(ahead = 0): string {
    return this.#token(ahead).kind;
  }
  #next(): Token {
    const token = this.#token();
    this.#at++;
    return token;
  }
  #fail(): never {
    throw syntaxError(this.#source, `Unexpected '${this.#token().text}'`);
  }
  #expect(kind: string): Token {
    return this.#kind() === kind ? this.#next() : this.#fail();
  }
  #binding(): number {
    return BINDING[this.#kind()] ?? 0;
  }

  #expression(binding: number): Node {
    let left = this.#prefix();
    while (binding < this.#binding()) left = this.#infix(left);
    return left;
  }
  #evaluator(binding: number): Expression {
    return this.#expression(binding).evaluate;
  }

  #prefix(): Node {
    const token = this.#next();
    switch (token.kind) {
      case 'literal':
        return { evaluate: () => token.value };
      case 'name':
        return { evaluate: field(token.value), name: token.text };
      case 'quoted':
        return this.#kind() === '(' ? this.#fail() : { evaluate: field(token.value) };
      case '@':
        return { evaluate: identity };
      case '*':
        return { evaluate: valueProjection(identity, this.#kind() === ']' ? identity : this.#projected('*')) };
      case '[?':
        return this.#filtered(identity);
      case '[]':
        return { evaluate: projection(flattened(identity), this.#projected('[]')) };
      case '{':
        return { evaluate: this.#multiDict() };
      case '[':
        return this.#bracket();
      case '(':
        return this.#parenthesized();
      case '!':
        return { evaluate: not(this.#evaluator(BINDING['!'] ?? 0)) };
      case '&':
        return this.#reference();
      default:
        this.#at--;
        return this.#fail();
    }
  }
  #infix(left: Node): Node {
    const { kind } = this.#next();
    const { evaluate } = left;
    const right = (): Expression => this.#evaluator(BINDING[kind] ?? 0);
    switch (kind) {
      case '.':
        return { evaluate: this.#dotted(evaluate) };
      case '|':
        return { evaluate: chain(evaluate, right()) };
      case '||':
        return { evaluate: either(evaluate, right()) };
      case '&&':
        return { evaluate: both(evaluate, right()) };
      case '(':
        return this.#call(left);
      case '[?':
        return this.#filtered(evaluate);
      case '[]':
        return { evaluate: projection(flattened(evaluate), this.#projected('[]')) };
      case '[':
        return { evaluate: this.#indexed(evaluate) };
      case '==':
      case '!=':
      case '<':
      case '<=':
      case '>':
      case '>=':
        return { evaluate: comparison(kind satisfies Order | '==' | '!=', evaluate, right()) };
      default:
        this.#at--;
        return this.#fail();
    }
  }

  #dotted(left: Expression): Expression {
    if (this.#kind() !== '*') return chain(left, this.#afterDot('.'));
    this.#next();
    return valueProjection(left, this.#projected('.'));
  }
  #afterDot(sign: string): Expression {
    switch (this.#kind()) {
      case 'name':
      case 'quoted':
      case '*':
        return this.#evaluator(BINDING[sign] ?? 0);
      case '[':
        this.#next();
        return this.#multiList();
      case '{':
        this.#next();
        return this.#multiDict();
      default:
        return this.#fail();
    }
  }
  /** What is done with each item of a projection. */
  #projected(sign: string): Expression {
    if (this.#binding() < PROJECTION_STOP) return identity;
    if (this.#kind() === '[' || this.#kind() === '[?') return this.#evaluator(BINDING[sign] ?? 0);
    this.#expect('.');
    return this.#afterDot(sign);
  }
  #filtered(list: Expression): Node {
    const condition = this.#evaluator(0);
    this.#expect(']');
    const each = this.#kind() === '[]' ? identity : this.#projected('[?');
    return { evaluate: filterProjection(list, each, condition) };
  }

  /** `[` without anything before it. */
  #bracket(): Node {
    if (this.#kind() === 'number' || this.#kind() === ':') return { evaluate: this.#indexed(identity) };
    if (this.#kind() === '*' && this.#kind(1) === ']') return { evaluate: this.#indexed(identity) };
    return { evaluate: this.#multiList() };
  }
  #indexed(list: Expression): Expression {
    if (this.#kind() === '*') {
      this.#next();
      this.#expect(']');
      return projection(list, this.#projected('*'));
    }
    if (this.#kind() === ':' || this.#kind(1) === ':') return projection(chain(list, this.#slice()), this.#projected('*'));
    const { value } = this.#expect('number');
    this.#expect(']');
    return chain(list, index(Number(value)));
  }
  #slice(): Expression {
    const parts: Value[] = [null, null, null];
    for (let at = 0; this.#kind() !== ']';) {
      const { kind, value } = this.#next();
      if (kind === ':') at++;
      else if (kind === 'number') parts[at] = value;
      if ((kind !== ':' && kind !== 'number') || at > 2) this.#fail();
    }
    this.#expect(']');
    const [start = null, stop = null, step = null] = parts;
    return sliced(start, stop, step);
  }
  #multiList(): Expression {
    const parts: Expression[] = [];
    do parts.push(this.#evaluator(0));
    while (this.#kind() === ',' && this.#next());
    this.#expect(']');
    return multiList(parts);
  }
  #multiDict(): Expression {
    const parts: [Value, Expression][] = [];
    do {
      const { value } = this.#kind() === 'quoted' ? this.#next() : this.#expect('name');
      this.#expect(':');
      parts.push([value, this.#evaluator(0)]);
    } while (this.#kind() === ',' && this.#next());
    this.#expect('}');
    return multiDict(parts);
  }
  #parenthesized(): Node {
    const inner = this.#expression(0);
    this.#expect(')');
    return { evaluate: inner.evaluate };
  }
  #reference(): Node {
    const reference = this.#evaluator(0);
    const evaluate = (): never => {
      throw evaluationError(`an expression after & is for functions, in "${this.#source}"`);
    };
    return { evaluate, reference };
  }
  #call({ name }: Node): Node {
    if (name === undefined) return this.#fail();
    const args: Node[] = [];
    while (this.#kind() !== ')') {
      args.push(this.#expression(0));
      if (this.#kind() === ',') this.#next();
    }
    this.#next();
    return {
      evaluate: value =>
        callFunction(
          name,
          args.map(({ evaluate, reference }): Argument => reference ?? evaluate(value)),
        ),
    };
  }
}

/** A JMESPath query (https://jmespath.org/specification.html) of Python's values; E_TEMPLATE for what is none. */
export const compileQuery = (source: string): Expression => new Parser(source).whole();
