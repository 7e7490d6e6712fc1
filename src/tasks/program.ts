import { randomBytes } from 'node:crypto';
import type { Fields, Input, Output, Step } from '../model/module.ts';
import { kept } from '../shell/kept.ts';
import { IN_A_SESSION, OWN_PATH } from '../shell/session.ts';
import { quote } from '../shell/sh.ts';

/**
 * The user's own programs (command, shell, script, raw). They run in a session of their own, and what they print goes to files that nobody else can
 * read and is passed on when they end: a daemon left behind can neither hold our shell's output open nor write into a later task's.
 * Where no file can be written (a full or read-only disk) they write straight to us.
 */

/**
 * `prepare` sets the words to run as `$@`; it may call kplay_refuse ERRNO TEXT, and name a folder to remove at the end in kplay_home. The
 * program reads `stdin`, or nothing.
 */
export const programStep = (prepare: string, stdin?: Input): Step => ({
  exit: 'any',
  script: [
    `kplay_name=kplay.${randomBytes(12).toString('hex')}`,
    START,
    prepare,
    ...(stdin === undefined ? ['exec </dev/null'] : []),
    RUN,
  ].join('\n'),
  ...(stdin === undefined ? {} : { stdin }),
});

/**
 * The first line of our output says whether the program was started; of one that was not, errno and the reason follow. Our names are long
 * because an exported variable of the same name would be changed for the program.
 */
const START = kept(`kplay_refuse() { printf 'refused %s\\n%s' "$1" "$2"; exit 1; }
kplay_to= kplay_home=
trap '${OWN_PATH}; [ -z "$kplay_to$kplay_home" ] || rm -rf \${kplay_to:+"$kplay_to.out" "$kplay_to.err"} \${kplay_home:+"$kplay_home"}' EXIT
trap 'exit 143' HUP INT TERM`);

const RUN = kept(`for kplay_at in "\${TMPDIR:-/tmp}" /dev/shm /run; do
  kplay_to=$kplay_at/$kplay_name
  if (umask 077; set -C; echo >"$kplay_to.out" && : >"$kplay_to.err") 2>/dev/null; then break; fi
  rm -f "$kplay_to.out"; kplay_to=
done
echo ran
if [ -z "$kplay_to" ]; then (${IN_A_SESSION} "$@"); exit; fi
exec 8<"$kplay_to.out" 9<"$kplay_to.err"
{ (${IN_A_SESSION} "$@") >"$kplay_to.out" 2>"$kplay_to.err" 8<&- 9<&-; kplay_rc=$?; } 2>/dev/null
${OWN_PATH}
if [ -s "$kplay_to.out" ] || [ ! -e "$kplay_to.out" ]; then cat <&8; fi
if [ -s "$kplay_to.err" ] || [ ! -e "$kplay_to.err" ]; then cat <&9 >&2; fi
exit $kplay_rc`);

/** Refuses what execvp(3) would: the shell itself would run its builtins and call other errors 127. */
export const FIND_PROGRAM = kept(`kplay_find() {
  case $1 in
    */*) [ -e "$1" ] || return 2; [ -f "$1" ] && [ -x "$1" ] || return 13 ;;
    *) IFS=:; set -f; kplay_found=2
      for kplay_at in $PATH; do
        [ -f "\${kplay_at:-.}/$1" ] || continue
        if [ -x "\${kplay_at:-.}/$1" ]; then kplay_found=0; break; fi
        kplay_found=13
      done
      unset IFS; set +f; return $kplay_found ;;
  esac
}
kplay_find "$1"
case $? in
  0) ;;
  2) kplay_refuse 2 "[Errno 2] No such file or directory: b'$1'" ;;
  *) kplay_refuse 13 "[Errno 13] Permission denied: b'$1'" ;;
esac`);

/** Goes to a folder, given as one shell word, whatever links lead there, or refuses with errno 0: the program's own status is then null. */
export const changeDir = (word: string): string => `kplay_at=${word}
${CHANGE_DIR}`;
const CHANGE_DIR = kept(`if ! [ -d "$kplay_at" ]; then
  [ -e "$kplay_at" ] && kplay_why='[Errno 20] Not a directory' || kplay_why='[Errno 2] No such file or directory'
  kplay_refuse 0 "Unable to change directory before execution: $kplay_why: b'$kplay_at'"
fi
cd -P "$kplay_at" 2>/dev/null || kplay_refuse 0 "Unable to change directory before execution: [Errno 13] Permission denied: b'$kplay_at'"`);

/** What became of a program. `refused` is why it was not started, with `rc` the errno. Texts are UTF-8, unstripped. */
export interface Ran {
  readonly refused?: string;
  readonly rc: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly output: Output;
}

export const readRun = (output: Output): Ran => {
  const end = output.stdout.indexOf('\n');
  const [word, errno] = output.stdout.subarray(0, end).toString().split(' ');
  const rest = output.stdout.subarray(end + 1).toString();
  if (word === 'refused') return { refused: rest, rc: Number(errno), stdout: '', stderr: '', output };
  return { rc: output.rc, stdout: end < 0 ? '' : rest, stderr: output.stderr.toString(), output };
};

/** stdout and stderr with their lines, as every result of a program carries them. */
export const texts = (stdout: string, stderr: string): Fields => ({
  stdout,
  stdout_lines: lines(stdout),
  stderr,
  stderr_lines: lines(stderr),
});

/** Python's str.splitlines(). */
export const lines = (text: string): readonly string[] => {
  // oxlint-disable-next-line no-control-regex -- Python ends lines at these too.
  const found = text.split(/\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]/);
  return found.at(-1) === '' ? found.slice(0, -1) : found;
};

/** start, end and delta as Python prints them, by the controller's clock and time zone. */
export const times = ({ startedAt, endedAt }: Output): Fields => ({
  start: pythonTime(startedAt),
  end: pythonTime(endedAt),
  delta: pythonDelta(Math.max(0, endedAt.getTime() - startedAt.getTime())),
});
const two = (value: number): string => String(value).padStart(2, '0');
const micros = (milliseconds: number): string => (milliseconds === 0 ? '' : `.${String(milliseconds).padStart(3, '0')}000`);

const pythonTime = (at: Date): string =>
  `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}${micros(at.getMilliseconds())}`;

const pythonDelta = (ms: number): string => {
  const seconds = Math.floor(ms / 1000);
  const days = Math.floor(seconds / 86_400);
  const clock = `${Math.floor((seconds % 86_400) / 3600)}:${two(Math.floor((seconds % 3600) / 60))}:${two(seconds % 60)}${micros(ms % 1000)}`;
  return days === 0 ? clock : `${days} day${days === 1 ? '' : 's'}, ${clock}`;
};

/** Python's shlex.quote() of each word. */
export const joinWords = (words: readonly string[]): string =>
  words.map(word => (word !== '' && /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'"'"'`)}'`)).join(' ');

/** `/bin/sh -c LINE`, or another shell's. */
export const shellWords = (line: string, executable = '/bin/sh'): string => `set -- ${[executable, '-c', line].map(quote).join(' ')}`;
