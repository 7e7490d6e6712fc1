import { KplayError } from '../model/errors.ts';
import type { Change, Changes, Fields } from '../model/module.ts';
import type { Probe, Probes } from '../model/probe.ts';
import { groupId, userId } from '../probes/account.ts';
import { type Node, NODE_FORMAT, parseNode, type Stat } from '../probes/stat.ts';
import { raw, type Sh, sh } from '../shell/sh.ts';
import { bool, mode, optional, str } from './args.ts';
import { octal, permissions } from './mode.ts';

/** Arguments that all file modules share (ansible-core's FILE_COMMON_ARGUMENTS). */
export const attributeArgs = {
  mode: optional(mode).describe('Permissions, octal or symbolic. Unset leaves an old file as it is; a new one gets 0666 less the umask.'),
  owner: optional(str).describe('User name or number. Unset leaves the owner alone.'),
  group: optional(str).describe('Group name or number. Unset leaves the group alone.'),
  seuser: optional(str).describe('User part of the SELinux context; taken only where SELinux is on.'),
  serole: optional(str).describe('Role part of the SELinux context.'),
  setype: optional(str).describe('Type part of the SELinux context.'),
  selevel: optional(str).describe('Level part of the SELinux context.'),
  unsafe_writes: bool.default(false).describe('Write into the file where it cannot be replaced (a bind mount).'),
};

export interface Attributes {
  readonly mode?: string | undefined;
  readonly owner?: string | undefined;
  readonly group?: string | undefined;
  readonly seuser?: string | undefined;
  readonly serole?: string | undefined;
  readonly setype?: string | undefined;
  readonly selevel?: string | undefined;
}
/** Numeric ids of the owner and the group that were asked for by name. */
export type Ids = readonly [uid: number | undefined, gid: number | undefined];

const NUMBER = /^\s*[+-]?\d+\s*$/;
const look = (kind: typeof userId, name: string | undefined): Probe<number | undefined> | undefined =>
  name === undefined || NUMBER.test(name) ? undefined : { kind, subject: name };

export const accounts = ({ owner, group }: Attributes): Probes<Ids> => [look(userId, owner), look(groupId, group)];

/** Attributes as they are to be set: ids and permission bits; what is undefined stays. */
export interface Setting {
  readonly uid?: number | undefined;
  readonly gid?: number | undefined;
  readonly bits?: number | undefined;
  /** Parts of the SELinux context, by the options of chcon(1). */
  readonly context?: readonly string[] | undefined;
}

/** What attributes are compared with, or a mode is applied to. */
export type Basis = Pick<Node, 'bits' | 'type'> & Partial<Node>;

/** What a mode is applied to when the path does not exist yet. */
export const fresh = (type: 'file' | 'directory', umask: number): Basis => ({
  type,
  bits: (type === 'file' ? 0o666 : 0o777) & ~umask,
});

/**
 * The attributes asked for, given what is there or would be created. E_STATE, with the fields `told`, where no such user or group exists, as
 * Ansible fails; not for a new path in check mode, whose owner an earlier task may create. A symlink has no permissions of its own.
 */
export const setting = (want: Attributes, ids: Ids, node: Basis, umask: number, told: Fields): Setting => ({
  uid: idOf(want.owner, ids[0], 'chown failed: failed to look up user', told),
  gid: idOf(want.group, ids[1], 'chgrp failed: failed to look up group', told),
  bits:
    want.mode === undefined || node.type === 'link'
      ? undefined
      : permissions(want.mode, { bits: node.bits, directory: node.type === 'directory', umask }),
  context: contextOf(want, node),
});
/** A context and the parts of it that are asked for, with their options of chcon(1). */
const contextParts = ({ seuser, serole, setype, selevel }: Attributes, context: string) => {
  const [user = '', role = '', type = '', ...level] = context.split(':');
  return [
    ['-u', user, seuser],
    ['-r', role, serole],
    ['-t', type, setype],
    ['-l', level.join(':'), selevel],
  ] as const;
};
/** Of what is there, the parts that differ, and only where SELinux is on; a new path gets all of them, if it is on. */
const contextOf = (want: Attributes, { inode, context }: Basis): readonly string[] | undefined => {
  if (inode !== undefined && context === undefined) return undefined;
  const differing = contextParts(want, context ?? '').filter(([, now, wanted]) => wanted !== undefined && wanted !== now);
  return differing.length === 0 ? undefined : differing.flatMap(([option, , wanted = '']) => [option, wanted]);
};
const idOf = (name: string | undefined, id: number | undefined, complaint: string, fields: Fields): number | undefined => {
  if (name === undefined) return undefined;
  if (NUMBER.test(name)) return Number(name);
  if (id === undefined) throw new KplayError('E_STATE', `${complaint} ${name}`, { fields });
  return id;
};

/** Attributes that differ from the node's; a new path differs in all that are asked for. */
export const attributeChanges = (want: Attributes, set: Setting, node: Node | undefined): Changes => {
  const changes: Change[] = [];
  if (set.uid !== undefined && set.uid !== node?.uid)
    changes.push({ key: 'owner', before: node?.owner ?? null, after: want.owner ?? null });
  if (set.gid !== undefined && set.gid !== node?.gid)
    changes.push({ key: 'group', before: node?.group ?? null, after: want.group ?? null });
  if (set.bits !== undefined && set.bits !== node?.bits)
    changes.push({ key: 'mode', before: node ? octal(node.bits) : null, after: octal(set.bits) });
  if (set.context && node?.context !== undefined) {
    const after = contextParts(want, node.context).map(([, now, wanted]) => wanted ?? now);
    changes.push({ key: 'secontext', before: node.context, after: after.filter(Boolean).join(':') });
  }
  return changes;
};

/**
 * chown and chmod; the owner of a symlink itself unless `behind`. Five digits: with fewer, GNU chmod keeps a directory's setuid and setgid bits.
 * Changing the owner clears them, so it goes first.
 */
export const settle = (path: string | Sh, { uid, gid, bits, context }: Setting, behind = false): string => {
  const self = raw(behind ? '' : '-h');
  const lines: string[] = [];
  if (uid !== undefined) lines.push(sh`chown ${self} -- ${gid === undefined ? uid : `${uid}:${gid}`} ${path}`);
  else if (gid !== undefined) lines.push(sh`chgrp ${self} -- ${gid} ${path}`);
  if (bits !== undefined) lines.push(sh`chmod -- ${fiveDigits(bits)} ${path}`);
  if (context) lines.push(sh`if [ -e /sys/fs/selinux/enforce ]; then chcon -h ${context} -- ${path}; fi`);
  return lines.join('\n');
};

const fiveDigits = (bits: number): string => bits.toString(8).padStart(5, '0');

/**
 * Directories from the first missing one down, each with the attributes; closed to others until it is owned. Where nobody else is to own it,
 * mkdir gives it its permissions, whatever it inherits.
 */
export const makeDirectories = (path: string, set: Setting): string => {
  const steps = path.split('/').flatMap((name, i, names) => (name === '' ? [] : [names.slice(0, i + 1).join('/')]));
  const { uid, gid, bits } = set;
  const owned = uid !== undefined || gid !== undefined;
  const mode = bits === undefined ? '' : `-m ${owned ? '0700' : fiveDigits(bits)}`;
  return sh`make() { [ -d "$1" ] || { mkdir ${raw(mode)} -- "$1" && settle "$1"; }; }
settle() {
:
${raw(settle(raw('"$1"'), { ...set, bits: owned ? bits : undefined }))}
}
${raw(steps.map(step => sh`make ${step}`).join('\n'))}`;
};

/** Prints what `parseNode` reads. */
export const nodeOf = (path: string): string => sh`stat -c ${NODE_FORMAT} -- ${path}`;
/** Ends an act's output with the path as it is now, after a NUL. */
export const report = (path: string): string => sh`printf '\0'; ${raw(nodeOf(path))}`;
export const reported = (stdout: Buffer): Node | undefined => parseNode(stdout.toString().trimEnd().split('\0').at(-1) ?? '');

/** A path's facts in a module's result (ansible-core's add_path_info). */
export const nodeFields = (node: Node | undefined): Fields =>
  node === undefined
    ? {}
    : {
        uid: node.uid,
        gid: node.gid,
        owner: node.owner,
        group: node.group,
        mode: octal(node.bits),
        state: stateOf(node),
        size: node.sizeBytes,
      };

/** What a failure tells of the path it is about. */
export const pathFields = (path: string, node: Node | undefined): Fields => ({ path, ...nodeFields(node) });

export type State = 'file' | 'hard' | 'directory' | 'link' | 'absent';
/** Ansible's word for what is at a path. */
export const stateOf = (node: Node | undefined): State => {
  if (node === undefined) return 'absent';
  if (node.type === 'link' || node.type === 'directory') return node.type;
  return node.nlink > 1 ? 'hard' : 'file';
};

/** Where an argument with `follow` leads: the path to work on and what is there. */
export const followed = ({ path, node, target, realPath }: Stat, follow: boolean): { readonly path: string; readonly node?: Node } => {
  if (!follow || node?.type !== 'link') return { path, ...(node && { node }) };
  return { path: realPath ?? path, ...(target && { node: target }) };
};
