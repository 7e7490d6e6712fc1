import type { Fields } from '../../model/module.ts';
import { type Gathered, linesOf } from './collector.ts';

export const MOUNT_FILES = ['/proc/mounts', '/proc/self/mountinfo'];

/**
 * Mounted file systems that are on a device or a server. A server that is away must not hold us: its file systems are asked one by one, with
 * a limit of 2 s where timeout(1) is there.
 */
export const MOUNTS = {
  uuids: 'lsblk --list --noheadings --paths --output NAME,UUID --exclude 2',
  sizes: `set --
slow=; command -v timeout >/dev/null && slow='timeout 2'
while read -r dev at type rest; do
  case $at in *\\\\*) at=$(printf "$(printf '%s' "$at" | sed 's/%/%%/g')") ;; esac
  case $dev in
    //*|*:/*) $slow stat -f -c '%s %S %b %a %c %d %n' -- "$at" ;;
    /*) set -- "$@" "$at" ;;
  esac
done </proc/mounts
[ $# -eq 0 ] || stat -f -c '%s %S %b %a %c %d %n' -- "$@"`,
} as const;

const unescaped = (field: string): string =>
  field.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));

const sizes = (text: string): ReadonlyMap<string, Fields> =>
  new Map(
    linesOf(text).flatMap(line => {
      const match = /^(\d+) (\d+) (\d+) (\d+) (\d+) (\d+) (.*)$/.exec(line);
      if (match === null) return [];
      const [block_size = 0, fragment = 0, block_total = 0, block_available = 0, inode_total = 0, inode_available = 0] = match
        .slice(1, 7)
        .map(Number);
      const facts = {
        size_total: fragment * block_total,
        size_available: fragment * block_available,
        block_size,
        block_total,
        block_available,
        block_used: block_total - block_available,
        inode_total,
        inode_available,
        inode_used: inode_total - inode_available,
      };
      return [[match[7] ?? '', facts] as const];
    }),
  );

const uuids = (text: string): ReadonlyMap<string, string> => {
  const found = new Map<string, string>();
  for (const line of linesOf(text)) {
    const [, device, uuid] = /^\s*(\S.*?)\s+(\S+)\s*$/.exec(line) ?? [];
    if (device !== undefined && uuid !== undefined && !found.has(device)) found.set(device, uuid);
  }
  return found;
};

/** Mount points whose source is a folder of a file system, not its root. */
const bound = (mountinfo: string): ReadonlySet<string> =>
  new Set(
    linesOf(mountinfo)
      .map(line => line.split(' '))
      .filter(fields => fields[3] !== undefined && fields[3] !== '/')
      .map(fields => unescaped(fields[4] ?? '')),
  );

export const mountFacts = (host: Gathered): Fields => {
  const [sizeOf, uuidOf, binds] = [
    sizes(host.output('sizes')),
    uuids(host.output('uuids')),
    bound(host.file('/proc/self/mountinfo') ?? ''),
  ];
  const byMount = new Map<string, Fields>();
  for (const line of linesOf(host.file('/proc/mounts'))) {
    const [device = '', mount = '', fstype = '', options = '', dump = '0', passno = '0'] = line.split(' ').map(unescaped);
    if ((!/^[/\\]/.test(device) && !device.includes(':/')) || fstype === 'none') continue;
    byMount.set(mount, {
      mount,
      device,
      fstype,
      options: binds.has(mount) ? `${options},bind` : options,
      dump: Number(dump),
      passno: Number(passno),
      ...sizeOf.get(mount),
      uuid: uuidOf.get(device) ?? 'N/A',
    });
  }
  return { mounts: [...byMount.values()] };
};
