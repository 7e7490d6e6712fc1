import type { Piece } from './kept.ts';
import { raw, sh } from './sh.ts';

/**
 * One persistent shell that runs many requests, each delimited exactly on stdout and on stderr, with no file on the host and no program
 * text or secret in argv. Works in dash, bash and busybox ash.
 *
 *     controller → stdin:  kplay NONCE ID INPUT PIECE… \n SCRIPT STDIN
 *     stdout and stderr  →  \n NONCE B ID PID \n … bytes … \n NONCE E ID STATUS \n
 *
 * A script comes in pieces: `LINES` or `:BYTES` that follow, in `NUMBER=LINES` or `NUMBER=:BYTES` to be kept as well, in `@NUMBER` as they were kept.
 * The loop puts it together and runs it in a subshell: one process. `INPUT` is how many bytes of stdin follow. Where there are some, a feeder copies
 * exactly so many into a pipe, so that the script's stdin ends where it should and whatever it leaves is drained. `-` is none, of a script whose stderr
 * nobody wants: there it has no marks, which spares two packets. The nonce travels on stdin only: a program cannot know it, so it cannot forge a frame.
 */

/**
 * Copies `$_kb` bytes of stdin and not one more, as the last thing its shell does. busybox's `head` reads ahead, so the loop tries which of the two
 * is exact.
 */
const HEAD = 'exec head -c "$_kb"';
const DD =
  'dd bs=65536 count=$((_kb / 65536)) iflag=fullblock 2>/dev/null; ' +
  '[ $((_kb % 65536)) = 0 ] || dd bs=$((_kb % 65536)) count=1 iflag=fullblock 2>/dev/null';

/** Lets what a program left of its input go. Mostly that is nothing, which `read` sees without a program; byte by byte, so not for much. */
const DRAIN = 'if [ "$_km" -gt 65536 ]; then cat >/dev/null; else while IFS= read -r _kx; do :; done; fi;';

/**
 * `$1` ready marker, `$2` and `$3` readers. One line without single quotes, `!` or doubled backslashes, because fish and csh,
 * which may be the login shell, read those differently inside single quotes.
 */
const LOOP = [
  '_kt=; _kr=; _kz=$(printf "\\nx"); _kz=${_kz%x};',
  '_kx() { printf "abcdef\\n" | { (_kb=3; eval "$1" >/dev/null); read -r _kx; [ "$_kx" = def ]; }; };',
  'for _kk in "$2" "$3"; do if _kx "$_kk"; then _kr=$_kk; break; fi; done;',
  '[ -n "$_kr" ] || _kt="$_kt head-or-dd";',
  'for _kk in setsid stat cat; do command -v "$_kk" >/dev/null || _kt="$_kt $_kk"; done;',
  // What a task's environment may change for its programs, and must not for ours (session.ts).
  '_kq=$PATH; _kv=$(command -v setsid);',
  '_km=; _kb=; read -r _km 2>/dev/null </etc/machine-id; read -r _kb 2>/dev/null </proc/sys/kernel/random/boot_id;',
  'printf "\\n%s ready %s %s:%s:%s%s\\n" "$1" "$$" "$_km" "$_kb" "$(stat -c %d:%i /)" "$_kt";',
  // Who looks at /proc/self is the subshell itself, whose `$$` is the loop's.
  '_kh() { for _kx in /proc/self/task/*; do _kx=${_kx##*/}; done; case $_kx in "*") _kx=$$ ;; esac;',
  'printf "\\n%s B %s %s\\n" "$_kn" "$_ki" "$_kx"; printf "\\n%s B %s %s\\n" "$_kn" "$_ki" "$_kx" >&2; unset _kn; eval " $_kp"; };',
  'while read -r _kk _kn _ki _km _kl; do [ "$_kk" = kplay ] || continue; _kp=;',
  'for _kk in $_kl; do _kc=${_kk#*=}; _ks=; case $_kc in',
  '@*) eval "_ks=\\$_k${_kc#@}" ;;',
  // What the link broke off in is not run.
  ':*) _ks=$(_kb=${_kc#:}; eval "$_kr"); case $_ks in *"#$_kn") _ks=${_ks%"#$_kn"} ;; *) exit ;; esac ;;',
  '*) while [ "$_kc" -gt 0 ]; do IFS= read -r _kx || exit; _ks=$_ks$_kx$_kz; _kc=$((_kc - 1)); done ;; esac;',
  'case $_kk in *=*) eval "_k${_kk%%=*}=\\$_ks" ;; esac; _kp=$_kp$_ks; done;',
  'case $_km in -) ( _kh ) </dev/null 2>/dev/null ;; 0) ( _kh ) </dev/null ;;',
  `*) { _kb=$_km; eval "$_kr"; } | { ( _kh ); _kc=$?; ${DRAIN} exit $_kc; } ;; esac;`,
  '_kc=$?; printf "\\n%s E %s %s\\n" "$_kn" "$_ki" "$_kc"; [ "$_km" = - ] || printf "\\n%s E %s %s\\n" "$_kn" "$_ki" "$_kc" >&2;',
  'done',
].join(' ');

/** Starts the loop. The marker announces readiness; it is seen by everyone on the host, so it is not the nonce. */
export const loopCommand = (marker: string): string => sh`exec /bin/sh -c ${LOOP} /bin/sh ${marker} ${HEAD} ${DD}`;

/** What the loop announces before its first request. */
export interface Ready {
  /** The loop's own process. */
  readonly pid: number;
  /**
   * The machine: machine-id, boot id, and device and inode of its root directory. The last two tell clones and containers apart; all
   * three look the same to every user (PID 1's namespaces are for root only).
   */
  readonly target: string;
  /** Tools the loop needs and the host lacks. */
  readonly missing: readonly string[];
}

/** Finds the announcement in what was printed so far; greetings before it are dropped. Nothing follows it until a request is sent. */
export const findReady = (printed: Buffer, marker: string): Ready | undefined => {
  const start = `\n${marker} ready `;
  const from = printed.indexOf(start);
  const to = from < 0 ? -1 : printed.indexOf('\n', from + 1);
  if (to < 0) return undefined;
  const [pid, target = '', ...missing] = printed.toString('utf8', from + start.length, to).split(' ');
  return { pid: Number(pid), target, missing };
};

/** Byte by byte, by the shell itself, is cheaper than another program, as long as there are not more. */
const READ_BY_SHELL_BYTES = 6144;

/** `input`: bytes of stdin; `quiet` is none, and no stderr. */
export const frame = (nonce: string, id: number, pieces: readonly Piece[], input: number | 'quiet'): Buffer => {
  const words: string[] = [];
  let text = '';
  for (const piece of pieces) {
    if ('kept' in piece) {
      words.push(`@${piece.kept}`);
      continue;
    }
    const whole = piece.text.endsWith('\n') ? piece.text : `${piece.text}\n`;
    const byLine = Buffer.byteLength(whole) <= READ_BY_SHELL_BYTES;
    const sent = byLine ? whole : `${whole}#${nonce}`;
    words.push(`${piece.keep === undefined ? '' : `${piece.keep}=`}${byLine ? newlinesIn(whole) : `:${Buffer.byteLength(sent)}`}`);
    text += sent;
  }
  return Buffer.from(`kplay ${nonce} ${id} ${input === 'quiet' ? '-' : input} ${words.join(' ')}\n${text}`);
};

const newlinesIn = (text: string): number => {
  let lines = 0;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) lines += 1;
  return lines;
};

/**
 * Ends what process `pid` began: its descendants, and the sessions that they lead. TERM, two seconds, KILL. Does nothing unless `pid` is a child or
 * grandchild of the loop `root`, so that a number that was given to another process since is safe. With `andRoot` the loop goes first and starts
 * nothing more. Prints the processes that are still there.
 */
export const killScript = (root: number, pid: number, andRoot: boolean): string =>
  sh`root=${root} leader=${pid} and_root=${andRoot ? 'yes' : 'no'}
${raw(KILL)}`;

/** A member is told by its number and its start time, and stays one when its parent has gone before it. */
const KILL = `
about() { IFS= read -r line 2>/dev/null <"/proc/$1/stat" || return 1; set -- \${line##*) }; state=$1 parent=$2 session=$4 start=\${20}; }
about "$leader" || exit 0
members=" $leader/$start"
[ "$parent" = "$root" ] || { about "$parent" && [ "$parent" = "$root" ]; } || exit 0
origin=$members
survey() {
  grown=yes
  while [ "$grown" ]; do
    grown= now=
    for process in /proc/[0-9]*; do
      process=\${process#/proc/}
      about "$process" && [ "$state" != Z ] || continue
      case "$origin$members$now " in
        *" $process/$start "*) ;;
        *" $parent/"* | *" $session/"*) grown=yes ;;
        *) continue ;;
      esac
      now="$now $process/$start"
    done
    members=$now
  done
  [ -n "$members" ]
}
left() {
  now=
  for member in $members; do
    about "\${member%/*}" && [ "$state" != Z ] && [ "$start" = "\${member#*/}" ] && now="$now $member"
  done
  members=$now
  [ -n "$members" ]
}
send() {
  list=
  for member in $members; do list="$list \${member%/*}"; done
  kill -$1 $list 2>/dev/null
}
if [ "$and_root" = yes ]; then kill -KILL "$root"; fi
for signal in TERM KILL; do
  survey && send $signal
  round=0
  while left && [ $round -lt 20 ]; do
    if [ $signal = KILL ]; then survey && send KILL; fi
    sleep 0.1 2>/dev/null || sleep 1
    round=$((round + 1))
  done
done
if survey; then echo "$members"; fi`;
