import * as z from 'zod';
import { KplayError } from '../model/errors.ts';
import { expandReplacement, pythonRegex } from '../value/python-regex.ts';
import { optional, str } from './args.ts';
import { definePrepared } from './define.ts';
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

const args = z.strictObject({
  ...editArgs,
  regexp: str.describe('Python regular expression (multiline: ^ and $ are ends of lines); every match is replaced.'),
  replace: str.default('').describe('What matches become; \\1 … and \\g<name> are groups. Unset removes matches.'),
  after: optional(str).describe('Only what follows the first match of this regular expression.'),
  before: optional(str).describe('Only what precedes the first match of this regular expression.'),
  encoding: str.default('utf-8').describe('Encoding of the file: utf-8 or latin-1.'),
});
type Args = z.output<typeof args>;

interface Section {
  readonly start: number;
  readonly end: number;
}
interface Replaced {
  readonly text: string;
  readonly count: number;
}

/** Text in which bytes that are no UTF-8 survive: then every byte is a character, and so are the arguments'. */
interface Codec {
  readonly ascii: boolean;
  read(bytes: Buffer): string;
  argument(text: string): string;
  write(text: string): Buffer;
}
const UTF8: Codec = { ascii: false, read: bytes => bytes.toString(), argument: text => text, write: text => Buffer.from(text) };
const BYTES: Codec = { ascii: true, read: byteText, argument: byteText, write: bytesOf };
const LATIN1: Codec = { ...BYTES, ascii: false, argument: text => text };

const codecOf = (encoding: string, bytes: Buffer): Codec => {
  const name = encoding.toLowerCase().replaceAll('_', '-');
  if (['latin-1', 'latin1', 'iso-8859-1'].includes(name)) return LATIN1;
  if (!['utf-8', 'utf8', 'ascii', 'us-ascii'].includes(name)) throw new KplayError('E_ARGS', `unknown encoding: ${encoding}`);
  return Buffer.from(bytes.toString()).equals(bytes) ? UTF8 : BYTES;
};

/** The part of the text that before and after leave; undefined where they do not match. */
const sectionOf = ({ after = '', before = '' }: Args, text: string, codec: Codec): Section | undefined => {
  if (after === '' && before === '') return { start: 0, end: text.length };
  const found = pythonRegex(codec.argument(sectionPattern(after, before)), { dotAll: true, ascii: codec.ascii });
  const span = new RegExp(found.source, `${found.flags}d`).exec(text)?.indices?.groups?.['subsection'];
  return span && { start: span[0], end: span[1] };
};
const sectionPattern = (after: string, before: string): string => `${after}(?P<subsection>.*${after && before ? '?' : ''})${before}`;

const replaced = (given: Args, text: string, codec: Codec): Replaced => {
  const pattern = pythonRegex(codec.argument(given.regexp), { multiline: true, ascii: codec.ascii }, { global: true });
  const replacement = codec.argument(given.replace);
  let count = 0;
  const result = text.replace(pattern, (...match: unknown[]) => {
    count++;
    const named = match.at(-1);
    const groups = typeof named === 'object' ? (named as Record<string, string>) : {};
    const captures = match.slice(
      0,
      match.findIndex(part => typeof part === 'number'),
    ) as (string | undefined)[];
    return expandReplacement(replacement, captures, groups);
  });
  return { text: result, count };
};

/** Python reads a replacement before it looks for anything to replace. */
const checkReplacement = ({ regexp, replace: replacement }: Args): void => {
  const { source, flags } = pythonRegex(regexp, { multiline: true });
  const unmatched = new RegExp(`${source}|`, flags).exec('') ?? [];
  try {
    expandReplacement(replacement, [...unmatched], ('groups' in unmatched && unmatched.groups) || {});
  } catch (error) {
    if (!(error instanceof KplayError)) throw error;
    throw new KplayError('E_ARGS', `Unable to process replace due to error: ${error.message}`, { cause: error });
  }
};

const noSection = ({ after = '', before = '' }: Args): string =>
  `Pattern for before/after params did not match the given file: ${sectionPattern(after, before)}`;

/** Undefined where before and after do not match: then not even attributes are set. */
const editing =
  (given: Args): Edit =>
  (bytes, path) => {
    if (bytes === undefined) throw new KplayError('E_STATE', `Path ${path} does not exist !`, { fields: MISSING });
    const codec = codecOf(given.encoding, bytes);
    const text = codec.read(bytes);
    const section = sectionOf(given, text, codec);
    if (section === undefined) return undefined;
    const { text: inside, count } = replaced(given, text.slice(section.start, section.end), codec);
    return { after: codec.write(text.slice(0, section.start) + inside + text.slice(section.end)), msg: `${count} replacements made` };
  };
const planned = (given: Args, seen: EditSeen, check: boolean, diff = false): EditPlan =>
  planEdit(given, seen, editing(given), { check, diff });

/** ansible.builtin.replace. */
export const replace = definePrepared<EditSeen, Args>()({
  name: 'replace',
  summary: 'Replace all that matches a regular expression in a file.',
  reach: 'host',
  args,
  aliases: editAliases,
  prepare: given => {
    checkReplacement(given);
    return given;
  },
  observe: observeEdit,
  analyze: (given, seen, { check, diff }) => planned(given, seen, check, diff).changes,
  act: (given, seen) => [actEdit(given, seen, planned(given, seen, false))],
  leaves: (given, seen) => leftByEdit(given, seen, planned(given, seen, false)),
  result: (given, seen, _changes, outputs) => {
    const [at, before] = seen;
    if (before && editing(given)(before, at.path) === undefined) return { msg: noSection(given), rc: 0 };
    const plan = planned(given, seen, outputs === undefined);
    const backup = backupFrom(given, plan, outputs);
    return { msg: plan.msg, rc: 0, ...(backup !== undefined && { backup_file: backup }) };
  },
});
