import { dirname, isAbsolute, join } from 'node:path/posix';
import type { ProbeKind } from '../model/probe.ts';
import { KplayError } from '../model/errors.ts';
import { kept } from '../shell/kept.ts';
import { calls, LINES } from './path.ts';

export type NodeType = 'file' | 'directory' | 'link' | 'character' | 'block' | 'fifo' | 'socket';

/** One inode as stat(2) tells it. Times are seconds since the epoch with a fraction. */
export interface Node {
  readonly type: NodeType;
  /** Permission bits with setuid, setgid and sticky. */
  readonly bits: number;
  readonly uid: number;
  readonly gid: number;
  /** User's name, or the number where there is no such user. */
  readonly owner: string;
  readonly group: string;
  readonly sizeBytes: number;
  readonly inode: number;
  readonly dev: number;
  readonly nlink: number;
  readonly atime: number;
  readonly mtime: number;
  readonly ctime: number;
  readonly blocks: number;
  readonly blockSize: number;
  readonly deviceType: number;
  /** SELinux's, where it is on: `user:role:type[:level]`. */
  readonly context?: string;
}

/** What access(2) allows the present user. */
export interface Access {
  readonly read: boolean;
  readonly write: boolean;
  readonly execute: boolean;
}

/** A path, looked at without following a last symlink (`node`) and with (`target`). */
export interface Stat {
  /** Expanded: what `~` and variables became. */
  readonly path: string;
  /** lstat(2). Unset: there is nothing there, or no way to see it. */
  readonly node?: Node;
  /** stat(2): the same as `node` but for symlinks. Unset where a link leads nowhere. */
  readonly target?: Node;
  /** Of the target. */
  readonly access: Access;
  /** Symlinks only: what readlink(1) prints, and where it all ends. */
  readonly linkTo?: string;
  readonly realPath?: string;
  /** Of the directory that holds the path. Unset: it does not exist. */
  readonly parent?: Access;
  readonly umask: number;
}

/** For `stat -c`, GNU's and busybox's alike: `parseNode` reads the line. Names come last, they may hold anything. */
export const NODE_FORMAT = '%f %u %g %s %i %d %h %b %B %o %t %T %X %x %Y %y %Z %z|%U|%G';

const TYPES: Readonly<Record<number, NodeType>> = {
  0o01: 'fifo',
  0o02: 'character',
  0o04: 'directory',
  0o06: 'block',
  0o10: 'file',
  0o12: 'link',
  0o14: 'socket',
};
const LINE =
  /^([\da-f]+) (\d+) (\d+) (\d+) (\d+) (\d+) (\d+) (\d+) (\d+) (\d+) ([\da-f]+) ([\da-f]+) ([^|]*)\|([^|]*)\|([^|]*)(?:\|([^|:]+:[^|:]+:[^|]+))?$/;
/** `%X %x`: seconds, then the same time as text with the fraction; old versions of busybox leave the zone out. */
const TIME = /(-?\d+) \d+-\d+-\d+ \d+:\d+:\d+(\.\d+)?(?: [+-]\d+)?/g;

/** A line of `stat -c NODE_FORMAT`; undefined for anything else. */
export const parseNode = (line: string): Node | undefined => {
  const match = LINE.exec(line);
  if (match === null) return undefined;
  const text = (i: number): string => match[i] ?? '';
  const number = (i: number): number => Number(text(i));
  const mode = Number.parseInt(text(1), 16);
  const [atime = 0, mtime = 0, ctime = 0] = [...text(13).matchAll(TIME)].map(([, seconds, fraction = '']) =>
    Number(`${seconds}${fraction}`),
  );
  const [owner, group, context] = [text(14), text(15), text(16)];
  return {
    type: TYPES[mode >> 12] ?? 'file',
    bits: mode & 0o7777,
    uid: number(2),
    gid: number(3),
    owner: owner === 'UNKNOWN' ? text(2) : owner,
    group: group === 'UNKNOWN' ? text(3) : group,
    sizeBytes: number(4),
    inode: number(5),
    dev: number(6),
    nlink: number(7),
    blocks: number(8),
    blockSize: number(10),
    deviceType: Number.parseInt(text(11), 16) * 256 + Number.parseInt(text(12), 16),
    atime,
    mtime,
    ctime,
    ...(context !== '' && { context }),
  };
};

const PROGRAM = kept(`${LINES}
look() {
printf '%s\\0' "$#" "$@"
kplay_k= kplay_t=
for kplay_p do
shift
kplay_f=; kplay_d=.
case $kplay_p in */*) kplay_d=\${kplay_p%/*}; kplay_d=\${kplay_d:-/};; esac
[ -e "$kplay_p" ] && kplay_f=e
[ -L "$kplay_p" ] && kplay_f=\${kplay_f}L
[ -r "$kplay_p" ] && kplay_f=\${kplay_f}r
[ -w "$kplay_p" ] && kplay_f=\${kplay_f}w
[ -x "$kplay_p" ] && kplay_f=\${kplay_f}x
[ -e "$kplay_d" ] && kplay_f=\${kplay_f}E
[ -r "$kplay_d" ] && kplay_f=\${kplay_f}R
[ -w "$kplay_d" ] && kplay_f=\${kplay_f}W
[ -x "$kplay_d" ] && kplay_f=\${kplay_f}X
kplay_t="$kplay_t $kplay_f"
case $kplay_f in
*L*) kplay_k="\${kplay_k}L"; set -- "$@" "$kplay_p";;
*e*) kplay_k="$kplay_k."; set -- "$@" "$kplay_p";;
esac
done
printf '%s\\0' "$kplay_t"
lines node "$@"
printf '\\0'
for kplay_p do
shift
case $kplay_k in L*) set -- "$@" "$kplay_p";; esac
kplay_k=\${kplay_k#?}
done
[ $# -gt 0 ] || return 0
leads '' "$@"
leads f "$@"
lines end "$@"
printf '\\0'
}
leads() {
kplay_o=$1; shift
readlink -z$kplay_o -- "$@" 2>/dev/null || { printf '\\0'; for kplay_p do readlink -n$kplay_o -- "$kplay_p"; printf '\\0'; done; return; }
printf '\\0'
}
kplay_x=; [ -e /sys/fs/selinux/enforce ] && kplay_x='|%C'
node() { exec stat -c "${NODE_FORMAT}$kplay_x" -- "$@"; }
end() { exec stat -Lc "${NODE_FORMAT}$kplay_x" -- "$@"; }
umask; printf '\\0'`);

/**
 * Everything stat(1) tells, one process for all subjects and three for all symlinks (three for each where readlink has no `-z`). Answers in NUL-ended
 * fields: umask; for each chunk of paths how many, expanded, their flags (one field: each write of a host is a packet), the lstat lines of those that
 * exist, and of the links what they say, where each ends, and the stat lines of what is there.
 */
export const stat: ProbeKind<Stat> = {
  name: 'stat',
  sight: 'local',
  shares: true,
  script: subjects => `${PROGRAM}${calls('look', subjects)}`,
  parse: (stdout, subjects) => {
    const fields = stdout.toString().split('\0');
    const umask = Number.parseInt(fields.shift() ?? '', 8);
    const seen: (Stat | Error)[] = [];
    while (seen.length < subjects.length) {
      const count = Number(fields.shift());
      if (!(count > 0)) break;
      seen.push(...parseChunk(fields, count, umask));
    }
    return subjects.map(
      (subject, i) => seen[i] ?? new KplayError('E_PROBE', `${subject} could not be looked at`, { detail: stdout.toString() }),
    );
  },
};

/** Of all links from one program, up to an empty field: no link leads to nothing. Where it failed for one, each is told once more. */
const leads = (fields: string[], count: number): string[] => {
  const atOnce = fields.splice(0, fields.indexOf('') + 1).slice(0, -1);
  return atOnce.length === count ? atOnce : fields.splice(0, count);
};

const parseChunk = (fields: string[], count: number, umask: number): readonly (Stat | Error)[] => {
  const paths = fields.splice(0, count);
  const flagged = (fields.shift() ?? '').split(' ').slice(1);
  const nodes = (fields.shift() ?? '').split('\n');
  const links = flagged.filter(flags => flags.includes('L')).length;
  const [linksTo, realPaths] = links === 0 ? [[], []] : [leads(fields, links), leads(fields, links)];
  const ends = links === 0 ? [] : (fields.shift() ?? '').split('\n');
  return paths.map((path, i): Stat | Error => {
    const has = (flag: string): boolean => flagged[i]?.includes(flag) === true;
    const parent = has('E') ? { parent: { read: has('R'), write: has('W'), execute: has('X') } } : {};
    const about = { path, umask, access: { read: has('r'), write: has('w'), execute: has('x') }, ...parent };
    if (!has('e') && !has('L')) return about;
    const node = parseNode(nodes.shift() ?? '');
    if (!has('L')) return node ? { ...about, node, target: node } : about;
    const [linkTo = '', realPath = '', followed = ''] = [linksTo.shift(), realPaths.shift(), ends.shift()];
    const target = parseNode(followed);
    // Where a link leads nowhere, busybox's readlink resolves it from the working directory.
    const end = target ? realPath : isAbsolute(linkTo) ? linkTo : join(dirname(path), linkTo);
    return { ...about, linkTo, realPath: end, ...(node && { node }), ...(target && { target }) };
  });
};
