import { KplayError } from '../model/errors.ts';
import type { ProbeKind } from '../model/probe.ts';
import { pathWord } from './path.ts';
import { type Node, NODE_FORMAT, parseNode } from './stat.ts';

/** A configuration file of a folder such as /etc/modules-load.d. */
export interface Kept {
  readonly path: string;
  /** What a symlink leads to. */
  readonly node: Node;
  readonly text: string;
}

/** The regular files right in a folder, in order of name, with their text; none where there is no such folder. */
export const folderFiles: ProbeKind<readonly Kept[]> = {
  name: 'files of a folder',
  sight: 'local',
  script: subjects => `look() {
for f in "$1"/* "$1"/.[!.]*; do
if [ -f "$f" ]; then printf '%s\\0%s\\0%s\\0' "$f" "$(stat -Lc '${NODE_FORMAT}' -- "$f")" "$(tr -d '\\000' <"$f"; echo .)"; fi
done
printf '\\0'
}
${subjects.map(subject => `look ${pathWord(subject).text}`).join('\n')}`,
  parse(stdout, subjects) {
    const fields = stdout.toString().split('\0');
    return subjects.map((subject): readonly Kept[] | Error => {
      const end = fields.findIndex((field, i) => field === '' && i % 3 === 0);
      if (end < 0) return new KplayError('E_PROBE', `the files of ${subject} could not be looked at`);
      const own = fields.splice(0, end + 1);
      return Array.from({ length: (own.length - 1) / 3 }, (_, i) => i * 3).flatMap(at => {
        const node = parseNode(own[at + 1] ?? '');
        return node === undefined ? [] : [{ path: own[at] ?? '', node, text: (own[at + 2] ?? '').slice(0, -1) }];
      });
    });
  },
};
