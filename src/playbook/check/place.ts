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

/** Where a word stands in a whole file. */
export const placeInText = (word: string, file: string, text: string): Source => {
  const found = new RegExp(`(?<![\\w.])${escaped(word)}(?!\\w)`).exec(text);
  const before = text.slice(0, found?.index ?? 0).split('\n');
  return { file, line: before.length, col: (before.at(-1)?.length ?? 0) + 1 };
};
