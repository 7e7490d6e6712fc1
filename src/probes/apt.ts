import { KplayError } from '../model/errors.ts';
import type { ProbeKind } from '../model/probe.ts';
import { quote, raw, sh } from '../shell/sh.ts';
import { pathWord } from './path.ts';

/** What dpkg and apt know of a package. */
export interface Package {
  /** The version that is installed. */
  readonly installed?: string;
  /** It was removed, its configuration files were not. */
  readonly isConfigLeft: boolean;
  /** apt put it there for others, and may take it away. */
  readonly isAuto: boolean;
  /** What apt would install; unset where that was not asked for, or there is nothing to install. */
  readonly candidate?: string;
  /** All versions that there are, the installed one too. */
  readonly versions: readonly string[];
  /** Of a virtual package: what stands for it, and whether it is installed. */
  readonly providers: readonly { readonly name: string; readonly installed: boolean }[];
}

/** The subject of `packages`. With `candidates`, what could be installed is looked for though the package is there. */
export const packageSubject = (name: string, release: string, candidates: boolean): string => JSON.stringify([release, candidates, name]);
const readSubject = (subject: string): readonly [release: string, candidates: boolean, name: string] =>
  JSON.parse(subject) as [string, boolean, string];

const MANAGERS = ['dnf', 'yum', 'microdnf', 'apk', 'zypper', 'pacman', 'xbps-install', 'emerge', 'opkg'];
/** Exits early, naming the package manager that is there instead. */
const NEED_APT = `if ! command -v apt-get >/dev/null 2>&1; then
for other in ${MANAGERS.join(' ')}; do command -v $other >/dev/null 2>&1 && break; other=; done
printf 'none\\0%s' "$other"; exit 0
fi
LC_ALL=C; export LC_ALL`;
const noApt = (stdout: Buffer): KplayError | undefined => {
  const [word, other = ''] = stdout.toString().split('\0');
  if (word !== 'none') return undefined;
  const found = other === '' ? 'no package manager that kplay knows' : `the package manager ${other}`;
  return new KplayError('E_PROBE', `there is no apt on the host, but ${found}`, {
    hint: 'kplay manages packages with apt only; use `command` there',
  });
};

const ROW = '${Package}\t${Architecture}\t${db:Status-Status}\t${Version}\n';
/** apt-cache is asked only where dpkg does not say enough: it costs ten times as much. */
const LOOK = sh`look() {
release=$1 asks=$2; shift 2
rows=$(dpkg-query -W -f ${ROW} -- "$@" 2>/dev/null)
auto=$(awk '/^Package:/ { name = $2 } /^Architecture:/ { arch = $2 } /^Auto-Installed: 1/ { print name ":" arch }' /var/lib/apt/extended_states 2>/dev/null)
policy= showpkg= others=
if [ "$asks" = 1 ] || [ "$(printf '%s\n' "$rows" | grep -c '	installed	')" -lt $# ]; then
policy=$(apt-cache ${raw('${release:+-t "$release"}')} policy -- "$@" 2>/dev/null)
virtual=$(printf '%s\n' "$policy" | awk '/^[^ ]/ { name = substr($0, 1, length($0) - 1) } /^  Installed:/ { there = $2 } /^  Candidate: \(none\)/ && there == "(none)" { print name }')
if [ -n "$virtual" ]; then
showpkg=$(apt-cache showpkg -- $virtual 2>/dev/null | awk '/^Package: / { name = $2 } /^Reverse Provides:/ { on = 1; next } /^$/ { on = 0 } on { print name, $1 }')
[ -z "$showpkg" ] || others=$(dpkg-query -W -f ${ROW} -- $(printf '%s\n' "$showpkg" | cut -d' ' -f2) 2>/dev/null)
fi
fi
printf '%s\0' "$rows" "$auto" "$policy" "$showpkg" "$others"
}`;

export const packages: ProbeKind<Package> = {
  name: 'packages',
  sight: 'local',
  script(subjects) {
    const calls = groups(subjects).map(([release, asks, names]) => sh`look ${release} ${asks ? 1 : 0} ${names}`);
    return `${NEED_APT}\n${LOOK}\nprintf '%s\\0' "$(dpkg --print-architecture)"\n${calls.join('\n')}`;
  },
  parse(stdout, subjects) {
    const missing = noApt(stdout);
    if (missing !== undefined) return subjects.map(() => missing);
    const [native = '', ...fields] = stdout.toString().split('\0');
    const found = new Map<string, Package>();
    for (const [i, [release, , names]] of groups(subjects).entries()) {
      const [rows = '', auto = '', policy = '', showpkg = '', others] = fields.slice(5 * i, 5 * i + 5);
      if (others === undefined) break;
      const known = { native, rows: `${rows}\n${others}`, auto: auto.split('\n'), policy, showpkg };
      for (const name of names) found.set(`${release}\0${name}`, packageOf(name, known));
    }
    return subjects.map(subject => {
      const [release, , name] = readSubject(subject);
      return found.get(`${release}\0${name}`) ?? new KplayError('E_PROBE', `the package ${name} could not be looked at`);
    });
  },
};

/** By release: one run of each program for all names. */
const groups = (subjects: readonly string[]): readonly (readonly [release: string, asks: boolean, names: readonly string[]])[] =>
  [...Map.groupBy(subjects.map(readSubject), ([release]) => release)].map(([release, all]) => [
    release,
    all.some(([, asks]) => asks),
    [...new Set(all.map(([, , name]) => name))],
  ]);

interface Known {
  readonly native: string;
  readonly rows: string;
  readonly auto: readonly string[];
  readonly policy: string;
  readonly showpkg: string;
}
const rowOf = (name: string, { native, rows }: Known): readonly string[] => {
  const [bare = '', wanted] = name.split(':');
  const mine = rows
    .split('\n')
    .map(row => row.split('\t'))
    .filter(([own, arch = '']) => own === bare && (wanted === undefined ? [native, 'all'] : [wanted, 'all']).includes(arch));
  return mine.find(([, , state]) => state === 'installed') ?? mine[0] ?? [];
};
const packageOf = (name: string, known: Known): Package => {
  const [bare = '', arch = '', state = '', version = ''] = rowOf(name, known);
  const lines =
    known.policy
      .split(/^(?=\S)/m)
      .find(part => part.startsWith(`${name}:`))
      ?.split('\n') ?? [];
  const candidate = lines.flatMap(line => /^ {2}Candidate: (.*)$/.exec(line)?.[1] ?? [])[0];
  const providers = known.showpkg.split('\n').flatMap(line => (line.startsWith(`${name} `) ? [line.slice(name.length + 1)] : []));
  return {
    ...(state === 'installed' && { installed: version }),
    isConfigLeft: state === 'config-files',
    isAuto: state === 'installed' && known.auto.some(auto => auto === `${bare}:${arch}` || auto === `${bare}:${known.native}`),
    ...(candidate !== undefined && candidate !== '(none)' && { candidate }),
    versions: lines.flatMap(line => /^ (?:\*\*\*| {3}) (\S+) -?\d+(?: |$)/.exec(line)?.[1] ?? []),
    providers: [...new Set(providers)].map(provider => ({ name: provider, installed: rowOf(provider, known)[2] === 'installed' })),
  };
};

/** When apt's lists were fetched, and the host's present time, in seconds since the epoch. */
export interface Lists {
  readonly fetchedAt: number;
  readonly now: number;
}
export const LISTS = `printf '%s ' "$(stat -Lc %Y /var/lib/apt/periodic/update-success-stamp 2>/dev/null || stat -Lc %Y /var/lib/apt/lists 2>/dev/null || echo 0)"
date +%s`;
export const readLists = (text: string): Lists => {
  const [fetchedAt = 0, now = 0] = text.trim().split(' ').map(Number);
  return { fetchedAt, now };
};
export const lists: ProbeKind<Lists> = {
  name: 'apt lists',
  sight: 'local',
  script: () => `${NEED_APT}\n${LISTS}`,
  parse: (stdout, subjects) => subjects.map(() => noApt(stdout) ?? readLists(stdout.toString())),
};

/** What apt-get would do: words as the subject, `Inst` and `Remv` lines as the answer. */
export interface Intent {
  readonly name: string;
  readonly before?: string;
  readonly after?: string;
}
export const simulation: ProbeKind<readonly Intent[]> = {
  name: 'apt simulation',
  sight: 'local',
  script: subjects =>
    `${NEED_APT}\n${subjects.map(subject => `apt-get -s ${subject.split(' ').map(quote).join(' ')} 2>/dev/null; printf '\\0%s\\0' "$?"`).join('\n')}`,
  parse(stdout, subjects) {
    const missing = noApt(stdout);
    const fields = stdout.toString().split('\0');
    return subjects.map((subject, i): readonly Intent[] | Error => {
      if (missing !== undefined) return missing;
      const [text = '', rc] = fields.slice(2 * i, 2 * i + 2);
      if (rc !== '0') return new KplayError('E_PROBE', `apt-get -s ${subject} failed`, { detail: text });
      return [...text.matchAll(/^(Inst|Remv) (\S+)(?: \[(\S+)\])?(?: \((\S+))?/gm)].map(([, verb, name = '', before, after]) => ({
        name,
        ...(before !== undefined && { before }),
        ...(verb === 'Inst' && after !== undefined && { after }),
      }));
    });
  },
};

/** A .deb file of the host. */
export interface Deb {
  readonly name: string;
  readonly version: string;
  readonly installed?: string;
}
export const deb: ProbeKind<Deb | undefined> = {
  name: 'deb file',
  sight: 'local',
  script: subjects => `${NEED_APT}
for f in ${subjects.map(subject => pathWord(subject).text).join(' ')}; do
p=$(dpkg-deb -f "$f" Package 2>/dev/null) && a=$(dpkg-deb -f "$f" Architecture)
[ "$a" != all ] || a=
printf '%s\\0' "$p" "$(dpkg-deb -f "$f" Version 2>/dev/null)" "$(dpkg-query -W -f '\${db:Status-Status} \${Version}' -- "$p\${a:+:$a}" 2>/dev/null)"
done`,
  parse(stdout, subjects) {
    const missing = noApt(stdout);
    const fields = stdout.toString().split('\0');
    return subjects.map((_, i): Deb | undefined | Error => {
      if (missing !== undefined) return missing;
      const [name = '', version = '', state = ''] = fields.slice(3 * i, 3 * i + 3);
      const installed = /^installed (.+)$/.exec(state)?.[1];
      return name === '' ? undefined : { name, version, ...(installed !== undefined && { installed }) };
    });
  },
};
