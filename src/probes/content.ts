import { randomUUID } from 'node:crypto';
import { KplayError } from '../model/errors.ts';
import type { ProbeKind } from '../model/probe.ts';
import { kept } from '../shell/kept.ts';
import { quote } from '../shell/sh.ts';
import { calls, pathWord } from './path.ts';

/**
 * Answers, for each subject, bytes as they are and then a line of a boundary no file can know and a verdict: `+` all bytes, `-` absent or a
 * directory, `!` no regular file or not readable. The boundary comes first.
 */
const split = (stdout: Buffer, subjects: readonly string[]): readonly { verdict: string; bytes: Buffer }[] => {
  const boundary = stdout.subarray(0, stdout.indexOf('\n'));
  let at = boundary.length + 1;
  return subjects.map(() => {
    const end = boundary.length === 0 ? -1 : stdout.indexOf(boundary, at);
    if (end < 0) return { verdict: '?', bytes: Buffer.alloc(0) };
    const bytes = stdout.subarray(at, end);
    at = end + boundary.length + 2;
    return { verdict: stdout.toString('latin1', at - 2, at - 1), bytes };
  });
};
const opening = (boundary: string): string => `kplay_b=${quote(boundary)}
echo "$kplay_b"
`;
const END = `end() { printf '%s%s\\n' "$kplay_b" "$1"; }`;

const LOOK = kept(`${END}
look() {
for kplay_p do
if ! [ -e "$kplay_p" ] || [ -d "$kplay_p" ]; then end -
elif [ -f "$kplay_p" ] && cat -- "$kplay_p" 2>/dev/null; then end +
else end !; fi
done
}`);

/** All bytes of a file, symlinks followed; undefined where there is nothing or a directory. An Error for what may not be read. */
export const content: ProbeKind<Buffer | undefined> = {
  name: 'content',
  sight: 'local',
  shares: true,
  script: subjects => `${opening(randomUUID())}${LOOK}${calls('look', subjects)}`,
  parse: (stdout, subjects) =>
    split(stdout, subjects).map(({ verdict, bytes }, i): Buffer | undefined | Error => {
      if (verdict === '-') return undefined;
      return verdict === '+' ? bytes : new KplayError('E_PROBE', `file is not readable: ${subjects[i]}`);
    }),
};

/** The same of a file that nobody may be shown, whatever goes wrong. */
export const secret: ProbeKind<Buffer | undefined> = { ...content, name: 'secret', secret: true };

/** Beyond this no text is fetched for a diff (Ansible's max_diff_size). */
export const MAX_DIFF_BYTES = 104_448;

/** The subject of `oldText`: the file's path, and the digest (sha256) at which nobody needs its text. */
export const unless = (sha256: string, path: string): string => `${sha256} ${path}`;

/**
 * For a diff: the present text of a file that does not have the digest. Empty where there is nothing; undefined where it is no text, longer than
 * MAX_DIFF_BYTES, not readable, or has the digest.
 */
export const oldText: ProbeKind<string | undefined> = {
  name: 'old text',
  sight: 'local',
  script: subjects => `${opening(randomUUID())}${END}
look() {
if ! [ -e "$2" ]; then end +; return; fi
if [ -f "$2" ] && [ -r "$2" ]; then
case $(sha256sum <"$2" 2>/dev/null) in "$1 "*) ;; *) head -c ${MAX_DIFF_BYTES + 1} -- "$2" && end + && return;; esac
fi
end !
}
${subjects.map(subject => `look ${quote(subject.slice(0, 64))} ${pathWord(subject.slice(65)).text}`).join('\n')}`,
  parse: (stdout, subjects) =>
    split(stdout, subjects).map(({ verdict, bytes }) =>
      verdict !== '+' || bytes.length > MAX_DIFF_BYTES || bytes.includes(0) ? undefined : bytes.toString(),
    ),
};
