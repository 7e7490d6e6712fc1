import { isIP } from 'node:net';
import * as z from 'zod';
import { KplayError } from '../model/errors.ts';
import type { Fields, Plain } from '../model/module.ts';
import { pathWord } from '../probes/path.ts';
import { NODE_FORMAT, parseNode } from '../probes/stat.ts';
import { raw, sh } from '../shell/sh.ts';
import { choice, int, list, optional, path, str } from './args.ts';
import { defineModule } from './define.ts';
import { octal } from './mode.ts';

/** TCP states by the number that /proc/net/tcp has for them. */
const TCP_STATES: Readonly<Record<string, string>> = {
  ESTABLISHED: '01',
  SYN_SENT: '02',
  SYN_RECV: '03',
  FIN_WAIT1: '04',
  FIN_WAIT2: '05',
  TIME_WAIT: '06',
};

const args = z
  .strictObject({
    host: str.default('127.0.0.1').describe('Name or address, as the target sees it.'),
    port: optional(int).describe('Port to wait for.'),
    path: optional(path).describe('File on the target to wait for.'),
    state: choice('started', 'stopped', 'present', 'absent', 'drained')
      .default('started')
      .describe('For a port: open, closed or without connections; for a file: there or not.'),
    search_regex: optional(str).describe('Text that a line of the file, or what the port sends, must match.'),
    timeout: int.default(300).describe('Seconds to wait in all.'),
    connect_timeout: int.default(5).describe('Seconds to wait for one connection.'),
    delay: int.default(0).describe('Seconds to wait before the first look.'),
    sleep: int.default(1).describe('Seconds between looks.'),
    exclude_hosts: optional(list).describe('With drained: addresses whose connections do not count.'),
    active_connection_states: list.default(Object.keys(TCP_STATES)).describe('With drained: TCP states that count.'),
    msg: optional(str).describe('What to say when it took too long.'),
  })
  .superRefine((given, context) => {
    if (given.port !== undefined && given.path !== undefined)
      context.addIssue('port and path parameter can not both be passed to wait_for');
    if (given.path !== undefined && (given.state === 'stopped' || given.state === 'drained'))
      context.addIssue(`state=${given.state} should only be used for checking a port in the wait_for module`);
    if (given.exclude_hosts !== undefined && given.state !== 'drained') context.addIssue('exclude_hosts should only be with state=drained');
    for (const state of given.active_connection_states)
      if (TCP_STATES[state] === undefined) context.addIssue(`unknown active_connection_state (${state}) defined`);
  });
type Args = z.output<typeof args>;

/** Connects with what the target has. nc and bash tell a refusal from a silence; of curl the time to connect tells it. */
const CONNECT = `limit=; command -v timeout >/dev/null 2>&1 && limit="timeout $wait"
connects() {
  case $tool in
    bash) $limit bash -c 'exec 3<>"/dev/tcp/$1/$2"' - "$host" "$port" ;;
    nc) nc -z -w "$wait" "$host" "$port" </dev/null ;;
    busybox-nc) nc -w "$wait" "$host" "$port" </dev/null >/dev/null ;;
    curl) case $(curl -s -m "$wait" -o /dev/null -w '%{time_connect}' "telnet://$at:$port" </dev/null) in *[1-9]*) ;; *) return 1 ;; esac ;;
  esac
} 2>/dev/null
sends() {
  case $tool in
    bash) $limit bash -c 'exec 3<>"/dev/tcp/$1/$2"; shift 2; exec "$@" <&3' - "$host" "$port" grep -m 1 -q $kind -- "$pattern" ;;
    nc|busybox-nc) nc -w "$wait" "$host" "$port" </dev/null | grep -m 1 -q $kind -- "$pattern" ;;
    curl) curl -s -N -m "$wait" "telnet://$at:$port" </dev/null | grep -m 1 -q $kind -- "$pattern" ;;
  esac
} 2>/dev/null
case $host in *:*) at="[$host]" ;; *) at=$host ;; esac
if command -v bash >/dev/null 2>&1; then tool=bash
elif command -v nc >/dev/null 2>&1; then
  case $(nc -h 2>&1; nc --help 2>&1) in *BusyBox*) tool=busybox-nc ;; *) tool=nc ;; esac
elif command -v curl >/dev/null 2>&1; then tool=curl
else echo tool; exit 0
fi`;

/** GNU's grep reads the expressions of Perl, which are nearest to Python's; others get extended ones. */
const GREP = `kind=-E; echo x | grep -qP x 2>/dev/null && kind=-aP`;

const LOOP = `start=$(date +%s); end=$((start + limit_all))
told() { echo "$1 $(($(date +%s) - start))"; }
[ "$delay" -le 0 ] || sleep "$delay"
first=1; [ "$limit_all" -gt 0 ] || first=
while [ -n "$first" ] || [ "$(date +%s)" -lt "$end" ]; do
  first=
  if met; then told met; found; exit 0; fi
  sleep "$pause"
done
told late`;

/** An address as /proc/net/tcp writes it: each four bytes in the order of a little-endian machine. */
const kernelAddress = (address: string): string => {
  const known = address === 'localhost' ? '127.0.0.1' : address;
  const words = isIP(known) === 4 ? [known.split('.').map(Number)] : isIP(known) === 6 ? v6Words(known) : undefined;
  if (words === undefined)
    throw new KplayError('E_ARGS', `state=drained needs addresses, not the name ${address}`, { hint: 'write the address' });
  return words.map(bytes => bytes.toReversed().map(hex).join('')).join('');
};
const hex = (byte: number): string => byte.toString(16).padStart(2, '0').toUpperCase();
const v6Words = (address: string): readonly number[][] => {
  const [head = '', tail] = new URL(`http://[${address}]`).hostname.slice(1, -1).split('::');
  const groups = (text: string | undefined): number[] =>
    text === undefined || text === '' ? [] : text.split(':').map(part => Number.parseInt(part, 16));
  const [left, right] = [groups(head), groups(tail)];
  const all = tail === undefined ? left : [...left, ...Array.from({ length: 8 - left.length - right.length }, () => 0), ...right];
  return [0, 2, 4, 6].map(i => [all[i] ?? 0, all[i + 1] ?? 0].flatMap(group => [group >> 8, group & 255]));
};

const drained = ({ host, port = 0, exclude_hosts = [], active_connection_states }: Args): string => {
  const states = active_connection_states.map(state => TCP_STATES[state] ?? '').join(' ');
  const everywhere = host === '0.0.0.0' || host === '::' ? '1' : '';
  return sh`met() {
  cat /proc/net/tcp /proc/net/tcp6 2>/dev/null | awk -v states=${` ${states} `} -v here=${kernelAddress(host)} -v all=${everywhere} -v port=${port.toString(16).padStart(4, '0').toUpperCase()} -v away=${` ${exclude_hosts.map(kernelAddress).join(' ')} `} '
    $2 ~ /:/ { split($2, mine, ":"); split($3, theirs, ":")
      if (mine[2] == port && index(states, " " $4 " ") && !index(away, " " theirs[1] " ") && (all != "" || mine[1] == here)) n++ }
    END { exit n > 0 }'
}`;
};

const condition = (given: Args): string => {
  const { path: file, port, state, search_regex } = given;
  if (state === 'drained') return drained(given);
  const gone = state === 'absent' || state === 'stopped';
  if (file !== undefined) {
    const word = raw(pathWord(file).text);
    const there =
      search_regex === undefined ? sh`[ -e ${word} ]` : sh`[ -e ${word} ] && grep -m 1 -q $kind -- "$pattern" ${word} 2>/dev/null`;
    return `${search_regex === undefined ? '' : GREP}\nmet() { ${gone ? sh`! [ -e ${word} ]` : there}; }
found() { echo "$(stat -c '${NODE_FORMAT}' -- ${word.text} 2>/dev/null)"; ${search_regex === undefined || gone ? ':' : sh`grep -m 1 $kind -- "$pattern" ${word}`}; }`;
  }
  if (port === undefined) return 'met() { false; }';
  return `${CONNECT}\n${search_regex === undefined ? '' : GREP}\nmet() { ${gone ? '! connects' : search_regex === undefined ? 'connects' : 'sends'}; }`;
};

const what = ({ host, port, path: file, state, search_regex }: Args): string => {
  const at = port === undefined ? file : `${host}:${port}`;
  if (state === 'drained') return `Timeout when waiting for ${host}:${port ?? 'None'} to drain`;
  if (state === 'absent' || state === 'stopped')
    return `Timeout when waiting for ${at} to be ${port === undefined ? 'absent' : 'stop'}.`.replace('be stop.', 'stop.');
  if (search_regex !== undefined) return `Timeout when waiting for search string ${search_regex} in ${at}`;
  return `Timeout when waiting for ${port === undefined ? 'file ' : ''}${at}`;
};

/** Groups of the first match, by number and by name. */
const matched = (
  regex: string | undefined,
  text: string,
): { readonly match_groups: readonly Plain[]; readonly match_groupdict: Fields } => {
  const none = { match_groups: [], match_groupdict: {} };
  if (regex === undefined || text === '') return none;
  const found = expression(regex).exec(text);
  if (found === null) return none;
  return {
    match_groups: found.slice(1).map(group => group ?? null),
    match_groupdict: Object.fromEntries(Object.entries(found.groups ?? {})),
  };
};
const expression = (regex: string): RegExp => {
  try {
    return new RegExp(regex.replaceAll('(?P<', '(?<'), 'm');
  } catch (cause) {
    throw new KplayError('E_ARGS', `Invalid regular expression: ${regex}`, { cause });
  }
};

/** What Ansible adds to every result that has a `path`; it takes the place of `state`. */
const pathInfo = (line: string): Fields => {
  const node = parseNode(line);
  if (node === undefined) return { state: 'absent' };
  const { uid, gid, owner, group, bits, sizeBytes, type, nlink } = node;
  const state = type === 'directory' || type === 'link' ? type : nlink > 1 ? 'hard' : 'file';
  return { uid, gid, owner, group, mode: octal(bits), size: sizeBytes, state };
};

export const waitFor = defineModule<[]>()({
  name: 'wait_for',
  summary: 'Wait on the target for a port, a file, or the end of connections.',
  args,
  reach: 'host',
  checkMode: 'skip',
  observe: () => [],
  analyze(given) {
    if (given.search_regex !== undefined) expression(given.search_regex);
    return [
      { key: 'wait', before: null, after: given.path ?? (given.port === undefined ? `${given.timeout} s` : `${given.host}:${given.port}`) },
    ];
  },

  act(given) {
    const { host, port, connect_timeout, timeout, delay, sleep, search_regex } = given;
    const idle = port === undefined && given.path === undefined && given.state !== 'drained';
    const settings = sh`host=${host} port=${port ?? ''} wait=${connect_timeout} limit_all=${timeout} delay=${delay} pause=${sleep} pattern=${search_regex ?? ''}
found() { :; }`;
    const script = idle ? sh`sleep ${delay + timeout}; echo met ${delay + timeout}` : [settings, condition(given), LOOP].join('\n');
    return [{ script, exit: 'any', timeoutMs: (delay + timeout + connect_timeout + sleep + 30) * 1000 }];
  },

  result(given, _seen, _changes, outputs) {
    const [output] = outputs ?? [];
    if (output === undefined) return { changed: false, skipped: true, msg: 'remote module (wait_for) does not support check mode' };
    const [, word, seconds = '0', text = ''] = /^(\w+)(?: (\d+))?\n?([^]*)$/.exec(output.stdout.toString()) ?? [];
    if (word === 'tool')
      throw new KplayError('E_PROBE', 'nothing on the host can try a port', {
        hint: 'install bash, nc or curl there, or delegate the task',
      });
    const elapsed = Number(seconds);
    if (word !== 'met') return { changed: false, failed: true, msg: given.msg ?? what(given), elapsed };
    const { state, port = null, path: file = null, search_regex = null } = given;
    const [line = '', ...rest] = file === null ? [] : text.split('\n');
    const about = { changed: false, state, port, path: file, search_regex, ...matched(given.search_regex, rest.join('\n')), elapsed };
    return file === null ? about : { ...about, ...pathInfo(line) };
  },
});
