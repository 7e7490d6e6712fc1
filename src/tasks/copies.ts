import type { Changes, Fields, Mode, Output, Step } from '../model/module.ts';
import type { Probe, Probes } from '../model/probe.ts';
import { accounts, type Attributes, type Ids, nodeFields, reported } from './attributes.ts';
import { file } from './file.ts';
import { actPlace, observePlace, type Placement, plan, type PlaceOptions, type PlaceSeen, SIGHTS } from './place.ts';
import { backupOf } from './write.ts';

/** One thing of a copy: a file, or what the file module makes. */
export type Item =
  | ({ readonly kind: 'file'; readonly name?: string } & Placement)
  | { readonly kind: 'directory'; readonly path: string; readonly attributes: Attributes }
  | { readonly kind: 'link'; readonly path: string; readonly target: string; readonly attributes: Attributes; readonly follow: boolean };

export interface Copies {
  readonly given: PlaceOptions & Attributes & { readonly dest: string };
  readonly items: readonly Item[];
  /** Set for a directory: then the result tells of it as a whole. */
  readonly tree?: { readonly src: string; readonly dest: string };
}
/** The owner's and the group's ids, then what each item has seen, SIGHTS or FILE_SIGHTS at a time. */
export type CopySeen = readonly [...Ids, ...unknown[]];
const FILE_SIGHTS = 9;

const SIZE = { file: SIGHTS, directory: FILE_SIGHTS, link: FILE_SIGHTS } as const;
type FileArgs = Parameters<typeof file.observe>[0];
type FileSeen = Parameters<typeof file.analyze>[1];

/** What the file module would be told for a directory or a link. */
const fileArgs = (item: Exclude<Item, { kind: 'file' }>): FileArgs => {
  const { path, attributes, kind } = item;
  const { mode, owner, group } = attributes;
  const told = file.args.parse({
    path: '/',
    state: kind,
    mode,
    owner,
    group,
    ...(kind === 'link' && { src: '/', force: true, follow: item.follow }),
  });
  return { ...told, path, ...(kind === 'link' && { src: item.target }) };
};

/** Items with what each has seen. */
const withSeen = ({ items }: Copies, seen: CopySeen): readonly (readonly [Item, readonly unknown[]])[] => {
  let at = 2;
  return items.map(item => [item, seen.slice(at, (at += SIZE[item.kind]))] as const);
};

export const observeCopies = ({ given, items }: Copies, mode: Mode): Probes<CopySeen> => {
  const probes = items.flatMap((item): readonly (Probe | undefined)[] =>
    item.kind === 'file' ? observePlace(item, mode) : file.observe(fileArgs(item), mode),
  );
  return [...accounts(given), ...probes] as unknown as Probes<CopySeen>;
};

const ids = ([uid, gid]: CopySeen): Ids => [uid, gid];

export const analyzeCopies = (copies: Copies, seen: CopySeen, mode: Mode): Changes => {
  const single = copies.tree === undefined;
  return withSeen(copies, seen).flatMap(([item, sights]): Changes => {
    if (item.kind !== 'file') return named(item.path, file.analyze(fileArgs(item), sights as FileSeen, mode));
    const planned = plan(item, ids(seen), sights as unknown as PlaceSeen, copies.given, mode);
    return single ? planned.changes : named(planned.path, planned.changes);
  });
};
const named = (path: string, changes: Changes): Changes => changes.map(change => ({ path: path.replace('\0', ''), ...change }));

const REAL: Mode = { check: false, diff: false };

/** Of a directory the result tells nothing that it would have to look at. */
export const actCopies = (copies: Copies, seen: CopySeen, isRead: boolean): readonly Step[] => {
  const reports = isRead && copies.tree === undefined;
  return withSeen(copies, seen).flatMap(([item, sights]): readonly Step[] => {
    if (item.kind !== 'file') {
      const [told, saw] = [fileArgs(item), sights as FileSeen];
      const changes = file.analyze(told, saw, REAL);
      return changes.length === 0 ? [] : file.act(told, saw, changes, reports);
    }
    const planned = plan(item, ids(seen), sights as unknown as PlaceSeen, copies.given, REAL);
    return planned.changes.length === 0 ? [] : [actPlace(item, ids(seen), planned, { ...copies.given, reports })];
  });
};

/** As Ansible's: of one file everything, of a directory only what was copied where. */
export const resultOfCopies = (copies: Copies, seen: CopySeen, outputs: readonly Output[] | undefined): Fields => {
  const [first] = withSeen(copies, seen);
  if (copies.tree !== undefined || first === undefined) return { ...copies.tree };
  const [item, sights] = first;
  if (item.kind !== 'file') return {};
  const { source, name } = item;
  const planned = plan(item, ids(seen), sights as unknown as PlaceSeen, copies.given, { check: true, diff: false });
  const from: Fields = name === undefined ? {} : { src: name };
  if (planned.node && !copies.given.force) return { dest: planned.path, ...from };
  const stdout = outputs?.at(-1)?.stdout;
  const backup = stdout && planned.rewrite ? backupOf(stdout) : undefined;
  return {
    dest: planned.path,
    ...(planned.rewrite || item.like ? { ...from, md5sum: source.md5 } : { path: planned.path }),
    checksum: source.sha1,
    ...nodeFields(stdout ? reported(stdout) : planned.node),
    ...(backup !== undefined && { backup_file: backup }),
  };
};
