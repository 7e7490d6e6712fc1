import { posix } from 'node:path';
import { KplayError } from '../model/errors.ts';
import type { Change, Changes, Fields, Mode, Step } from '../model/module.ts';
import type { Probes } from '../model/probe.ts';
import { oldText, unless } from '../probes/content.ts';
import { sha256 } from '../probes/digest.ts';
import { type Node, type Stat, stat } from '../probes/stat.ts';
import {
  attributeChanges,
  type Attributes,
  fresh,
  type Ids,
  makeDirectories,
  pathFields,
  report,
  type Setting,
  setting,
  settle,
} from './attributes.ts';
import type { Source } from './source.ts';
import { write, type Writing } from './write.ts';

/** One file that copy or template puts on a host. */
export interface Placement {
  /** Where to, as a subject of probes. */
  readonly path: string;
  /** Where to when there is a directory at `path`; unset where that is an error. */
  readonly inside?: string | undefined;
  /** Bytes of the controller, or a file of the host. */
  readonly source: Source<Writing['from']>;
  readonly attributes: Attributes;
  /** Attributes of the directories that are made on the way; unset where they must be there. */
  readonly directories?: Attributes | undefined;
  /** A file of the host that is copied: where it replaces another, it brings its own permissions. */
  readonly like?: Node | undefined;
}
export interface PlaceOptions {
  readonly force: boolean;
  readonly follow: boolean;
  readonly backup: boolean;
  readonly validate?: string | undefined;
  readonly unsafe_writes: boolean;
}
type At = readonly [at: Stat | undefined, digest: string | undefined, text: string | undefined];
export type PlaceSeen = readonly [...at: At, ...inside: At];
export const SIGHTS = 6;

export const observePlace = ({ path, inside, source }: Placement, { diff }: Mode): Probes<PlaceSeen> => {
  const at = (subject: string | undefined): Probes<At> =>
    subject === undefined
      ? [undefined, undefined, undefined]
      : [
          { kind: stat, subject },
          { kind: sha256, subject },
          diff && source.text !== undefined ? { kind: oldText, subject: unless(source.sha256, subject) } : undefined,
        ];
  return [...at(path), ...at(inside)];
};

/** What is to be done for one placement. */
export interface Plan {
  /** Expanded, symlinks followed where they are to be. */
  readonly path: string;
  /** What is there now. */
  readonly node?: Node | undefined;
  /** The old file whose attributes stay. */
  readonly keep?: Node | undefined;
  /** Permissions where nothing is kept or set. */
  readonly bits: number;
  readonly rewrite: boolean;
  readonly set: Setting;
  readonly umask: number;
  readonly changes: Changes;
}

/** Fails with E_STATE where Ansible's copy does: no directory to write to, a directory in the way, an unknown owner. */
export const plan = (placement: Placement, ids: Ids, seen: PlaceSeen, options: PlaceOptions, mode: Mode): Plan => {
  const [at, digest, text] = choose(placement, seen);
  const { node, target, umask } = at;
  const follow = options.follow && target !== undefined;
  const path = node?.type === 'link' && follow ? (at.realPath ?? at.path) : at.path;
  if (node && !options.force) return { path, node, bits: node.bits, rewrite: false, set: {}, umask, changes: [] };
  if (target && target.type !== 'file') throw new KplayError('E_STATE', `${path} is a ${target.type}, not a file`);

  const rewrite = digest !== placement.source.sha256 || (node?.type === 'link' && !follow);
  const old = node?.type === 'link' && !follow ? undefined : target;
  const fields = told(placement);
  if (rewrite && !mode.check) checkFolder(path, at, placement, options, fields);
  const basis = (rewrite && old ? (placement.like ?? old) : old) ?? fresh('file', umask);
  const want = mode.check && old === undefined ? { mode: placement.attributes.mode } : placement.attributes;
  const set = setting(want, ids, basis, umask, { ...fields, ...pathFields(path, old) });
  const changes = [
    ...(node ? [] : [{ key: 'state', before: 'absent', after: 'file' }]),
    ...(rewrite ? [contentChange(placement.source, digest, text)] : []),
    ...attributeChanges(placement.attributes, set, old),
  ];
  const keep = placement.like ? undefined : old;
  return { path, node: follow ? target : node, keep, bits: basis.bits, rewrite, set, umask, changes };
};

const choose = (
  { inside }: Placement,
  [at, digest, text, ...within]: PlaceSeen,
): readonly [Stat, string | undefined, string | undefined] => {
  if (at === undefined) throw new KplayError('E_PROBE', 'the destination was not looked at');
  if (at.target?.type !== 'directory') return [at, digest, text];
  const [stat, ...rest] = within;
  if (inside === undefined || stat === undefined) throw new KplayError('E_STATE', 'can not use content with a dir as dest');
  if (stat.target?.type === 'directory') throw new KplayError('E_STATE', `${stat.path} is a directory, not a file`);
  return [stat, ...rest];
};

const checkFolder = (
  path: string,
  { parent, node }: Stat,
  { directories }: Placement,
  { unsafe_writes }: PlaceOptions,
  fields: Fields,
): void => {
  const folder = posix.dirname(path);
  if (parent === undefined && directories === undefined)
    throw new KplayError('E_STATE', `Destination directory ${folder} does not exist`, { fields });
  // A followed link's own folder was looked at, not its target's.
  if (parent && !parent.write && !unsafe_writes && node?.type !== 'link')
    throw new KplayError('E_STATE', `Destination ${folder} not writable`, { fields });
};

const contentChange = (source: Placement['source'], digest: string | undefined, text: string | undefined): Change =>
  text === undefined || source.text === undefined
    ? { key: 'sha256', before: digest ?? null, after: source.sha256 }
    : { key: 'content', before: text, after: source.text };

/** What every failure tells, unless the file is the host's own. */
const told = ({ like, source }: Placement): Fields => (like ? {} : { checksum: source.sha1 });

/** The step that a plan with changes needs; it prints what `write` prints, or only what `report` prints, if anything. */
export const actPlace = (placement: Placement, ids: Ids, planned: Plan, options: PlaceOptions & { readonly reports: boolean }): Step => {
  const { source, directories } = placement;
  const { path, node, keep, bits, rewrite, set, umask } = planned;
  if (!rewrite) return { script: ['set -e', settle(path, set), options.reports ? report(path) : ''].join('\n') };
  const folder = posix.dirname(path);
  const parents =
    directories === undefined
      ? ''
      : makeDirectories(folder, setting(directories, ids, fresh('directory', umask), umask, pathFields(folder, undefined)));
  const step = write({
    path,
    from: source.input,
    sizeBytes: source.sizeBytes,
    sha256: source.sha256,
    keep,
    set,
    bits,
    backup: options.backup && node !== undefined,
    validate: options.validate,
    told: told(placement),
    unsafeWrites: options.unsafe_writes,
    reports: options.reports,
  });
  return { ...step, script: ['set -e', parents, step.script].join('\n') };
};
