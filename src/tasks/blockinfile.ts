import * as z from 'zod';
import { KplayError } from '../model/errors.ts';
import { pythonRegex } from '../value/python-regex.ts';
import { bool, choice, optional, str } from './args.ts';
import { defineModule } from './define.ts';
import {
  actEdit,
  backupFrom,
  bytesOf,
  byteText,
  type Edit,
  editAliases,
  editArgs,
  type EditPlan,
  type EditSeen,
  leftByEdit,
  observeEdit,
  planEdit,
  MISSING,
} from './edit.ts';

const args = z
  .strictObject({
    ...editArgs,
    state: choice('present', 'absent').default('present').describe('Whether the block is to be there.'),
    block: str.default('').describe('The text between the markers. Empty removes the block with its markers.'),
    marker: str.default('# {mark} ANSIBLE MANAGED BLOCK').describe('The line around the block; {mark} becomes marker_begin or marker_end.'),
    marker_begin: str.default('BEGIN').describe('{mark} of the first line.'),
    marker_end: str.default('END').describe('{mark} of the last line.'),
    insertafter: optional(str).describe('A new block goes after the last line that matches this, or to the EOF, the default.'),
    insertbefore: optional(str).describe('A new block goes before the last line that matches this, or to BOF.'),
    create: bool.default(false).describe('Make the file if it does not exist.'),
    append_newline: bool.default(false).describe('Have an empty line after the block.'),
    prepend_newline: bool.default(false).describe('Have an empty line before the block.'),
  })
  .refine(({ insertbefore, insertafter }) => insertbefore === undefined || insertafter === undefined, {
    error: 'parameters are mutually exclusive: insertbefore|insertafter',
  });
type Args = z.output<typeof args>;

/** Python's bytes.splitlines(True). */
const linesOf = (text: string): string[] => text.match(/[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+/g) ?? [];
const ended = (text: string): string => (text.endsWith('\n') ? text : `${text}\n`);

const markersOf = ({ marker, marker_begin, marker_end }: Args): readonly [first: string, last: string] => [
  `${byteText(marker.replaceAll('{mark}', () => marker_begin))}\n`,
  `${byteText(marker.replaceAll('{mark}', () => marker_end))}\n`,
];

/** Where a new block goes. */
const placeOf = ({ insertafter, insertbefore }: Args, lines: readonly string[]): number => {
  const after = insertafter !== undefined && insertafter !== 'EOF';
  const anchor = after ? insertafter : insertbefore === 'BOF' ? undefined : insertbefore;
  if (anchor === undefined) return insertbefore === undefined ? lines.length : 0;
  const pattern = pythonRegex(byteText(anchor), { ascii: true });
  if (/^\(\?[aiLsux]*m/.test(anchor)) {
    const text = lines.join('');
    const match = pattern.exec(text);
    if (match === null) return lines.length;
    const before = text.slice(0, after ? match.index + match[0].length : match.index);
    return before.split('\n').length - 1 + (insertafter === undefined ? 0 : 1);
  }
  const found = lines.findLastIndex(line => pattern.test(line));
  if (found < 0) return lines.length;
  return insertafter === undefined ? found : found + 1;
};

const editing =
  (given: Args): Edit =>
  (before, path) => {
    const present = given.state === 'present';
    if (before === undefined && !given.create) throw new KplayError('E_STATE', `Path ${path} does not exist !`, { fields: MISSING });
    if (before === undefined && !present) return undefined;
    const lines = linesOf(byteText(before ?? ''));
    const [first, last] = markersOf(given);
    const block = present && given.block !== '' ? [first, ...linesOf(ended(byteText(given.block))), last] : [];

    const [begin, end] = [lines.lastIndexOf(first), lines.lastIndexOf(last)];
    let at = Math.min(begin, end);
    if (at < 0) at = Math.min(placeOf(given, lines), lines.length);
    else lines.splice(at, Math.abs(end - begin) + 1);
    if (at > 0) lines[at - 1] = ended(lines[at - 1] ?? '');
    if (given.prepend_newline && present && at > 0 && lines[at - 1] !== '\n') lines.splice(at++, 0, '\n');
    lines.splice(at, 0, ...block);
    const next = at + block.length;
    if (given.append_newline && present && next < lines.length && lines[next] !== '\n') lines.splice(next, 0, '\n');
    const msg = before === undefined ? 'File created' : block.length === 0 ? 'Block removed' : 'Block inserted';
    return { after: bytesOf(lines.join('')), msg };
  };
const planned = (given: Args, seen: EditSeen, check: boolean, diff = false): EditPlan =>
  planEdit(given, seen, editing(given), { check, diff });

/** ansible.builtin.blockinfile. */
export const blockinfile = defineModule<EditSeen>()({
  name: 'blockinfile',
  summary: 'Have a block of lines between markers in a file, or not.',
  reach: 'host',
  args,
  aliases: { ...editAliases, content: 'block' },
  contents: ['block'],
  observe: observeEdit,
  analyze: (given, seen, { check, diff }) => planned(given, seen, check, diff).changes,
  act: (given, seen) => [actEdit(given, seen, planned(given, seen, false))],
  leaves: (given, seen) => leftByEdit(given, seen, planned(given, seen, false)),
  result: (given, seen, _changes, outputs) => {
    const [at, before] = seen;
    if (given.state === 'absent' && before === undefined) return { msg: `File ${at.path} not present` };
    const plan = planned(given, seen, outputs === undefined);
    const backup = backupFrom(given, plan, outputs);
    return { msg: plan.msg, ...(backup !== undefined && { backup_file: backup }) };
  },
});
