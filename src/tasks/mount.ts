import * as z from 'zod';
import { KplayError } from '../model/errors.ts';
import type { Change, Fields, Mode, Step } from '../model/module.ts';
import { type Mounted, mounted } from '../probes/mounts.ts';
import { type Stat, stat } from '../probes/stat.ts';
import { raw, sh } from '../shell/sh.ts';
import { bool, choice, optional, path, str } from './args.ts';
import { defineModule } from './define.ts';
import { actEdit, backupFrom, type EditArgs, editOf, type EditPlan, type EditSeen, observeEdit, planEdit } from './edit.ts';
import { type Entry, withEntry, withoutEntry } from './fstab.ts';

const FSTAB = '/etc/fstab';
const args = z
  .strictObject({
    path: path.describe('The mount point.'),
    state: choice('absent', 'absent_from_fstab', 'mounted', 'present', 'unmounted', 'remounted', 'ephemeral').describe(
      '`mounted`: in fstab and mounted. `present`: in fstab. `ephemeral`: mounted. `unmounted`: not mounted, whatever fstab says. `absent`: taken out of fstab, unmounted, and the mount point removed. `absent_from_fstab`: only taken out. `remounted` and `ephemeral` always act.',
    ),
    src: optional(str).describe('What to mount: a device, `LABEL=…`, `UUID=…`, an NFS volume, a folder to bind. Needed to mount.'),
    fstype: optional(str).describe('Kind of file system. Needed to mount.'),
    opts: optional(str).describe('Mount options; unset: defaults.'),
    opts_no_log: bool.default(false).describe('Do not show the options.'),
    dump: str.default('0').describe("fstab's fifth field."),
    passno: str.default('0').describe("fstab's sixth field."),
    fstab: optional(path).describe('A file instead of /etc/fstab.'),
    boot: bool.default(true).describe('Mount it when the host boots; else `noauto` is added to the options.'),
    backup: bool.default(false).describe('Keep the old fstab beside the new one, with a time in its name.'),
  })
  .superRefine(({ state, src, fstype }, context) => {
    const missing = [...(src === undefined ? ['src'] : []), ...(fstype === undefined ? ['fstype'] : [])];
    if (['mounted', 'present', 'ephemeral'].includes(state) && missing.length > 0)
      context.addIssue(`state is ${state} but all of the following are missing: ${missing.join(', ')}`);
  });
type Args = z.output<typeof args>;
type Seen = readonly [...EditSeen, point: Stat, mounted: Mounted | undefined];

const OTHER_SOURCE = `Ephemeral mount point is already mounted with a different source than the specified one. Failing in order to prevent an unwanted unmount or override operation. Try replacing this command with a "state: unmounted" followed by a "state: ephemeral", or use a different destination path.`;
const NO_REMOUNT = `Options were specified with remounted, but the remount command failed. Failing in order to prevent an unexpected mount result. Try replacing this command with a "state: unmounted" followed by a "state: mounted" using the full desired mount options instead.`;

const entryOf = ({ src, fstype, opts = 'defaults', dump, passno, boot }: Args, name: string): Entry => ({
  src,
  name,
  fstype,
  opts: boot ? opts : `${opts},noauto`,
  dump,
  passno,
});
const tableOf = ({ fstab = FSTAB, backup }: Args): EditArgs => editOf(fstab, backup);

/** What becomes of fstab. */
const planned = (given: Args, seen: Seen, mode: Mode): EditPlan => {
  const [at, before, uid, gid, point] = seen;
  const entry = entryOf(given, point.path);
  const sets = given.state === 'mounted' || given.state === 'present';
  const edit = sets ? withEntry : given.state === 'absent' || given.state === 'absent_from_fstab' ? withoutEntry : undefined;
  const old = before?.toString() ?? '';
  const after = edit?.(old, entry) ?? old;
  // Options may hold a password.
  return planEdit(tableOf(given), [at, before, uid, gid], () => (after === old ? undefined : { after: Buffer.from(after), msg: '' }), {
    ...mode,
    diff: mode.diff && !given.opts_no_log,
  });
};

type Deed = 'mount' | 'remount' | 'unmount' | undefined;
/** What is to be done to the mount itself. E_STATE where something else is mounted there. */
const deedOf = ({ state, src }: Args, isEdited: boolean, now: Mounted | undefined): Deed => {
  if (state === 'remounted') return 'remount';
  if (state === 'unmounted' || (state === 'absent' && isEdited)) return now === undefined ? undefined : 'unmount';
  if (state !== 'mounted' && state !== 'ephemeral') return undefined;
  if (now === undefined) return 'mount';
  if (state === 'mounted') return isEdited ? 'remount' : undefined;
  if (now.source !== src && now.device !== src) throw new KplayError('E_STATE', OTHER_SOURCE);
  return 'remount';
};

/** The words after `mount` and its remount option: what is mounted where, or whose fstab tells. */
const target = (given: Args, { fstype = '', opts, src = '', name }: Entry): readonly string[] => {
  if (given.state === 'ephemeral') return ['-t', fstype, ...(opts === 'defaults' ? [] : ['-o', opts]), src, name];
  return [...(given.fstab === undefined || given.fstab === FSTAB ? [] : ['-T', given.fstab]), name];
};

const FAIL = `fail() { printf '%s: %s\\n' "$1" "$(printf %s "$said" | tr '\\n' ' ')" >&2; exit 1; }`;

const remounting = (given: Args, entry: Entry): string => {
  const words = target(given, entry);
  if (given.state === 'remounted' && given.opts !== undefined && given.opts !== 'defaults')
    return sh`said=$(mount -o ${`remount,${given.opts}`} ${words} 2>&1) || fail ${NO_REMOUNT}`;
  return sh`mount -o remount ${words} 2>/dev/null || said=$(umount ${entry.name} 2>&1 && mount ${words} 2>&1)`;
};

/** Makes the mount point; `unmake` takes away what was made, and nothing else. */
const MAKE_POINT = `top=$name
while parent=\${top%/*}; [ -n "$parent" ] && ! [ -e "$parent" ]; do top=$parent; done
unmake() { cd "\${top%/*}/" && rmdir -p -- "\${name#"\${top%/*}/"}" 2>/dev/null; }
said=$(mkdir -p -- "$name" 2>&1) || fail "Error making dir $name"`;

/** Mounts; where that fails fstab gets its old text from stdin, and folders made on the way go. */
const moving = (
  given: Args,
  deed: 'mount' | 'remount',
  { path: name, target: there }: Stat,
  [table, before]: Seen,
  isEdited: boolean,
): Step => {
  const entry = { ...entryOf(given, name), ...(given.state === 'ephemeral' && { opts: given.opts ?? 'defaults' }) };
  const makes = there === undefined && given.state !== 'remounted';
  const act = deed === 'mount' ? sh`said=$(mount ${target(given, entry)} 2>&1)` : remounting(given, entry);
  const undo = [...(isEdited ? [sh`cat >${table.path}`] : []), ...(makes ? ['unmake'] : [])];
  const script = sh`${raw(FAIL)}
name=${name}
${raw(makes ? MAKE_POINT : '')}
{ ${raw(act)}; } || { ${raw([...undo, ''].join('; '))}fail ${`Error ${given.state === 'remounted' ? 'remounting' : 'mounting'} ${name}`}; }`;
  return isEdited ? { script, stdin: before ?? Buffer.alloc(0) } : { script };
};
const unmounting = (name: string): Step => ({
  script: sh`${raw(FAIL)}
said=$(umount ${name} 2>&1) || fail ${`Error unmounting ${name}`}`,
});

/** ansible.posix.mount: mounts, and what fstab says of them. */
export const mount = defineModule<Seen>()({
  name: 'mount',
  collections: ['ansible.posix'],
  summary: 'Manage mounts and fstab.',
  args,
  aliases: { name: 'path' },
  reach: 'host',
  observe: given => [...observeEdit(tableOf(given)), { kind: stat, subject: given.path }, { kind: mounted, subject: given.path }],

  analyze(given, seen, mode): readonly Change[] {
    const plan = planned(given, seen, mode);
    const [, , , , point, now] = seen;
    const deed = deedOf(given, plan.changes.length > 0, now);
    const before = now === undefined ? null : now.source;
    const after = deed === 'unmount' ? null : (given.src ?? before);
    const table = plan.changes.map(change => ({ path: given.fstab ?? FSTAB, ...change }));
    return deed === undefined ? table : [...table, { path: point.path, key: deed, before, after }];
  },

  act(given, seen, changes) {
    const [at, before, uid, gid, point, now] = seen;
    const plan = planned(given, seen, { check: false, diff: false });
    const isEdited = plan.changes.length > 0;
    const deed = deedOf(given, isEdited, now);
    return [
      ...(isEdited ? [actEdit(tableOf(given), [at, before, uid, gid], plan)] : []),
      ...(deed === 'unmount' ? [unmounting(point.path)] : []),
      ...(deed === 'mount' || deed === 'remount' ? [moving(given, deed, point, seen, isEdited)] : []),
      ...(given.state === 'absent' && changes.length > 0 && point.target !== undefined ? [{ script: sh`rmdir -- ${point.path}` }] : []),
    ];
  },

  result(given, seen, _changes, outputs): Fields {
    const { src, fstype, opts, dump, passno } = entryOf(given, seen[4].path);
    const isIgnored = given.boot && opts.split(',').includes('noauto');
    return {
      name: seen[4].path,
      ...(src === undefined ? {} : { src }),
      ...(fstype === undefined ? {} : { fstype }),
      opts: given.opts_no_log && given.opts !== undefined ? 'VALUE_SPECIFIED_IN_NO_LOG_PARAMETER' : opts,
      dump,
      passno,
      fstab: given.fstab ?? FSTAB,
      boot: given.boot ? 'yes' : 'no',
      backup_file: backupFrom(tableOf(given), planned(given, seen, { check: false, diff: false }), outputs) ?? '',
      ...(isIgnored && { warnings: ["Ignore the 'boot' due to 'opts' contains 'noauto'."] }),
    };
  },
});
