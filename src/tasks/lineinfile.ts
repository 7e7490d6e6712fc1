import * as z from 'zod';
import { KplayError } from '../model/errors.ts';
import { expandReplacement, pythonRegex } from '../value/python-regex.ts';
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
  type Edited,
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
    state: choice('present', 'absent').default('present').describe('Whether the line is to be there.'),
    regexp: optional(str).describe('Python regular expression: the last line it matches is replaced, with state absent all are removed.'),
    search_string: optional(str).describe('Text to look for instead of a regular expression.'),
    line: optional(str).describe('The line. Needed with state present.'),
    insertafter: optional(str).describe('Where nothing matched: after the last line that matches this, or EOF, the default.'),
    insertbefore: optional(str).describe('Where nothing matched: before the last line that matches this, or BOF.'),
    firstmatch: bool.default(false).describe('The first match counts, not the last.'),
    backrefs: bool.default(false).describe('Fill \\1 … and \\g<name> in from the match; change nothing where nothing matches.'),
    create: bool.default(false).describe('Make the file if it does not exist.'),
  })
  .superRefine((given, context) => {
    const exclusive = [
      ['insertbefore', 'insertafter'],
      ['regexp', 'search_string'],
    ] as const;
    for (const [one, other] of exclusive)
      if (given[one] !== undefined && given[other] !== undefined) context.addIssue(`parameters are mutually exclusive: ${one}|${other}`);
    if (given.backrefs && given.search_string !== undefined) context.addIssue('parameters are mutually exclusive: backrefs|search_string');
    if (given.state === 'present' && given.backrefs && given.regexp === undefined)
      context.addIssue('regexp is required with backrefs=true');
    if (given.state === 'present' && given.line === undefined) context.addIssue('line is required with state=present');
    if (given.state === 'absent' && given.regexp === undefined && given.search_string === undefined && given.line === undefined)
      context.addIssue('one of line, search_string, or regexp is required with state=absent');
  });
type Args = z.output<typeof args>;

/** Lines with their ends, which are newlines only. */
const linesOf = (bytes: Buffer | undefined): string[] => (bytes ? (byteText(bytes).match(/[^\n]*\n|[^\n]+/g) ?? []) : []);
const bare = (line: string): string => line.replace(/[\r\n]+$/, '');
const regex = (pattern: string): RegExp => pythonRegex(byteText(pattern), { ascii: true });

/** Index of the last element, or with `first` of the first, that passes. */
const find = (lines: readonly string[], first: boolean, test: (line: string) => boolean): number =>
  first ? lines.findIndex(test) : lines.findLastIndex(test);

/** The line that regexp or search_string is about, or -1. */
const matched = ({ regexp, search_string, firstmatch }: Args, lines: readonly string[]): number => {
  if (search_string !== undefined) return find(lines, firstmatch, line => line.includes(byteText(search_string)));
  if (regexp === undefined) return -1;
  const pattern = regex(regexp);
  return find(lines, firstmatch, line => pattern.test(line));
};

/** Where the line itself stands, and where insertafter or insertbefore wants it; -1 is nowhere. Each the last, unless firstmatch ends the search. */
const places = (
  { insertafter, insertbefore, firstmatch }: Args,
  lines: readonly string[],
  line: string,
): readonly [same: number, at: number] => {
  const anchor =
    insertafter !== undefined && !['EOF', 'BOF'].includes(insertafter) ? insertafter : insertbefore === 'BOF' ? undefined : insertbefore;
  const pattern = anchor === undefined ? undefined : regex(anchor);
  let [same, at] = [-1, -1];
  for (const [i, current] of lines.entries()) {
    if (bare(current) === line) same = i;
    else if (pattern?.test(current) === true) {
      at = insertafter === undefined ? i : i + 1;
      if (firstmatch) break;
    }
  }
  return [same, at];
};

const present = (given: Args, before: Buffer | undefined): Edited => {
  const lines = linesOf(before);
  const line = byteText(given.line ?? '');
  const done = (msg: string): Edited => ({ after: bytesOf(lines.join('')), msg });
  const add = (at: number): Edited => {
    lines.splice(at, 0, `${line}\n`);
    return done('line added');
  };
  const found = matched(given, lines);
  const [same, at] = found < 0 ? places(given, lines, line) : [-1, -1];
  const index = found < 0 ? same : found;
  if (index >= 0) {
    const old = lines[index] ?? '';
    const expanded = given.backrefs && found >= 0 ? backrefs(given.regexp ?? '', old, line) : line;
    lines[index] = expanded.endsWith('\n') ? expanded : `${expanded}\n`;
    return done('line replaced');
  }
  if (given.backrefs) return done('');
  if (given.insertbefore === 'BOF' || given.insertafter === 'BOF') return add(0);
  if (at < 0 || given.insertafter === 'EOF') {
    if (/[^\n\r]$/.test(lines.at(-1) ?? '')) lines.push('\n');
    return add(lines.length);
  }
  if (given.insertafter === undefined) return add(at);
  // The anchor is the last line and has no end: Ansible joins them, an end is put in here.
  if (at === lines.length && /[^\n]$/.test(lines[at - 1] ?? '')) lines[at - 1] += '\n';
  return add(at);
};
const backrefs = (regexp: string, old: string, line: string): string => {
  const match = regex(regexp).exec(old);
  return match ? expandReplacement(line, match, match.groups ?? {}) : line;
};

const absent = (given: Args, before: Buffer): Edited & { readonly found: number } => {
  const lines = linesOf(before);
  const wanted = byteText(given.line ?? '');
  const search = given.search_string === undefined ? undefined : byteText(given.search_string);
  const pattern = given.regexp === undefined ? undefined : regex(given.regexp);
  const left = lines.filter(line => {
    if (pattern) return !pattern.test(line);
    return search === undefined ? bare(line) !== wanted : !line.includes(search);
  });
  const found = lines.length - left.length;
  return { after: bytesOf(left.join('')), msg: `${found} line(s) removed`, found };
};

const editing =
  (given: Args): Edit =>
  (before, path) => {
    if (given.state === 'absent') return before && absent(given, before);
    if (before === undefined && !given.create) throw new KplayError('E_STATE', `Destination ${path} does not exist !`, { fields: MISSING });
    return present(given, before);
  };
const planned = (given: Args, seen: EditSeen, check: boolean, diff = false): EditPlan =>
  planEdit(given, seen, editing(given), { check, diff });

/** ansible.builtin.lineinfile. */
export const lineinfile = defineModule<EditSeen>()({
  name: 'lineinfile',
  summary: 'Have a line in a file, or not.',
  reach: 'host',
  args,
  aliases: { ...editAliases, regex: 'regexp', value: 'line' },
  contents: ['line'],
  observe: observeEdit,
  analyze: (given, seen, { check, diff }) => planned(given, seen, check, diff).changes,
  act: (given, seen) => [actEdit(given, seen, planned(given, seen, false))],
  leaves: (given, seen) => leftByEdit(given, seen, planned(given, seen, false)),
  result: (given, seen, _changes, outputs) => {
    const [, before] = seen;
    if (given.state === 'absent' && before === undefined) return { msg: 'file not present' };
    const plan = planned(given, seen, outputs === undefined);
    const found = given.state === 'absent' && before ? { found: absent(given, before).found } : {};
    return { msg: plan.msg, backup: backupFrom(given, plan, outputs) ?? '', ...found };
  },
});
