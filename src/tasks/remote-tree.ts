import { basename } from 'node:path/posix';
import type { Change, Changes, Fields, Output, Step } from '../model/module.ts';
import type { Probes } from '../model/probe.ts';
import { between, type Difference, difference } from '../probes/difference.ts';
import { under } from '../probes/path.ts';
import { type Node, type Stat, stat } from '../probes/stat.ts';
import { sh } from '../shell/sh.ts';
import {
  attributeChanges,
  type Attributes,
  fresh,
  type Ids,
  nodeFields,
  pathFields,
  report,
  reported,
  type Setting,
  setting,
  settle,
} from './attributes.ts';

/** A directory of the host that is copied to another: only what differs, with its own permissions. */
export interface TreeCopy extends Attributes {
  readonly src: string;
  readonly dest: string;
  /** Copy what symlinks lead to. */
  readonly local_follow?: boolean | undefined;
}
type Differences = readonly Difference[] | undefined;
/** As if dest were the copy, and as if the copy went into dest. */
export type TreeSeen = readonly [at: Stat, inside: Stat | undefined, outer: Differences, inner: Differences];
export interface Sights {
  readonly from: Stat;
  readonly ids: Ids;
  readonly seen: TreeSeen;
}

const nameOf = ({ src }: TreeCopy): string => (src.endsWith('/') ? '' : basename(src));

export const observeTree = (copy: TreeCopy): Probes<TreeSeen> => {
  const { src, dest, local_follow, owner, group } = copy;
  const name = nameOf(copy);
  const inner = name === '' ? undefined : under(dest, `${dest.endsWith('/') ? '' : '/'}${name}`);
  const compare = (to: string) => ({ kind: difference, subject: between(src, to, local_follow ?? false, owner, group) });
  return [
    { kind: stat, subject: dest },
    inner === undefined ? undefined : { kind: stat, subject: inner },
    compare(dest),
    inner === undefined ? undefined : compare(inner),
  ];
};

interface Plan {
  /** What the result names and the mode is for. */
  readonly dest: string;
  readonly node?: Node | undefined;
  /** Where the content goes; unset bits: it is there. */
  readonly into: string;
  readonly bits?: number | undefined;
  readonly differences: readonly Difference[];
  readonly set: Setting;
  readonly changes: Changes;
}

const plan = (copy: TreeCopy, { from, ids, seen }: Sights): Plan => {
  const [at, inside, outer, inner] = seen;
  const there = inside ?? at;
  // Ansible names the directory that was there or made first.
  const named = inside && at.target ? inside : at;
  const differences = (inside ? inner : outer) ?? [];
  const made = fresh('directory', at.umask);
  const set = setting(copy, ids, named.target ?? made, at.umask, pathFields(named.path, named.target));
  const changes: readonly Change[] = [
    ...(there.target ? [] : [{ path: there.path, key: 'state', before: 'absent', after: 'directory' }]),
    ...differences.map(({ type, path }) => ({
      path: `${there.path}/${path}`,
      key: type === 'owner' ? 'owner' : 'copy',
      before: null,
      after: owned(copy, type),
    })),
    ...attributeChanges(copy, set, named.target),
  ];
  const own = inside && !at.target ? made.bits : from.target?.bits;
  const dest = inside === undefined && at.target ? `${at.path.replace(/\/$/, '')}/` : named.path;
  return { dest, node: named.target, into: there.path, bits: there.target ? undefined : own, differences, set, changes };
};
const owned = ({ owner, group }: TreeCopy, type: Difference['type']): string => (type === 'owner' ? `${owner ?? ''}:${group ?? ''}` : type);

export const analyzeTree = (copy: TreeCopy, sights: Sights): Changes => plan(copy, sights).changes;

/** `place BITS PATH` and `link PATH` copy from $s to $d; nothing is more readable than it will be. */
const PROGRAM = `umask 077
place() { cat -- "$s$2" >"$d$2.kplay.$$" && chmod -- "$1" "$d$2.kplay.$$" && mv -f -- "$d$2.kplay.$$" "$d$2"; }
link() { rm -f -- "$d$1"; cp -P -- "$s$1" "$d$1"; }`;
const octal = (bits: number): string => bits.toString(8).padStart(5, '0');

const copying = ({ type, path, bits }: Difference): string => {
  if (type === 'directory') return sh`mkdir -p -- "$d"${path}`;
  if (type === 'link') return sh`link ${path}`;
  return type === 'file' ? sh`place ${octal(bits)} ${path}` : '';
};

export const actTree = (copy: TreeCopy, sights: Sights): readonly Step[] => {
  const { dest, into, bits, differences, set } = plan(copy, sights);
  const folders = differences.filter(({ type }) => type === 'directory');
  const lines = [
    'set -e',
    sh`s=${sights.from.path} d=${into}`,
    's=${s%/}/ d=${d%/}/',
    'mkdir -p -- "$d"',
    PROGRAM,
    ...differences.map(copying),
    // From the deepest up: a directory may close behind us.
    ...folders.toReversed().map(folder => sh`chmod -- ${octal(folder.bits)} "$d"${folder.path}`),
    bits === undefined ? '' : sh`chmod -- ${octal(bits)} "$d"`,
    set.uid === undefined ? '' : sh`chown -R -h -- ${set.uid} "$d"`,
    set.gid === undefined ? '' : sh`chgrp -R -h -- ${set.gid} "$d"`,
    settle(dest, set),
    report(dest),
  ];
  return [{ script: lines.filter(Boolean).join('\n') }];
};

export const resultOfTree = (copy: TreeCopy, sights: Sights, outputs: readonly Output[] | undefined): Fields => {
  const { dest, node } = plan(copy, sights);
  const now = outputs ? reported(outputs.at(-1)?.stdout ?? Buffer.alloc(0)) : node;
  return { dest, src: sights.from.path, md5sum: null, checksum: null, ...nodeFields(now) };
};
