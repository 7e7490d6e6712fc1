import { posix } from 'node:path';
import { KplayError } from '../model/errors.ts';
import type { Mode } from '../model/module.ts';
import type { Probes } from '../model/probe.ts';
import { digests } from '../probes/digest.ts';
import { under } from '../probes/path.ts';
import { type Stat, stat } from '../probes/stat.ts';
import { accounts, type Attributes, type Ids } from './attributes.ts';
import type { Copies } from './copies.ts';
import { octal } from './mode.ts';
import { observePlace, type Placement, type PlaceSeen } from './place.ts';
import { sourceOf } from './source.ts';

/** copy with remote_src: from a path of the host to another. */
export interface RemoteCopy {
  readonly given: Copies['given'] & {
    readonly src: string;
    readonly directory_mode?: string | undefined;
    readonly checksum?: string | undefined;
  };
}
export type RemoteSeen = readonly [
  ...Ids,
  src: Stat,
  sha256: string | undefined,
  sha1: string | undefined,
  md5: string | undefined,
  ...PlaceSeen,
];

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
    ...observePlace(placement(copy), { check, diff: false }),
  ];
};

/** The same copy as if its source were known from the start. Fails with E_STATE where there is no such file. */
export const settled = (copy: RemoteCopy, seen: RemoteSeen): readonly [Copies, readonly [...Ids, ...PlaceSeen]] => {
  const [uid, gid, from, sha256, sha1, md5, ...place] = seen;
  const node = from.target;
  if (node === undefined) throw new KplayError('E_STATE', `Source ${from.path} not found`);
  if (!from.access.read) throw new KplayError('E_STATE', `Source ${from.path} not readable`);
  if (node.type !== 'file' || sha256 === undefined || sha1 === undefined || md5 === undefined)
    throw new KplayError('E_STATE', `Cannot copy invalid source '${from.path}': not a file`);
  if (copy.given.checksum !== undefined && copy.given.checksum !== sha1)
    throw new KplayError('E_STATE', 'Copied file does not match the expected checksum. Transfer failed.', {
      detail: `${from.path}: ${sha1}`,
    });
  const planned = placement(copy);
  const attributes = copy.given.mode === 'preserve' ? { ...planned.attributes, mode: octal(node.bits) } : planned.attributes;
  const source = { input: { path: from.path }, sizeBytes: node.sizeBytes, sha256, sha1, md5 };
  const item = { ...planned, kind: 'file', name: from.path, source, attributes, like: node } as const;
  return [{ given: copy.given, items: [item] }, [uid, gid, ...place]];
};
