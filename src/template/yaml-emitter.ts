import { compare } from '../value/compare.ts';
import { DateTime } from '../value/datetime.ts';
import { defined, evaluationError } from '../value/errors.ts';
import { isMapping, isText, textOf, typeName } from '../value/kinds.ts';
import { floatRepr, str } from '../value/repr.ts';
import { type Dict, Float, type PyObject, type Value } from '../value/value.ts';
import { Vaulted } from '../value/vaulted.ts';
import { analyze, chooseStyle, doubleQuotedChar, isBreak, type ScalarStyle } from './yaml-scalar.ts';

export interface YamlLayout {
  readonly indent: number;
  /** Columns after which a text is folded. */
  readonly width: number;
  readonly sortKeys: boolean;
  /** Collections in one line: all, none, or those that hold nothing but scalars. */
  readonly flow: 'all' | 'none' | 'leaves';
  readonly explicitStart: boolean;
  readonly explicitEnd: boolean;
  /** What is held in several places is written once and referred to there; what is encrypted stays so. */
  readonly references?: boolean;
}

/** Where a node stands: it decides on folding, on plain style and on the indent of a sequence. */
interface Place {
  readonly inMapping: boolean;
  readonly simpleKey: boolean;
}

interface Scalar {
  readonly text: string;
  /** It is a str: plain only if no other type reads the same. */
  readonly string: boolean;
}
const scalarOf = (value: Value): Scalar | undefined => {
  if (isText(value)) return { text: textOf(value), string: true };
  if (value === null) return { text: 'null', string: false };
  if (typeof value === 'boolean' || typeof value === 'number' || typeof value === 'bigint') return { text: String(value), string: false };
  if (value instanceof Float) return { text: floatText(value.value), string: false };
  return value instanceof DateTime ? { text: str(value), string: false } : undefined;
};
const floatText = (value: number): string => {
  if (Number.isNaN(value)) return '.nan';
  if (!Number.isFinite(value)) return value > 0 ? '.inf' : '-.inf';
  const text = floatRepr(value);
  // Without a point YAML 1.1 would read a text.
  return text.includes('.') || !text.includes('e') ? text : text.replace('e', '.0e');
};

const MAX_SIMPLE_KEY = 128;

/** Writes one document as libyaml's emitter does for PyYAML's safe dumper. */
class Emitter {
  readonly #layout: YamlLayout;
  readonly #stepWidth: number;
  readonly #width: number;
  #out = '';
  #column = 0;
  #indent = -1;
  #flowLevel = 0;
  /** The last thing written was white space. */
  #whitespace = true;
  /** Nothing but indentation and indicators on this line so far. */
  #indention = true;
  readonly #anchors: Anchors;

  constructor(layout: YamlLayout, anchors: Anchors) {
    this.#layout = layout;
    this.#anchors = anchors;
    this.#stepWidth = layout.indent > 1 && layout.indent < 10 ? layout.indent : 2;
    this.#width = layout.width < 0 ? Infinity : layout.width > this.#stepWidth * 2 ? layout.width : 80;
  }

  document(value: Value): string {
    if (this.#layout.explicitStart) {
      this.#indicator('---', { space: true });
      if (scalarOf(value) === undefined) this.#newLine();
    }
    this.#node(value, { inMapping: false, simpleKey: false });
    this.#newLine();
    if (this.#layout.explicitEnd) {
      this.#indicator('...', { space: true });
      this.#newLine();
    }
    return this.#out;
  }

  #put(text: string): void {
    this.#out += text;
    this.#column += [...text].length;
  }
  #break(): void {
    this.#out += '\n';
    this.#column = 0;
  }
  #newLine(): void {
    const indent = Math.max(this.#indent, 0);
    if (!this.#indention || this.#column > indent || (this.#column === indent && !this.#whitespace)) this.#break();
    if (this.#column < indent) this.#put(' '.repeat(indent - this.#column));
    this.#whitespace = true;
    this.#indention = true;
  }
  #indicator(text: string, { space = false, whitespace = false, indention = false } = {}): void {
    if (space && !this.#whitespace) this.#put(' ');
    this.#put(text);
    this.#whitespace = whitespace;
    this.#indention &&= indention;
  }
  #indented(flow: boolean, indentless: boolean, body: () => void): void {
    const before = this.#indent;
    if (before < 0) this.#indent = flow ? this.#stepWidth : 0;
    else if (!indentless) this.#indent += this.#stepWidth;
    body();
    this.#indent = before;
  }

  #node(input: Value, place: Place): void {
    const value = defined(input);
    const anchor = this.#anchors.get(value);
    if (anchor) {
      this.#indicator((anchor.written ? '*' : '&') + anchor.name, { space: true });
      if (anchor.written) return;
      anchor.written = true;
    }
    if (value instanceof Vaulted && this.#layout.references) return this.#encrypted(value.ciphertext);
    const scalar = scalarOf(value);
    if (scalar) return this.#scalar(scalar, place);
    if (Array.isArray(value)) return this.#sequence(value, place);
    if (!isMapping(value)) throw evaluationError(`to_yaml - cannot represent an object of type ${typeName(value)}`);
    this.#mapping(pairsOf(value, this.#layout));
  }
  #inFlow(children: readonly Value[]): boolean {
    if (this.#flowLevel > 0 || children.length === 0 || this.#layout.flow === 'all') return true;
    return this.#layout.flow === 'leaves' && children.every(child => scalarOf(child) !== undefined);
  }

  #sequence(items: readonly Value[], { inMapping }: Place): void {
    if (this.#inFlow(items)) return this.#flow('[', ']', items, item => this.#node(item, { inMapping: false, simpleKey: false }));
    this.#indented(false, inMapping && !this.#indention, () => {
      for (const item of items) {
        this.#newLine();
        this.#indicator('-', { space: true, indention: true });
        this.#node(item, { inMapping: false, simpleKey: false });
      }
    });
  }
  #mapping(pairs: readonly (readonly [Value, Value])[]): void {
    if (this.#inFlow(pairs.flat())) return this.#flow('{', '}', pairs, pair => this.#pair(pair, false));
    this.#indented(false, false, () => {
      for (const pair of pairs) {
        this.#newLine();
        this.#pair(pair, true);
      }
    });
  }
  #flow<T>(open: string, close: string, items: readonly T[], write: (item: T) => void): void {
    this.#indicator(open, { space: true, whitespace: true });
    this.#indented(true, false, () => {
      this.#flowLevel++;
      for (const [at, item] of items.entries()) {
        if (at > 0) this.#indicator(',');
        if (this.#column > this.#width) this.#newLine();
        write(item);
      }
      this.#flowLevel--;
    });
    this.#indicator(close);
  }
  #pair([key, value]: readonly [Value, Value], block: boolean): void {
    const [simple, below] = [
      { inMapping: true, simpleKey: true },
      { inMapping: true, simpleKey: false },
    ];
    if (isSimpleKey(key)) {
      this.#node(key, simple);
      this.#indicator(':');
    } else {
      this.#indicator('?', { space: true, indention: block });
      this.#node(key, below);
      if (block || this.#column > this.#width) this.#newLine();
      this.#indicator(':', { space: true, indention: block });
    }
    this.#node(value, below);
  }

  #scalar({ text, string }: Scalar, { simpleKey }: Place): void {
    const style: ScalarStyle = string ? chooseStyle(text, { flow: this.#flowLevel > 0, simpleKey }) : 'plain';
    this.#indented(true, false, () => {
      if (style === 'plain') this.#plain(text, !simpleKey);
      else if (style === 'single') this.#single(text, !simpleKey);
      else this.#double(text, !simpleKey);
    });
  }

  /** True when the blank was folded into a new line. */
  #folds(chars: readonly string[], at: number, allowed: boolean, afterSpace: boolean): boolean {
    return allowed && !afterSpace && this.#column > this.#width && at > 0 && at < chars.length - 1;
  }
  #plain(text: string, folding: boolean): void {
    if (!this.#whitespace && (text !== '' || this.#flowLevel > 0)) this.#put(' ');
    this.#text(text, folding, char => char);
    this.#whitespace = false;
    this.#indention = false;
  }
  #single(text: string, folding: boolean): void {
    this.#indicator("'", { space: true });
    this.#text(text, folding, char => (char === "'" ? "''" : char));
    this.#indicator("'");
  }
  /** Words, folded at single blanks; every newline is doubled, as one alone would read as a blank. */
  #text(text: string, folding: boolean, shown: (char: string) => string): void {
    const chars = [...text];
    let [spaces, breaks] = [false, false];
    for (const [at, char] of chars.entries()) {
      if (char === ' ') {
        if (this.#folds(chars, at, folding, spaces) && chars[at + 1] !== ' ') this.#newLine();
        else this.#put(char);
        spaces = true;
      } else if (isBreak(char)) {
        if (!breaks && char === '\n') this.#break();
        this.#break();
        this.#indention = true;
        breaks = true;
      } else {
        if (breaks) this.#newLine();
        this.#put(shown(char));
        this.#indention = false;
        [spaces, breaks] = [false, false];
      }
    }
    if (breaks) this.#newLine();
  }
  /** As it was written: a literal block. */
  #encrypted(ciphertext: string): void {
    this.#indicator('!vault', { space: true });
    this.#indicator(ciphertext.endsWith('\n') ? '|' : '|-', { space: true });
    this.#indented(true, false, () => {
      for (const line of ciphertext.replace(/\n$/, '').split('\n')) {
        this.#newLine();
        this.#put(line);
        this.#indention = false;
      }
    });
    this.#whitespace = false;
  }
  #double(text: string, folding: boolean): void {
    this.#indicator('"', { space: true });
    const chars = [...text];
    let spaces = false;
    for (const [at, char] of chars.entries()) {
      if (char !== ' ') {
        this.#put(doubleQuotedChar(char));
        spaces = false;
        continue;
      }
      if (this.#folds(chars, at, folding, spaces)) {
        this.#newLine();
        if (chars[at + 1] === ' ') this.#put('\\');
      } else this.#put(char);
      spaces = true;
    }
    this.#indicator('"');
  }
}

type Mapping = Dict | (PyObject & Required<Pick<PyObject, 'keys' | 'item'>>);
const pairsOf = (mapping: Mapping, { sortKeys }: YamlLayout): readonly (readonly [Value, Value])[] => {
  const pairs = mapping instanceof Map ? [...mapping] : mapping.keys().map((key): [Value, Value] => [key, mapping.item(key) ?? null]);
  return sortKeys ? sorted(pairs) : pairs;
};

interface Anchor {
  readonly name: string;
  written: boolean;
}
type Anchors = ReadonlyMap<Value, Anchor>;

/** Names for what is met again, in the order in which it is (PyYAML's Serializer.anchor_node). */
const anchorsIn = (root: Value, layout: YamlLayout): Anchors => {
  const met = new Set<Value>();
  const anchors = new Map<Value, Anchor>();
  const walk = (value: Value): void => {
    if (!Array.isArray(value) && !isMapping(value) && !(value instanceof Vaulted) && !(value instanceof DateTime)) return;
    if (met.has(value)) {
      if (!anchors.has(value)) anchors.set(value, { name: `id${String(anchors.size + 1).padStart(3, '0')}`, written: false });
      return;
    }
    met.add(value);
    if (Array.isArray(value)) value.forEach(walk);
    else if (isMapping(value)) pairsOf(value, layout).flat().forEach(walk);
  };
  walk(root);
  return anchors;
};

const sorted = (pairs: readonly [Value, Value][]): readonly [Value, Value][] => {
  try {
    return pairs.toSorted(([left], [right]) => compare(left, right));
  } catch {
    // Keys of several types have no order: PyYAML leaves them as they are.
    return pairs;
  }
};
const isSimpleKey = (key: Value): boolean => {
  const scalar = scalarOf(key);
  if (!scalar) return Array.isArray(key) && key.length === 0;
  return Buffer.byteLength(scalar.text) <= MAX_SIMPLE_KEY && !analyze(scalar.text).multiline;
};

/** yaml.dump with Ansible's dumper: the layout of to_yaml and to_nice_yaml. */
export const toYaml = (value: Value, layout: YamlLayout): string =>
  new Emitter(layout, layout.references ? anchorsIn(value, layout) : new Map()).document(value);
