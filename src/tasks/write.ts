import { isUtf8 } from 'node:buffer';
import { createHash, randomBytes } from 'node:crypto';
import { posix } from 'node:path';
import { KplayError } from '../model/errors.ts';
import type { Fields, Input, Output, Step } from '../model/module.ts';
import type { Node } from '../probes/stat.ts';
import { IN_A_SESSION } from '../shell/session.ts';
import { quote, raw, sh } from '../shell/sh.ts';
import { nodeOf, report, type Setting, settle } from './attributes.ts';
import { texts } from './program.ts';
import { wordsOf } from './words.ts';

/** A regular file to be put in the place of whatever is at `path`. */
export interface Writing {
  /** Expanded; a symlink there is replaced, not followed. */
  readonly path: string;
  /** From the controller, or a file of the host. */
  readonly from: Input | { readonly path: string };
  readonly sizeBytes: number;
  readonly sha256: string;
  /** An old file whose owner, permissions, ACLs and extended attributes stay. */
  readonly keep?: Node | undefined;
  readonly set: Setting;
  /** Permissions where nothing is kept or set. */
  readonly bits: number;
  readonly backup?: boolean;
  /** A command with `%s` where the new file is; the old one stays unless it succeeds. */
  readonly validate?: string | undefined;
  /** Fields of a failure to validate, which then tells what the command said. */
  readonly told?: Fields;
  readonly unsafeWrites?: boolean;
  /** Ends its output with what `report` prints in any case. */
  readonly reports?: boolean;
}

/**
 * Replaces a file in one rename. What does not arrive whole, on a full disk or from a broken stream, leaves the old file; nobody but its
 * owner-to-be can read the new one at any time. It is written through the descriptor it was made with, so whoever owns the folder can put nothing else
 * in its place before that. Prints the backup's path, and what `report` prints where it has to look anyway.
 */
export const write = (file: Writing): Step => {
  const { from, keep, set, path } = file;
  const bits = set.bits ?? keep?.bits ?? file.bits;
  const place = placeOf(file, bits);
  const made = madeWith(file, bits, place);
  // What is closed was looked at while it was empty; written into the old file it keeps that one's permissions.
  const isSure = made === undefined || (place === 'closed' && file.unsafeWrites !== true);
  const toSet = made !== undefined || keepsAll(file, bits) ? undefined : bits;
  const short = shortText(from);
  const script = sh`set -e
umask ${made === undefined ? '077' : (0o666 & ~made).toString(8).padStart(3, '0')}
backup= made=
dest=${path}
trap '[ ! -e "$made" ] || rm -rf -- "$made"' EXIT
trap 'exit 143' HUP INT TERM
${raw(PLACES[place](path))}
${raw(short === undefined ? store(file) : sh`printf '%s' ${short} >&3 || ${raw(UNWRITTEN)}`)}
exec 3>&-
${raw(short === undefined ? verify(file) : '')}
${raw(keep ? keeping(keep) : '')}
${raw(settle(raw('"$new"'), { ...set, bits: toSet, context: undefined }))}
${raw(file.validate === undefined ? '' : validation(file.validate, file.told ?? {}))}
${raw('path' in from ? sh`touch -r ${from.path} -- "$new"` : '')}
${raw(file.backup === true ? BACKUP : '')}
${raw(file.unsafeWrites === true ? 'mv -f -- "$new" "$dest" 2>/dev/null || cat -- "$new" >"$dest"' : 'mv -f -- "$new" "$dest"')}
${raw(keep ? '' : LABEL)}
${raw(settle(raw('"$dest"'), { context: set.context }))}
printf '%s' "$backup"
${raw(isSure ? (file.reports === true ? report(path) : '') : reportMade(path, made))}`;
  return {
    script,
    ...(short !== undefined && { holdsContent: true }),
    ...(short === undefined && !('path' in from) && { stdin: from }),
    ...(file.told && { explain: explaining(file.told) }),
  };
};

/** Whether the old file's attributes are all that the new one needs. What cp cannot give the old owner loses special bits without a word. */
const keepsAll = ({ keep, set }: Writing, bits: number): boolean =>
  keep?.bits === bits && (bits & 0o7000) === 0 && set.uid === undefined && set.gid === undefined;

/** Where the new file lies until it takes the old one's place. */
const placeOf = (file: Writing, bits: number): keyof typeof PLACES => {
  const { validate, keep, set } = file;
  // A command may go by the extension, and what it says needs a place, too.
  if (validate !== undefined) return 'folder';
  // Everybody may read it afterwards, and nobody else comes to own it.
  if ((bits & 0o004) !== 0 && set.uid === undefined && set.gid === undefined) return 'open';
  // What it keeps of the old one and then loses may let more people in than it should.
  return keep && !keepsAll(file, bits) ? 'folder' : 'closed';
};

/** Permissions that it can be made with, unless its folder has other ideas. */
const madeWith = ({ keep }: Writing, bits: number, place: keyof typeof PLACES): number | undefined => {
  if (keep !== undefined || place === 'folder') return undefined;
  return (place === 'open' ? (bits & ~0o666) === 0 : bits === 0o600) ? bits : undefined;
};

/** A name that needs no program to find; no file has it. */
const inOpen = (path: string): string => sh`new=${posix.dirname(path)}/.kplay.${randomBytes(12).toString('hex')}
made=$new
set -C; exec 3>"$new"; set +C`;
/** In a folder for its owner only. */
const inFolder = (path: string): string => sh`made=$(mktemp -d -- ${posix.dirname(path)}/.kplay.XXXXXX)
dir=$made new=$made/new${posix.extname(path)}
set -C; exec 3>"$new"; set +C`;
/** For its owner only. Where a default ACL, or a file system without permissions, opens it to others, nothing is written to it. */
const closed = (path: string): string => sh`${raw(inOpen(path))}
if [ "$(stat -Lc %a /proc/self/fd/3 2>/dev/null)" != 600 ]; then
exec 3>&-
rm -f -- "$new"
${raw(inFolder(path))}
chmod -- 00600 "$new"
fi`;
const PLACES = { open: inOpen, closed, folder: inFolder };

/** As `report`; where the folder had other ideas (what a default ACL lets in besides is let in until here), the permissions are set. */
const reportMade = (path: string, bits: number): string => sh`about=$(${raw(nodeOf(path))})
case $about in
${(0o100000 | bits).toString(16)}\ *) ;;
*) ${raw(settle(path, { bits }))}; about=$(${raw(nodeOf(path))}) ;;
esac
printf '\0%s\n' "$about"`;

/**
 * Text that the shell can write by itself: a script is read whole before it runs, so no part of it can be missing. What a file system says only at close
 * it does not hear.
 */
const MOST_SPELLED_BYTES = 16 * 1024;
const shortText = (from: Writing['from']): string | undefined => {
  if (!(from instanceof Uint8Array) || from.byteLength > MOST_SPELLED_BYTES) return undefined;
  return isUtf8(from) && !from.includes(0) ? Buffer.from(from).toString() : undefined;
};
/** Not every shell says that it cannot write. */
const UNWRITTEN = '{ echo "cannot write $dest: is the disk full?" >&2; exit 1; }';

const store = ({ from }: Writing): string => `${'path' in from ? sh`cat -- ${from.path}` : 'cat'} >&3`;
const verify = ({ sha256, sizeBytes }: Writing): string => sh`case $(sha256sum <"$new") in
${sha256}\ *) ;;
*) echo "Transfer failed: $(wc -c <"$new") bytes of ${raw(String(sizeBytes))} arrived for $dest" >&2; exit 1 ;;
esac`;

/** Best effort with what the host has: busybox knows neither option, and SELinux may be off. */
const KEEP = 'cp --attributes-only --preserve=mode,ownership,xattr -- "$dest" "$new" 2>/dev/null';
const keeping = ({ uid, gid, bits }: Node): string => `${KEEP} || {
{ ${settle(raw('"$new"'), { uid, gid })}; } 2>/dev/null || :
${settle(raw('"$new"'), { bits })}
}
if [ -e /sys/fs/selinux/enforce ]; then chcon --reference="$dest" -- "$new" 2>/dev/null || :; fi`;
const LABEL = `if [ -e /sys/fs/selinux/enforce ]; then restorecon -- "$dest" 2>/dev/null || :; fi`;
/** Copies `$dest` to `$backup`, named as Ansible does, by process and time. `$$` would be the same in two acts of one second. */
export const BACKUP = `{ read -r pid rest </proc/self/stat; } 2>/dev/null || pid=$$
backup=$dest.$pid.$(date +%Y-%m-%d@%H:%M:%S~)
cp -p -- "$dest" "$backup"`;

const validation = (command: string, fields: Fields): string => {
  if (!command.includes('%s')) throw new KplayError('E_ARGS', `validate must contain %s: ${command}`, { fields });
  const words = wordsOf(command).map(word =>
    word
      .split('%s')
      .map(part => quote(part.replaceAll('%%', '%')))
      .join('"$new"'),
  );
  return `(${IN_A_SESSION} ${words.join(' ')}) >"$dir/out" 2>"$dir/err" </dev/null || {
  rc=$?
  echo "invalid $rc $(wc -c <"$dir/out")"
  cat "$dir/out" "$dir/err"
  echo "failed to validate (exit status $rc)" >&2
  cat "$dir/out" "$dir/err" >&2
  exit 1
}`;
};

/** What a validating command said of a file that was therefore not put in its place. */
const explaining =
  (fields: Fields) =>
  ({ stdout: said, stderr }: Output): KplayError | undefined => {
    const end = said.indexOf('\n') + 1;
    const [, rc, sizeBytes] = /^invalid (\d+) +(\d+)$/.exec(said.subarray(0, end - 1).toString()) ?? [];
    if (rc === undefined) return undefined;
    const rest = end + Number(sizeBytes);
    const [out, err] = [said.subarray(end, rest).toString(), said.subarray(rest).toString()];
    return new KplayError('E_ACT', `failed to validate (exit status ${rc})`, {
      detail: stderr.toString().trim(),
      fields: { exit_status: Number(rc), ...texts(out, err), ...fields },
    });
  };

/** A text file in one rename; where none is kept, everybody may read the new one. */
export const writeText = (path: string, text: string | Uint8Array, keep?: Node): Step => {
  const from = Buffer.from(text);
  const sha256 = createHash('sha256').update(from).digest('hex');
  return write({ path, from, sizeBytes: from.length, sha256, keep, set: {}, bits: 0o644 });
};

/** The backup's path that `write` printed, where one was made. */
export const backupOf = (stdout: Buffer): string | undefined => stdout.toString().split('\0')[0] || undefined;
