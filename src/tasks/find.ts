import { basename, dirname } from 'node:path/posix';
import * as z from 'zod';
import { KplayError } from '../model/errors.ts';
import type { ActionContext, Fields } from '../model/module.ts';
import type { Probe } from '../model/probe.ts';
import { content } from '../probes/content.ts';
import { digests } from '../probes/digest.ts';
import { literal } from '../probes/path.ts';
import type { Node } from '../probes/stat.ts';
import { clock } from '../probes/time.ts';
import { below, type Entry, type Tree, tree } from '../probes/tree.ts';
import { pythonRegex } from '../value/python-regex.ts';
import { bool, choice, int, list, listOf, mode, optional, path, str } from './args.ts';
import { defineAction } from './define.ts';
import { permissions } from './mode.ts';
import { statInfo } from './statinfo.ts';

const args = z.strictObject({
  paths: listOf(path).describe('Directories to look in.'),
  patterns: list.default([]).describe('Globs of names, or regular expressions with use_regex. Unset: all names.'),
  excludes: optional(list).describe('Globs or regular expressions of names to leave out.'),
  use_regex: bool.default(false).describe('Patterns are Python regular expressions that match from the start of the name.'),
  contains: optional(str).describe('Python regular expression that a line of the file matches from its start. Files only.'),
  read_whole_file: bool.default(false).describe('contains is looked for in the whole file.'),
  file_type: choice('any', 'directory', 'file', 'link').default('file').describe('What to find.'),
  age: optional(str).describe('At least as old as this: 30, 2d, 1w; at most, if negative. Units s, m, h, d, w.'),
  age_stamp: choice('atime', 'ctime', 'mtime').default('mtime').describe('The time that age is about.'),
  size: optional(str).describe('At least as big as this: 10k, 1g; at most, if negative. Units b, k, m, g, t.'),
  recurse: bool.default(false).describe('Look in directories below too.'),
  depth: optional(int).describe('How many levels to go down with recurse.'),
  hidden: bool.default(false).describe('Find names that begin with a dot too.'),
  follow: bool.default(false).describe('Go through symlinks that lead to directories.'),
  get_checksum: bool.default(false).describe('Tell the SHA-1 of files.'),
  mode: optional(mode).describe('Permissions, octal or symbolic.'),
  exact_mode: bool.default(true).describe('If false, any of the permissions will do.'),
  encoding: optional(str).describe('Encoding of files for contains: utf-8.'),
  limit: optional(int).describe('Stop after so many.'),
});
type Args = z.output<typeof args>;

const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };
const BYTES: Readonly<Record<string, number>> = { b: 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3, t: 1024 ** 4 };

const measure = (what: string, text: string | undefined, units: Readonly<Record<string, number>>): number | undefined => {
  if (text === undefined) return undefined;
  const [, number = '', unit = ''] = /^(-?\d+)([a-z])?$/.exec(text.toLowerCase()) ?? [];
  const factor = unit === '' ? 1 : units[unit];
  if (number === '' || factor === undefined)
    throw new KplayError('E_ARGS', `failed to process ${what}`, { detail: text, fields: { [what]: text } });
  return Number(number) * factor;
};
/** At least, or at most where the limit is negative. */
const within = (value: number, limit: number | undefined): boolean =>
  limit === undefined || (limit >= 0 ? value >= limit : value <= Math.abs(limit));

/** Python's fnmatch. */
const globPattern = (glob: string): RegExp => {
  const source = glob.replace(/\*|\?|\[(!?)(\]?[^\]]*)\]|[^]/g, (piece, not?: string, members?: string) => {
    if (piece === '*') return '[^]*';
    if (piece === '?') return '[^]';
    if (members !== undefined) return `[${not === '!' ? '^' : ''}${members.replace(/[\\[\]^]/g, '\\$&')}]`;
    return piece.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
  });
  return new RegExp(`^${source}$`);
};
const nameTest = ({ patterns, excludes, use_regex }: Args): ((name: string) => boolean) => {
  const tests = (texts: readonly string[]) =>
    texts.map((text): ((name: string) => boolean) => {
      const pattern = use_regex ? pythonRegex(text) : globPattern(text);
      return name => pattern.exec(name)?.index === 0;
    });
  const wanted = tests(patterns.length === 0 ? [use_regex ? '.*' : '*'] : patterns);
  const unwanted = tests(excludes ?? []);
  return name => wanted.some(test => test(name)) && !unwanted.some(test => test(name));
};

const modeTest = ({ mode: wanted = '', exact_mode }: Args): ((node: Node) => boolean) => {
  if (wanted === '') return () => true;
  const bits = permissions(wanted, { bits: 0, directory: false, umask: 0 });
  return node => (exact_mode ? node.bits === bits : (node.bits & bits) > 0);
};

/** Entries in the order of Python's os.walk: of each directory what is no directory, then directories, then what is in those. */
const inWalkOrder = (entries: readonly Entry[]): readonly (readonly Entry[])[] => {
  const folders = Map.groupBy(entries, entry => dirname(entry.path));
  const inOrder: (readonly Entry[])[] = [];
  const visit = (folder: readonly Entry[]): void => {
    const isFolder = ({ path: at, node }: Entry): boolean => node.type === 'directory' || folders.has(at);
    const inner = folder.filter(isFolder);
    inOrder.push([...folder.filter(entry => !isFolder(entry)), ...inner]);
    for (const { path: at } of inner) {
      const next = folders.get(at);
      if (next) visit(next);
    }
  };
  const [top] = folders.values();
  if (top) visit(top);
  return inOrder;
};

interface Found {
  readonly entries: readonly Entry[];
  readonly examined: number;
  /** The limit was reached: whatever is further down was not looked at. */
  readonly full: boolean;
}

/** Everything but what is in the files. */
const outwardTest = (given: Args, now: number): ((entry: Entry) => boolean) => {
  const [age, size] = [measure('age', given.age, SECONDS), measure('size', given.size, BYTES)];
  const [named, moded] = [nameTest(given), modeTest(given)];
  const typed = ({ type }: Node): boolean => given.file_type === 'any' || type === given.file_type;
  const sized = (node: Node): boolean => node.type !== 'file' || within(node.sizeBytes, size);
  return ({ path: at, node }) =>
    (given.hidden || !basename(at).startsWith('.')) &&
    typed(node) &&
    named(basename(at)) &&
    within(now - node[given.age_stamp], age) &&
    sized(node) &&
    moded(node);
};

/** A file that is no UTF-8 ends the search below its path, as in Ansible. */
const holds = ({ contains = '', read_whole_file }: Args, at: string, bytes: Buffer): boolean => {
  const text = bytes.toString();
  if (!Buffer.from(text).equals(bytes)) throw new KplayError('E_STATE', `Failed to read the file ${at} due to an encoding error.`);
  const pattern = pythonRegex(contains);
  if (read_whole_file) return pattern.test(text);
  return (text.match(/[^\n]*\n|[^\n]+/g) ?? []).some(line => pattern.exec(line)?.index === 0);
};

const looks = <Seen>(entries: readonly Entry[], kind: Probe<Seen>['kind']): readonly Probe<Seen>[] =>
  entries.map(({ path: at }) => ({ kind, subject: literal(at) }));

/** Folder by folder until the limit. A folder just below the depth is still counted, as in Ansible. */
const searchOne = async (
  given: Args,
  root: string,
  entries: readonly Entry[],
  now: number,
  left: number,
  context: ActionContext,
): Promise<Found> => {
  const passes = outwardTest(given, now);
  const deepest = given.recurse && given.depth ? levels(root) + given.depth : Number.POSITIVE_INFINITY;
  const wanted = entries.filter(entry => levels(entry.path) <= deepest && passes(entry));
  const inside = given.contains !== undefined && given.file_type === 'file';
  const contents = inside ? await context.observe<readonly (Buffer | undefined)[]>(looks(wanted, content)) : [];
  const held = new Set(wanted.filter(({ path: at }, i) => !inside || holds(given, at, contents[i] ?? Buffer.alloc(0))));
  const found: Entry[] = [];
  let examined = 0;
  for (const folder of inWalkOrder(entries)) {
    examined += folder.length;
    found.push(...folder.filter(entry => held.has(entry)));
    if (found.length >= left) return { entries: found.slice(0, left), examined, full: true };
  }
  return { entries: found, examined, full: false };
};
const levels = (at: string): number => at.replace(/\/+$/, '').split('/').length;

/** ansible.builtin.find. */
export const find = defineAction({
  name: 'find',
  summary: 'Find files by name, age, size, content and more.',
  args,
  aliases: { name: 'paths', path: 'paths', pattern: 'patterns', exclude: 'excludes' },
  async run(given, context) {
    const { paths, recurse, depth, follow, limit = Number.POSITIVE_INFINITY } = given;
    if (limit <= 0) throw new KplayError('E_ARGS', `limit cannot be ${limit} (use None for unlimited)`);
    const deep = recurse ? depth && depth + 1 : 1;
    const trees = await context.observe<readonly (Tree | undefined)[]>(
      paths.map(at => ({ kind: tree, subject: below(at, follow ? 'L' : 'P', deep) })),
    );
    const [now] = given.age === undefined ? [0] : await context.observe<[number]>([{ kind: clock, subject: '' }]);
    const skipped: Record<string, string> = {};
    const all = { entries: [] as Entry[], examined: 0, full: false };
    for (const [i, seen] of trees.entries()) {
      const at = paths[i] ?? '';
      try {
        if (seen === undefined) throw new KplayError('E_STATE', `'${at}' is not a directory`);
        const found = await searchOne(given, seen.root, seen.entries, now, limit - all.entries.length, context);
        all.entries.push(...found.entries);
        all.examined += found.examined;
        all.full ||= found.full;
      } catch (error) {
        if (!(error instanceof KplayError) || error.code !== 'E_STATE') throw error;
        skipped[at] = error.message;
      }
    }
    return report(all, skipped, await checksums(given, all.entries, context));
  },
});

const checksums = async (
  { get_checksum, file_type }: Args,
  files: readonly Entry[],
  { observe }: ActionContext,
): Promise<ReadonlyMap<string, string>> => {
  const regular = get_checksum && (file_type === 'any' || file_type === 'file') ? files.filter(({ node }) => node.type === 'file') : [];
  const sums = await observe<readonly (string | undefined)[]>(looks(regular, digests.sha1));
  return new Map(regular.map(({ path: at }, i) => [at, sums[i] ?? '']));
};

const report = (
  { entries, examined, full }: Found,
  skipped: Readonly<Record<string, string>>,
  sums: ReadonlyMap<string, string>,
): Fields => {
  const warnings = Object.entries(skipped).map(([at, why]) => `Skipped '${at}' path due to this access issue: ${why}\n`);
  const msg = full ? 'Limit of matches reached' : 'All paths examined';
  return {
    changed: false,
    files: entries.map(({ path: at, node }) => {
      const sum = sums.get(at);
      const names = {
        pw_name: node.owner === String(node.uid) ? '' : node.owner,
        gr_name: node.group === String(node.gid) ? '' : node.group,
      };
      return { path: at, ...statInfo(node), ...names, ...(sum !== undefined && { checksum: sum }) };
    }),
    matched: entries.length,
    examined,
    msg: warnings.length > 0 ? 'Not all paths examined, check warnings for details' : msg,
    skipped_paths: skipped,
    ...(warnings.length > 0 && { warnings }),
  };
};
