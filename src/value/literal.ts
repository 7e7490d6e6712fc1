import { setKey } from './dict.ts';
import { KplayError } from '../model/errors.ts';
import { type Dict, Float, Tuple, type Value } from './value.ts';

/** Thrown for every text that is none: one object, since a stack for each would be most of the work in reading a large inventory. */
const NO_LITERAL = new Error('no literal');

const DIGITS = '[0-9](?:_?[0-9])*';
const FLOAT = new RegExp(`(?:(?:${DIGITS})\\.(?:${DIGITS})?|\\.${DIGITS})(?:[eE][-+]?${DIGITS})?|${DIGITS}[eE][-+]?${DIGITS}`, 'y');
const INT = /0[xX](?:_?[0-9a-fA-F])+|0[oO](?:_?[0-7])+|0[bB](?:_?[01])+|[1-9](?:_?[0-9])*|0(?:_?0)*/y;
const STRING = /(?:[uU]|[rR]|[bB]|[bB][rR]|[rR][bB])?(?:'''|"""|'|")/y;
const NAME = /[\p{L}_][\p{L}\p{N}_]*/uy;
const SPACE = /(?:[ \t\f\r\n]|#[^\n]*)*/y;
const NAMES: ReadonlyMap<string, Value> = new Map<string, Value>([
  ['True', true],
  ['False', false],
  ['None', null],
]);
const JSON_NAMES: ReadonlyMap<string, Value> = new Map<string, Value>([...NAMES, ['true', true], ['false', false], ['null', null]]);
const ESCAPES: Readonly<Record<string, string>> = {
  '\n': '',
  '\\': '\\',
  "'": "'",
  '"': '"',
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};
const ESCAPE = /\\(?:([\n\\'"abfnrtv])|([0-7]{1,3})|x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([xuUN]))/g;

class Reader {
  readonly #text: string;
  readonly #names: ReadonlyMap<string, Value>;
  #at = 0;
  constructor(text: string, names: ReadonlyMap<string, Value>) {
    this.#text = text;
    this.#names = names;
  }

  /** An expression, or several with commas: a tuple without parentheses. */
  all(): Value {
    this.#at = /^[ \t]*/.exec(this.#text)?.[0].length ?? 0;
    const first = this.#value();
    const value = this.#peek(',') ? this.#tuple([first], '') : first;
    if (this.#at < this.#text.length) throw NO_LITERAL;
    return value;
  }

  #value(): Value {
    const char = this.#text.charAt(this.#at);
    if (char === '(') return this.#parenthesis();
    if (char === '[') return this.#list();
    if (char === '{') return this.#dict();
    if (char === '-' || char === '+') return this.#signed(char);
    if (this.#match(STRING, false) !== undefined) return this.#strings();
    const name = this.#match(NAME);
    if (name === undefined) return this.#number();
    const value = this.#names.get(name);
    if (value === undefined) throw NO_LITERAL;
    return value;
  }

  #signed(sign: string): Value {
    this.#take(sign);
    const value = this.#peek('(') ? this.#parenthesis() : this.#number();
    if (value instanceof Float) return new Float(sign === '-' ? -value.value : value.value);
    if (typeof value !== 'number' && typeof value !== 'bigint') throw NO_LITERAL;
    return sign === '-' && value !== 0 ? -value : value;
  }

  #number(): Value {
    const float = this.#match(FLOAT, false);
    const int = this.#match(INT, false);
    const text = float ?? int;
    if (text === undefined || (float !== undefined && int !== undefined && int.length > float.length)) throw NO_LITERAL;
    this.#at += text.length;
    if (/[\p{L}\p{N}_.]/u.test(this.#text.charAt(this.#at))) throw NO_LITERAL;
    this.#space();
    const plain = text.replaceAll('_', '');
    if (float !== undefined) return new Float(Number(plain));
    return Number.isSafeInteger(Number(plain)) ? Number(plain) : BigInt(plain);
  }

  #strings(): string {
    let text = '';
    for (let open = this.#match(STRING, false); open !== undefined; open = this.#match(STRING, false)) text += this.#string(open);
    return text;
  }
  #string(open: string): string {
    const prefix = open.replace(/['"]+$/, '').toLowerCase();
    const quote = open.slice(prefix.length);
    const start = this.#at + open.length;
    let end = start;
    while (end < this.#text.length && !this.#text.startsWith(quote, end)) end += this.#text.charAt(end) === '\\' ? 2 : 1;
    const body = this.#text.slice(start, end);
    if (end >= this.#text.length || (quote.length === 1 && /(?<!\\)\n/.test(body))) throw NO_LITERAL;
    this.#at = end + quote.length;
    this.#space();
    return prefix.includes('r') ? body : unescape(body);
  }

  #parenthesis(): Value {
    this.#take('(');
    if (this.#takes(')')) return new Tuple();
    const first = this.#value();
    return this.#takes(')') ? first : this.#tuple([first], ')');
  }
  #tuple(items: Value[], close: string): Value {
    while (this.#takes(',')) {
      if (close === '' ? this.#at >= this.#text.length : this.#peek(close)) break;
      items.push(this.#value());
    }
    this.#take(close);
    return Tuple.holding(items);
  }
  #list(): Value {
    this.#take('[');
    const items: Value[] = [];
    while (!this.#takes(']')) {
      items.push(this.#value());
      if (!this.#peek(']')) this.#take(',');
    }
    return items;
  }
  #dict(): Value {
    this.#take('{');
    const dict: Dict = new Map();
    while (!this.#takes('}')) {
      const key = this.#value();
      this.#take(':');
      setKey(dict, key, this.#value());
      if (!this.#peek('}')) this.#take(',');
    }
    return dict;
  }

  #match(pattern: RegExp, take = true): string | undefined {
    pattern.lastIndex = this.#at;
    const text = pattern.exec(this.#text)?.[0];
    if (text === undefined || !take) return text;
    this.#at += text.length;
    this.#space();
    return text;
  }
  #space(): void {
    SPACE.lastIndex = this.#at;
    this.#at += SPACE.exec(this.#text)?.[0].length ?? 0;
  }
  #peek(text: string): boolean {
    return this.#text.startsWith(text, this.#at);
  }
  #takes(text: string): boolean {
    if (!this.#peek(text)) return false;
    this.#at += text.length;
    this.#space();
    return true;
  }
  #take(text: string): void {
    if (!this.#takes(text)) throw NO_LITERAL;
  }
}

const unescape = (body: string): string =>
  body.replace(ESCAPE, (_, simple?: string, octal?: string, hex?: string, four?: string, eight?: string) => {
    if (simple !== undefined) return ESCAPES[simple] ?? '';
    const code = octal === undefined ? Number.parseInt(hex ?? four ?? eight ?? '', 16) : Number.parseInt(octal, 8);
    if (!(code <= 0x10ffff)) throw NO_LITERAL;
    return String.fromCodePoint(code);
  });

/**
 * Python's `ast.literal_eval`: the value a text spells, or undefined where Python raises. Numbers, texts, tuples (`1, 2` too), lists,
 * dicts, True, False and None; not sets, bytes apart from text, nor complex numbers, which kplay's values lack. `json` also takes true,
 * false and null, as Ansible does for a template's result.
 */
export const literal = (text: string, { json = false } = {}): Value | undefined => {
  try {
    return new Reader(text, json ? JSON_NAMES : NAMES).all();
  } catch (error) {
    if (error === NO_LITERAL || (error instanceof KplayError && error.code === 'E_TEMPLATE')) return undefined;
    throw error;
  }
};
