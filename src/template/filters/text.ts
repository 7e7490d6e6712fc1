import { integerArgument, textArgument } from '../../value/call.ts';
import { defined, evaluationError } from '../../value/errors.ts';
import { percentFormat } from '../../value/percent.ts';
import { iterate } from '../../value/iterate.ts';
import { isMapping, isText, MarkedText, textOf, truth } from '../../value/kinds.ts';
import { repr, str } from '../../value/repr.ts';
import { capitalize, center, replace, split, splitLines, textMethods } from '../../value/text-methods.ts';
import { Tuple, type Value } from '../../value/value.ts';
import { type Filters, takes } from './define.ts';

const HTML: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', "'": '&#39;', '"': '&#34;' };
export const escapeHtml = (text: string): string => text.replace(/[&<>'"]/g, char => HTML[char] ?? char);

/** Jinja's title: words begin after white space, hyphens and brackets. */
const title = (text: string): string =>
  text
    .split(/([-\s({[<]+)/)
    .filter(part => part !== '')
    .map(capitalize)
    .join('');

const indent = (text: string, width: Value, first: boolean, blank: boolean): string => {
  const margin = isText(width) ? textOf(width) : ' '.repeat(integerArgument(width, 4));
  const lines = splitLines(`${text}\n`);
  const body = lines.map((line, at) => (at > 0 && (blank || line !== '') ? margin + line : line)).join('\n');
  return first ? margin + body : body;
};

const truncate = (text: string, length: number, killWords: boolean, end: string, leeway: number): string => {
  const points = [...text];
  if (length < [...end].length) throw evaluationError(`expected length >= ${[...end].length}, got ${length}`);
  if (points.length <= length + leeway) return text;
  const kept = points.slice(0, length - [...end].length).join('');
  if (killWords) return kept + end;
  const space = kept.lastIndexOf(' ');
  return (space < 0 ? kept : kept.slice(0, space)) + end;
};

/** Python's textwrap for one line of text. */
const wrapLine = (line: string, width: number, breakLong: boolean, onHyphens: boolean): string[] => {
  const chunks = line.split(onHyphens ? /(\s+|(?<=[\p{L}\d]-)(?=[\p{L}]))/u : /(\s+)/).filter(chunk => chunk !== undefined && chunk !== '');
  const lines: string[] = [];
  let current = '';
  for (let chunk of chunks) {
    if (current === '' && lines.length > 0 && chunk.trim() === '') continue;
    if ((current + chunk).trimEnd().length > width && current !== '') {
      lines.push(current.trimEnd());
      current = '';
      if (chunk.trim() === '') continue;
    }
    while (breakLong && chunk.length > width) {
      lines.push(chunk.slice(0, width));
      chunk = chunk.slice(width);
    }
    current += chunk;
  }
  if (current.trimEnd() !== '') lines.push(current.trimEnd());
  return lines;
};

const COMMENTS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  plain: { decoration: '# ' },
  erlang: { decoration: '% ' },
  c: { decoration: '// ' },
  cblock: { beginning: '/*', decoration: ' * ', end: ' */' },
  xml: { beginning: '<!--', decoration: ' - ', end: '-->' },
};
/** Ansible's comment filter. */
const comment = (text: string, style: string, given: ReadonlyMap<string, Value>): string => {
  const named = COMMENTS[style];
  if (!named) throw evaluationError(`'${style}'`);
  const decorated = given.get('decoration');
  const edge = (decorated === undefined ? (named['decoration'] ?? '') : str(decorated)).trimEnd();
  const option = (name: string, otherwise: string): string => {
    const value = given.get(name);
    return value === undefined ? (named[name] ?? otherwise) : str(value);
  };
  const newline = option('newline', '\n');
  const [beginning, decoration, end] = [option('beginning', ''), option('decoration', ''), option('end', '')];
  const [prefix, postfix] = [option('prefix', edge), option('postfix', edge)];
  const count = (name: string): number => integerArgument(given.get(name), 1);
  const before = prefix === '' ? '' : (prefix === newline ? newline : prefix + newline).repeat(count('prefix_count'));
  const body = (decoration + text.replaceAll(newline, newline + decoration)).replaceAll(
    decoration + newline,
    decoration.trimEnd() + newline,
  );
  const after = (newline + postfix).repeat(count('postfix_count'));
  return (beginning && beginning + newline) + before + body + after + (end && newline + end);
};

/** Python's shlex.quote. */
export const shellQuote = (text: string): string => {
  if (text === '') return "''";
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'"'"'`)}'`;
};

const percentEncode = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, char => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
const urlencode = (value: Value): string => {
  const given = defined(value);
  const pairs = isMapping(given)
    ? given instanceof Map
      ? [...given]
      : given.keys().map((key): [Value, Value] => [key, given.item(key) ?? null])
    : Array.isArray(given)
      ? given.map((pair): [Value, Value] => {
          const [key, item] = iterate(pair);
          if (key === undefined || item === undefined) throw evaluationError('not enough values to unpack (expected 2)');
          return [key, item];
        })
      : undefined;
  if (!pairs) return percentEncode(str(given)).replaceAll('%2F', '/');
  const query = (part: Value): string => percentEncode(str(part)).replaceAll('%20', '+');
  return pairs.map(([key, item]) => `${query(key)}=${query(item)}`).join('&');
};

const urlDecode = (text: string): string => {
  const bytes = text
    .replaceAll('+', ' ')
    .replace(/(?:%[\da-fA-F]{2})+/g, run => Buffer.from(run.replaceAll('%', ''), 'hex').toString('utf8'));
  return bytes;
};

const textOrEmpty = (value: Value | undefined): string => (value === undefined ? '' : str(value));

export const textFilters: Filters = {
  upper: takes([], input => str(input).toUpperCase()),
  lower: takes([], input => str(input).toLowerCase()),
  capitalize: takes([], input => capitalize(str(input))),
  title: takes([], input => title(str(input))),
  trim: takes(['chars'], (input, [chars = null]) => textMethods.get('strip')?.(str(input), [chars], new Map()) ?? ''),
  string: takes([], input => new MarkedText(str(input))),
  replace: takes(
    ['old', 'new', 'count'],
    (input, [old, fresh, count]) => replace(str(input), textOrEmpty(old), textOrEmpty(fresh), integerArgument(count, -1)),
    2,
  ),
  indent: takes(['width', 'first', 'blank'], (input, [width = 4, first = false, blank = false]) =>
    indent(textArgument(input, 'the text to indent'), width, truth(first), truth(blank)),
  ),
  center: takes(['width'], (input, [width]) => center(str(input), integerArgument(width, 80))),
  truncate: takes(['length', 'killwords', 'end', 'leeway'], (input, [length, kill = false, end = '...', leeway]) =>
    truncate(str(input), integerArgument(length, 255), truth(kill), str(end), integerArgument(leeway, 5)),
  ),
  wordwrap: takes(
    ['width', 'break_long_words', 'wrapstring', 'break_on_hyphens'],
    (input, [width, breakLong = true, wrap = '\n', hyphens = true]) =>
      splitLines(textArgument(input, 'the text to wrap'))
        .map(line => wrapLine(line, integerArgument(width, 79), truth(breakLong), truth(hyphens)).join(str(wrap)))
        .join(str(wrap)),
  ),
  wordcount: takes([], input => str(input).match(/[\p{L}\p{N}_]+/gu)?.length ?? 0),
  escape: takes([], input => escapeHtml(str(input))),
  e: takes([], input => escapeHtml(str(input))),
  forceescape: takes([], input => escapeHtml(str(input))),
  safe: takes([], input => str(input)),
  striptags: takes([], input =>
    str(input)
      .replace(/<!--.*?-->|<[^>]*>/gs, '')
      .split(/\s+/)
      .filter(Boolean)
      .join(' '),
  ),
  format: (input, args, named) => {
    if (args.length > 0 && named.size > 0) throw evaluationError("can't handle positional and keyword arguments at the same time");
    return percentFormat(str(input), named.size > 0 ? new Map(named) : Tuple.holding(args));
  },
  urlencode: takes([], urlencode),
  urldecode: takes([], input => urlDecode(textArgument(input, 'the text to decode'))),
  comment: (input, args, named) => {
    const [style = named.get('style') ?? 'plain'] = args;
    return comment(textArgument(input, 'the text of a comment'), str(style), named);
  },
  quote: takes([], input => shellQuote(input === null ? '' : str(input))),
  split: takes(['sep', 'maxsplit'], (input, [by, most]) => {
    const text = defined(input);
    if (!isText(text)) throw evaluationError(`descriptor 'split' for 'str' objects doesn't apply to a ${repr(text)} object`);
    return split(textOf(text), by, most);
  }),
};
