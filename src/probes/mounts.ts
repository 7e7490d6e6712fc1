import { KplayError } from '../model/errors.ts';
import type { ProbeKind } from '../model/probe.ts';
import { pathWord } from './path.ts';

/** What is mounted on a path, the topmost where there are several. */
export interface Mounted {
  /** The device, or what a file system without one calls its source. */
  readonly device: string;
  /** The same, but for bind mounts the folder that is bound. */
  readonly source: string;
}

/** mountinfo(5)'s, proc_pid_mountinfo: `\040` for a space. */
const unescaped = (field: string): string =>
  field.replace(/\\([0-7]{3})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 8)));

interface Entry {
  readonly id: string;
  readonly parent: string;
  readonly root: string;
  readonly at: string;
  readonly device: string;
}
const entryOf = (line: string): Entry => {
  const fields = line.trim().split(' ').map(unescaped);
  const [id = '', parent = '', , root = '', at = ''] = fields;
  return { id, parent, root, at, device: fields.at(-2) ?? '' };
};
/** What a bind mount binds, as far as the mount it is on tells: ansible.posix' get_linux_mounts(). */
const sourceOf = (entry: Entry, parent: Entry | undefined): string => {
  if (parent === undefined || entry.parent === '1') return entry.device;
  const inside = parent.root.length > 1 && entry.root.startsWith(`${parent.root}/`);
  const root = inside ? entry.root.slice(parent.root.length) : entry.root;
  return parent.at === '/' ? root : parent.at + root;
};

/** What is mounted on paths, symlinks followed; undefined where nothing is. */
export const mounted: ProbeKind<Mounted | undefined> = {
  name: 'mount',
  sight: 'local',
  script: subjects => `for p in ${subjects.map(subject => pathWord(subject).text).join(' ')}; do
printf '%s\\0' "$(readlink -f -- "$p" 2>/dev/null || printf %s "$p")"
done
cat /proc/self/mountinfo 2>/dev/null
:`,
  parse(stdout, subjects) {
    const paths = stdout.toString().split('\0');
    const entries = (paths.pop() ?? '').split('\n').filter(Boolean).map(entryOf);
    const byId = new Map(entries.map(entry => [entry.id, entry]));
    const byPath = new Map(entries.map(entry => [entry.at, entry]));
    return subjects.map((subject, i): Mounted | undefined | Error => {
      const path = paths[i];
      if (path === undefined || entries.length === 0)
        return new KplayError('E_PROBE', `cannot see what is mounted on ${subject}`, { detail: 'no /proc/self/mountinfo' });
      const entry = byPath.get(path);
      return entry && { device: entry.device, source: sourceOf(entry, byId.get(entry.parent)) };
    });
  },
};
