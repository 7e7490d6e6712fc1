import { posix } from 'node:path';
import { KplayError } from '../model/errors.ts';
import type { Change, Changes, Fields, Mode, Step } from '../model/module.ts';
import type { Node, Stat } from '../probes/stat.ts';
import type { Tree } from '../probes/tree.ts';
import { raw, sh } from '../shell/sh.ts';
import {
  attributeChanges,
  type Attributes,
  followed,
  fresh,
  type Ids,
  makeDirectories,
  nodeFields,
  pathFields,
  report,
  type Setting,
  setting,
  settle,
  type State,
  stateOf,
} from './attributes.ts';
import { type Stray, settleAll, strays } from './recurse.ts';
import { timeChanges, type Times, touch } from './times.ts';

/** The file module's arguments once its times are read. */
export interface StateArgs extends Attributes {
  readonly path: string;
  readonly state?: 'absent' | 'directory' | 'file' | 'hard' | 'link' | 'touch' | undefined;
  readonly src?: string | undefined;
  readonly recurse: boolean;
  readonly force: boolean;
  readonly follow: boolean;
  readonly times: Times;
}
export type FileSeen = readonly [
  at: Stat,
  ...ids: Ids,
  inside: Stat | undefined,
  source: Stat | undefined,
  empty: boolean | undefined,
  mtime: number | undefined,
  atime: number | undefined,
  below: Tree | undefined,
];

/** What is to be done, and what the result calls things. */
export interface StatePlan {
  readonly state: 'absent' | 'directory' | 'file' | 'hard' | 'link' | 'touch';
  readonly path: string;
  readonly names: 'path' | 'dest';
  /** What a link leads to, and the path that a hard link is made from. */
  readonly source?: string | undefined;
  readonly from?: string | undefined;
  /** What is at `path`. */
  readonly node?: Node | undefined;
  /** Where the attributes go; a followed symlink's target. Unset: a target that does not exist has none. */
  readonly settle?: { readonly path: string; readonly node?: Node | undefined } | undefined;
  /** A symlink that will lead nowhere. */
  readonly dangling?: boolean;
  readonly make?: 'directory' | 'file' | 'link' | 'hard' | 'nothing' | undefined;
  readonly set: Setting;
  readonly retime: boolean;
  readonly strays: readonly Stray[];
  readonly changes: Changes;
}
type Wish = Pick<StatePlan, 'state' | 'path' | 'names' | 'source' | 'from' | 'node' | 'settle' | 'make' | 'dangling'> & {
  readonly changes?: Changes;
};

/** Decides as ansible-core's file module does. Fails with E_STATE where that refuses, with its messages. */
export const planState = (given: StateArgs, seen: FileSeen, mode: Mode): StatePlan => {
  const [first, uid, gid, inside, , , mtime, atime, below] = seen;
  const at = inside && first.target?.type === 'directory' ? inside : first;
  const previous = stateOf(at.node);
  const state = given.state ?? (previous === 'absent' ? (given.recurse ? 'directory' : 'file') : previous);
  const fields = toldOf(at);
  if (given.recurse && state !== 'directory') throw new KplayError('E_ARGS', "recurse option requires state to be 'directory'", { fields });
  if (given.src !== undefined && state !== 'link' && state !== 'hard')
    throw new KplayError('E_ARGS', "src option requires state to be 'link' or 'hard'", { fields });

  const wish = WISHES[state](given, at, seen, mode);
  const target = wish.settle;
  const ids: Ids = [uid, gid];
  const stamps = [mtime, atime] as const;
  if (state === 'absent' || target === undefined)
    return { ...wish, state, set: {}, retime: false, strays: [], changes: wish.changes ?? [] };
  const basis = target.node ?? (wish.make === 'link' ? NEW_LINK : fresh(wish.make === 'directory' ? 'directory' : 'file', at.umask));
  const want = mode.check && target.node === undefined ? { mode: given.mode } : given;
  const set = setting(want, ids, basis, at.umask, pathFields(target.path, target.node));
  const stamped = timeChanges(given.times, stamps, target.node);
  const found =
    wish.make === undefined && below
      ? strays(below.entries, { want: given, ids, umask: at.umask, times: given.times, stamps, follow: given.follow })
      : [];
  const changes = [...(wish.changes ?? []), ...attributeChanges(given, set, target.node), ...stamped, ...found.flatMap(one => one.changes)];
  return { ...wish, state, set, retime: stamped.length > 0, strays: found, changes };
};

const NEW_LINK: Pick<Node, 'bits' | 'type'> = { type: 'link', bits: 0o777 };

type Decide = (given: StateArgs, at: Stat, seen: FileSeen, mode: Mode) => Wish;

/** Of a symlink that leads nowhere, Ansible tells no more than its path. */
const toldOf = ({ path, node, target }: Stat): Fields => pathFields(path, target && node);

const becomes = (before: State, after: string): Change => ({ key: 'state', before, after });

const absent: Decide = (_given, at) => {
  const previous = stateOf(at.node);
  const gone = previous === 'absent';
  if (/^\/+$/.test(at.path)) throw new KplayError('E_STATE', 'refusing to remove the root directory');
  return {
    state: 'absent',
    path: at.path,
    names: 'path',
    node: at.node,
    make: gone ? undefined : 'nothing',
    changes: gone ? [] : [becomes(previous, 'absent')],
  };
};

const regular: Decide = (given, at) => {
  const { path, node } = followed(at, given.follow);
  const previous = stateOf(node);
  if (previous !== 'file' && previous !== 'hard')
    throw new KplayError('E_STATE', `file (${path}) is ${previous}, cannot continue`, {
      fields: { state: previous, ...pathFields(path, node) },
      ...(previous === 'absent' && { hint: 'state: file does not create; use state: touch, or copy' }),
    });
  return { state: 'file', path, names: 'path', node, settle: { path, node } };
};

const directory: Decide = (given, at) => {
  const { path, node } = followed(at, given.follow);
  const previous = stateOf(node);
  if (previous !== 'absent' && previous !== 'directory')
    throw new KplayError('E_STATE', `${path} already exists as a ${previous}`, { fields: pathFields(path, node) });
  if (node) return { state: 'directory', path, names: 'path', node, settle: { path, node } };
  return { state: 'directory', path, names: 'path', settle: { path }, make: 'directory', changes: [becomes('absent', 'directory')] };
};

const touched: Decide = (given, at, _seen, mode) => {
  const { path, node } = followed(at, given.follow);
  if (node === undefined && at.parent === undefined && !mode.check)
    throw new KplayError('E_STATE', `Error, could not touch target: [Errno 2] No such file or directory: b'${at.path}'`, {
      fields: toldOf(at),
    });
  const common = { state: 'touch', path: at.path, names: 'dest', node: at.node, settle: { path, node } } as const;
  return node ? common : { ...common, make: 'file', changes: [becomes('absent', 'file')] };
};

const link: Decide = (given, at, [, , , , source, empty]) => {
  const { path, node } = at;
  const previous = stateOf(node);
  const src = linkText(given, at, source);
  if (!given.force && given.src !== undefined && source?.target === undefined)
    throw new KplayError(
      'E_STATE',
      `src file does not exist, use "force=yes" if you really want to create the link: ${source?.path ?? src}`,
      { fields: { src: src ?? null, ...toldOf(at) } },
    );
  if (previous !== 'absent' && previous !== 'link') {
    if (!given.force)
      throw new KplayError('E_STATE', `refusing to convert from ${previous} to symlink for ${path}`, { fields: toldOf(at) });
    if (previous === 'directory' && empty !== true)
      throw new KplayError('E_STATE', `the directory ${path} is not empty, refusing to convert it`, { fields: toldOf(at) });
  }
  if (previous !== 'link' && src === undefined) throw new KplayError('E_STATE', 'src is required for creating new symlinks');

  const same = previous === 'link' && (src === undefined || src === at.linkTo);
  const end = same ? at.target : source?.target;
  const real = same ? (at.realPath ?? path) : (source?.realPath ?? source?.path ?? path);
  const settled = given.follow ? end && { path: real, node: end } : { path, node: same ? node : undefined };
  const wish = { state: 'link', path, names: 'dest', source: src, node, settle: settled, dangling: end === undefined } as const;
  if (same) return wish;
  const changes: Change[] = previous === 'link' ? [] : [becomes(previous, 'link')];
  return { ...wish, make: 'link', changes: [...changes, { key: 'src', before: at.linkTo ?? null, after: src ?? null }] };
};
/** What the link is to hold; `~` and variables were expanded where the source was looked at. */
const linkText = ({ src, follow }: StateArgs, at: Stat, source: Stat | undefined): string | undefined => {
  if (src === undefined) return follow && at.target ? at.linkTo : undefined;
  return /^[~$]/.test(src) ? (source?.path ?? src) : src;
};

const hard: Decide = (given, at, [, , , , source]) => {
  const { path, node } = at;
  const fields: Fields = { dest: path, src: source?.path ?? null, ...(at.target && nodeFields(node)) };
  const previous = stateOf(node);
  if (previous !== 'hard' && given.src === undefined) throw new KplayError('E_STATE', 'src is required for creating new hardlinks');
  if (given.src !== undefined && source?.target === undefined) throw new KplayError('E_STATE', 'src does not exist', { fields });
  const from = given.follow ? (source?.realPath ?? source?.path) : source?.path;
  const wish = { state: 'hard', path, names: 'dest', source: source?.path, from, node } as const;
  const linked = source?.target && node?.inode === source.target.inode && node.dev === source.target.dev;
  if (linked || given.src === undefined) return { ...wish, settle: { path, node } };
  if (!given.force && previous !== 'absent' && previous !== 'link')
    throw new KplayError(
      'E_STATE',
      previous === 'file' ? `Cannot link, ${previous} exists at destination` : 'Cannot link, different hard link exists at destination',
      { fields },
    );
  return { ...wish, settle: { path, node: source?.target }, make: 'hard', changes: [becomes(previous, 'hard')] };
};

const WISHES: Readonly<Record<StatePlan['state'], Decide>> = { absent, directory, file: regular, hard, link, touch: touched };

/** One step; where it is read it prints what `report` prints. */
export const actState = ({ times }: StateArgs, done: StatePlan, isRead: boolean): Step => {
  const { path, set, settle: target } = done;
  if (done.make === 'nothing') return { script: sh`rm -rf -- ${path}` };
  const made = make(done);
  const settled = target && done.make !== 'directory' ? settle(target.path, set) : '';
  const lines = [
    'set -e',
    made,
    settled,
    target && done.retime ? touch(target.path, times) : '',
    settleAll(done.strays, times),
    isRead ? report(path) : '',
  ];
  return { script: lines.filter(Boolean).join('\n') };
};

const make = ({ make: what, path, source, from = source ?? '', node, set }: StatePlan): string => {
  if (what === 'directory') return makeDirectories(path, set);
  if (what === 'file') return sh`(set -C; : >${path})`;
  if (what !== 'link' && what !== 'hard') return '';
  const ln = what === 'link' ? 'ln -s' : 'ln';
  if (node === undefined) return sh`${raw(ln)} -- ${from} ${path}`;
  // Made beside it and renamed over it. Without -T, mv would go into a directory that the old link leads to.
  return sh`${raw(node.type === 'directory' ? sh`rmdir -- ${path}` : '')}
tmp=$(mktemp -d -- ${posix.dirname(path)}/.kplay.XXXXXX)
trap 'rm -rf -- "$tmp"' EXIT
${raw(ln)} -- ${from} "$tmp/new"
mv -fT -- "$tmp/new" ${path} 2>/dev/null || { rm -f -- ${path}; mv -f -- "$tmp/new" ${path}; }`;
};
