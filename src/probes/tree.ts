import { randomUUID } from 'node:crypto';
import { KplayError } from '../model/errors.ts';
import type { ProbeKind } from '../model/probe.ts';
import { sh } from '../shell/sh.ts';
import { pathWord } from './path.ts';
import { type Node, NODE_FORMAT, parseNode } from './stat.ts';

/** Something below a directory. */
export interface Entry {
  /** Begins with the directory as it was asked for, expanded. */
  readonly path: string;
  readonly node: Node;
}

/** One find(1) for a subject; entries and all else are told apart by a boundary no file can know, printed first. */
const walk = (name: string, find: (boundary: string) => string): ProbeKind<readonly Entry[]> => ({
  name,
  sight: 'local',
  script: subjects => {
    const boundary = randomUUID();
    return `echo ${boundary}
look() {
d=\${1%/}/
if [ -d "$d" ]; then printf '%s\\n' "$d"; ${find(boundary)}; fi
echo ${boundary}
echo ${boundary}
}
${subjects.map(subject => `look ${pathWord(subject).text}`).join('\n')}`;
  },
  parse: (stdout, subjects) => {
    const text = stdout.toString();
    const boundary = text.slice(0, text.indexOf('\n'));
    const answers = text.slice(boundary.length + 1).split(`${boundary}\n${boundary}\n`);
    return subjects.map((subject, i) => {
      const answer = answers[i];
      if (boundary === '' || answer === undefined || i >= answers.length - 1)
        return new KplayError('E_PROBE', `cannot look below ${subject}`);
      const [root = '', ...records] = answer.split(`${boundary} `);
      return records.flatMap(record => entry(record, root.slice(0, -1)));
    });
  },
});
const entry = (record: string, root: string): readonly Entry[] => {
  const [, line = '', path = ''] = /^(.*?)\|\|([^]*)\n$/.exec(record) ?? [];
  const node = parseNode(line);
  return node === undefined || path === root ? [] : [{ path, node }];
};
const format = (boundary: string): string => `${boundary} ${NODE_FORMAT}||%n`;

/** All that is below a directory, symlinks as what they are; nothing for what is no directory. */
export const tree = walk('tree', boundary => sh`find "$d" -exec stat -c ${format(boundary)} -- {} + 2>/dev/null`);

/** The same behind symlinks too, and after that each symlink once more as what it is. Loops and dangling links are left out behind. */
export const followedTree = walk(
  'followed tree',
  boundary =>
    sh`find -L "$d" -exec stat -Lc ${format(boundary)} -- {} + 2>/dev/null; find "$d" -type l -exec stat -c ${format(boundary)} -- {} + 2>/dev/null`,
);
