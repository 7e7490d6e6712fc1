import type { Changes } from '../model/module.ts';
import type { User } from '../probes/user.ts';
import { quote, raw, sh } from '../shell/sh.ts';
import { ACCOUNT_FILES } from './account_files.ts';
import type { UserArgs } from './user.ts';

/** Shell functions that the programs below need: they use shadow's useradd and usermod, or the files themselves where these are missing. */
export const PRELUDE = `${ACCOUNT_FILES}
home() {
  [ -e "$1" ] && return
  parent=\${1%/*}; mkdir -p "\${parent:-/}"
  if [ -d "$2" ]; then cp -a "$2" "$1"; else mkdir "$1"; fi
  mode=$(awk '$1 == "HOME_MODE" { m = $2 } $1 == "UMASK" { u = $2 } END { print m ":" u }' /etc/login.defs 2>/dev/null || echo :)
  case $mode in
    :) chmod 755 "$1" ;;
    :*) chmod "$(printf '%o' $((0777 & ~0\${mode#:})))" "$1" ;;
    *) chmod "\${mode%%:*}" "$1" ;;
  esac
  chown -R "$3:$4" "$1"
}
entry() { if has getent; then getent passwd -- "$1"; else grep "^$1:" /etc/passwd; fi; }
lookup_hash() { grep "^$1:" /etc/shadow | cut -d: -f2; }
own_home() { line=$(entry "$1"); ids=\${line#*:*:}; uid=\${ids%%:*}; gid=\${ids#*:}; line=\${line%:*}; home "\${line##*:}" "$2" "$uid" "\${gid%%:*}"; }`;

/** shadow(5) counts days. */
export const dayOf = (seconds: number): number => (seconds < 0 ? -1 : Math.floor(seconds / 86_400));

const SKELETON = '/etc/skel';
type Pairs = readonly (readonly [option: string, value: string | number | undefined])[];
const words = (pairs: Pairs): readonly string[] => pairs.flatMap(([option, value]) => (value === undefined ? [] : [option, String(value)]));
const dateOf = (seconds: number): string => (seconds < 0 ? '' : new Date(Math.floor(seconds) * 1000).toISOString().slice(0, 10));
const settings = (pairs: Readonly<Record<string, string | number | undefined>>): readonly string[] =>
  Object.entries(pairs).flatMap(([key, value]) => (value === undefined ? [] : ['-K', `${key}=${value}`]));

export const createScript = (wanted: UserArgs, groups: readonly string[], gid: number | undefined, hasOwnGroup: boolean): string => {
  const { name, uid, group, comment, home, shell, skeleton, create_home, system, expires, password_lock, password } = wanted;
  const gnu = [
    ...words([
      ['-u', uid],
      ['-s', shell],
      ['-g', group],
      ['-G', groups.length > 0 ? groups.join(',') : undefined],
      ['-c', comment],
      ['-d', home],
    ]),
    ...words([
      ['-e', expires === undefined ? undefined : dateOf(expires)],
      ['-f', wanted.password_expire_account_disable],
    ]),
    ...(wanted.non_unique ? ['-o'] : []),
    ...(group === undefined && hasOwnGroup ? ['-N'] : []),
    ...(create_home ? ['-m', ...words([['-k', skeleton]]), ...settings({ UMASK: wanted.umask })] : ['-M']),
    ...(system ? ['-r'] : []),
    ...settings({ UID_MIN: wanted.uid_min, UID_MAX: wanted.uid_max }),
    name,
  ];
  return [
    ...(create_home && home !== undefined ? [sh`parent=${home}; parent=${raw('${parent%/*}')}; mkdir -p "${raw('${parent:-/}')}"`] : []),
    sh`if has useradd; then useradd ${gnu}; else`,
    ...filesCreate(wanted, groups, gid),
    'fi',
    ...(create_home ? [sh`own_home ${name} ${skeleton ?? SKELETON}`] : []),
    ...(password_lock === true && password === undefined ? [lockScript(name, true)] : []),
    ...ageScripts(wanted, undefined),
  ].join('\n');
};

/** The same lines as useradd would write. Without a group there is one of the account's own name. */
const filesCreate = (wanted: UserArgs, groups: readonly string[], gid: number | undefined): readonly string[] => {
  const { name, uid, comment = '', home = `/home/${name}`, shell = '/bin/sh', system, expires } = wanted;
  const [low, high] = system ? [wanted.uid_min ?? 100, wanted.uid_max ?? 999] : [wanted.uid_min ?? 1000, wanted.uid_max ?? 59_999];
  const ownGroup = sh`  gid=$(id_of group ${name}); [ -n "$gid" ] || { gid=$(free_id group ${low} ${high}); append group ${name}":x:$gid:"; }`;
  return [
    uid === undefined || wanted.non_unique ? '' : sh`  refuse_taken passwd ${uid} ${name}`,
    uid === undefined ? sh`  uid=$(free_id passwd ${low} ${high})` : sh`  uid=${uid}`,
    gid === undefined ? ownGroup : sh`  gid=${gid}`,
    sh`  append passwd ${name}":x:$uid:$gid:"${`${comment}:${home}:${shell}`}`,
    sh`  append shadow ${name}":!:$(($(date +%s) / 86400)):0:99999:7::"${`${expires === undefined || expires < 0 ? '' : dayOf(expires)}:`}`,
    ...groups.map(extra => sh`  join_group ${name} ${extra}`),
  ];
};

const lockScript = (name: string, lock: boolean): string =>
  lock
    ? sh`if has usermod; then usermod -L ${name}; else passwd -l ${name}; fi`
    : sh`if has usermod; then usermod -U ${name}; else passwd -u ${name}; fi`;

/** Days of password ageing; `keys` limits them to what differs. */
const ageScripts = (wanted: UserArgs, keys: ReadonlySet<string> | undefined): readonly string[] => {
  const ages = [
    ['password_expire_min', '-m', 4],
    ['password_expire_max', '-M', 5],
    ['password_expire_warn', '-W', 6],
  ] as const;
  return ages.flatMap(([key, option, at]) => {
    const days = wanted[key];
    if (days === undefined || keys?.has(key) === false) return [];
    return [sh`if has chage; then chage ${option} ${days} ${wanted.name}; else field shadow ${wanted.name} ${at} ${days}; fi`];
  });
};

/** Numbers of the fields in passwd(5) and shadow(5), and usermod's option. */
const FIELDS: Readonly<Record<string, readonly [option: string, file: 'passwd' | 'shadow', at: number]>> = {
  uid: ['-u', 'passwd', 3],
  group: ['-g', 'passwd', 4],
  comment: ['-c', 'passwd', 5],
  home: ['-d', 'passwd', 6],
  shell: ['-s', 'passwd', 7],
  expires: ['-e', 'shadow', 8],
  password_expire_account_disable: ['-f', 'shadow', 7],
};

export const modifyScript = (wanted: UserArgs, seen: User, changes: Changes): string => {
  const { name } = wanted;
  const keys = new Set(changes.map(({ key }) => key));
  const gnu: string[] = [];
  const files = keys.has('uid') && !wanted.non_unique ? [sh`  refuse_taken passwd ${wanted.uid ?? ''} ${name}`] : [];
  for (const { key, after } of changes) {
    const [option, file, at] = FIELDS[key] ?? [];
    if (option === undefined || file === undefined || at === undefined) continue;
    const value = key === 'expires' ? (after === -1 ? '' : String(after)) : String(after);
    gnu.push(option, key === 'expires' ? dateOf(wanted.expires ?? -1) : value);
    files.push(sh`  field ${file} ${name} ${at} ${value}`);
  }
  if (keys.has('home') && wanted.move_home) {
    gnu.push('-m');
    files.push(sh`  [ ! -d ${seen.home} ] || mv ${seen.home} ${wanted.home ?? ''}`);
  }
  if (keys.has('uid') && wanted.non_unique) gnu.push('-o');
  const membership = changes.find(({ key }) => key === 'groups');
  if (membership !== undefined) {
    const [before, after] = [membership.before as string[], membership.after as string[]];
    gnu.push('-G', after.join(','));
    files.push(...after.filter(group => !before.includes(group)).map(group => sh`  join_group ${name} ${group}`));
    files.push(...before.filter(group => !after.includes(group)).map(group => sh`  leave_group ${name} ${group}`));
  }
  const locks = keys.has('password_lock') && !keys.has('password');
  return [
    ...(gnu.length > 0 ? [sh`if has usermod; then usermod ${gnu} ${name}; else`, ...files, 'fi'] : []),
    ...(locks ? [lockScript(name, wanted.password_lock === true)] : []),
    ...ageScripts(wanted, keys),
    ...(wanted.create_home ? [sh`own_home ${name} ${wanted.skeleton ?? SKELETON}`] : []),
  ].join('\n');
};

export const removeScript = ({ name, remove, force }: UserArgs): string => {
  const gnu = [...(force ? ['-f'] : []), ...(remove ? ['-r'] : []), name];
  return [
    sh`if has userdel; then userdel ${gnu}; else`,
    sh`  line=$(entry ${name}); line=${raw('${line%:*}')}`,
    sh`  drop passwd ${name}; drop shadow ${name}; leave_group ${name} ''`,
    sh`  if grep -q ${`^${name}:[^:]*:[^:]*:$`} /etc/group; then drop group ${name}; fi`,
    ...(remove ? [`  case \${line##*:} in /?*) rm -rf "\${line##*:}" ;; esac`] : []),
    'fi',
  ].join('\n');
};

/** Reads `name:hash` from stdin: no list of processes shows it. */
export const passwordScript = `if has chpasswd; then chpasswd -e; else IFS=: read -r name hash; field shadow "$name" 2 "$hash"; fi`;

/** A key pair without a passphrase, the account's own. */
export const keyScript = ({ name, ssh_key_type, ssh_key_bits, ssh_key_comment }: UserArgs, file: string): string => {
  const comment = ssh_key_comment === undefined ? `"ansible-generated on $(uname -n)"` : quote(ssh_key_comment);
  const bits = ssh_key_bits > 0 ? ['-b', String(ssh_key_bits)] : [];
  return `${sh`line=$(entry ${name}) file=${file}`}
ids=\${line#*:*:}; uid=\${ids%%:*}; gid=\${ids#*:}; gid=\${gid%%:*}; line=\${line%:*}
case $file in /*) ;; *) file=\${line##*:}/$file ;; esac
[ -d "\${file%/*}" ] || { mkdir -m 700 "\${file%/*}"; chown "$uid:$gid" "\${file%/*}"; }
rm -f "$file" "$file.pub"
${sh`ssh-keygen -q -t ${ssh_key_type} ${bits} -C ${raw(comment)} -N '' -f "$file" </dev/null`}
chown "$uid:$gid" "$file" "$file.pub"`;
};
