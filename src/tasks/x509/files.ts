import { createHash } from 'node:crypto';
import { posix } from 'node:path';
import { KplayError } from '../../model/errors.ts';
import type { Changes, Mode, Step } from '../../model/module.ts';
import type { Node, Stat } from '../../probes/stat.ts';
import { mode as modeArg } from '../args.ts';
import { attributeChanges, type Attributes, followed, fresh, type Ids, pathFields, type Setting, setting, settle } from '../attributes.ts';
import { write } from '../write.ts';

/** Permissions that stand by themselves. */
export const fileMode = modeArg.refine(value => value !== 'preserve', 'there is no source whose permissions could be preserved');

/** One of the files that certificate and key_pair keep: where it is and the attributes it should have. Symlinks are followed. */
export interface Kept {
  readonly path: string;
  readonly node?: Node | undefined;
  readonly set: Setting;
  /** Of the attributes; each names its file. */
  readonly changes: Changes;
}

/** E_STATE where a file cannot be. `rewrite`: it will be written. */
export const kept = (seen: Stat, want: Attributes, ids: Ids, rewrite: boolean, mode: Mode): Kept => {
  const { path, node } = followed(seen, true);
  if (node && node.type !== 'file') throw new KplayError('E_STATE', `${path} is a ${node.type}, not a file`);
  if (rewrite && !mode.check && seen.parent === undefined)
    throw new KplayError('E_STATE', `${posix.dirname(path)} does not exist`, { hint: 'make the folder first, with the file module' });
  // Its owner may be what an earlier task would have made.
  const lenient = mode.check && node === undefined;
  const set = setting(lenient ? { mode: want.mode } : want, ids, node ?? fresh('file', seen.umask), seen.umask, pathFields(path, node));
  return { path, node, set, changes: attributeChanges(want, set, node).map(change => ({ path, ...change })) };
};

/** Writes the file in one rename, never readable for more people than it should be; without text only its attributes are set. */
export const keep = ({ path, node, set, changes }: Kept, text?: Buffer): readonly Step[] => {
  if (text === undefined) return changes.length === 0 ? [] : [{ script: ['set -e', settle(path, set)].join('\n') }];
  const sha256 = createHash('sha256').update(text).digest('hex');
  return [write({ path, from: text, sizeBytes: text.length, sha256, keep: node, set, bits: set.bits ?? 0o600 })];
};
