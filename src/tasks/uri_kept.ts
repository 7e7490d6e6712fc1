import { pathWord } from '../probes/path.ts';
import { type Node, NODE_FORMAT, parseNode } from '../probes/stat.ts';
import { raw, sh } from '../shell/sh.ts';
import { textFields } from './http.ts';
import type { UriArgs } from './uri.ts';

/** What became of an answer's body on the host. */
export interface Kept {
  /** Where `dest` leads: in a folder the name is the server's or the URL's. Unset without `dest`. */
  readonly path?: string;
  /** The body was written there. */
  readonly isWritten: boolean;
  /** What is at `path` now. */
  readonly node?: Node;
  readonly body: Buffer;
}

/**
 * Writes a success to `dest`. Prints three fields that end in NUL: where to, something if it was written, what stat(1) says of it; then the
 * body where it may be wanted.
 */
export const keepScript = ({ dest, status_code, mode, owner, group, return_content }: UriArgs): string => {
  if (dest === undefined) return `printf '\\0\\0\\0'; cat "$d/b"`;
  const octal = typeof mode === 'number' ? mode.toString(8) : mode === undefined ? '' : String(mode);
  return sh`dest=${raw(pathWord(dest).text)}
[ "$status" != -1 ] || status=$(sed -n 's/^HTTP[^ ]* \([0-9]*\).*/\1/p' "$d/h" | tail -n 1)
if [ -d "$dest" ]; then
  name=$(sed -n 's/^[Cc]ontent-[Dd]isposition:.*filename="\{0,1\}\([^";]*\).*/\1/p' "$d/h" | tr -d '\r' | tail -n 1); name=${raw('${name##*/}')}
  [ -n "$name" ] || { name=${raw('${url%%[?#]*}')}; name=${raw('${name#*://}')}; case $name in */*) name=${raw('${name##*/}')} ;; *) name= ;; esac; }
  dest=$dest/${raw('${name:-index.html}')}
fi
written= wanted=1
case ${` ${status_code.filter(code => code !== 304).join(' ')} `} in
  *" $status "*)
    new=$(mktemp "$dest.XXXXXX") && cat "$d/b" >"$new" && { [ -e "$dest" ] && cp -p "$dest" "$dest.kplay" 2>/dev/null && cat "$new" >"$dest.kplay" && mv -f "$dest.kplay" "$new" || chmod 644 "$new"; } && mv -f "$new" "$dest" || exit 9
    ${raw(octal === '' ? ':' : sh`chmod ${octal} "$dest" || exit 9`)}
    ${raw(owner === undefined && group === undefined ? ':' : sh`chown ${`${owner ?? ''}${group === undefined ? '' : `:${group}`}`} "$dest" || exit 9`)}
    written=1
    ${raw(return_content ? ':' : `case $status in 2*) grep -qi '^content-type:.*json' "$d/h" || wanted= ;; esac`)} ;;
esac
printf '%s\0%s\0%s\0' "$dest" "$written" "$([ ! -e "$dest" ] || stat -c ${NODE_FORMAT} -- "$dest")"
[ -z "$wanted" ] || cat "$d/b"`;
};

export const readKept = (printed: Buffer): Kept => {
  const { fields, rest } = textFields(printed, 3);
  const [path = '', written = '', line = ''] = fields;
  const node = parseNode(line);
  return { ...(path !== '' && { path }), isWritten: written !== '', ...(node && { node }), body: rest };
};
