import { compare } from '../value/compare.ts';
import { length } from '../value/iterate.ts';
import { isText, textOf, typeName } from '../value/kinds.ts';
import { repr, textRepr } from '../value/repr.ts';
import { splitLines } from '../value/text-methods.ts';
import { Tuple, type Value } from '../value/value.ts';

const WIDTH = 80;

const ordered = (left: Value, right: Value): number => {
  try {
    return compare(left, right);
  } catch {
    // Keys that have no order go by their types' names.
    return compare(typeName(left), typeName(right));
  }
};
/** Dicts by their keys, all the way down. */
const sorted = (value: Value): Value => {
  if (value instanceof Map)
    return new Map([...value].toSorted(([left], [right]) => ordered(left, right)).map(([key, item]) => [key, sorted(item)]));
  if (value instanceof Tuple) return Tuple.holding(value.map(sorted));
  return Array.isArray(value) && typeName(value) === 'list' ? value.map(sorted) : value;
};

/** Where a value stands: columns taken on its left, columns wanted on the right of its last line, and how deep it is. */
interface Place {
  readonly indent: number;
  readonly after: number;
  readonly level: number;
}

const brackets = (open: string, close: string, parts: readonly string[], indent: number): string =>
  open + parts.join(`,\n${' '.repeat(indent)}`) + close;

/** Pieces of a text, each as long as its line allows, cut behind white space only. */
const pieces = (text: string, { indent, after }: Place): string[] => {
  const found: string[] = [];
  const lines = splitLines(text, true);
  for (const [at, line] of lines.entries()) {
    const lastLine = at === lines.length - 1;
    if (length(textRepr(line)) <= WIDTH - indent - (lastLine ? after : 0)) {
      found.push(textRepr(line));
      continue;
    }
    const words = (line.match(/\S*\s*/g) ?? []).filter(word => word !== '');
    let current = '';
    for (const [index, word] of words.entries()) {
      const room = WIDTH - indent - (lastLine && index === words.length - 1 ? after : 0);
      if (current !== '' && length(textRepr(current + word)) > room) {
        found.push(textRepr(current));
        current = word;
      } else current += word;
    }
    if (current !== '') found.push(textRepr(current));
  }
  return found;
};
const printText = (text: string, place: Place): string => {
  // A text that stands alone gets parentheses, and stands one column further in.
  const alone = place.level === 1;
  const inner = alone ? { ...place, indent: place.indent + 1, after: place.after + 1 } : place;
  const parts = pieces(text, inner);
  if (parts.length <= 1) return textRepr(text);
  const body = parts.join(`\n${' '.repeat(inner.indent)}`);
  return alone ? `(${body})` : body;
};

const print = (value: Value, place: Place): string => {
  const { indent, after, level } = place;
  const line = repr(value);
  if (length(line) <= WIDTH - indent - after) return line;
  if (isText(value)) return printText(textOf(value), { ...place, level: level + 1 });
  const inner = indent + 1;
  if (value instanceof Map) {
    const last = value.size - 1;
    const pairs = [...value].map(([key, item], at) => {
      const label = `${repr(key)}: `;
      return label + print(item, { indent: inner + label.length, after: at === last ? after + 1 : 1, level: level + 1 });
    });
    return brackets('{', '}', pairs, inner);
  }
  const kind = typeName(value);
  if (!Array.isArray(value) || (kind !== 'list' && kind !== 'tuple')) return line;
  const close = kind === 'list' ? ']' : value.length === 1 ? ',)' : ')';
  const items = Array.from(value, (item, at) =>
    print(item, { indent: inner, after: at === value.length - 1 ? after + close.length : 1, level: level + 1 }),
  );
  return brackets(kind === 'list' ? '[' : '(', close, items, inner);
};

/** Python's pprint.pformat: one line if it fits, else one for each item; dicts sorted by key. */
export const prettyPrint = (value: Value): string => print(sorted(value), { indent: 0, after: 0, level: 0 });
