import { raw, sh } from './sh.ts';

/**
 * One persistent shell that runs many requests, each delimited exactly on stdout and on stderr, with no file on the host and no program
 * text or secret in argv. Works in dash, bash and busybox ash.
 *
 *     controller → stdin:  kplay NONCE ID SCRIPT_BYTES STDIN_BYTES \n SCRIPT STDIN
 *     stdout and stderr  →  \n NONCE B ID PID \n … bytes … \n NONCE E ID STATUS \n
 *
 * The loop reads a header byte by byte (`read`), then a feeder copies exactly the announced bytes into a pipe, so that the program's
 * stdin ends where it should and whatever it leaves is drained. The program leads its own session: PID is also its process group.
 * The nonce travels on stdin only: a program cannot know it, so it cannot forge a frame.
 */

/**
 * Copies `$_kb` bytes of stdin and not one more, as the last thing its shell does. busybox's `head` reads ahead, so the loop tries which of the two
 * is exact.
 */
const HEAD = 'exec head -c "$_kb"';
const DD =
  'dd bs=65536 count=$((_kb / 65536)) iflag=fullblock 2>/dev/null; ' +
  '[ $((_kb % 65536)) = 0 ] || dd bs=$((_kb % 65536)) count=1 iflag=fullblock 2>/dev/null';

/** `$1` id, `$2` bytes of script, `$3` the reader; stdin: nonce, script, then the program's own stdin. */
const RUN = [
  'read -r _kn;',
  'printf "\\n%s B %s %s\\n" "$_kn" "$1" "$$"; printf "\\n%s B %s %s\\n" "$_kn" "$1" "$$" >&2;',
  '_kb=$2; _ks=$(eval "$3"); unset _kn _kb; set --;',
  'eval " $_ks"',
].join(' ');

/**
 * `$1` ready marker, `$2` RUN, `$3` and `$4` readers. One line without single quotes, `!` or doubled backslashes, because fish and csh,
 * which may be the login shell, read those differently inside single quotes.
 */
const LOOP = [
  '_kt=; _kr=;',
  '_kx() { printf abcdef | { (_kb=3; eval "$1" >/dev/null); cat; }; };',
  'for _kk in "$3" "$4"; do if [ "$(_kx "$_kk")" = def ]; then _kr=$_kk; break; fi; done;',
  '[ -n "$_kr" ] || _kt="$_kt head-or-dd";',
  'for _kk in setsid stat cat; do command -v "$_kk" >/dev/null || _kt="$_kt $_kk"; done;',
  '_km=; _kb=; read -r _km 2>/dev/null </etc/machine-id; read -r _kb 2>/dev/null </proc/sys/kernel/random/boot_id;',
  'printf "\\n%s ready %s %s:%s:%s%s\\n" "$1" "$$" "$_km" "$_kb" "$(stat -c %d:%i /)" "$_kt";',
  'while read -r _kk _kn _ki _ks _km; do [ "$_kk" = kplay ] || continue;',
  '{ printf "%s\\n" "$_kn"; _kb=$((_ks + _km)); eval "$_kr"; } | {',
  'setsid /bin/sh -c "$2" /bin/sh "$_ki" "$_ks" "$_kr"; _kc=$?;',
  '[ "$_km" = 0 ] && [ $_kc -lt 128 ] || cat >/dev/null; exit $_kc; };',
  '_kc=$?; printf "\\n%s E %s %s\\n" "$_kn" "$_ki" "$_kc"; printf "\\n%s E %s %s\\n" "$_kn" "$_ki" "$_kc" >&2;',
  'done',
].join(' ');

/** Starts the loop. The marker announces readiness; it is seen by everyone on the host, so it is not the nonce. */
export const loopCommand = (marker: string): string => sh`exec /bin/sh -c ${LOOP} /bin/sh ${marker} ${RUN} ${HEAD} ${DD}`;

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

export const frame = (nonce: string, id: number, script: Buffer, stdinBytes: number): Buffer =>
  Buffer.concat([Buffer.from(`kplay ${nonce} ${id} ${script.length} ${stdinBytes}\n`), script]);

/**
 * Ends everything in the session that process `pid` leads: TERM, two seconds, KILL. Does nothing unless `pid` is a grandchild of the loop
 * `root`, so that a number that was given to another process since is safe. With `andRoot` the loop goes first and starts nothing
 * more. Prints the processes that are still there.
 */
export const killScript = (root: number, pid: number, andRoot: boolean): string =>
  sh`root=${root} leader=${pid} and_root=${andRoot ? 'yes' : 'no'}
${raw(KILL)}`;

const KILL = `
parent() { IFS= read -r line 2>/dev/null <"/proc/$1/stat" || return 1; set -- \${line##*) }; echo "$2"; }
alive() {
  list=
  for file in $(grep -lsE "\\) [^Z] [0-9]+ [0-9]+ $leader " /proc/[0-9]*/stat); do
    file=\${file#/proc/} list="$list \${file%/stat}"
  done
  [ -n "$list" ]
}
loop=$(parent "$leader") && [ "$(parent "$loop")" = "$root" ] || exit 0
if [ "$and_root" = yes ]; then kill -KILL "$root"; fi
for signal in TERM KILL; do
  round=0
  while alive && [ $round -lt 20 ]; do
    if [ $round = 0 ] || [ $signal = KILL ]; then kill -$signal "-$leader" $list 2>/dev/null; fi
    sleep 0.1 2>/dev/null || sleep 1
    round=$((round + 1))
  done
done
if alive; then echo "$list"; fi`;
