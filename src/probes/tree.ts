import { randomUUID } from 'node:crypto';
import { KplayError } from '../model/errors.ts';
import type { ProbeKind } from '../model/probe.ts';
import { raw, sh } from '../shell/sh.ts';
import { pathWord } from './path.ts';
import { type Node, NODE_FORMAT, parseNode } from './stat.ts';

/** Something below a directory. */
export interface Entry {
  /** Begins with the directory's path. */
  readonly path: string;
  readonly node: Node;
}
export interface Tree {
  /** The directory as it was asked for, expanded, with a slash at its end. */
  readonly root: string;
  /** In find's order. */
  readonly entries: readonly Entry[];
}

/**
 * How to walk: `P` leaves symlinks as they are, `L` goes through those that lead to directories, and `F` tells of each what it leads to and,
 * after all else, once more the symlink itself.
 */
export type Walk = 'P' | 'L' | 'F';

/** The subject of `tree`: a directory, and how deep to go. */
export const below = (path: string, walk: Walk, depth?: number): string => `${walk}${depth ?? ''} ${path}`;

const find = (walk: string, depth: string, format: string): string => {
  const bounds = depth === '' ? '' : `-maxdepth ${depth}`;
  if (walk !== 'F') return sh`find ${`-${walk}`} "$d" ${raw(bounds)} -exec stat -c ${format} -- {} + 2>/dev/null`;
  const behind = sh`find -L "$d" ${raw(bounds)} -exec stat -Lc ${format} -- {} + 2>/dev/null`;
  return `${behind}; ${sh`find -P "$d" ${raw(bounds)} -type l -exec stat -c ${format} -- {} + 2>/dev/null`}`;
};

/**
 * All that is below a directory; undefined for what is no directory. Loops of symlinks are left out. A program's first line
 * is a boundary that no file can know; with it begins what is told of each entry, twice it ends a subject.
 */
export const tree: ProbeKind<Tree | undefined> = {
  name: 'tree',
  sight: 'local',
  script: subjects => {
    const boundary = randomUUID();
    const looks = subjects.map(subject => {
      const [, walk = 'P', depth = '', path = ''] = /^([PLF])(\d*) ([^]*)$/.exec(subject) ?? [];
      return `d=${pathWord(path).text}
d=\${d%/}/
if [ -d "$d" ]; then printf '%s\\n' "$d"; ${find(walk, depth, `${boundary} ${NODE_FORMAT}||%n`)}; fi
echo ${boundary}
echo ${boundary}`;
    });
    return [`echo ${boundary}`, ...looks].join('\n');
  },
  parse: (stdout, subjects) => {
    const text = stdout.toString();
    const boundary = text.slice(0, text.indexOf('\n'));
    const answers = text.slice(boundary.length + 1).split(`${boundary}\n${boundary}\n`);
    return subjects.map((subject, i) => {
      const answer = answers[i];
      if (boundary === '' || answer === undefined || i >= answers.length - 1)
        return new KplayError('E_PROBE', `cannot look below ${subject}`);
      if (answer === '') return undefined;
      const [line = '', ...records] = answer.split(`${boundary} `);
      const root = line.slice(0, -1);
      return { root, entries: records.flatMap(record => entry(record, root)) };
    });
  },
};
const entry = (record: string, root: string): readonly Entry[] => {
  const [, line = '', path = ''] = /^(.*?)\|\|([^]*)\n$/.exec(record) ?? [];
  const node = parseNode(line);
  return node === undefined || path === root ? [] : [{ path, node }];
};
