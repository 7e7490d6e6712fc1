import { evaluationError } from '../../value/errors.ts';
import { isInteger, isText, textOf } from '../../value/kinds.ts';
import { str } from '../../value/repr.ts';
import type { Value } from '../../value/value.ts';
import type { Run } from '../run.ts';
import type { Lookup } from './define.ts';
import { readText } from './search.ts';
import { wordsOf } from './words.ts';

/** Rows as Python's csv module reads them: RFC 4180, any end of line, a quote in the middle of a field stands for itself. */
export const csvRows = (text: string, delimiter: string): string[][] => {
  const rows: string[][] = [];
  let [row, field, at] = [[] as string[], '', 0];
  const endRow = (): void => {
    rows.push([...row, field]);
    [row, field] = [[], ''];
  };
  while (at < text.length) {
    const char = text[at] ?? '';
    if (char === '"' && field === '') {
      const [whole, body = ''] = /"((?:[^"]|"")*)"?/y.exec(text.slice(at)) ?? [''];
      field = body.replaceAll('""', '"');
      at += whole.length;
      const rest = /^[^\r\n]*/.exec(text.slice(at))?.[0].split(delimiter)[0] ?? '';
      field += rest;
      at += rest.length;
    } else if (char === delimiter) {
      row.push(field);
      field = '';
      at++;
    } else if (char === '\n' || char === '\r') {
      endRow();
      at += text.startsWith('\r\n', at) ? 2 : 1;
    } else {
      field += char;
      at++;
    }
  }
  if (row.length > 0 || field !== '') endRow();
  return rows;
};

const DEFAULTS: ReadonlyMap<string, Value> = new Map<string, Value>([
  ['col', '1'],
  ['keycol', 0],
  ['default', null],
  ['delimiter', 'TAB'],
  ['file', 'ansible.csv'],
  ['encoding', 'utf-8'],
]);
const integerOf = (value: Value): number => {
  const number = isInteger(value)
    ? Number(value)
    : isText(value) && /^\s*[+-]?\d+\s*$/.test(textOf(value))
      ? Number(textOf(value))
      : Number.NaN;
  if (Number.isNaN(number)) throw evaluationError(`csvfile: invalid literal for int() with base 10: '${str(value)}'`);
  return number;
};
const cell = (row: readonly string[], column: number): string => {
  const found = row.at(column);
  if (found === undefined) throw evaluationError('csvfile: list index out of range');
  return found;
};
const search = (key: string, options: ReadonlyMap<string, Value>, run: Run): Value => {
  const option = (name: string): Value => options.get(name) ?? null;
  const delimiter = str(option('delimiter')).replace(/^TAB$/, '\t');
  if (delimiter.length !== 1) throw evaluationError('csvfile: "delimiter" must be a 1-character string');
  const text = readText(str(option('file')), str(option('encoding')), 'csvfile', run);
  const keyColumn = integerOf(option('keycol'));
  const row = csvRows(text, delimiter).find(cells => cells.some(value => value !== '') && cell(cells, keyColumn) === key);
  return row ? cell(row, integerOf(option('col'))) : option('default');
};

/** https://docs.ansible.com/ansible/latest/collections/ansible/builtin/csvfile_lookup.html */
export const csvfile: Lookup = (terms, named, run) => {
  if (terms.length === 0) throw evaluationError('Search key is required but was not found');
  const options = new Map([...DEFAULTS, ...named]);
  return terms.flatMap(term => {
    const { words, pairs } = wordsOf(str(term));
    if (words.length === 0) throw evaluationError('Search key is required but was not found');
    for (const [name, value] of pairs) {
      if (!DEFAULTS.has(name)) throw evaluationError(`${name} is not a valid option`);
      // They hold for the terms after this one, too.
      options.set(name, value);
    }
    const found = search(words.join(' '), options, run);
    return found === null ? [] : [found];
  });
};
