import { KplayError } from '../model/errors.ts';
import type { ProbeKind } from '../model/probe.ts';
import { raw, sh } from '../shell/sh.ts';

export const SCOPES = ['system', 'user', 'global'] as const;
export type Scope = (typeof SCOPES)[number];

/** What systemd knows of a unit. */
export interface Unit {
  /** It is loaded, masked or a template whose instances could be; false: there is no such unit. */
  readonly found: boolean;
  /** `systemctl show`, every property as text; empty where systemd cannot be asked (a chroot, a bare template). */
  readonly status: Readonly<Record<string, string>>;
}

/** Shell text that calls systemctl for a scope. A session bus is found through XDG_RUNTIME_DIR, which no login has set here. */
export const systemctl = (scope: Scope): string =>
  `: "\${XDG_RUNTIME_DIR:=/run/user/$(id -u)}"; export XDG_RUNTIME_DIR LC_ALL=C SYSTEMD_COLORS=0
ctl() { systemctl ${scope === 'system' ? '' : `--${scope} `}--no-pager "$@"; }`;

const NO_SYSTEMCTL = 'command -v systemctl >/dev/null 2>&1 || { printf none; exit 0; }';

/**
 * Units by name, `.service` where the name has no suffix. One `systemctl show` for all; where systemctl refuses one of them (a bare
 * template) or cannot ask systemd, one for each, and whether the unit has a file that is-enabled knows.
 */
const unitIn = (scope: Scope): ProbeKind<Unit> => ({
  name: `unit-${scope}`,
  sight: 'local',
  script: subjects => sh`${raw(NO_SYSTEMCTL)}
${raw(systemctl(scope))}
set -- ${subjects}
if out=$(ctl show -- "$@" 2>/dev/null) && case $out in *=*) ;; *) false ;; esac; then printf 'all\n%s' "$out"; exit 0; fi
for unit; do
  out=$(ctl show -- "$unit" 2>/dev/null); state=$(ctl is-enabled -- "$unit" 2>/dev/null)
  printf '\0%s\n%s' "$state" "$out"
done
exit 0`,
  parse(stdout, subjects) {
    const text = stdout.toString();
    if (text === 'none') return subjects.map(() => new KplayError('E_PROBE', 'there is no systemctl on the host'));
    const units = text.startsWith('all\n') ? unitBlocks(text.slice(4)).map(known) : text.split('\0').slice(1).map(alone);
    if (units.length === subjects.length) return units;
    return subjects.map(() => new KplayError('E_PROBE', 'systemctl show does not answer for every unit', { detail: text }));
  },
});

/** Only Exec… properties span lines, and only where they start with a brace; an empty line elsewhere ends a unit. */
const unitBlocks = (text: string): readonly Readonly<Record<string, string>>[] => {
  const blocks: Record<string, string>[] = [];
  let block: Record<string, string> | undefined;
  let open: { key: string; value: string } | undefined;
  for (const line of text.split('\n')) {
    if (open !== undefined) open.value += `\n${line}`;
    else if (line === '') block = undefined;
    else {
      const at = line.indexOf('=');
      if (at < 0) continue;
      if (block === undefined) blocks.push((block = {}));
      open = { key: line.slice(0, at), value: line.slice(at + 1) };
    }
    if (open === undefined || block === undefined || isOpen(open)) continue;
    block[open.key] = open.value.trim();
    open = undefined;
  }
  return blocks;
};
const isOpen = ({ key, value }: { key: string; value: string }): boolean =>
  key.startsWith('Exec') && value.trimStart().startsWith('{') && !value.trimEnd().endsWith('}');

const known = (status: Readonly<Record<string, string>>): Unit => ({
  found: status['LoadState'] !== undefined && status['LoadState'] !== 'not-found',
  status,
});
const alone = (answer: string): Unit => {
  const end = answer.indexOf('\n');
  const [status] = unitBlocks(answer.slice(end + 1));
  return status === undefined ? { found: HAS_FILE.has(answer.slice(0, end)), status: {} } : known(status);
};
/** What is-enabled says of a unit that exists: systemctl(1). */
const HAS_FILE: ReadonlySet<string> = new Set(
  'enabled enabled-runtime linked linked-runtime alias masked masked-runtime static indirect disabled generated transient'.split(' '),
);

/**
 * What `systemctl is-enabled` says, '' of an unknown unit. It reads the disk; the manager's own UnitFileState may be older than that.
 */
const enablementIn = (scope: Scope): ProbeKind<string> => ({
  name: `enabled-${scope}`,
  sight: 'local',
  script: subjects => sh`${raw(NO_SYSTEMCTL)}
${raw(systemctl(scope))}
set -- ${subjects}
out=$(ctl is-enabled -- "$@" 2>/dev/null)
if [ "$(printf '%s\n' "$out" | wc -l)" -eq $# ]; then printf '%s\n' "$out"; exit 0; fi
for unit; do printf '%s\n' "$(ctl is-enabled -- "$unit" 2>/dev/null | head -n 1)"; done`,
  parse(stdout, subjects) {
    const states = stdout.toString().split('\n');
    return subjects.map((_, i) => states[i] ?? new KplayError('E_PROBE', 'systemctl is-enabled does not answer'));
  },
});

const forScopes = <Kind>(make: (scope: Scope) => Kind): Readonly<Record<Scope, Kind>> => ({
  system: make('system'),
  user: make('user'),
  global: make('global'),
});
export const unit = forScopes(unitIn);
export const enablement = forScopes(enablementIn);
