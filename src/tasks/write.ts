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
}

/**
 * Replaces a file in one rename. What does not arrive whole, on a full disk or from a broken stream, leaves the old file; nobody but its
 * owner-to-be can read the new one at any time. Prints the backup's path and what `report` prints.
 */
export const write = (file: Writing): Step => {
  const { from, keep, set, path } = file;
  const bits = set.bits ?? keep?.bits ?? file.bits;
  const where = lies(file, bits);
  const born = keep === undefined && (where === 'open' ? (bits & ~0o666) === 0 : where === 'closed' && bits === 0o600);
  const toSet = born || keepsAll(file, bits) ? undefined : bits;
  const short = shortText(from);
  const script = sh`set -e
umask ${born && where === 'open' ? (0o666 & ~bits).toString(8).padStart(3, '0') : '077'}
backup=
dest=${path}
${raw(PLACES[where](path))}
trap '[ ! -e "$made" ] || rm -rf -- "$made"' EXIT
trap 'exit 143' HUP INT TERM
${raw(short === undefined ? store(file) : sh`printf '%s' ${short} >"$new" || ${raw(UNWRITTEN)}`)}
${raw(keep ? keeping(keep) : '')}
${raw(settle(raw('"$new"'), { ...set, bits: toSet, context: undefined }))}
${raw(file.validate === undefined ? '' : validation(file.validate, file.told ?? {}))}
${raw('path' in from ? sh`touch -r ${from.path} -- "$new"` : '')}
${raw(file.backup === true ? BACKUP : '')}
${raw(file.unsafeWrites === true ? 'mv -f -- "$new" "$dest" 2>/dev/null || cat -- "$new" >"$dest"' : 'mv -f -- "$new" "$dest"')}
${raw(keep ? '' : LABEL)}
${raw(settle(raw('"$dest"'), { context: set.context }))}
printf '%s' "$backup"
${raw(born && where === 'open' ? reportBorn(path, bits) : report(path))}`;
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

/**
 * Where the new file lies until it takes the old one's place. In the open only where everybody may read it afterwards and nobody else comes to own it;
 * closed, as it is made for its owner alone, where it only ever becomes what it is to be. What it keeps of the old one and then loses may let more
 * people in than it should: that, and a command that validates, which may go by the extension and whose words need a place too, need a folder.
 */
const lies = (file: Writing, bits: number): keyof typeof PLACES => {
  const { validate, keep, set } = file;
  if (validate !== undefined) return 'apart';
  if ((bits & 0o004) !== 0 && set.uid === undefined && set.gid === undefined) return 'open';
  return keep && !keepsAll(file, bits) ? 'apart' : 'closed';
};
const PLACES = {
  /** A name that needs no program to find, and no file of it yet. */
  open: (path: string): string => sh`new=${posix.dirname(path)}/.kplay.${randomBytes(12).toString('hex')}
made=$new
set -C; : >"$new"; set +C`,
  /** Its permissions are its own, whatever its folder's default ACL would give it. */
  closed: (path: string): string => sh`made=$(mktemp -- ${posix.dirname(path)}/.kplay.XXXXXX)
new=$made`,
  apart: (path: string): string => sh`made=$(mktemp -d -- ${posix.dirname(path)}/.kplay.XXXXXX)
dir=$made new=$made/new${posix.extname(path)}`,
};

/**
 * As `report`, of a file that was born with its permissions, unless its folder has other ideas: what a default ACL lets in besides is let in until here.
 */
const reportBorn = (path: string, bits: number): string => sh`about=$(${raw(nodeOf(path))})
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
/** The shell says why it cannot create a file; not every one says that it cannot write. */
const UNWRITTEN = '{ [ ! -e "$new" ] || echo "cannot write $dest: is the disk full?" >&2; exit 1; }';

const store = ({ from, sha256, sizeBytes }: Writing): string => sh`${raw('path' in from ? sh`cat -- ${from.path}` : 'cat')} >"$new"
case $(sha256sum <"$new") in
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
