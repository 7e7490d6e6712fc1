import { KplayError } from '../model/errors.ts';
import type { Change } from '../model/module.ts';
import type { Package } from '../probes/apt.ts';
import { compareVersions, matchesVersion } from './debian_version.ts';

/** A package as a task names it: `nginx`, `nginx=1.2*`, `nginx>=1.2`. */
export interface Spec {
  readonly name: string;
  readonly operator?: string | undefined;
  readonly version?: string | undefined;
}
export const readSpec = (text: string): Spec => {
  const [name = '', operator, version] = text.trim().split(/(>?=)(.*)/s);
  return { name, operator, version };
};
const spell = ({ name, operator = '', version = '' }: Spec): string => name + operator + version;

export interface PackageWishes {
  readonly state: 'present' | 'latest' | 'absent' | 'fixed';
  readonly only_upgrade: boolean;
  readonly purge: boolean;
  /** apt's lists are fetched first: what could be installed is not known yet. */
  readonly stale: boolean;
}
/** Words for apt-get, and what they change. */
export interface Move {
  readonly word: string;
  readonly change: Change;
}

const isSatisfied = ({ operator, version = '' }: Spec, installed: string | undefined): boolean => {
  if (installed === undefined) return false;
  if (operator === '=') return matchesVersion(installed, version);
  return operator === undefined || compareVersions(installed, version) >= 0;
};

/** The version apt would be told to install: the newest that matches, or apt's own candidate. */
const bestOf = ({ operator, version = '' }: Spec, { candidate, versions }: Package): string | undefined =>
  operator === '='
    ? versions
        .filter(known => matchesVersion(known, version))
        .toSorted(compareVersions)
        .at(-1)
    : candidate;

/** Another version than the installed one that the task allows. */
const otherVersion = (spec: Spec, seen: Package): string | undefined => {
  const best = bestOf(spec, seen);
  if (seen.installed === undefined) return best;
  return best !== seen.installed && isSatisfied(spec, best) ? best : undefined;
};

const moveTo = (spec: Spec, { installed }: Package, version: string | undefined, latest: boolean): Move => ({
  word: version === undefined ? spec.name : `${spec.name}=${version}`,
  change: { key: spec.name, before: installed ?? null, after: version ?? (latest ? 'latest' : 'present') },
});

/** What to do about a package, undefined where nothing; decides as ansible-core's apt module does. E_STATE where nothing can be installed. */
const install = (spec: Spec, seen: Package, { state, only_upgrade, stale }: PackageWishes): Move | undefined => {
  const latest = state === 'latest';
  const satisfied = isSatisfied(spec, seen.installed);
  if (seen.installed === undefined && only_upgrade) return undefined;
  if (stale) {
    if (satisfied && !latest) return undefined;
    return moveTo(spec, seen, spec.operator === '=' ? spec.version : undefined, latest);
  }
  const isUnknown = seen.installed === undefined && seen.candidate === undefined && seen.versions.length === 0;
  if (isUnknown) {
    const [provider, ...others] = seen.providers;
    if (provider === undefined) throw new KplayError('E_STATE', `No package matching '${spec.name}' is available`);
    return others.length === 0 && provider.installed ? undefined : moveTo(spec, seen, spec.version, latest);
  }
  const other = otherVersion(spec, seen);
  if (!satisfied && other === undefined)
    throw new KplayError('E_STATE', `no available installation candidate for ${spell(spec)}`, {
      hint: 'is there a repository with that version, and are its lists fetched (update_cache)?',
    });
  if (other !== undefined && (latest || !satisfied)) return moveTo(spec, seen, other, latest);
  // Ansible installs the newest that matches a wildcard, whatever state says.
  return other !== undefined && spec.operator === '=' ? moveTo(spec, seen, spec.version, latest) : undefined;
};

const remove = (spec: Spec, { installed, isConfigLeft }: Package, { purge }: PackageWishes): Move | undefined => {
  if (!isSatisfied(spec, installed) && !(purge && isConfigLeft)) return undefined;
  return { word: spec.name, change: { key: spec.name, before: installed ?? 'config-files', after: null } };
};

export const movesOf = (specs: readonly Spec[], seen: readonly Package[], wishes: PackageWishes): readonly Move[] =>
  specs.flatMap((spec, i) => {
    const found = seen[i];
    return found === undefined ? [] : ((wishes.state === 'absent' ? remove : install)(spec, found, wishes) ?? []);
  });
