import * as z from 'zod';
import { KplayError } from '../model/errors.ts';
import type { Controller, Fields } from '../model/module.ts';
import { between, difference } from '../probes/difference.ts';
import { literal } from '../probes/path.ts';
import { type Stat, stat } from '../probes/stat.ts';
import { raw, sh } from '../shell/sh.ts';
import { bool, int, list, optional, path, str } from './args.ts';
import { attributeArgs, nodeFields, report, reported } from './attributes.ts';
import { definePrepared } from './define.ts';
import { readSource, type Source } from './source.ts';

const args = z
  .strictObject({
    src: str.describe(
      'The archive: tar in any compression that the host can read, or zip where it has unzip. On the controller, or with remote_src on the host.',
    ),
    dest: path.describe('Folder of the host that it goes into; it must be there.'),
    remote_src: optional(bool).describe('The archive is on the host.'),
    copy: optional(bool).describe('Old name of the opposite of remote_src.'),
    creates: optional(path).describe('When this exists on the host, nothing is done.'),
    exclude: list.default([]).describe('Names and globs to leave out.'),
    include: list.default([]).describe('Only these names.'),
    extra_opts: list.default([]).describe('Further options for tar or unzip, each a word: `--strip-components=1`.'),
    keep_newer: bool.default(false).describe('Leave files alone that are newer than those of the archive.'),
    list_files: bool.default(false).describe('Give the names in the archive as `files`.'),
    decrypt: bool.default(true).describe('Decrypt what Ansible Vault encrypted.'),
    validate_certs: bool.default(true).describe('Taken and ignored: archives are not fetched.'),
    io_buffer_size: optional(int).describe('Taken and ignored.'),
    ...attributeArgs,
  })
  .superRefine(({ src, remote_src, copy, include, exclude }, context) => {
    if (remote_src !== undefined && copy !== undefined) context.addIssue('parameters are mutually exclusive: copy|remote_src');
    if (include.length > 0 && exclude.length > 0) context.addIssue('parameters are mutually exclusive: include|exclude');
    if (src.includes('://')) context.addIssue('src must be a file: fetch it with get_url first');
  });
type Args = z.output<typeof args>;
interface Ready {
  readonly args: Args;
  /** Unset: the archive is on the host. */
  readonly source?: Source;
}
type Seen = [dest: Stat, src: Stat | undefined, creates: Stat | undefined];

const isRemote = ({ remote_src, copy }: Args): boolean => remote_src ?? (copy === undefined ? false : !copy);

/** What `tar --diff` says of files that extracting would change: those of ansible-core's TgzArchive. */
const differences = ({ owner, group, mode }: Args): string =>
  [
    'Mod time differs$',
    '[^ ]: Warning: Cannot stat: No such file or directory$',
    'Invalid owner',
    'Invalid group',
    'Symlink differs$',
    'Contents differ$',
    'Size differs$',
    ...(owner === undefined ? ['Uid differs$'] : []),
    ...(group === undefined ? ['Gid differs$'] : []),
    ...(mode === undefined ? ['Mode differs$'] : []),
  ].join('|');

/** Which program reads it: by its first bytes. GNU's tar lists and compares by itself; what others read is unpacked elsewhere and compared. */
const DETECT = `[ -s "$archive" ] || fail "Invalid archive '$archive', the file is 0 bytes"
case $(head -c 6 "$archive" | od -An -tx1 | tr -d ' \\n') in
  504b*) handler=ZipArchive ;;
  1f8b*) handler=TgzArchive zipped=-z ;;
  425a68*) handler=TarArchive zipped=-j ;;
  fd377a585a00*) handler=TarArchive zipped=-J ;;
  28b52ffd*) handler=TarArchive zipped=--zstd ;;
  *) handler=TarArchive zipped= ;;
esac
kind=tar
case $handler in
  ZipArchive) kind=zip; command -v unzip >/dev/null || fail "there is no unzip on the host, and $archive is a zip archive" ;;
  *) command -v tar >/dev/null || fail 'there is no tar on the host'
    case $(tar --version 2>/dev/null) in *GNU*) kind=gnu ;; esac ;;
esac`;

const PROGRAMS = (given: Args, dest: string): string => {
  const { extra_opts, exclude, include, keep_newer, owner, group } = given;
  const excludes = exclude.map(name => `--exclude=${name.replace(/\/$/, '')}`);
  const options = [...(extra_opts.length > 0 ? ['--show-transformed-names', ...extra_opts] : []), ...excludes];
  const gnu = [
    ...options,
    ...(owner === undefined ? [] : [`--owner=${owner}`]),
    ...(group === undefined ? [] : [`--group=${group}`]),
    ...(keep_newer ? ['--keep-newer-files'] : []),
  ];
  const zip = [...include, ...(exclude.length > 0 ? ['-x', ...exclude] : [])];
  const needsGnu = exclude.length > 0 || keep_newer;
  return sh`[ $kind != tar ] || ${raw(needsGnu ? "fail 'exclude and keep_newer need GNU tar on the host'" : ':')}
names() { case $kind in
gnu) tar --list $zipped --quoting-style=literal -C "$dest" ${options} -f "$archive" ${include} ;;
*) mkdir "$d/x" && unpack "$d/x" >&2 && (cd "$d/x" && find . ! -name . | sed 's,^\./,,') ;;
esac; }
unpack() { case $kind in
gnu) tar --extract $zipped -C "$1" ${gnu} -f "$archive" ${include} ;;
tar) tar -x $zipped ${extra_opts} -C "$1" -f "$archive" ${include} ;;
zip) unzip ${keep_newer ? '-uo' : '-o'} -q ${extra_opts} "$archive" ${zip} -d "$1" ;;
esac; }
same() {
if [ $kind = gnu ]; then
! tar --diff $zipped -C "$dest" ${gnu} -f "$archive" ${include} 2>&1 | grep -Eq ${differences(given)}
else
[ "$( (
${raw(difference.script([between('$d/x', literal(dest), false)]))}
) | tr '\0' '\n')" = / ]
fi
}`;
};

/** Owner, group and mode of everything that was in the archive, and of its top folders. */
const attributing = ({ owner, group, mode }: Args): string => {
  if (owner === undefined && group === undefined && mode === undefined) return '';
  const id = `${owner ?? ''}${group === undefined ? '' : `:${group}`}`;
  return sh`paths() { { cat "$d/names"; sed -n 's,/.*,,p' "$d/names"; } | sort -u | while IFS= read -r name; do
name=${raw('${name#/}')}; name=${raw('${name%/}')}
if [ -L "$dest/$name" ]; then [ -z "$1" ] || printf '%s\0' "$dest/$name"; elif [ -e "$dest/$name" ]; then printf '%s\0' "$dest/$name"; fi
done; }
facts() { paths links | xargs -0 stat -c '%n %u %g %a' --; }
before=$(facts)
${raw(id === '' ? '' : sh`paths links | xargs -0 chown -h -- ${id} || fail 'cannot change the owner'`)}
${raw(mode === undefined ? '' : sh`paths '' | xargs -0 chmod -- ${mode} || fail 'cannot change the mode'`)}
[ "$(facts)" = "$before" ] || changed=1`;
};

const script = (given: Args, dest: string, archive: string | undefined): string => sh`umask 022
LC_ALL=C; export LC_ALL
fail() { echo "$1" >&2; exit 1; }
d=$(mktemp -d) || exit
trap 'rm -rf "$d"' EXIT; trap 'exit 143' HUP INT TERM
dest=${dest} archive=${archive ?? ''} changed=
[ -n "$archive" ] || { archive=$d/source; cat >"$archive" || fail "Source failed to transfer"; }
${raw(DETECT)}
${raw(PROGRAMS(given, dest))}
cd "$dest" || exit
names >"$d/names" 2>"$d/said" || fail "Failed to find handler for \"$archive\". $(tail -n 1 "$d/said")"
[ -s "$d/names" ] || fail "found no files in archive $archive"
if ! same; then
unpack "$dest" >"$d/said" 2>&1 || fail "failed to unpack $archive to $dest: $(tail -n 1 "$d/said")"
changed=1
fi
${raw(attributing(given))}
printf '%s\0%s\0' "$changed" "$handler"
cat "$d/names"
${raw(report(dest))}`;

/** ansible.builtin.unarchive. */
export const unarchive = definePrepared<Seen, Ready>()({
  name: 'unarchive',
  summary: 'Unpack an archive on the host.',
  args,
  reach: 'host',
  // As Ansible's for tar: what is in the archive is known once it is there.
  checkMode: 'skip',

  async prepare(given, controller: Controller): Promise<Ready> {
    if (isRemote(given)) return { args: given };
    return { args: given, source: await readSource(controller.find(given.src, 'files'), controller, given.decrypt) };
  },
  observe: ({ args: given, source }) => [
    { kind: stat, subject: given.dest },
    source === undefined ? { kind: stat, subject: given.src } : undefined,
    given.creates === undefined ? undefined : { kind: stat, subject: given.creates },
  ],

  analyze({ args: given }, [dest, src, creates]) {
    if (creates?.target !== undefined) return [];
    if (dest.target?.type !== 'directory') throw new KplayError('E_STATE', `dest '${dest.path}' must be an existing dir`);
    if (src !== undefined && src.target === undefined) throw new KplayError('E_STATE', `Source '${src.path}' does not exist`);
    if (src?.access.read === false) throw new KplayError('E_STATE', `Source '${src.path}' not readable`);
    return [{ path: dest.path, key: 'archive', before: null, after: given.src }];
  },

  act: ({ args: given, source }, [dest, src]) => [
    { script: script(given, dest.path, src?.path), ...(source !== undefined && { stdin: source.input }) },
  ],

  result({ args: given }, [dest, src, creates], _changes, outputs): Fields {
    if (creates?.target !== undefined) return { changed: false, skipped: true, msg: `skipped, since ${given.creates} exists` };
    const stdout = outputs?.[0]?.stdout;
    if (stdout === undefined)
      return { changed: false, skipped: true, msg: 'remote module (unarchive) does not support check mode when using gtar' };
    const [changed = '', handler = '', names = ''] = stdout.toString().split('\0');
    return {
      changed: changed === '1',
      dest: dest.path,
      src: src?.path ?? given.src,
      handler,
      ...(given.list_files && { files: names.split('\n').filter(Boolean) }),
      ...nodeFields(reported(stdout)),
    };
  },
});
