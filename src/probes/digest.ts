import { KplayError } from '../model/errors.ts';
import type { ProbeKind } from '../model/probe.ts';
import { kept } from '../shell/kept.ts';
import { calls, LINES } from './path.ts';

const HEX_DIGITS = { md5: 32, sha1: 40, sha224: 56, sha256: 64, sha384: 96, sha512: 128 } as const;
export type Algorithm = keyof typeof HEX_DIGITS;
export const ALGORITHMS = Object.keys(HEX_DIGITS) as readonly Algorithm[];

/**
 * Answers a line for each subject: `-` where there is no readable regular file, `=` where the digest follows below, from one process for all,
 * or the digest itself for names that hold a newline or a backslash (GNU escapes those, busybox does not).
 */
const program = (tool: string): string =>
  kept(`${LINES}
sums() { exec ${tool} -- "$@"; }
look() {
kplay_t=$#
for kplay_p do
shift
if ! [ -f "$kplay_p" ] || ! [ -r "$kplay_p" ]; then kplay_a=-
else case $kplay_p in
*'\\'*|*'
'*) kplay_a=$(${tool} <"$kplay_p" 2>/dev/null) || kplay_a='!';;
*) kplay_a==; set -- "$@" "$kplay_p";;
esac fi
kplay_t="$kplay_t
$kplay_a"
done
printf '%s\\n' "$kplay_t"
lines sums "$@"
}`);

const digest = (algorithm: Algorithm): ProbeKind<string | undefined> => {
  const tool = `${algorithm}sum`;
  const look = program(tool);
  return {
    name: algorithm,
    sight: 'local',
    shares: true,
    script: subjects => look + calls('look', subjects),
    parse: (stdout, subjects) => {
      const lines = stdout.toString().split('\n');
      const answers: string[] = [];
      while (answers.length < subjects.length && lines.length > 1) {
        const count = Number(lines.shift());
        const chunk = lines.splice(0, count);
        answers.push(...chunk.map(line => (line === '=' ? (lines.shift() ?? '') : line)));
      }
      return subjects.map((subject, i): string | undefined | Error => {
        if (answers[i] === '-') return undefined;
        const [hex = ''] = /^[\da-f]+/.exec(answers[i] ?? '') ?? [];
        if (hex.length === HEX_DIGITS[algorithm]) return hex;
        return new KplayError('E_PROBE', `no ${algorithm} of ${subject}`, {
          hint: `the host needs ${tool}, and the file must be readable`,
        });
      });
    },
  };
};

/** Hex digest of a readable regular file, symlinks followed; undefined where there is none. */
export const digests: Readonly<Record<Algorithm, ProbeKind<string | undefined>>> = {
  md5: digest('md5'),
  sha1: digest('sha1'),
  sha224: digest('sha224'),
  sha256: digest('sha256'),
  sha384: digest('sha384'),
  sha512: digest('sha512'),
};
export const { sha256 } = digests;
