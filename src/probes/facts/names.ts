import { wordsOf } from './collector.ts';

/** What hosts are told by name, as glibc and Python look it up. */

/**
 * `files_first DATABASE` in sh: whether nsswitch.conf(5) has the database's file asked first and believes it. A line that is there twice is
 * nothing to go by.
 */
export const FILES_FIRST = `files_first() {
  order=
  while read -r database service next rest; do [ "$database" != "$1:" ] || order="$order/$service $next"; done </etc/nsswitch.conf
  case $order in /*/* | *' ['*) return 1 ;; '/files '*) ;; *) return 1 ;; esac
}`;

/**
 * Our line of /etc/hosts, where nothing else can be what a C library finds: one line has the name, and none before it has the address. Left to the
 * library is what it may read in another way: capitals, IPv6 (in which IPv4 can be written, and `::1` is taken for 127.0.0.1), numbers as names,
 * a dot in a later name only (musl has no later names), a last line that has no end. And long files: byte by byte is cheaper than a program only
 * where there are not many.
 */
const IN_HOSTS = `in_hosts() {
  case $name in [![:lower:]]*) return 1 ;; esac
  files_first hosts || return
  line= seen=' '
  while read -r at names; do
    names=" \${names%%#*} "
    case $at$names in '#'* | ' '*) continue ;; *[[:upper:]]* | *ffff:*) return 1 ;; esac
    case $names in *[[:space:]]"$name"[[:space:]]*)
      case $line$seen in [!\\ ]* | *" $at "*) return 1 ;; esac
      line=$at$names ;;
    esac
    seen="$seen$at "
    [ \${#seen} -lt 2000 ] || return
  done </etc/hosts
  [ -z "$at" ] || return
  read -r at first more <<.
$line
.
  case $at in 127.0.0.1 | 0* | *.0[0-9]* | *[!0-9.]* | *.*.*.*.* | *[0-9][0-9][0-9][0-9]*) return 1 ;; esac
  case $at in *2[6-9][0-9]* | *25[6-9]* | *[3-9][0-9][0-9]*) return 1 ;; *[0-9].*[0-9].*[0-9].*[0-9]) ;; *) return 1 ;; esac
  case $first/$more in *.*/*) ;; */*.*) return 1 ;; esac
  echo "$at $first $more"
}`;

/**
 * Python's getfqdn(): the first address of our name, and the names of that address. A name server that is away must not hold us. Stands behind
 * `FILES_FIRST`.
 */
export const FQDN = `${IN_HOSTS}
read -r name </proc/sys/kernel/hostname || name=$(uname -n)
in_hosts || if command -v getent >/dev/null; then
  slow=; command -v timeout >/dev/null && slow='timeout 5'
  $slow getent ahosts "$name" | { read -r at rest && $slow getent hosts "$at"; }
else
  at=$(while read -r at names; do case " $names " in *" $name "*) echo "$at"; break ;; esac; done </etc/hosts)
  [ -n "$at" ] && while read -r it names; do [ "$it" = "$at" ] && { echo "$it $names"; break; }; done </etc/hosts
fi`;

/** The name that the answer of `FQDN` gives. */
export const fqdnOf = (entry: string, nodename: string): string => {
  const names = wordsOf(entry.split('\n')[0] ?? '').slice(1);
  return names.find(name => name.includes('.')) ?? names[0] ?? nodename;
};
