import { type Position, type Syntax, syntaxError } from './syntax.ts';

export type TokenType =
  | 'data'
  | 'variable-begin'
  | 'variable-end'
  | 'block-begin'
  | 'block-end'
  | 'name'
  | 'string'
  | 'integer'
  | 'float'
  | 'operator'
  | 'end';
export interface Token extends Position {
  readonly type: TokenType;
  /** Of a string: what it stands for. Of a number: its digits without underscores. */
  readonly text: string;
}

const FLOAT = /(?<!\.)(?:\d+_)*\d+(?:(?:\.(?:\d+_)*\d+)?e[+-]?(?:\d+_)*\d+|\.(?:\d+_)*\d+)/iy;
const INTEGER = /0b(?:_?[01])+|0o(?:_?[0-7])+|0x(?:_?[\da-f])+|[1-9](?:_?\d)*|0(?:_?0)*/iy;
const NAME = /[\p{L}\p{N}_]+/uy;
const STRING = /'[^'\\]*(?:\\[^][^'\\]*)*'|"[^"\\]*(?:\\[^][^"\\]*)*"/y;
const SPACE = /\s+/y;
const OPERATOR = /\/\/|\*\*|==|!=|>=|<=|[-+/*%~[\](){}><=.:|,;]/y;
const CLOSES: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' };

const ESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  '\\': '\\',
  "'": "'",
  '"': '"',
  a: '\x07',
  b: '\b',
  f: '\f',
  v: '\v',
  '\n': '',
};
const ESCAPE = /\\(x[\da-fA-F]{2}|u[\da-fA-F]{4}|U[\da-fA-F]{8}|[0-7]{1,3}|[^])/gu;
/** What a string's body stands for; an escape that Python does not know stays as it is. */
const unescape = (body: string): string =>
  body.replace(ESCAPE, (whole, code: string) => {
    if (/^[xuU]./.test(code)) return String.fromCodePoint(Number.parseInt(code.slice(1), 16));
    if (/^[0-7]/.test(code)) return String.fromCharCode(Number.parseInt(code, 8));
    return ESCAPES[code] ?? whole;
  });

const literal = (text: string): string => text.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&');

/** What ends each kind of tag, and what opens one. */
interface Patterns {
  readonly open: RegExp;
  readonly raw: RegExp;
  readonly endRaw: RegExp;
  readonly endComment: RegExp;
  readonly endBlock: RegExp;
  readonly endVariable: RegExp;
  readonly endLine: RegExp;
}
const patternsOf = ({ variable, block, comment, trimBlocks, linePrefix }: Syntax): Patterns => {
  const starts = [variable[0], block[0], comment[0]].toSorted((a, b) => b.length - a.length).map(literal);
  const newline = trimBlocks ? '\\n?' : '';
  const [start, end] = block.map(literal);
  const ending = `(?:\\+${end}|-${end}\\s*|${end}${newline})`;
  const line = linePrefix === undefined ? '' : `|^[ \\t\\v]*${literal(linePrefix)}`;
  return {
    open: new RegExp(`(${starts.join('|')})([-+]?)${line}`, 'gm'),
    raw: new RegExp(`${start}[-+]?\\s*raw\\s*(?:-${end}\\s*|${end})`, 'y'),
    endRaw: new RegExp(`${start}([-+]?)\\s*endraw\\s*${ending}`, 'g'),
    endComment: new RegExp(`(?:\\+${literal(comment[1])}|-${literal(comment[1])}\\s*|${literal(comment[1])}${newline})`, 'g'),
    endBlock: new RegExp(ending, 'y'),
    endVariable: new RegExp(`-${literal(variable[1])}\\s*|${literal(variable[1])}`, 'y'),
    endLine: /\s*(?:\n|$)/my,
  };
};

/** Cuts templates of one syntax into tokens. */
export class Lexer {
  readonly #syntax: Syntax;
  readonly #patterns: Patterns;
  constructor(syntax: Syntax) {
    this.#syntax = syntax;
    this.#patterns = patternsOf(syntax);
  }

  /** One trailing newline of the text is dropped. E_SYNTAX when a tag does not end or holds what no token is. */
  tokens(source: string, file?: string): Token[] {
    const text = source.replace(/\r\n?/g, '\n').replace(/\n$/, '');
    return new Scan(text, file, this.#syntax, this.#patterns).run();
  }
}

/** One pass over one text. */
class Scan {
  readonly #text: string;
  readonly #file: string | undefined;
  readonly #syntax: Syntax;
  readonly #patterns: Patterns;
  readonly #tokens: Token[] = [];
  #at = 0;
  #line = 1;
  #lineStart = 0;
  constructor(text: string, file: string | undefined, syntax: Syntax, patterns: Patterns) {
    this.#text = text;
    this.#file = file;
    this.#syntax = syntax;
    this.#patterns = patterns;
  }

  run(): Token[] {
    while (this.#at < this.#text.length) {
      const open = this.#search(this.#patterns.open);
      if (!open) {
        this.#data(this.#text.slice(this.#at));
        this.#move(this.#text.length);
        break;
      }
      this.#data(this.#before(open));
      this.#move(open.index);
      this.#tag(open);
    }
    this.#push('end', '');
    return this.#tokens;
  }

  #fail(message: string): never {
    throw syntaxError(message, { line: this.#line, col: this.#at - this.#lineStart + 1 }, this.#file);
  }
  #push(type: TokenType, text: string): void {
    this.#tokens.push({ type, text, line: this.#line, col: this.#at - this.#lineStart + 1 });
  }
  #data(text: string): void {
    if (text !== '') this.#push('data', text);
  }
  #search(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#at;
    return pattern.exec(this.#text);
  }
  #move(to: number): void {
    for (let next = this.#text.indexOf('\n', this.#at); next >= 0 && next < to; next = this.#text.indexOf('\n', next + 1)) {
      this.#line++;
      this.#lineStart = next + 1;
    }
    this.#at = to;
  }

  /** The text before a tag, without the white space the tag takes away. */
  #before(open: RegExpExecArray): string {
    const [, start, sign] = open;
    const text = this.#text.slice(this.#at, open.index);
    if (sign === '-') return text.trimEnd();
    if (!this.#syntax.lstripBlocks || sign === '+' || start === this.#syntax.variable[0]) return text;
    const line = text.lastIndexOf('\n') + 1;
    const startsLine = line > 0 || this.#at === 0 || this.#text[this.#at - 1] === '\n';
    return startsLine && /^\s*$/.test(text.slice(line)) ? text.slice(0, line) : text;
  }

  #tag([whole, start]: RegExpExecArray): void {
    if (start === undefined) return this.#code('block', whole.length, this.#patterns.endLine);
    if (start === this.#syntax.comment[0]) return this.#comment(whole.length);
    if (start === this.#syntax.variable[0]) return this.#code('variable', whole.length, this.#patterns.endVariable);
    const raw = this.#search(this.#patterns.raw);
    return raw ? this.#raw(raw[0].length) : this.#code('block', whole.length, this.#patterns.endBlock);
  }
  #comment(width: number): void {
    const position = this.#at + width;
    this.#patterns.endComment.lastIndex = position;
    const end = this.#patterns.endComment.exec(this.#text);
    if (!end) this.#fail('Missing end of comment tag');
    this.#move(end.index + end[0].length);
  }
  #raw(width: number): void {
    const begin = this.#at + width;
    this.#patterns.endRaw.lastIndex = begin;
    const end = this.#patterns.endRaw.exec(this.#text);
    if (!end) this.#fail('Missing end of raw directive');
    const body = this.#text.slice(begin, end.index);
    this.#data(end[1] === '-' ? body.trimEnd() : body);
    this.#move(end.index + end[0].length);
  }

  #code(kind: 'variable' | 'block', width: number, ending: RegExp): void {
    this.#push(`${kind}-begin`, '');
    this.#move(this.#at + width);
    const open: string[] = [];
    for (;;) {
      const end = open.length === 0 ? this.#search(ending) : null;
      if (end) {
        this.#push(`${kind}-end`, '');
        return this.#move(this.#at + end[0].length);
      }
      if (this.#at >= this.#text.length) return;
      const space = this.#search(SPACE);
      if (space) this.#move(this.#at + space[0].length);
      else if (!this.#word(kind === 'variable')) this.#operator(open);
    }
  }
  #word(inVariable: boolean): boolean {
    const number = this.#search(FLOAT);
    const found = number ?? this.#search(INTEGER) ?? this.#search(NAME) ?? this.#search(STRING);
    if (!found) return false;
    const [text] = found;
    const first = text[0] ?? '';
    if (first === "'" || first === '"') this.#push('string', this.#string(text.slice(1, -1), first, inVariable));
    else if (/\d/.test(first)) this.#push(number ? 'float' : 'integer', text.replaceAll('_', ''));
    else this.#push('name', text);
    this.#move(this.#at + text.length);
    return true;
  }
  #string(body: string, quote: string, inVariable: boolean): string {
    if (!inVariable || !this.#syntax.rawStrings) return unescape(body);
    // Ansible 2.18 doubles every backslash there, so an escaped quote ends the string early and the rest cannot parse.
    if (!this.#syntax.escapedQuotes && body.includes(`\\${quote}`))
      this.#fail(`a quote cannot be escaped inside a string of the same quotes here: \\${quote}`);
    return body;
  }
  #operator(open: string[]): void {
    const text = this.#search(OPERATOR)?.[0];
    if (text === undefined) this.#fail(`unexpected char ${JSON.stringify(this.#text[this.#at])} at ${this.#at}`);
    const closing = CLOSES[text];
    if (closing !== undefined) open.push(closing);
    else if (text === ')' || text === ']' || text === '}') {
      const wanted = open.pop();
      if (wanted !== text) this.#fail(wanted === undefined ? `unexpected '${text}'` : `unexpected '${text}', expected '${wanted}'`);
    }
    this.#push('operator', text);
    this.#move(this.#at + text.length);
  }
}
