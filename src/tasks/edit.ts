import { createHash } from 'node:crypto';
import { posix } from 'node:path';
import { KplayError } from '../model/errors.ts';
import type { Change, Changes, Left, Mode, Output, Step } from '../model/module.ts';
import type { ProbeKind, Probes } from '../model/probe.ts';
import { content, MAX_DIFF_BYTES } from '../probes/content.ts';
import { type Node, type Stat, stat } from '../probes/stat.ts';
import { sh } from '../shell/sh.ts';
import { bool, optional, path, str } from './args.ts';
import {
  accounts,
  attributeArgs,
  attributeChanges,
  type Attributes,
  fresh,
  type Ids,
  pathFields,
  reported,
  type Setting,
  setting,
  settle,
} from './attributes.ts';
import { backupOf, write } from './write.ts';

/** What lineinfile, blockinfile and replace have in common: they read a file, edit its bytes here, and replace it if that changed it. */

export const editArgs = {
  path: path.describe('The file to edit. A symlink is followed.'),
  backup: bool.default(false).describe('Keep the old file beside the new one, with a time in its name.'),
  validate: optional(str).describe('Command with %s for the new file; the old one stays unless it succeeds.'),
  ...attributeArgs,
};
export const editAliases = { dest: 'path', destfile: 'path', name: 'path' };

export interface EditArgs extends Attributes {
  readonly path: string;
  readonly backup: boolean;
  readonly validate?: string | undefined;
  readonly unsafe_writes: boolean;
}
/** An edit that leaves all attributes as they are. */
export const editOf = (path: string, backup = false): EditArgs => ({ path, backup, unsafe_writes: false });
export type EditSeen = readonly [at: Stat, bytes: Buffer | undefined, ...ids: Ids];

export const observeEdit = (given: EditArgs): Probes<EditSeen> => [
  { kind: stat, subject: given.path },
  { kind: content, subject: given.path },
  ...accounts(given),
];

/** The text after an edit, and Ansible's words for it. The same text is no change. */
export interface Edited {
  readonly after: Buffer;
  readonly msg: string;
}
/** Fields of a failure for want of the file. */
export const MISSING = { rc: 257 };
/** `undefined`: nothing is to be done at all, not even to attributes. */
export type Edit = (before: Buffer | undefined, path: string) => Edited | undefined;

export interface EditPlan {
  readonly after?: Buffer | undefined;
  readonly msg: string;
  readonly set: Setting;
  readonly changes: Changes;
}

/** Fails with E_STATE where the path is a directory or cannot be edited. */
export const planEdit = (given: EditArgs, [at, before, ...ids]: EditSeen, edit: Edit, mode: Mode): EditPlan => {
  if (at.target?.type === 'directory') throw new KplayError('E_STATE', `Path ${at.path} is a directory !`, { fields: { rc: 256 } });
  const edited = edit(before, at.path);
  if (edited === undefined) return { msg: '', set: {}, changes: [] };
  const same = before?.equals(edited.after) ?? false;
  const lenient = mode.check && at.node === undefined;
  const want = lenient ? { mode: given.mode } : given;
  const set = setting(want, ids, at.node ?? fresh('file', at.umask), at.umask, pathFields(at.path, at.target && at.node));
  const settled = attributeChanges(given, set, at.node);
  const changes = [...(same ? [] : [contentChange(before, edited.after, mode)]), ...settled];
  const noticed = at.node ? settled.length > 0 : !mode.check && set.bits !== undefined && set.bits !== fresh('file', at.umask).bits;
  const words = [same ? '' : edited.msg, noticed ? 'ownership, perms or SE linux context changed' : ''];
  return { after: same ? undefined : edited.after, msg: words.filter(Boolean).join(' and '), set, changes };
};

const contentChange = (before: Buffer | undefined, after: Buffer, { diff }: Mode): Change => {
  const old = before ?? Buffer.alloc(0);
  const isText = (bytes: Buffer): boolean => bytes.length <= MAX_DIFF_BYTES && !bytes.includes(0);
  if (diff && isText(old) && isText(after)) return { key: 'content', before: old.toString(), after: after.toString() };
  return { key: 'sha256', before: before ? sha256(before) : null, after: sha256(after) };
};
const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

/** Writes the target of a symlink, but owns the symlink itself: so does Ansible. */
export const actEdit = (given: EditArgs, [at]: EditSeen, { after, set }: EditPlan): Step => {
  const link = at.node?.type === 'link';
  const real = link ? (at.realPath ?? at.path) : at.path;
  if (after === undefined) return { script: ['set -e', settle(at.path, set)].join('\n') };
  const step = write({
    path: real,
    from: after,
    sizeBytes: after.length,
    sha256: sha256(after),
    keep: at.target,
    set: link ? {} : set,
    bits: fresh('file', at.umask).bits,
    backup: given.backup && at.target !== undefined,
    validate: given.validate,
    unsafeWrites: given.unsafe_writes,
    reports: true,
  });
  const parents = at.parent ? '' : makeParents(real);
  return { ...step, script: ['set -e', parents, step.script, link ? settle(at.path, set) : ''].join('\n') };
};
const makeParents = (file: string): string => sh`mkdir -p -- ${posix.dirname(file)}`;

/**
 * The file and its text as an edit leaves them, where it keeps everything else: then the next edit of it need not look. A file whose owner could not be
 * kept is another to whoever looks, and one of another size holds another text.
 */
export const leftByEdit = (given: EditArgs, [at]: EditSeen, { after, set }: EditPlan): readonly Left[] => {
  const { node } = at;
  const sets = Object.values(set).some(value => value !== undefined);
  if (after === undefined || node?.type !== 'file' || node.context !== undefined || sets || given.unsafe_writes) return [];
  const now = ([output]: readonly Output[]): Node | undefined => {
    const made = output && reported(output.stdout);
    const isSame = made?.uid === node.uid && made.gid === node.gid && made.bits === node.bits && made.sizeBytes === after.length;
    return isSame ? made : undefined;
  };
  const left = <Seen>(kind: ProbeKind<Seen>, tell: (made: Node) => Seen): Left<Seen> => ({
    probe: { kind, subject: given.path },
    read: outputs => {
      const made = now(outputs);
      return made && { seen: tell(made) };
    },
  });
  return [left<Stat>(stat, made => ({ ...at, node: made, target: made })), left<Buffer | undefined>(content, () => after)];
};

export const backupFrom = (given: EditArgs, { after }: EditPlan, outputs: readonly Output[] | undefined): string | undefined =>
  given.backup && after !== undefined && outputs?.[0] ? backupOf(outputs[0].stdout) : undefined;

/** Bytes as text with one character a byte, as Python's patterns for bytes see them; and back. */
export const byteText = (text: string | Buffer): string => Buffer.from(text).toString('latin1');
export const bytesOf = (text: string): Buffer => Buffer.from(text, 'latin1');
