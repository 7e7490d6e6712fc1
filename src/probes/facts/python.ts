import { type Collector, type Gathered, linesOf } from './collector.ts';

/**
 * Four lines: the executable, its version_info, its implementation, and whether it has ssl. To start it takes longer than all else that facts ask; a
 * distribution's own, which PATH finds first, says its version without a start, and where its libraries lie is known.
 */
export const PYTHON = `plain_python() {
  at=$(command -v python3)
  case $at in /usr/bin/python3 | /bin/python3) ;; *) return 1 ;; esac
  said=$("$at" -V) || return
  version=\${said#Python }
  case $version in "$said" | *[!0-9.]* | *.*.*.*) return 1 ;; *.*.*) ;; *) return 1 ;; esac
  series=\${version%.*}
  [ "$at" -ef "/usr/bin/python$series" ] || return
  for ssl in /usr/lib*/python"$series"/lib-dynload/_ssl.cpython-*.so; do [ -e "$ssl" ] || return; done
  for ssl in /usr/lib/libssl.so.* /usr/lib64/libssl.so.* /usr/lib/*-linux-*/libssl.so.*; do
    [ -e "$ssl" ] && printf '%s\\n' "$at" "\${version%%.*}|\${series#*.}|\${version##*.}|final|0" cpython 1 && return
  done
  return 1
}
plain_python || for py in python3 /usr/libexec/platform-python python; do
  command -v "$py" >/dev/null || continue
  "$py" -ISc 'import sys
try:
    import _ssl
except ImportError:
    _ssl = None
print(sys.executable); print("|".join(str(part) for part in sys.version_info)); print(sys.implementation.name); print(int(_ssl is not None))' && break
done`;

const pythonLines = (host: Gathered): readonly string[] => linesOf(host.output('python'));
export const pythonVersion = (host: Gathered): string | undefined => {
  const [major, minor, micro, level = 'final', serial = '0'] = pythonLines(host)[1]?.split('|') ?? [];
  if (major === undefined) return undefined;
  const suffix: Readonly<Record<string, string>> = { alpha: 'a', beta: 'b', candidate: 'rc' };
  return `${major}.${minor}.${micro}${level === 'final' ? '' : `${suffix[level]}${serial}`}`;
};

export const python: Collector = {
  name: 'python',
  ids: [],
  run: { python: PYTHON },
  read(host) {
    const [executable, version, type = null, ssl] = pythonLines(host);
    if (executable === undefined || version === undefined) return {};
    const [major = 0, minor = 0, micro = 0, releaselevel = '', serial = 0] = version
      .split('|')
      .map(part => (/^\d+$/.test(part) ? Number(part) : part));
    return {
      python: {
        executable,
        has_sslcontext: ssl === '1',
        type,
        version: { major, minor, micro, releaselevel, serial },
        version_info: [major, minor, micro, releaselevel, serial],
      },
    };
  },
};
