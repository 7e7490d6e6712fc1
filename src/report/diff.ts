import { structuredPatch } from 'diff';
import type { Change, Changes, Fields, Plain } from '../model/module.ts';
import { dump } from './dump.ts';
import type { Paint, Tone } from './paint.ts';

/** One text to compare, or all the scalar fields of a change together. */
interface Sides {
  readonly label: string | undefined;
  readonly before: string;
  readonly after: string;
}

/** Unified diffs of a task's changes, as `ansible-playbook --diff` prints them. Empty when nothing differs. */
export const diffText = (changes: Changes, result: Fields): string =>
  sides(changes, result)
    .map(side => unified(side))
    .filter(text => text !== '')
    .join('\n');

export const paintDiff = (text: string, paint: Paint): string =>
  text
    .split('\n')
    .map(line => paint(tone(line), line))
    .join('\n');

/** What a line of a unified diff is, for colouring. */
export const tone = (line: string): Tone => {
  if (line.startsWith('+')) return 'ok';
  if (line.startsWith('-')) return 'failed';
  return line.startsWith('@@') ? 'skipped' : 'faint';
};

const sides = (changes: Changes, result: Fields): Sides[] => {
  const own = [result['dest'], result['path']].find(value => typeof value === 'string');
  const shown = changes.filter(({ key }) => !IMPULSES.has(key));
  return [...Map.groupBy(shown, ({ path }) => path ?? own)].flatMap(([label, group]) => {
    const texts = group.filter(isText);
    const fields = group.filter(change => !isText(change));
    const whole = fields.length === 0 ? [] : [{ label, before: fieldsOf(fields, 'before'), after: fieldsOf(fields, 'after') }];
    return [...texts.map(({ before, after }) => ({ label, before: text(before), after: text(after) })), ...whole];
  });
};

/** What is done and not what is so: a command has no difference to show. */
const IMPULSES: ReadonlySet<string> = new Set(['command', 'script']);
const isText = ({ key, before, after }: Change): boolean =>
  key === 'content' && [before, after].every(side => side === null || typeof side === 'string');
const text = (side: Plain): string => (typeof side === 'string' ? side : '');
const fieldsOf = (changes: Changes, side: 'before' | 'after'): string =>
  `${dump(Object.fromEntries(changes.map(change => [change.key, change[side]])), 4)}\n`;

const unified = ({ label, before, after }: Sides): string => {
  const { hunks } = structuredPatch('', '', before, after, undefined, undefined, { context: 3 });
  if (hunks.length === 0) return '';
  const name = label === undefined ? '' : `: ${label}`;
  const body = hunks.flatMap(({ oldStart, oldLines, newStart, newLines, lines }) => [
    `@@ -${range(oldStart, oldLines)} +${range(newStart, newLines)} @@`,
    ...lines,
  ]);
  return [`--- before${name}`, `+++ after${name}`, ...body, ''].join('\n');
};

/** As GNU diff and Python's difflib write it: a length of 1 is left out, an empty range starts before its line. */
const range = (start: number, length: number): string => {
  if (length === 1) return String(start);
  return `${length === 0 ? start - 1 : start},${length}`;
};
