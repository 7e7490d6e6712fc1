import type { KplayError } from '../../model/errors.ts';
import type { Source } from '../../model/source.ts';
import type { Build } from '../build.ts';

const escaped = (word: string): string => word.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&');

/** Where a word stands in a value that begins at `at` and has so many lines; the value's own place when it cannot be found. */
export const placeOf = (word: string, at: Source, lineCount: number, { options }: Build): Source => {
  if (!options.files.exists(at.file)) return at;
  const lines = options.files.read(at.file).split('\n');
  const pattern = new RegExp(`(?<![\\w.])${escaped(word)}(?!\\w)`, 'g');
  // A block's text starts on the line after its `|`, and folded text may be written on more lines than it has.
  for (let line = at.line; line <= Math.min(lines.length, at.line + lineCount + 1); line += 1) {
    pattern.lastIndex = line === at.line ? at.col - 1 : 0;
    const found = pattern.exec(lines[line - 1] ?? '');
    if (found) return { file: at.file, line, col: found.index + 1 };
  }
  return at;
};

/** Where an argument's name stands, whose value (or whose whole `k=v` text) begins at `at`. */
export const placeOfName = (name: string, at: Source, build: Build): Source => {
  const { files } = build.options;
  const line = files.exists(at.file) ? (files.read(at.file).split('\n')[at.line - 1] ?? '') : '';
  const col = line.slice(0, at.col - 1).search(new RegExp(`(?<!\\w)${escaped(name)}\\s*["']?\\s*:\\s*["']?$`));
  return col >= 0 ? { ...at, col: col + 1 } : placeOf(name, at, 1, build);
};

/** Line and column that an inspector told in its error's detail; 1-based, in the text it was given. */
export const positionOf = ({ detail }: KplayError): { readonly line: number; readonly col: number } => {
  const [, line = '1', col = '1'] = /line (\d+), column (\d+)/.exec(detail ?? '') ?? [];
  return { line: Number(line), col: Number(col) };
};

/** Where an inspector's error stands in a value that begins at `at`; the value's own place when its line cannot be found. */
export const placeInValue = (text: string, error: KplayError, at: Source, { options }: Build): Source => {
  const { line, col } = positionOf(error);
  const wanted = text.split('\n')[line - 1] ?? '';
  const lines = options.files.exists(at.file) ? options.files.read(at.file).split('\n') : [];
  const from = at.line - 1;
  const found = wanted.trim() === '' ? -1 : lines.slice(from, from + line + 1).findIndex(each => each.includes(wanted.trim()));
  if (found < 0) return at;
  const start = (lines[from + found] ?? '').indexOf(wanted.trim()) - (wanted.length - wanted.trimStart().length);
  return { file: at.file, line: at.line + found, col: start + col };
};

/** Where a word stands in a whole file. */
export const placeInText = (word: string, file: string, text: string): Source => {
  const found = new RegExp(`(?<![\\w.])${escaped(word)}(?!\\w)`).exec(text);
  const before = text.slice(0, found?.index ?? 0).split('\n');
  return { file, line: before.length, col: (before.at(-1)?.length ?? 0) + 1 };
};
