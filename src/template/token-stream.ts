import type { Token, TokenType } from './lexer.ts';
import { syntaxError } from './syntax.ts';

const NAMES: Readonly<Partial<Record<TokenType, string>>> = {
  'block-begin': 'begin of statement block',
  'block-end': 'end of statement block',
  'variable-begin': 'begin of print statement',
  'variable-end': 'end of print statement',
  data: 'template data / text',
  end: 'end of template',
};

/** Tokens read one at a time, with Jinja's words when the next one is not what it should be. */
export class TokenStream {
  readonly file: string | undefined;
  readonly #tokens: readonly Token[];
  #at = 0;
  constructor(tokens: readonly Token[], file?: string) {
    this.#tokens = tokens;
    this.file = file;
  }

  get current(): Token {
    return this.#peek(0);
  }
  get following(): Token {
    return this.#peek(1);
  }
  #peek(ahead: number): Token {
    const last = this.#tokens.length - 1;
    const token = this.#tokens[Math.min(this.#at + ahead, last)];
    if (!token) throw new Error('a token stream always ends with an end token');
    return token;
  }
  next(): Token {
    const token = this.current;
    this.#at++;
    return token;
  }

  is(type: TokenType, text?: string): boolean {
    const token = this.current;
    return token.type === type && (text === undefined || token.text === text);
  }
  operator(text: string): boolean {
    return this.is('operator', text);
  }
  keyword(text: string): boolean {
    return this.is('name', text);
  }
  skip(type: TokenType, text?: string): boolean {
    const found = this.is(type, text);
    if (found) this.#at++;
    return found;
  }
  skipOperator(text: string): boolean {
    return this.skip('operator', text);
  }
  skipKeyword(text: string): boolean {
    return this.skip('name', text);
  }

  expect(type: TokenType, text?: string): Token {
    if (this.is(type, text)) return this.next();
    return this.fail(`expected token '${text ?? NAMES[type] ?? type}', got '${this.described()}'`);
  }
  expectOperator(text: string): void {
    this.expect('operator', text);
  }
  described(token = this.current): string {
    return NAMES[token.type] ?? token.text;
  }
  fail(message: string, token: Token = this.current): never {
    throw syntaxError(message, token, this.file);
  }
}
