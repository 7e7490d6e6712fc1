import type { Changes } from '../model/module.ts';
import type { Entry } from '../probes/tree.ts';
import { attributeChanges, type Attributes, type Ids, pathFields, type Setting, setting, settle } from './attributes.ts';
import { raw, sh } from '../shell/sh.ts';
import { timeChanges, type Times, touch } from './times.ts';

/** What is below a directory and has other attributes or times than asked for. */
export interface Stray {
  readonly path: string;
  readonly set: Setting;
  /** May be a symlink that was followed. */
  readonly behind: boolean;
  readonly retime: boolean;
  readonly changes: Changes;
}

/** What everything below a directory is to have. */
export interface Below {
  readonly want: Attributes;
  readonly ids: Ids;
  readonly umask: number;
  readonly times: Times;
  /** The times on the host's clock. */
  readonly stamps: readonly [mtime: number | undefined, atime: number | undefined];
  /** Symlinks below were followed. */
  readonly follow: boolean;
}

export const strays = (entries: readonly Entry[], { want, ids, umask, times, stamps, follow }: Below): readonly Stray[] =>
  entries.flatMap(({ path, node }): Stray[] => {
    const all = setting(want, ids, node, umask, pathFields(path, node));
    const set = {
      uid: all.uid === node.uid ? undefined : all.uid,
      gid: all.gid === node.gid ? undefined : all.gid,
      bits: all.bits === node.bits && all.uid === node.uid ? undefined : all.bits,
    };
    const stamped = timeChanges(times, stamps, node);
    const changes = [...attributeChanges(want, all, node), ...stamped].map(change => ({ path, ...change }));
    return changes.length === 0 ? [] : [{ path, set, behind: follow && node.type !== 'link', retime: stamped.length > 0, changes }];
  });

/** Paths of one command: far below the kernel's limit. */
const CHUNK = 200;

/** One chown, chmod or touch for all that need the same. Deeper paths first: a directory may close behind us. */
export const settleAll = (found: readonly Stray[], times: Times): string => {
  const groups = new Map<string, string[]>();
  const ALL = raw('"$@"');
  for (const { path, set, behind, retime } of found.toReversed()) {
    const program = [settle(ALL, set, behind), retime ? touch(ALL, times) : ''].filter(Boolean).join('\n');
    const paths = groups.get(program);
    if (paths) paths.push(path);
    else groups.set(program, [path]);
  }
  return [...groups].flatMap(([program, paths]) => chunks(paths).map(chunk => `${sh`set -- ${chunk}`}\n${program}`)).join('\n');
};
const chunks = (paths: readonly string[]): readonly (readonly string[])[] =>
  Array.from({ length: Math.ceil(paths.length / CHUNK) }, (_, i) => paths.slice(i * CHUNK, (i + 1) * CHUNK));
