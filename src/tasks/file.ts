import { posix } from 'node:path';
import * as z from 'zod';
import type { Fields } from '../model/module.ts';
import { empty } from '../probes/empty.ts';
import { under } from '../probes/path.ts';
import { stat } from '../probes/stat.ts';
import { below, tree } from '../probes/tree.ts';
import { bool, choice, optional, path, str } from './args.ts';
import { accounts, attributeArgs, nodeFields, reported } from './attributes.ts';
import { defineModule } from './define.ts';
import { actState, type FileSeen, planState, type StateArgs } from './states.ts';
import { readTime, timeProbe } from './times.ts';

const NO_TARGET = 'Cannot set fs attributes on a non-existent symlink target. follow should be set to False to avoid this.';
const TIME_FORMAT = '%Y%m%d%H%M.%S';
const args = z.strictObject({
  path: path.describe('The file to manage.'),
  state: optional(choice('absent', 'directory', 'file', 'hard', 'link', 'touch')).describe(
    'What is to be at the path. Unset keeps what is there; `file` where nothing is, `directory` with recurse.',
  ),
  src: optional(path).describe('What a link leads to; only with state link or hard. A symlink may be relative to its own directory.'),
  recurse: bool.default(false).describe('Set the attributes of everything below a directory too.'),
  force: bool.default(false).describe('Make links that lead nowhere, and replace files and empty directories by links.'),
  follow: bool.default(true).describe('Work on what a symlink leads to.'),
  modification_time: optional(str).describe('`preserve`, `now`, or a time; touch sets it to now, everything else preserves it.'),
  modification_time_format: str.default(TIME_FORMAT).describe('strptime(3) format of modification_time.'),
  access_time: optional(str).describe('`preserve`, `now`, or a time.'),
  access_time_format: str.default(TIME_FORMAT).describe('strptime(3) format of access_time.'),
  ...attributeArgs,
});
type Args = z.output<typeof args>;

const timesOf = ({ state, ...times }: Args) => {
  const unset = state === 'touch' ? 'now' : 'preserve';
  return {
    mtime: readTime(times.modification_time ?? unset, times.modification_time_format),
    atime: readTime(times.access_time ?? unset, times.access_time_format),
  };
};
const stateArgs = (given: Args): StateArgs => ({ ...given, times: timesOf(given) });

/** What a link's `src` names: relative to the link's directory for symlinks, to the working directory for hard links. */
const sourceSubject = ({ path: at, src, state }: Args): string | undefined => {
  if (src === undefined || state !== 'link' || /^[/~$]/.test(src)) return src;
  const folder = posix.dirname(at);
  return folder === '/' ? `/${src}` : under(folder, `/${src}`);
};

/** ansible.builtin.file: what is at a path, and its attributes. */
export const file = defineModule<FileSeen>()({
  name: 'file',
  summary: 'Manage files, directories, links and their attributes.',
  reach: 'host',
  args,
  aliases: { dest: 'path', name: 'path' },

  observe: given => {
    const source = sourceSubject(given);
    const { mtime, atime } = timesOf(given);
    const within = given.src !== undefined && given.state !== 'link' && given.state !== 'absent';
    const inside = within ? under(given.path, `/${posix.basename(given.src ?? '')}`) : undefined;
    return [
      { kind: stat, subject: given.path },
      ...accounts(given),
      inside === undefined ? undefined : { kind: stat, subject: inside },
      source === undefined ? undefined : { kind: stat, subject: source },
      given.state === 'link' && given.force ? { kind: empty, subject: given.path } : undefined,
      timeProbe(mtime),
      timeProbe(atime),
      given.recurse ? { kind: tree, subject: below(given.path, given.follow ? 'F' : 'P') } : undefined,
    ];
  },

  analyze: (given, seen, mode) => planState(stateArgs(given), seen, mode).changes,

  act: (given, seen, _changes, isRead) => [
    actState(stateArgs(given), planState(stateArgs(given), seen, { check: false, diff: false }), isRead),
  ],

  result: (given, seen, _changes, outputs): Fields => {
    const done = planState(stateArgs(given), seen, { check: true, diff: false });
    const named: Fields = done.names === 'dest' ? { dest: done.path } : { path: done.path };
    const source: Fields = done.source === undefined ? {} : { src: done.source };
    if (done.state === 'absent') return { ...named, state: 'absent' };
    if (done.dangling === true) return { ...named, ...source, ...(given.follow && outputs && { warnings: [NO_TARGET] }) };
    const node = outputs ? reported(outputs.at(-1)?.stdout ?? Buffer.alloc(0)) : done.node;
    return { ...named, ...source, ...nodeFields(node) };
  },
});
