import { integerArgument, type Method, method, textArgument } from './call.ts';
import { evaluationError, undefinedError } from './errors.ts';
import { isText, textOf, typeName, unmarked } from './kinds.ts';
import { iterate, length } from './iterate.ts';
import { slice } from './slice.ts';
import { Tuple, Undefined, type Value } from './value.ts';

const strip = (text: string, chars: Value | undefined, sides: 'both' | 'left' | 'right'): string => {
  const set = chars === undefined || chars === null ? undefined : new Set(textArgument(chars, 'strip arg'));
  const gone = (char: string): boolean => (set ? set.has(char) : /\s/.test(char));
  const points = [...text];
  let start = 0;
  let end = points.length;
  if (sides !== 'right') while (start < end && gone(points[start] ?? '')) start++;
  if (sides !== 'left') while (end > start && gone(points[end - 1] ?? '')) end--;
  return points.slice(start, end).join('');
};

const splitWords = (text: string, most: number): string[] => {
  const words: string[] = [];
  let rest = text.trimStart();
  while (rest !== '') {
    const gap = words.length < most || most < 0 ? /\s+/.exec(rest) : null;
    if (!gap) {
      words.push(words.length < most || most < 0 ? rest : rest.trimEnd());
      break;
    }
    words.push(rest.slice(0, gap.index));
    rest = rest.slice(gap.index + gap[0].length);
  }
  return words;
};
const splitWordsRight = (text: string, most: number): string[] => {
  const words: string[] = [];
  let rest = text.trimEnd();
  while (rest !== '') {
    const gap = words.length < most || most < 0 ? /\s+(?=\S*$)/.exec(rest) : null;
    if (!gap) {
      words.unshift(words.length < most || most < 0 ? rest : rest.trimStart());
      break;
    }
    words.unshift(rest.slice(gap.index + gap[0].length));
    rest = rest.slice(0, gap.index);
  }
  return words;
};

const separator = (value: Value | undefined): string | undefined => {
  if (value === undefined || value === null) return undefined;
  const text = textArgument(value, 'separator');
  if (text === '') throw evaluationError('empty separator');
  return text;
};
/** Python's str.split. */
export const split = (text: string, by: Value | undefined, maxsplit: Value | undefined): Value[] => {
  const most = integerArgument(maxsplit, -1);
  const at = separator(by);
  if (at === undefined) return splitWords(text, most);
  const parts = text.split(at);
  return most < 0 || parts.length <= most + 1 ? parts : [...parts.slice(0, most), parts.slice(most).join(at)];
};
const splitRight = (text: string, by: Value | undefined, maxsplit: Value | undefined): Value[] => {
  const most = integerArgument(maxsplit, -1);
  const at = separator(by);
  if (at === undefined) return splitWordsRight(text, most);
  const parts = text.split(at);
  const first = parts.length - most;
  return most < 0 || first <= 1 ? parts : [parts.slice(0, first).join(at), ...parts.slice(first)];
};

const BREAKS = '\n\r\v\f\u001c\u001d\u001e\u0085\u2028\u2029';
const LINE = new RegExp(`[^${BREAKS}]*(?:\\r\\n|[${BREAKS}])|[^${BREAKS}]+$`, 'g');
const LINE_END = new RegExp(`(?:\\r\\n|[${BREAKS}])$`);
/** Python's str.splitlines. */
export const splitLines = (text: string, keepEnds = false): string[] => {
  const lines = text.match(LINE) ?? [];
  return keepEnds ? lines : lines.map(line => line.replace(LINE_END, ''));
};

export const title = (text: string): string =>
  text.replace(/\p{L}+/gu, word => {
    const [first = '', ...rest] = [...word];
    return first.toUpperCase() + rest.join('').toLowerCase();
  });
export const capitalize = (text: string): string => {
  const [first = '', ...rest] = [...text];
  return first.toUpperCase() + rest.join('').toLowerCase();
};

/** What replacing nothing does: the new text before each character and at the end. */
const interleaved = (text: string, fresh: string, count: number): string => {
  const chars = [...text];
  const most = count < 0 ? chars.length + 1 : count;
  return [...chars, ''].map((char, at) => (at < most ? fresh + char : char)).join('');
};
/** Python's str.replace: at most `count` times when it is not negative. */
export const replace = (text: string, old: string, fresh: string, count = -1): string => {
  if (count < 0 && old !== '') return text.split(old).join(fresh);
  if (old === '') return interleaved(text, fresh, count);
  let [done, rest] = ['', text];
  for (let left = count; left > 0; left--) {
    const at = rest.indexOf(old);
    if (at < 0) break;
    done += rest.slice(0, at) + fresh;
    rest = rest.slice(at + old.length);
  }
  return done + rest;
};

const join = (glue: string, values: Value | undefined): string =>
  iterate(values ?? null)
    .map((item, at) => {
      if (item instanceof Undefined) throw undefinedError(item);
      if (!isText(item)) throw evaluationError(`sequence item ${at}: expected str instance, ${typeName(item)} found`);
      return textOf(item);
    })
    .join(glue);

type Bound = readonly (Value | undefined)[];
/** Where `needle` is, in code points; -1 when it is nowhere. `start` and `end` are Python's. */
const find = (text: string, [needle, start, end]: Bound, last = false): number => {
  const points = [...text];
  const within = start === undefined && end === undefined ? text : String(slice(text, start ?? null, end ?? null));
  const from = integerArgument(start, 0);
  const offset = Math.min(Math.max(from < 0 ? from + points.length : from, 0), points.length);
  const wanted = textArgument(needle, 'find arg');
  const at = last ? within.lastIndexOf(wanted) : within.indexOf(wanted);
  return at < 0 ? -1 : offset + length(within.slice(0, at));
};
const found = (at: number): number => {
  if (at < 0) throw evaluationError('substring not found');
  return at;
};

const affix = (text: string, [wanted, start, end]: Bound, check: (text: string, affix: string) => boolean): boolean => {
  const within = start === undefined ? text : String(slice(text, start, end ?? null));
  const options = wanted instanceof Tuple ? wanted : [wanted];
  return options.some(option => check(within, textArgument(option, 'startswith first arg')));
};

const pad = (text: string, [width, fill]: Bound, align: 'left' | 'right' | 'center'): string => {
  const size = [...text].length;
  const total = integerArgument(width, 0);
  const missing = Math.max(0, total - size);
  const char = fill === undefined ? ' ' : textArgument(fill, 'The fill character');
  const left = align === 'left' ? missing : align === 'right' ? 0 : Math.floor(missing / 2) + (missing & total & 1);
  return char.repeat(left) + text + char.repeat(missing - left);
};
/** str.center's own rounding. */
export const center = (text: string, width: number): string => pad(text, [width], 'center');

const partition = (text: string, by: Value | undefined, last: boolean): Tuple => {
  const at = textArgument(by, 'separator');
  const index = last ? text.lastIndexOf(at) : text.indexOf(at);
  if (index < 0) return Tuple.holding(last ? ['', '', text] : [text, '', '']);
  return Tuple.holding([text.slice(0, index), at, text.slice(index + at.length)]);
};

const expandTabs = (text: string, size: number): string => {
  let column = 0;
  return text.replace(/[\t\n\r]|[^\t\n\r]+/g, part => {
    if (part !== '\t') {
      column = part === '\n' || part === '\r' ? 0 : column + [...part].length;
      return part;
    }
    const width = size > 0 ? size - (column % size) : 0;
    column += width;
    return ' '.repeat(width);
  });
};
const swapCase = (text: string): string =>
  [...text].map(char => (char === char.toUpperCase() ? char.toLowerCase() : char.toUpperCase())).join('');
const zeroFill = (text: string, width: number): string => {
  const sign = /^[+-]/.exec(text)?.[0] ?? '';
  return sign + '0'.repeat(Math.max(0, width - [...text].length)) + text.slice(sign.length);
};
const is =
  (pattern: RegExp): Method<string> =>
  text =>
    pattern.test(text);

const of = (
  name: string,
  parameters: readonly string[],
  run: (text: string, bound: Bound) => Value,
  required = 0,
): [string, Method<string>] => [name, method(name, parameters, run, required)];

/** The methods of str, but `format`: it reaches into its arguments. */
export const textMethods: ReadonlyMap<string, Method<string>> = new Map([
  of('split', ['sep', 'maxsplit'], (text, [by, most]) => split(text, by, most)),
  of('rsplit', ['sep', 'maxsplit'], (text, [by, most]) => splitRight(text, by, most)),
  of('splitlines', ['keepends'], (text, [keep]) => splitLines(text, keep === true)),
  of('strip', ['chars'], (text, [chars]) => strip(text, chars, 'both')),
  of('lstrip', ['chars'], (text, [chars]) => strip(text, chars, 'left')),
  of('rstrip', ['chars'], (text, [chars]) => strip(text, chars, 'right')),
  of('upper', [], text => text.toUpperCase()),
  of('lower', [], text => text.toLowerCase()),
  of('casefold', [], text => text.toLowerCase()),
  of('title', [], title),
  of('capitalize', [], capitalize),
  of('swapcase', [], swapCase),
  of('startswith', ['prefix', 'start', 'end'], (text, bound) => affix(text, bound, (whole, part) => whole.startsWith(part)), 1),
  of('endswith', ['suffix', 'start', 'end'], (text, bound) => affix(text, bound, (whole, part) => whole.endsWith(part)), 1),
  of(
    'removeprefix',
    ['prefix'],
    (text, [part]) => (text.startsWith(textArgument(part, 'prefix')) ? text.slice(textArgument(part, 'prefix').length) : text),
    1,
  ),
  of('removesuffix', ['suffix'], (text, [part]) => {
    const end = textArgument(part, 'suffix');
    return end !== '' && text.endsWith(end) ? text.slice(0, -end.length) : text;
  }),
  of(
    'replace',
    ['old', 'new', 'count'],
    (text, [old, fresh, count]) => replace(text, textArgument(old, 'old'), textArgument(fresh, 'new'), integerArgument(count, -1)),
    2,
  ),
  of('join', ['iterable'], (glue, [values]) => join(glue, values), 1),
  of('find', ['sub', 'start', 'end'], (text, bound) => find(text, bound), 1),
  of('rfind', ['sub', 'start', 'end'], (text, bound) => find(text, bound, true), 1),
  of('index', ['sub', 'start', 'end'], (text, bound) => found(find(text, bound)), 1),
  of('rindex', ['sub', 'start', 'end'], (text, bound) => found(find(text, bound, true)), 1),
  of('count', ['sub'], (text, [part]) => text.split(textArgument(part, 'sub')).length - 1 + (part === '' ? 2 : 0), 1),
  of('partition', ['sep'], (text, [by]) => partition(text, by, false), 1),
  of('rpartition', ['sep'], (text, [by]) => partition(text, by, true), 1),
  of('ljust', ['width', 'fillchar'], (text, bound) => pad(text, bound, 'right'), 1),
  of('rjust', ['width', 'fillchar'], (text, bound) => pad(text, bound, 'left'), 1),
  of('center', ['width', 'fillchar'], (text, bound) => pad(text, bound, 'center'), 1),
  of('zfill', ['width'], (text, [width]) => zeroFill(text, integerArgument(width, 0)), 1),
  of('expandtabs', ['tabsize'], (text, [size]) => expandTabs(text, integerArgument(size, 8))),
  // Bytes have no type of their own here: they are only ever decoded or printed again.
  of('encode', ['encoding', 'errors'], text => text),
  of('decode', ['encoding', 'errors'], text => text),
  ['isdigit', is(/^[\p{Nd}\u00b2\u00b3\u00b9]+$/u)],
  ['isdecimal', is(/^\p{Nd}+$/u)],
  ['isnumeric', is(/^\p{N}+$/u)],
  ['isalpha', is(/^\p{L}+$/u)],
  ['isalnum', is(/^[\p{L}\p{N}]+$/u)],
  ['isspace', is(/^\s+$/)],
  ['isidentifier', is(/^[\p{L}_][\p{L}\p{N}_]*$/u)],
  ['isupper', text => text !== text.toLowerCase() && text === text.toUpperCase()],
  ['islower', text => text !== text.toUpperCase() && text === text.toLowerCase()],
  ['istitle', text => text !== text.toLowerCase() && text === title(text)],
  ['isascii', is(/^\p{ASCII}*$/u)],
  ['__len__', text => [...text].length],
  ['__contains__', (text, [part]) => text.includes(textArgument(unmarked(part ?? null), "'in <string>' requires string as left operand"))],
]);
