import { integer } from './arithmetic.ts';
import { compare } from './compare.ts';
import { DateTime } from './datetime.ts';
import { dictOf } from './dict.ts';
import { defined, evaluationError } from './errors.ts';
import { isMapping, isNumber, isText, textOf, typeName } from './kinds.ts';
import { jsonKey } from './plain.ts';
import { repr } from './repr.ts';
import { type Dict, Float, type Value } from './value.ts';

export interface JsonLayout {
  /** Spaces (or the text itself) for each level; undefined writes one line. */
  readonly indent?: number | string | undefined;
  readonly sortKeys?: boolean;
  readonly ascii?: boolean;
  readonly separators?: readonly [item: string, key: string];
}

const SPECIALS: Readonly<Record<string, string>> = { NaN: 'NaN', inf: 'Infinity', '-inf': '-Infinity', nan: 'NaN' };
const text = (value: string, ascii: boolean): string => {
  const quoted = JSON.stringify(value);
  return ascii
    ? quoted.replace(/[\u007f-\uffff]/g, unit => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    : quoted.replaceAll('\\u007f', '\x7f');
};

/** Python's json.dumps(value). An undefined raises E_UNDEFINED; what JSON cannot say is E_TEMPLATE. */
export const toJson = (value: Value, { indent, sortKeys = false, ascii = true, separators }: JsonLayout = {}): string => {
  const unit = typeof indent === 'number' ? ' '.repeat(indent) : indent;
  const [item, key] = separators ?? [unit === undefined ? ', ' : ',', ': '];
  const block = (open: string, parts: readonly string[], close: string, level: number): string => {
    if (parts.length === 0) return open + close;
    if (unit === undefined) return open + parts.join(item) + close;
    const [inner, outer] = [`\n${unit.repeat(level + 1)}`, `\n${unit.repeat(level)}`];
    return open + inner + parts.join(item + inner) + outer + close;
  };
  const pairs = (mapping: Exclude<Value, null>): [Value, Value][] => {
    if (!isMapping(mapping)) return [];
    const all = mapping instanceof Map ? [...mapping] : mapping.keys().map((name): [Value, Value] => [name, mapping.item(name) ?? null]);
    return sortKeys ? all.toSorted(([left], [right]) => compare(left, right)) : all;
  };
  const write = (input: Value, level: number): string => {
    const given = defined(input);
    if (given === null) return 'null';
    if (typeof given === 'boolean') return String(given);
    if (isText(given)) return text(textOf(given), ascii);
    if (isNumber(given)) return SPECIALS[repr(given)] ?? repr(given);
    if (Array.isArray(given))
      return block(
        '[',
        Array.from(given, part => write(part, level + 1)),
        ']',
        level,
      );
    if (isMapping(given)) {
      const parts = pairs(given).map(([name, part]) => text(jsonKey(name), ascii) + key + write(part, level + 1));
      return block('{', parts, '}', level);
    }
    if (given instanceof DateTime) return text(given.toString('T'), ascii);
    throw evaluationError(`Object of type ${typeName(given)} is not JSON serializable`);
  };
  return write(value, 0);
};

const TOKEN = /\s*(?:([[\]{}:,])|("(?:[^"\\]|\\[^])*")|(-?(?:0|[1-9]\d*)(\.\d+)?([eE][-+]?\d+)?)|(true|false|null|NaN|-?Infinity))/y;
const WORDS: ReadonlyMap<string, Value> = new Map<string, Value>([
  ['true', true],
  ['false', false],
  ['null', null],
  ['NaN', new Float(Number.NaN)],
  ['Infinity', new Float(Infinity)],
  ['-Infinity', new Float(-Infinity)],
]);

/** Reads one JSON text from left to right. */
class Reader {
  readonly #text: string;
  #at = 0;
  constructor(source: string) {
    this.#text = source;
  }
  whole(): Value {
    const value = this.#value();
    const rest = this.#text.slice(this.#at).search(/[^ \t\n\r]/);
    if (rest >= 0) this.#fail('Extra data', this.#at + rest);
    return value;
  }

  #fail(message: string, at = this.#at): never {
    const before = this.#text.slice(0, at);
    const line = before.split('\n').length;
    throw evaluationError(`${message}: line ${line} column ${at - before.lastIndexOf('\n')} (char ${at})`);
  }
  #token(): RegExpExecArray | undefined {
    TOKEN.lastIndex = this.#at;
    return TOKEN.exec(this.#text) ?? undefined;
  }
  #takes(punctuation: string): boolean {
    const token = this.#token();
    if (token?.[1] !== punctuation) return false;
    this.#at += token[0].length;
    return true;
  }
  #value(): Value {
    const token = this.#token();
    const start = this.#at + (/^\s*/.exec(this.#text.slice(this.#at))?.[0].length ?? 0);
    if (!token) return this.#fail('Expecting value', start);
    const [whole, punctuation, quoted, number, fraction, exponent, word] = token;
    if (punctuation !== undefined && punctuation !== '[' && punctuation !== '{') return this.#fail('Expecting value', start);
    this.#at += whole.length;
    if (quoted !== undefined) return this.#string(quoted, start);
    if (number !== undefined) return (fraction ?? exponent) ? new Float(Number(number)) : integer(BigInt(number));
    if (word !== undefined) return WORDS.get(word) ?? null;
    return punctuation === '[' ? this.#list() : this.#dict();
  }
  #string(quoted: string, start: number): string {
    try {
      // JSON.parse of a quoted text gives a string or throws.
      return JSON.parse(quoted) as string;
    } catch {
      return this.#fail('Invalid control character or \\escape', start);
    }
  }
  #list(): Value {
    const items: Value[] = [];
    if (this.#takes(']')) return items;
    do items.push(this.#value());
    while (this.#takes(','));
    if (!this.#takes(']')) this.#fail("Expecting ',' delimiter");
    return items;
  }
  #dict(): Dict {
    const pairs: [Value, Value][] = [];
    if (this.#takes('}')) return new Map();
    do {
      const key = this.#token()?.[2] === undefined ? this.#fail('Expecting property name enclosed in double quotes') : this.#value();
      if (!this.#takes(':')) this.#fail("Expecting ':' delimiter");
      pairs.push([key, this.#value()]);
    } while (this.#takes(','));
    if (!this.#takes('}')) this.#fail("Expecting ',' delimiter");
    return dictOf(pairs);
  }
}

/** Python's json.loads(text): keeps 1.0 apart from 1, keys in order; E_TEMPLATE with Python's message. */
export const fromJson = (source: string): Value => new Reader(source).whole();
