import { posix } from 'node:path';
import { KplayError } from '../model/errors.ts';
import type { Changes, Fields, Mode, Output, Step } from '../model/module.ts';
import type { Probes } from '../model/probe.ts';
import { digests } from '../probes/digest.ts';
import { under } from '../probes/path.ts';
import { type Stat, stat } from '../probes/stat.ts';
import { accounts, type Attributes, type Ids } from './attributes.ts';
import { actCopies, analyzeCopies, type Copies, resultOfCopies } from './copies.ts';
import { octal } from './mode.ts';
import { observePlace, type Placement, type PlaceSeen } from './place.ts';
import { actTree, analyzeTree, observeTree, resultOfTree, type Sights, type TreeCopy, type TreeSeen } from './remote-tree.ts';
import { sourceOf } from './source.ts';

/** copy with remote_src: from a path of the host to another. */
export interface RemoteCopy {
  readonly given: Copies['given'] & TreeCopy & { readonly directory_mode?: string | undefined; readonly checksum?: string | undefined };
}
type Digests = readonly [sha256: string | undefined, sha1: string | undefined, md5: string | undefined];
export type RemoteSeen = readonly [...ids: Ids, from: Stat, ...digests: Digests, ...tree: TreeSeen, ...place: PlaceSeen];

/** What the file is to hold is known once the host was looked at. */
const placement = ({ given }: RemoteCopy): Placement => {
  const { src, dest, directory_mode, ...rest } = given;
  const name = posix.basename(src);
  const common = { source: sourceOf(Buffer.alloc(0)), attributes: rest satisfies Attributes };
  if (!dest.endsWith('/')) return { ...common, path: dest, inside: under(dest, `/${name}`) };
  return { ...common, path: under(dest, name), directories: { ...rest, mode: directory_mode } };
};

export const observeRemote = (copy: RemoteCopy, { check }: Mode): Probes<RemoteSeen> => {
  const { src: subject } = copy.given;
  return [
    ...accounts(copy.given),
    { kind: stat, subject },
    { kind: digests.sha256, subject },
    { kind: digests.sha1, subject },
    { kind: digests.md5, subject },
    ...observeTree(copy.given),
    ...observePlace(placement(copy), { check, diff: false }),
  ];
};

type File = readonly [Copies, readonly [...Ids, ...PlaceSeen]];
type Directory = readonly [TreeCopy, Sights];

/** A directory, or the same copy as if its source were known from the start. Fails with E_STATE where there is nothing to copy. */
const settled = ({ given }: RemoteCopy, seen: RemoteSeen): { readonly file: File } | { readonly directory: Directory } => {
  const [uid, gid, from, sha256, sha1, md5, at, inside, outer, inner, ...place] = seen;
  const node = from.target;
  if (node === undefined) throw new KplayError('E_STATE', `Source ${from.path} not found`);
  if (!from.access.read) throw new KplayError('E_STATE', `Source ${from.path} not readable`);
  const mode = given.mode === 'preserve' ? octal(node.bits) : given.mode;
  if (node.type === 'directory')
    return {
      directory: [
        { ...given, mode },
        { from, ids: [uid, gid], seen: [at, inside, outer, inner] },
      ],
    };
  if (node.type !== 'file' || sha256 === undefined || sha1 === undefined || md5 === undefined)
    throw new KplayError('E_STATE', `Cannot copy invalid source '${from.path}': not a file`);
  if (given.checksum !== undefined && given.checksum !== sha1)
    throw new KplayError('E_STATE', 'Copied file does not match the expected checksum. Transfer failed.', {
      detail: `${from.path}: ${sha1}`,
    });
  const planned = placement({ given });
  const source = { input: { path: from.path }, sizeBytes: node.sizeBytes, sha256, sha1, md5, text: undefined };
  const item = { ...planned, kind: 'file', name: from.path, source, attributes: { ...planned.attributes, mode }, like: node } as const;
  return { file: [{ given, items: [item] }, [uid, gid, ...place]] };
};

export const analyzeRemote = (copy: RemoteCopy, seen: RemoteSeen, mode: Mode): Changes => {
  const known = settled(copy, seen);
  return 'file' in known ? analyzeCopies(...known.file, mode) : analyzeTree(...known.directory);
};
export const actRemote = (copy: RemoteCopy, seen: RemoteSeen, isRead: boolean): readonly Step[] => {
  const known = settled(copy, seen);
  return 'file' in known ? actCopies(...known.file, isRead) : actTree(...known.directory);
};
export const resultOfRemote = (copy: RemoteCopy, seen: RemoteSeen, outputs: readonly Output[] | undefined): Fields => {
  const known = settled(copy, seen);
  return 'file' in known ? resultOfCopies(...known.file, outputs) : resultOfTree(...known.directory, outputs);
};
