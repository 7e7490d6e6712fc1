import { KplayError } from '../model/errors.ts';

const SPACE = ' \t\r\n';

/** One line in words, as Python's `shlex.split(line, comments=True)`: `#` starts a comment anywhere outside quotes. Throws E_INVENTORY without a place. */
export const shellWords = (line: string): string[] => {
  const words: string[] = [];
  let word: string | undefined;
  for (let at = 0; at < line.length; at += 1) {
    const char = line.charAt(at);
    if (char === '#') break;
    if (SPACE.includes(char)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else if (char === '\\') {
      at += 1;
      if (at >= line.length) throw new KplayError('E_INVENTORY', 'nothing follows the last backslash');
      word = (word ?? '') + line.charAt(at);
    } else if (char === '"' || char === "'") {
      const quoted = quotedText(line, at);
      word = (word ?? '') + quoted.text;
      at = quoted.end;
    } else {
      word = (word ?? '') + char;
    }
  }
  return word === undefined ? words : [...words, word];
};

/** The text between two quotes and where it ends; within double quotes a backslash quotes `"` and itself, and is text elsewhere. */
const quotedText = (line: string, start: number): { readonly text: string; readonly end: number } => {
  const quote = line.charAt(start);
  let text = '';
  for (let at = start + 1; at < line.length; at += 1) {
    const char = line.charAt(at);
    if (char === quote) return { text, end: at };
    const next = line.charAt(at + 1);
    if (char === '\\' && quote === '"' && (next === '"' || next === '\\')) {
      text += next;
      at += 1;
    } else {
      text += char;
    }
  }
  throw new KplayError('E_INVENTORY', 'a quote is opened and not closed');
};
