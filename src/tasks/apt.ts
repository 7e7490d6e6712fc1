import * as z from 'zod';
import { KplayError } from '../model/errors.ts';
import type { Change, Fields, Output } from '../model/module.ts';
import type { Probes } from '../model/probe.ts';
import {
  type Deb,
  deb as debFile,
  type Intent,
  LISTS,
  lists,
  type Lists,
  type Package,
  packages,
  packageSubject,
  readLists,
  simulation,
} from '../probes/apt.ts';
import { quote, sh } from '../shell/sh.ts';
import { bool, choice, int, list, optional, path, str } from './args.ts';
import { type Move, movesOf, readSpec, type Spec } from './apt_plan.ts';
import { defineModule } from './define.ts';
import { texts } from './program.ts';

const shape = {
  package: optional(list).describe('Packages: `name`, `name=1.2*` or `name>=1.2`. `*` with state latest is everything.'),
  state: choice('present', 'latest', 'absent', 'fixed')
    .default('present')
    .describe('`latest` upgrades too; `fixed` installs and mends what is broken.'),
  update_cache: optional(bool).describe("Fetch the repositories' lists first. Is no change if there is something else to do."),
  update_cache_retries: int.default(5).describe('How often that is tried.'),
  update_cache_retry_max_delay: int.default(12).describe('Most seconds between tries.'),
  cache_valid_time: int.default(0).describe('Fetch the lists only if they are older, in seconds.'),
  upgrade: optional(choice('dist', 'full', 'no', 'safe', 'yes')).describe(
    'Upgrade what is installed; `dist` and `full` may also remove. apt-get does it, never aptitude.',
  ),
  deb: optional(path).describe('A .deb file on the host, or several between commas.'),
  purge: bool.default(false).describe('With absent: remove the configuration files too.'),
  autoremove: bool.default(false).describe('Remove what was installed for others and is not needed any more.'),
  autoclean: bool.default(false).describe('Without packages: delete package files that cannot be downloaded any more.'),
  clean: bool.default(false).describe('Delete all downloaded package files first.'),
  default_release: optional(str).describe('Prefer this release.'),
  install_recommends: optional(bool).describe("Install what is recommended; unset: as the host's apt is set."),
  only_upgrade: bool.default(false).describe('Leave packages out that are not installed.'),
  fail_on_autoremove: bool.default(false).describe('Fail where a package would be removed.'),
  force: bool.default(false).describe("apt-get's --force-yes. Do not use it."),
  allow_unauthenticated: bool.default(false).describe('Take packages that nobody signed.'),
  allow_downgrade: bool.default(false).describe('Take older versions than the installed ones.'),
  allow_change_held_packages: bool.default(false).describe('Change packages that are on hold.'),
  dpkg_options: str.default('force-confdef,force-confold').describe('Options of dpkg, between commas.'),
  policy_rc_d: optional(int).describe('Exit status of policy-rc.d meanwhile; 101 starts no service.'),
  lock_timeout: int.default(60).describe('Seconds to wait for another apt to end.'),
  force_apt_get: bool.default(false).describe('Taken: apt-get is always used.'),
};
interface Given {
  readonly package?: readonly string[] | undefined;
  readonly deb?: string | undefined;
  readonly upgrade?: string | undefined;
  readonly state: string;
}
const consistent = (given: Given, context: z.RefinementCtx): void => {
  const { package: names, deb, upgrade, state } = given;
  if ([names, deb, upgrade].filter(value => value !== undefined).length > 1)
    context.addIssue('parameters are mutually exclusive: deb|package|upgrade');
  if (deb !== undefined && state !== 'present') context.addIssue('deb only supports state=present');
  if (deb?.includes('://') === true) context.addIssue('deb must be a file on the host: fetch it with get_url first');
  for (const name of names ?? []) {
    if (name.split('=').length > 2) context.addIssue(`invalid package spec: ${name}`);
    if (/^[^=>]*[*?[]/.test(name) && name !== '*') context.addIssue(`no wildcards in names of packages: ${name}`);
  }
  if (state === 'latest' && names?.includes('*') === true && names.length > 1)
    context.addIssue('unable to install additional packages when upgrading all installed packages');
};
const args = z.strictObject(shape).superRefine(consistent);
const packageArgs = z
  .strictObject({ ...shape, use: optional(str).describe('Taken: the package manager is always apt.') })
  .superRefine(consistent);
type Args = z.output<typeof args>;
type Seen = readonly [lists: Lists, intents: readonly Intent[] | undefined, ...rest: (Package | Deb | undefined)[]];

const specsOf = ({ package: names = [] }: Args): readonly Spec[] => names.filter(name => name !== '*').map(readSpec);
const debsOf = ({ deb }: Args): readonly string[] => deb?.split(',') ?? [];
const upgradeVerb = ({ upgrade = 'no', package: names, state }: Args): readonly string[] => {
  if (upgrade === 'dist' || upgrade === 'full') return ['dist-upgrade'];
  return upgrade !== 'no' || (state === 'latest' && names?.includes('*') === true) ? ['upgrade', '--with-new-pkgs'] : [];
};
/** What apt-get does on its own: it decides what to change, and tells before. */
const wholesale = (given: Args): readonly string[] => {
  const verb = upgradeVerb(given);
  const alone = verb.length === 0 && specsOf(given).length === 0 && given.deb === undefined;
  return alone && given.autoremove ? ['autoremove', ...(given.purge ? ['--purge'] : [])] : verb;
};
const releaseOf = ({ default_release }: Args): readonly string[] => (default_release === undefined ? [] : ['-t', default_release]);

const isStale = ({ update_cache, cache_valid_time }: Args, { fetchedAt, now }: Lists): boolean =>
  cache_valid_time > 0 ? fetchedAt + cache_valid_time < now : update_cache === true;

interface Plan {
  readonly fetches: boolean;
  /** apt-get's words, in order. */
  readonly runs: readonly (readonly string[])[];
  /** Packages that no `autoremove` may take away again. */
  readonly keeps: readonly string[];
  readonly changes: readonly Change[];
}

const plan = (given: Args, seen: Seen, check: boolean): Plan => {
  const [fetched, intents, ...rest] = seen;
  const fetches = isStale(given, fetched);
  // Nothing is fetched in check mode: there the old lists tell.
  const stale = fetches && !check;
  const specs = specsOf(given);
  const found = rest.slice(0, specs.length) as Package[];
  const moves = movesOf(specs, found, { ...given, stale });
  const debs = debMoves(given, rest.slice(specs.length) as (Deb | undefined)[]);
  const whole = wholesale(given);
  const isWhole = whole.length > 0 && (stale || (intents?.length ?? 0) > 0);
  const keeps = given.state === 'absent' ? [] : specs.filter((_, i) => found[i]?.isAuto).map(({ name }) => name);
  const verb = given.state === 'absent' ? ['remove', ...(given.purge ? ['--purge'] : [])] : ['install'];
  const words = [...moves, ...debs].map(({ word }) => word);
  const cleans = given.autoclean && specs.length === 0 && whole.length === 0 && given.deb === undefined;
  return {
    fetches,
    runs: [
      ...(given.clean ? [['clean']] : []),
      ...(isWhole ? [[...whole, ...releaseOf(given)]] : []),
      ...(words.length > 0 ? [[...verb, ...optionsOf(given), '--', ...words]] : []),
      ...(cleans ? [['autoclean']] : []),
    ],
    keeps,
    changes: [
      ...(given.clean ? [{ key: 'clean', before: null, after: true }] : []),
      ...(fetches ? [{ key: 'update_cache', before: fetched.fetchedAt, after: fetched.now }] : []),
      ...(isWhole ? wholeChanges(whole, stale ? [] : (intents ?? [])) : []),
      ...[...moves, ...debs].map(({ change }) => change),
      ...(cleans ? [{ key: 'autoclean', before: null, after: true }] : []),
      ...keeps.map(name => ({ key: 'manual', path: name, before: false, after: true })),
    ],
  };
};
const wholeChanges = ([verb = '']: readonly string[], intents: readonly Intent[]): readonly Change[] =>
  intents.length === 0
    ? [{ key: verb, before: null, after: 'known once the lists are fetched' }]
    : intents.map(({ name, before = null, after = null }) => ({ key: name, before, after }));

const debMoves = (given: Args, seen: readonly (Deb | undefined)[]): readonly Move[] =>
  debsOf(given).flatMap((file, i) => {
    const found = seen[i];
    if (found === undefined) throw new KplayError('E_STATE', `Unable to install package: ${file} is no package, or not there`);
    if (found.installed === found.version) return [];
    // apt-get takes a word with a slash for a file.
    const word = file.includes('/') ? file : `./${file}`;
    return [{ word, change: { key: found.name, before: found.installed ?? null, after: found.version } }];
  });

const optionsOf = (given: Args): readonly string[] => {
  const flags: Readonly<Record<string, boolean>> = {
    '--auto-remove': given.autoremove,
    '--allow-change-held-packages': given.allow_change_held_packages,
    '--force-yes': given.force,
    ...(given.state === 'absent'
      ? {}
      : {
          '--fix-broken': given.state === 'fixed',
          '--no-remove': given.fail_on_autoremove,
          '--only-upgrade': given.only_upgrade,
          '--allow-unauthenticated': given.allow_unauthenticated,
          '--allow-downgrades': given.allow_downgrade,
          '--no-install-recommends': given.install_recommends === false,
          '--install-recommends': given.install_recommends === true,
        }),
  };
  return [...Object.keys(flags).filter(flag => flags[flag] === true), ...(given.state === 'absent' ? [] : releaseOf(given))];
};

const PRELUDE = `DEBIAN_FRONTEND=noninteractive DEBIAN_PRIORITY=critical LC_ALL=C LANG=C; export DEBIAN_FRONTEND DEBIAN_PRIORITY LC_ALL LANG
exec </dev/null`;
/** Tells services not to start: invoke-rc.d(8) asks policy-rc.d. */
const policy = (status: number): string => `rc_d=/usr/sbin/policy-rc.d
if [ -e $rc_d ]; then mv $rc_d $rc_d.kplay; fi
trap 'rm -f $rc_d; [ ! -e $rc_d.kplay ] || mv $rc_d.kplay $rc_d' EXIT
trap 'exit 143' HUP INT TERM
printf '#!/bin/sh\\nexit ${status}\\n' >$rc_d; chmod 755 $rc_d`;
const fetching = (given: Args): string => sh`try=1 delay=1
until said=$(apt-get -q -o APT::Update::Error-Mode=any update 2>&1); do
[ $try -lt ${given.update_cache_retries} ] || { printf 'Failed to update apt cache after %s retries: %s\n' $try "$said" >&2; exit 100; }
[ $delay -le ${given.update_cache_retry_max_delay} ] || delay=${given.update_cache_retry_max_delay}
sleep $delay; try=$((try + 1)) delay=$((delay * 2))
done`;

const scriptOf = (given: Args, { fetches, runs, keeps }: Plan): string => {
  const dpkg = given.dpkg_options.split(',').flatMap(option => ['-o', `Dpkg::Options::=--${option}`]);
  const common = ['-q', '-y', '-o', `DPkg::Lock::Timeout=${given.lock_timeout}`, ...dpkg];
  return [
    PRELUDE,
    ...(fetches ? [fetching(given)] : []),
    ...(given.policy_rc_d === undefined ? [] : [policy(given.policy_rc_d)]),
    ...runs.map(([verb = '', ...words]) => sh`apt-get ${verb} ${verb === 'clean' ? [] : common} ${words} || exit`),
    ...(keeps.length > 0 ? [sh`said=$(apt-mark manual ${keeps} 2>&1) || { printf '%s\n' "$said" >&2; exit 100; }`] : []),
    `printf '\\0'`,
    LISTS,
  ].join('\n');
};

const ZERO = '\n0 upgraded, 0 newly installed, 0 to remove and ';
const MARKERS = ['update_cache', 'manual'];

const settings = {
  summary: 'Manage packages with apt.',
  args,
  aliases: {
    name: 'package',
    pkg: 'package',
    'update-cache': 'update_cache',
    'default-release': 'default_release',
    'install-recommends': 'install_recommends',
    'allow-unauthenticated': 'allow_unauthenticated',
    'allow-downgrade': 'allow_downgrade',
    allow_downgrades: 'allow_downgrade',
    'allow-downgrades': 'allow_downgrade',
  },
  reach: 'world',

  observe(given: Args): Probes<Seen> {
    const { state, default_release = '' } = given;
    const whole = wholesale(given);
    const asks = ({ operator }: Spec): boolean => state !== 'absent' && (state === 'latest' || operator !== undefined);
    return [
      { kind: lists, subject: '' },
      whole.length === 0 ? undefined : { kind: simulation, subject: [...whole, ...releaseOf(given)].join(' ') },
      ...specsOf(given).map(spec => ({ kind: packages, subject: packageSubject(spec.name, default_release, asks(spec)) })),
      ...debsOf(given).map(subject => ({ kind: debFile, subject })),
    ] as unknown as Probes<Seen>;
  },
  analyze: (given: Args, seen: Seen, { check }: { readonly check: boolean }): readonly Change[] => plan(given, seen, check).changes,
  act: (given: Args, seen: Seen) => [{ exit: 'any' as const, script: scriptOf(given, plan(given, seen, false)) }],

  result(given: Args, seen: Seen, changes: readonly Change[], outputs: readonly Output[] | undefined): Fields {
    const [{ fetchedAt }] = seen;
    const real = changes.filter(({ key }) => !MARKERS.includes(key));
    const alone = specsOf(given).length === 0 && given.deb === undefined && upgradeVerb(given).length === 0;
    const [output] = outputs ?? [];
    const fetches = changes.some(({ key }) => key === 'update_cache');
    if (output === undefined)
      return { changed: real.length > 0 || (alone && fetches), cache_updated: fetches, cache_update_time: fetchedAt };
    if (output.rc !== 0) return failure(output, plan(given, seen, false).runs);
    const [stdout = '', after = ''] = output.stdout.toString().split('\0');
    const lookedAt = readLists(after).fetchedAt;
    const isMoved = real.length > 0 && !stdout.includes(ZERO) && (real[0]?.key !== 'autoclean' || /^Del /m.test(stdout));
    const cache_updated = fetches && lookedAt !== fetchedAt;
    return {
      changed: isMoved || (alone && cache_updated),
      ...texts(stdout, output.stderr.toString()),
      cache_updated,
      cache_update_time: lookedAt,
    };
  },
} as const;

const failure = ({ rc, stdout, stderr }: Output, runs: readonly (readonly string[])[]): Fields => {
  const said = stderr.toString();
  const words = (runs.at(-1) ?? []).map(quote).join(' ');
  const msg = said.startsWith('Failed to update apt cache') ? said.trim() : `'apt-get ${words}' failed: ${said}`;
  return { failed: true, changed: false, msg, rc, ...texts(stdout.toString(), said) };
};

/** ansible.builtin.apt: packages of Debian and its kin. */
export const apt = defineModule<Seen>()({ ...settings, name: 'apt' });
/** ansible.builtin.package: the host's package manager, which has to be apt. */
export const packageModule = defineModule<Seen>()({
  ...settings,
  args: packageArgs,
  name: 'package',
  summary: "Manage packages with the host's package manager, which has to be apt.",
});
