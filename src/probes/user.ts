import { KplayError } from '../model/errors.ts';
import type { ProbeKind } from '../model/probe.ts';
import { raw, sh } from '../shell/sh.ts';

/** An account as passwd(5) and shadow(5) have it. Days are counted since 1970; -1 where there is no limit. */
export interface User {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  readonly comment: string;
  readonly home: string;
  readonly shell: string;
  /** In /etc/passwd, and not only in a directory service. */
  readonly local: boolean;
  readonly homeExists: boolean;
  /** The hash, or what stands in its place; '' where shadow cannot be read. */
  readonly password: string;
  readonly minDays: number;
  readonly maxDays: number;
  readonly warnDays: number;
  readonly inactiveDays: number;
  readonly expireDay: number;
}
export interface Group {
  readonly name: string;
  readonly gid: number;
  readonly members: readonly string[];
  readonly local: boolean;
}

/** A host without getent has only the files. */
const ENTRY = `entry() {
  if command -v getent >/dev/null 2>&1; then getent "$1" -- "$2" 2>/dev/null; return; fi
  while IFS= read -r line; do case $line in "$2":*) printf '%s\\n' "$line"; return ;; esac; done <"/etc/$1" 2>/dev/null
}
isLocal() { while IFS= read -r line; do case $line in "$2":*) echo 1; return ;; esac; done <"/etc/$1" 2>/dev/null; echo; }`;

const ACCOUNT = `account() {
  passwd=$(entry passwd "$1")
  home=\${passwd%:*}; home=\${home##*:}
  there=; [ -z "$passwd" ] || [ ! -e "$home" ] || there=1
  printf '%s\\0' "$passwd" "$(entry shadow "$1")" "$(isLocal passwd "$1")" "$there"
}`;

/** Accounts by name; undefined where there is none. */
export const user: ProbeKind<User | undefined> = {
  name: 'user',
  sight: 'local',
  script: subjects => sh`${raw(ENTRY)}
${raw(ACCOUNT)}
for name in ${subjects}; do account "$name"; done`,
  parse(stdout, subjects) {
    const fields = stdout.toString().split('\0');
    return subjects.map((subject, i) => {
      const [passwd, shadow = '', local, there] = fields.slice(4 * i, 4 * i + 4);
      if (there === undefined) return new KplayError('E_PROBE', `the account ${subject} could not be looked at`);
      return passwd === undefined || passwd === '' ? undefined : userOf(passwd, shadow, local === '1', there === '1');
    });
  },
};
const userOf = (passwd: string, shadow: string, local: boolean, homeExists: boolean): User => {
  const [name = '', field = '', uid = '', gid = '', comment = '', home = '', shell = ''] = passwd.split(':');
  const [, hash, , ...days] = shadow.split(':');
  const day = (at: number): number => (days[at] === undefined || days[at] === '' ? -1 : Number(days[at]));
  const limits = { minDays: day(0), maxDays: day(1), warnDays: day(2), inactiveDays: day(3), expireDay: day(4) };
  const password = field.length > 1 ? field : (hash ?? '');
  return { name, uid: Number(uid), gid: Number(gid), comment, home, shell, local, homeExists, password, ...limits };
};

/**
 * All groups that the host lists. The subject names, between commas, groups (or gids) that must be among them: a directory service may know
 * groups that it does not list.
 */
export const groups: ProbeKind<readonly Group[]> = {
  name: 'groups',
  sight: 'local',
  script: subjects => sh`if command -v getent >/dev/null 2>&1; then
  getent group 2>/dev/null
  getent group -- ${[...new Set(subjects.flatMap(subject => subject.split(',')))].filter(name => name !== '').concat('0')} 2>/dev/null
else cat /etc/group; fi
printf '\0'
cat /etc/group 2>/dev/null
:`,
  parse(stdout, subjects) {
    const [listed = '', local = ''] = stdout.toString().split('\0');
    const names = new Set(local.split('\n').map(line => line.split(':')[0]));
    const table = new Map<string, Group>();
    for (const line of listed.split('\n')) {
      const [name = '', , gid = '', members = ''] = line.split(':');
      if (name === '' || table.has(name)) continue;
      table.set(name, { name, gid: Number(gid), members: members.split(',').filter(member => member !== ''), local: names.has(name) });
    }
    return subjects.map(() => [...table.values()]);
  },
};

/** A user's key pair. */
export interface SshKey {
  readonly path: string;
  readonly privateExists: boolean;
  readonly publicKey?: string;
  readonly fingerprint?: string;
}
/** Subjects are `user:file`; a relative file is in the user's home. */
export const sshKey: ProbeKind<SshKey> = {
  name: 'ssh key',
  sight: 'local',
  script: subjects =>
    [
      ENTRY,
      `key() {
  case $2 in
    /*) file=$2 ;;
    *) home=$(entry passwd "$1"); home=\${home%:*}; file=\${home##*:}/$2 ;;
  esac
  there=; [ ! -e "$file" ] || there=1
  printf '%s\\0' "$file" "$there" "$(cat "$file.pub" 2>/dev/null)" "$(ssh-keygen -l -f "$file" 2>/dev/null </dev/null)"
}`,
      ...subjects.map(subject => sh`key ${subject.slice(0, subject.indexOf(':'))} ${subject.slice(subject.indexOf(':') + 1)}`),
    ].join('\n'),
  parse(stdout, subjects) {
    const fields = stdout.toString().split('\0');
    return subjects.map((_, i): SshKey => {
      const [path = '', there = '', publicKey = '', fingerprint = ''] = fields.slice(4 * i, 4 * i + 4);
      return { path, privateExists: there === '1', ...(publicKey && { publicKey }), ...(fingerprint && { fingerprint }) };
    });
  },
};
