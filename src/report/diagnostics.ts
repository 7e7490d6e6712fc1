import type { Diagnostic } from '../model/errors.ts';
import { place } from '../model/source.ts';
import { painter } from './paint.ts';

/** As Ansible's begin, whose words people and scripts look for. */
const LEAD = { error: 'ERROR!', warning: '[WARNING]:' } as const;

/**
 * All findings of a check, each with its line and a caret beneath the column. `read` gives a file's text, or undefined where there is
 * none to show.
 */
export const diagnosticsText = (diagnostics: readonly Diagnostic[], read: (file: string) => string | undefined, color: boolean): string => {
  const paint = painter(color);
  const texts = inReadingOrder(diagnostics).map(({ severity, message, at, hint }) => {
    const head = `${paint('strong', place(at))}: ${paint(severity === 'error' ? 'failed' : 'warning', LEAD[severity])} ${message}`;
    const shown = excerpt(read(at.file), at.line, at.col).map(line => paint('faint', line));
    return [head, ...shown, ...(hint === undefined ? [] : [`  hint: ${hint}`]), ''].join('\n');
  });
  return [...texts, summary(diagnostics), ''].join('\n');
};

/** Errors first; then file by file as they came, each from top to bottom. */
const inReadingOrder = (diagnostics: readonly Diagnostic[]): readonly Diagnostic[] => {
  const files = [...new Set(diagnostics.map(({ at }) => at.file))];
  const rank = ({ severity, at }: Diagnostic): readonly number[] => [severity === 'error' ? 0 : 1, files.indexOf(at.file), at.line, at.col];
  return diagnostics.toSorted((left, right) => {
    const others = rank(right);
    return (
      rank(left)
        .map((own, index) => own - (others[index] ?? 0))
        .find(difference => difference !== 0) ?? 0
    );
  });
};

/** A line of a file with a caret beneath the column; nothing where there is nothing to see. */
export const excerpt = (text: string | undefined, line: number, col: number): string[] => {
  const source = text?.split('\n')[line - 1];
  if (source === undefined || source.trim() === '') return [];
  const gutter = `${line} | `.padStart(8);
  // Tabs stay tabs, so that the caret stands beneath its column whatever their width.
  const lead = source.slice(0, col - 1).replaceAll(/[^\t]/g, ' ');
  return [`${gutter}${source}`, `${'| '.padStart(8)}${lead}^`];
};

const summary = (diagnostics: readonly Diagnostic[]): string => {
  const errors = diagnostics.filter(({ severity }) => severity === 'error').length;
  return [counted(errors, 'error'), counted(diagnostics.length - errors, 'warning')].filter(part => part !== '').join(', ');
};
const counted = (count: number, word: string): string => (count === 0 ? '' : `${count} ${word}${count === 1 ? '' : 's'}`);
