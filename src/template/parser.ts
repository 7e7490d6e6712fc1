import type { Expression, FilterExpression, Signature, Statement, Target } from './ast.ts';
import { ExpressionParser, isConstantName, type Known } from './parse-expression.ts';
import type { Token } from './lexer.ts';
import { TokenStream } from './token-stream.ts';

type Tag = (line: number) => Statement;

/** Reads a template's tokens into statements. */
class Parser {
  readonly #stream: TokenStream;
  readonly #expressions: ExpressionParser;
  readonly #tags: Readonly<Record<string, Tag>>;
  /** The tags that are open, innermost last, for the message when one is never closed. */
  readonly #open: string[] = [];

  constructor(tokens: readonly Token[], known: Known, file?: string) {
    this.#stream = new TokenStream(tokens, file);
    this.#expressions = new ExpressionParser(this.#stream, known);
    this.#tags = {
      if: line => this.#if(line),
      for: line => this.#for(line),
      with: line => this.#with(line),
      set: line => this.#set(line),
      filter: line => this.#filterBlock(line),
      macro: line => this.#macro(line),
      call: line => this.#callBlock(line),
      block: line => this.#block(line),
      extends: line => ({ kind: 'extends', line, template: this.#expressions.expression() }),
      include: line => this.#include(line),
      import: line => this.#import(line),
      from: line => this.#from(line),
      print: line => ({ kind: 'output', line, value: this.#expressions.tuple() }),
      // Nothing is ever escaped here: the block only groups.
      autoescape: line => this.#autoescape(line),
    };
  }

  template(): readonly Statement[] {
    return this.#statements([]);
  }

  #statements(ends: readonly string[]): readonly Statement[] {
    const body: Statement[] = [];
    const stream = this.#stream;
    for (;;) {
      const token = stream.next();
      if (token.type === 'end') return ends.length === 0 ? body : this.#unclosed(ends, token);
      if (token.type === 'data') body.push({ kind: 'text', line: token.line, text: token.text });
      else if (token.type === 'variable-begin') {
        body.push({ kind: 'output', line: token.line, value: this.#expressions.tuple() });
        stream.expect('variable-end');
      } else {
        if (!stream.is('name')) stream.fail('tag name expected');
        if (ends.includes(stream.current.text)) return body;
        body.push(this.#statement(token.line));
        stream.expect('block-end');
      }
    }
  }
  #statement(line: number): Statement {
    const token = this.#stream.next();
    const tag = this.#tags[token.text];
    if (!tag) return this.#unknown(token);
    this.#open.push(token.text);
    const statement = tag(line);
    this.#open.pop();
    return statement;
  }
  #unclosed(ends: readonly string[], token: Token): never {
    const wanted = ends.map(name => `'${name}'`).join(' or ');
    const innermost = this.#open.at(-1);
    const hint = innermost ? ` The innermost block that needs to be closed is '${innermost}'.` : '';
    return this.#stream.fail(`Unexpected end of template. Jinja was looking for the following tags: ${wanted}.${hint}`, token);
  }
  #unknown(token: Token): never {
    const innermost = this.#open.at(-1);
    const hint = innermost ? ` The innermost block that needs to be closed is '${innermost}'.` : '';
    return this.#stream.fail(`Encountered unknown tag '${token.text}'.${hint}`, token);
  }

  /** The statements up to one of `ends`, whose name is left to be read. */
  #body(...ends: readonly string[]): readonly Statement[] {
    this.#stream.skipOperator(':');
    this.#stream.expect('block-end');
    return this.#statements(ends);
  }
  #closedBody(end: string): readonly Statement[] {
    const body = this.#body(end);
    this.#stream.next();
    return body;
  }

  #if(line: number): Statement {
    const branches: [Expression, readonly Statement[]][] = [];
    for (;;) {
      const test = this.#expressions.tuple({ conditions: false });
      branches.push([test, this.#body('elif', 'else', 'endif')]);
      const { text } = this.#stream.next();
      if (text === 'else') return { kind: 'if', line, branches, otherwise: this.#closedBody('endif') };
      if (text === 'endif') return { kind: 'if', line, branches };
    }
  }
  #for(line: number): Statement {
    const stream = this.#stream;
    const target = this.#target();
    stream.expect('name', 'in');
    const source = this.#expressions.tuple({ conditions: false, until: ['recursive'] });
    const test = stream.skipKeyword('if') ? this.#expressions.expression() : undefined;
    const recursive = stream.skipKeyword('recursive');
    const body = this.#body('endfor', 'else');
    const otherwise = stream.next().text === 'else' ? this.#closedBody('endfor') : [];
    return { kind: 'for', line, target, source, recursive, body, otherwise, ...(test && { test }) };
  }
  #with(line: number): Statement {
    const values: [Target, Expression][] = [];
    while (!this.#stream.is('block-end')) {
      if (values.length > 0) this.#stream.expectOperator(',');
      const target = this.#target();
      this.#stream.expectOperator('=');
      values.push([target, this.#expressions.expression()]);
    }
    return { kind: 'with', line, values, body: this.#closedBody('endwith') };
  }
  #autoescape(line: number): Statement {
    this.#expressions.expression();
    return { kind: 'with', line, values: [], body: this.#closedBody('endautoescape') };
  }
  #set(line: number): Statement {
    const stream = this.#stream;
    const target = this.#target(true);
    if (stream.skipOperator('=')) return { kind: 'set', line, target, value: this.#expressions.tuple() };
    const filter = stream.skipOperator('|') ? this.#expressions.filterChain() : undefined;
    return { kind: 'set-block', line, target, body: this.#closedBody('endset'), ...(filter && { filter }) };
  }
  #filterBlock(line: number): Statement {
    const filter: FilterExpression = this.#expressions.filterChain();
    return { kind: 'filter-block', line, filter, body: this.#closedBody('endfilter') };
  }

  #signature(): Signature {
    const stream = this.#stream;
    const parameters: string[] = [];
    const defaults: Expression[] = [];
    stream.expectOperator('(');
    while (!stream.operator(')')) {
      if (parameters.length > 0) stream.expectOperator(',');
      parameters.push(this.#assignable());
      if (stream.skipOperator('=')) defaults.push(this.#expressions.expression());
      else if (defaults.length > 0) stream.fail('non-default argument follows default argument');
    }
    stream.next();
    return { parameters, defaults };
  }
  #macro(line: number): Statement {
    const name = this.#assignable();
    const signature = this.#signature();
    return { kind: 'macro', line, name, signature, body: this.#closedBody('endmacro') };
  }
  #callBlock(line: number): Statement {
    const signature = this.#stream.operator('(') ? this.#signature() : { parameters: [], defaults: [] };
    const call = this.#expressions.expression();
    if (call.kind !== 'call') return this.#stream.fail('expected call');
    return { kind: 'call-block', line, signature, call, body: this.#closedBody('endcall') };
  }

  #block(line: number): Statement {
    const name = this.#stream.expect('name').text;
    const scoped = this.#stream.skipKeyword('scoped');
    this.#stream.skipKeyword('required');
    const body = this.#closedBody('endblock');
    this.#stream.skipKeyword(name);
    return { kind: 'block', line, name, scoped, body };
  }
  #context(otherwise: boolean): boolean {
    const stream = this.#stream;
    if (!(stream.keyword('with') || stream.keyword('without')) || stream.following.text !== 'context') return otherwise;
    const given = stream.next().text === 'with';
    stream.next();
    return given;
  }
  #include(line: number): Statement {
    const template = this.#expressions.expression();
    const ignoreMissing = this.#stream.keyword('ignore') && this.#stream.following.text === 'missing';
    if (ignoreMissing) {
      this.#stream.next();
      this.#stream.next();
    }
    return { kind: 'include', line, template, ignoreMissing, withContext: this.#context(true) };
  }
  #import(line: number): Statement {
    const template = this.#expressions.expression();
    this.#stream.expect('name', 'as');
    const name = this.#assignable();
    return { kind: 'import', line, template, name, withContext: this.#context(false) };
  }
  #from(line: number): Statement {
    const stream = this.#stream;
    const template = this.#expressions.expression();
    stream.expect('name', 'import');
    const names: [string, string][] = [];
    let withContext: boolean | undefined;
    while (stream.is('name') && withContext === undefined) {
      if ((stream.keyword('with') || stream.keyword('without')) && stream.following.text === 'context') {
        withContext = this.#context(false);
        break;
      }
      const name = this.#assignable();
      names.push([name, stream.skipKeyword('as') ? this.#assignable() : name]);
      if (!stream.skipOperator(',')) break;
    }
    if (names.length === 0) stream.expect('name');
    return { kind: 'from', line, template, names, withContext: withContext ?? this.#context(false) };
  }

  #assignable(): string {
    const token = this.#stream.expect('name');
    if (isConstantName(token.text)) this.#stream.fail(`can't assign to '${token.text}'`, token);
    return token.text;
  }
  #target(namespaces = false): Target {
    const stream = this.#stream;
    if (namespaces && stream.following.type === 'operator' && stream.following.text === '.') {
      const name = this.#assignable();
      stream.next();
      return { kind: 'namespace', name, attribute: stream.expect('name').text };
    }
    const items = [this.#oneTarget()];
    let tuple = false;
    while (stream.skipOperator(',')) {
      tuple = true;
      if (stream.operator('=') || stream.operator(')') || stream.keyword('in') || stream.is('block-end')) break;
      items.push(this.#oneTarget());
    }
    const [only] = items;
    return tuple || !only ? { kind: 'tuple', items } : only;
  }
  #oneTarget(): Target {
    if (!this.#stream.skipOperator('(')) return { kind: 'name', name: this.#assignable() };
    const inner = this.#target();
    this.#stream.expectOperator(')');
    return inner;
  }
}

/** E_SYNTAX with the place for a text that Jinja refuses, unknown filters and tests included. */
export const parse = (tokens: readonly Token[], known: Known, file?: string): readonly Statement[] =>
  new Parser(tokens, known, file).template();
