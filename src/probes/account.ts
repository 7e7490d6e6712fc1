import type { ProbeKind } from '../model/probe.ts';
import { sh, raw } from '../shell/sh.ts';

/**
 * `getent`'s databases; a host without getent has the file itself. Who is asked for most is root, and mostly stands in the file's first line, which the
 * shell reads by itself.
 */
const ids = (database: 'passwd' | 'group'): ProbeKind<number | undefined> => ({
  name: `${database} id`,
  sight: 'local',
  script: subjects => {
    const file = raw(`/etc/${database}`);
    const all = sh`getent ${database} -- ${subjects} 2>/dev/null; [ $? -le 2 ] || cat ${file} 2>/dev/null; :`;
    if (subjects.some(name => name !== 'root')) return all;
    return sh`IFS= read -r line 2>/dev/null <${file}
case $line in root:*:0:*) printf '%s\n' "$line" ;; *) ${raw(all)} ;; esac`;
  },
  parse: (stdout, subjects) => {
    const rows = stdout
      .toString()
      .split('\n')
      .map(line => line.split(':'));
    const known = new Map(rows.map(([name, , id]) => [name, Number(id)]));
    return subjects.map(name => known.get(name));
  },
});

/** A user's numeric id by name; undefined where there is no such user. */
export const userId = ids('passwd');
/** A group's numeric id by name; undefined where there is no such group. */
export const groupId = ids('group');
