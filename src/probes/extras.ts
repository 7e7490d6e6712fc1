import type { ProbeKind } from '../model/probe.ts';
import { kept } from '../shell/kept.ts';
import { calls, LINES } from './path.ts';

const program = (command: string): string =>
  kept(`${LINES}
ask() { exec ${command} "$@"; }
look() {
printf '%s\\n' "$#"
for kplay_p do
shift
if [ -e "$kplay_p" ] || [ -L "$kplay_p" ]; then echo =; set -- "$@" "$kplay_p"; else echo; fi
done
lines ask "$@"
}`);

/** One line of a program's answer for each subject, from one run of it where it takes many; empty where it has none or is not installed. */
const lineOf = (name: string, look: string): ProbeKind<string> => ({
  name,
  sight: 'local',
  shares: true,
  script: subjects => look + calls('look', subjects),
  parse: (stdout, subjects) => {
    const lines = stdout.toString().split('\n');
    const answers: string[] = [];
    while (answers.length < subjects.length && lines.length > 1) {
      const chunk = lines.splice(0, 1 + Number(lines[0])).slice(1);
      answers.push(...chunk.map(line => (line === '=' ? (lines.shift() ?? '') : line)));
    }
    return subjects.map((_, i) => answers[i] ?? '');
  },
});

/** `text/plain; charset=us-ascii`, as file(1) finds it. A symlink is a symlink. */
export const mime = lineOf('mime type', program('file -b --mime-type --mime-encoding --'));
/** `VERSION FLAGS PATH`, as lsattr(1) prints it. Empty for symlinks and on file systems without flags. */
export const flags = lineOf('file flags', program('lsattr -vd --'));
