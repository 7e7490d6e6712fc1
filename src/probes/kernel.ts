import { KplayError } from '../model/errors.ts';
import type { ProbeKind } from '../model/probe.ts';
import { raw, sh } from '../shell/sh.ts';

/** Where sysctl(8) finds a parameter: whichever of `.` and `/` comes first divides it, the other one stands for itself. */
const parameterPath = (name: string): string => {
  const divided = /^[^./]*\./.test(name) ? name.replace(/[./]/g, mark => (mark === '.' ? '/' : '.')) : name;
  return `/proc/sys/${divided}`;
};

/** Present values of kernel parameters by sysctl's name, as the kernel prints them; undefined where there is none that may be read. */
export const parameter: ProbeKind<string | undefined> = {
  name: 'kernel parameter',
  sight: 'local',
  script: subjects => sh`for p in ${subjects.map(parameterPath)}; do
v=$(cat -- "$p" 2>/dev/null) && printf '+%s\0' "$v" || printf '\0'
done`,
  parse(stdout, subjects) {
    const values = stdout.toString().split('\0');
    return subjects.map((subject, i): string | undefined | Error => {
      if (i + 1 >= values.length) return new KplayError('E_PROBE', `the kernel parameter ${subject} could not be looked at`);
      return values[i]?.startsWith('+') === true ? values[i].slice(1) : undefined;
    });
  },
};

/** A shell function that prints 1 where a kernel module is loaded or built in, else 0. */
export const LOADED = `loaded() {
n=$(printf %s "$1" | tr - _)
if grep -q "^$n " /proc/modules 2>/dev/null || grep -q "/$1\\.ko$" "/lib/modules/$(uname -r)/modules.builtin" 2>/dev/null; then echo 1; else echo 0; fi
}`;

/** Whether kernel modules are loaded or built in. */
export const loaded: ProbeKind<boolean> = {
  name: 'kernel module',
  sight: 'local',
  script: subjects => sh`${raw(LOADED)}
for m in ${subjects}; do loaded "$m"; done`,
  parse(stdout, subjects) {
    const lines = stdout.toString().split('\n');
    return subjects.map((_, i) => lines[i] === '1');
  },
};
