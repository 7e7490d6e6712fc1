import type { Plain } from '../../model/module.ts';
import { type Collector, linesOf, strip, wordsOf } from './collector.ts';
import { FILES_FIRST } from './names.ts';

/** The small collectors of ansible-core's module_utils/facts/system. */

const passwd = (line: string): readonly string[] => line.trim().split(':');

export const dateTime: Collector = {
  name: 'date_time',
  ids: [],
  run: {
    // Of busybox each date needs a process of its own.
    now: `form='+%Y|%m|%A|%w|%W|%d|%H|%M|%S|%s|%Z|%z|%N'
all=$(date -f - "$form" <<.
now
Jan 1 00:00
Jul 1 00:00
.
) && echo "$all" || {
  date "$form"
  y=$(date +%Y)
  date -d "$y-01-01 00:00:00" "$form"
  date -d "$y-07-01 00:00:00" "$form"
}`,
  },
  read(host) {
    const [now = [], january = [], july = []] = linesOf(host.output('now')).map(line => line.split('|'));
    const [year = '', month = '', weekday = '', weekday_number = '', weeknumber = '', day = '', hour = '', minute = '', second = ''] = now;
    const [epoch = '0', tz = '', tz_offset = '', nanos = ''] = now.slice(9);
    const micros = /^\d{9}$/.test(nanos) ? nanos.slice(0, 6) : '000000';
    const utc = new Date(Number(epoch) * 1000).toISOString().slice(0, 19);
    const compact = `${year}${month}${day}T${hour}${minute}${second}`;
    const [name = tz, offset = tz_offset] = january.slice(10);
    const [otherName = name, otherOffset = offset] = july.slice(10);
    const date_time = {
      year,
      month,
      weekday,
      weekday_number,
      weeknumber,
      day,
      hour,
      minute,
      second,
      epoch,
      epoch_int: epoch,
      tz,
      tz_offset,
      date: `${year}-${month}-${day}`,
      time: `${hour}:${minute}:${second}`,
      iso8601_micro: `${utc}.${micros}Z`,
      iso8601: `${utc}Z`,
      iso8601_basic: compact + micros,
      iso8601_basic_short: compact,
      // Summer time is the one further east.
      tz_dst: Number(otherOffset) > Number(offset) ? otherName : name,
    };
    return { date_time };
  },
};

export const user: Collector = {
  name: 'user',
  ids: [
    'user_id',
    'user_uid',
    'user_gid',
    'user_gecos',
    'user_dir',
    'user_shell',
    'real_user_id',
    'effective_user_id',
    'effective_group_ids',
  ],
  files: ['/proc/self/status'],
  run: {
    // Python's getpass.getuser(), then pwd. Mostly it is root, who stands in the first line.
    files_first: FILES_FIRST,
    passwd: `name=\${LOGNAME:-\${USER:-\${LNAME:-\${USERNAME:-}}}}
entry() {
  if command -v getent >/dev/null; then getent passwd "$1" && return; fi
  while IFS= read -r line; do case $line in "$1":*|*:*:"$1":*) printf '%s\\n' "$line"; return 0 ;; esac; done </etc/passwd
  return 1
}
printf '%s\\n' "$name"
read -r line </etc/passwd
case $line in
  "$name":*:*:*:*:*:*) files_first passwd && printf '%s\\n' "$line" ;;
  *) false ;;
esac || { [ -n "$name" ] && entry "$name"; } || entry "$(id -u)"`,
  },
  read(host) {
    const [asked = '', line = ''] = host.output('passwd').split('\n');
    const [name = '', , uid = '0', gid = '0', gecos = '', dir = '', shell = ''] = passwd(line);
    const ids = (kind: string): readonly number[] =>
      wordsOf(new RegExp(`^${kind}:(.*)$`, 'm').exec(host.file('/proc/self/status') ?? '')?.[1] ?? '').map(Number);
    return {
      user_id: asked === '' ? name : asked,
      user_uid: Number(uid),
      user_gid: Number(gid),
      user_gecos: gecos,
      user_dir: dir,
      user_shell: shell,
      real_user_id: ids('Uid')[0] ?? null,
      effective_user_id: ids('Uid')[1] ?? null,
      real_group_id: ids('Gid')[0] ?? null,
      effective_group_id: ids('Gid')[0] ?? null,
    };
  },
};

export const env: Collector = {
  name: 'env',
  ids: [],
  run: { env: 'cat /proc/self/environ' },
  read: host => ({
    env: Object.fromEntries(
      host
        .output('env')
        .split('\0')
        .map(entry => /^([^=]+)=([^]*)$/.exec(entry))
        .filter(match => match !== null)
        .map(([, key = '', value = '']) => [key, value]),
    ),
  }),
};

export const dns: Collector = {
  name: 'dns',
  ids: [],
  files: ['/etc/resolv.conf'],
  read(host) {
    const found: Record<string, Plain> = {};
    for (const line of linesOf(host.file('/etc/resolv.conf'))) {
      const [key = '', ...words] = wordsOf(line);
      if (/^[#;]/.test(line)) continue;
      if (key === 'nameserver') found['nameservers'] = [...((found['nameservers'] as string[] | undefined) ?? []), ...words];
      else if (key === 'domain' && words[0] !== undefined) found['domain'] = words[0];
      else if (key === 'search' || key === 'sortlist') found[key] = words;
      else if (key === 'options') found['options'] = Object.fromEntries(words.map(word => option(word, ':')));
    }
    return { dns: found };
  },
};
/** `name` is true, `name:value` its value. */
const option = (word: string, sign: string): readonly [string, Plain] => {
  const at = word.indexOf(sign);
  return at < 0 ? [word, true] : [word.slice(0, at), word.slice(at + 1) || true];
};

export const lsb: Collector = {
  name: 'lsb',
  ids: [],
  files: ['/etc/lsb-release'],
  run: { lsb: 'lsb_release -a' },
  read(host) {
    const found: Record<string, string> = {};
    const take = (text: string | undefined, sign: string, keys: Readonly<Record<string, string>>): void => {
      for (const line of linesOf(text)) {
        const at = line.indexOf(sign);
        const key = keys[line.slice(0, at).trim()];
        if (at > 0 && key !== undefined) found[key] = strip(line.slice(at + 1).trim(), `'"\\`);
      }
    };
    const names = {
      'LSB Version': 'release',
      'Distributor ID': 'id',
      Description: 'description',
      Release: 'release',
      Codename: 'codename',
    };
    take(host.output('lsb'), ':', names);
    if (Object.keys(found).length === 0)
      take(host.file('/etc/lsb-release'), '=', {
        DISTRIB_ID: 'id',
        DISTRIB_RELEASE: 'release',
        DISTRIB_DESCRIPTION: 'description',
        DISTRIB_CODENAME: 'codename',
      });
    const { release } = found;
    return { lsb: release === undefined ? found : { ...found, major_release: release.split('.')[0] ?? '' } };
  },
};

export const cmdline: Collector = {
  name: 'cmdline',
  ids: [],
  files: ['/proc/cmdline'],
  read(host) {
    const text = host.file('/proc/cmdline');
    if (text === undefined) return {};
    const pairs = (text.match(/"[^"]*"|'[^']*'|\S+/g) ?? []).map((word): readonly [string, Plain] => {
      const at = word.indexOf('=');
      return at < 0 ? [word, true] : [word.slice(0, at), word.slice(at + 1)];
    });
    const every: Record<string, Plain> = {};
    for (const [key, value] of pairs) {
      const old = every[key];
      every[key] = old === undefined || value === true ? value : Array.isArray(old) ? [...old, value] : [old, value];
    }
    return { cmdline: Object.fromEntries(pairs), proc_cmdline: every };
  },
};

export const loadavg: Collector = {
  name: 'loadavg',
  ids: [],
  files: ['/proc/loadavg'],
  read(host) {
    const [one, five, fifteen] = wordsOf(host.file('/proc/loadavg') ?? '').map(Number);
    return one === undefined ? {} : { loadavg: { '1m': one, '5m': five ?? 0, '15m': fifteen ?? 0 } };
  },
};
