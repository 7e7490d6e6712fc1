import { KplayError } from '../model/errors.ts';

/** A word of a command line and where its text ends in it. */
export interface Word {
  readonly value: string;
  readonly end: number;
}

const TOKEN = /\\([^]?)|'([^']*)('?)|"((?:\\[^]|[^"\\])*)("?)|[ \t\r\n]+|[^\\'" \t\r\n]+/g;

/**
 * Words as Python's shlex.split() finds them: no expansion, no comments, and a backslash before a newline keeps the newline. E_ARGS with
 * Python's own messages for an open quote or a trailing backslash.
 */
export const splitWords = (line: string): readonly Word[] => {
  const words: Word[] = [];
  let word: string | undefined;
  let end = 0;
  const finish = (): void => {
    if (word !== undefined) words.push({ value: word, end });
    word = undefined;
  };
  for (const match of line.matchAll(TOKEN)) {
    const piece = pieceOf(match);
    if (piece === undefined) finish();
    else {
      word = (word ?? '') + piece;
      end = match.index + match[0].length;
    }
  }
  finish();
  return words;
};

/** What one token adds to the word it is in; undefined for white space. */
const pieceOf = ([token, escaped, single, singleEnd, double, doubleEnd]: RegExpMatchArray): string | undefined => {
  if (escaped === '') throw new KplayError('E_ARGS', 'No escaped character');
  if (singleEnd === '' || doubleEnd === '') throw new KplayError('E_ARGS', 'No closing quotation');
  if (escaped !== undefined) return escaped;
  if (single !== undefined) return single;
  if (double !== undefined) return double.replace(/\\(["\\])/g, '$1');
  return /^[ \t\r\n]/.test(token ?? '') ? undefined : token;
};

/** Only the words' values. */
export const wordsOf = (line: string): readonly string[] => splitWords(line).map(({ value }) => value);
