import { KplayError } from '../model/errors.ts';
import type { ProbeKind } from '../model/probe.ts';
import { FILES_FIRST, FQDN, fqdnOf } from './facts/names.ts';

/** Files that hold a machine's name from boot to boot. */
export const NAME_FILES = ['/etc/hostname', '/etc/HOSTNAME', '/etc/conf.d/hostname', '/etc/sysconfig/network'] as const;
export type NameFile = (typeof NAME_FILES)[number];

/** A machine's names. */
export interface Names {
  /** The kernel's. */
  readonly current: string;
  readonly fqdn: string;
  readonly systemd: boolean;
  /** os-release(5)'s ID and ID_LIKE. */
  readonly system: readonly string[];
  /** Texts of the files, '' where there is none. */
  readonly files: Readonly<Record<NameFile, string>>;
}

/** Prints what `readNames` reads. */
export const NAMES = `part() { printf '%s\\0' "$1"; }
part "$(uname -n)"
systemd=; { command -v systemctl >/dev/null 2>&1 && [ -d /run/systemd/system ]; } && systemd=1
part "$systemd"
part "$(ID= ID_LIKE=; { . /etc/os-release; } 2>/dev/null; echo "$ID $ID_LIKE")"
for file in ${NAME_FILES.join(' ')}; do part "$(cat $file 2>/dev/null)"; done
${FILES_FIRST}
{ part "$(
${FQDN}
)"; } 2>/dev/null`;

export const readNames = (stdout: Buffer): Names | undefined => {
  const [current = '', systemd = '', system = '', ...rest] = stdout.toString().split('\0');
  const fqdn = rest[NAME_FILES.length];
  if (rest.length <= NAME_FILES.length || fqdn === undefined) return undefined;
  const files = Object.fromEntries(NAME_FILES.map((file, i) => [file, rest[i] ?? ''])) as Record<NameFile, string>;
  return { current, systemd: systemd === '1', system: system.split(' '), files, fqdn: fqdnOf(fqdn, current) };
};

/** The subject is of no importance: a machine has one name. */
export const names: ProbeKind<Names> = {
  name: 'hostname',
  sight: 'local',
  script: () => NAMES,
  parse(stdout, subjects) {
    const found = readNames(stdout) ?? new KplayError('E_PROBE', "the machine's name could not be looked at");
    return subjects.map(() => found);
  },
};
