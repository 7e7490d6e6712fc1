import * as z from 'zod';
import { KplayError } from '../model/errors.ts';
import type { Change, Fields, Output } from '../model/module.ts';
import { enablement, SCOPES, systemctl, type Unit, unit } from '../probes/unit.ts';
import { quote } from '../shell/sh.ts';
import { bool, choice, optional, str } from './args.ts';
import { defineModule } from './define.ts';

/** Ansible's `service` drops them too where the service manager is systemd. */
const unused = optional(str).describe('Taken for `service` tasks and ignored: systemd has no use for it.');

const args = z
  .strictObject({
    name: optional(str).describe('The unit; `.service` is added where there is no suffix.'),
    state: optional(choice('started', 'stopped', 'restarted', 'reloaded')).describe(
      '`restarted` and `reloaded` always act; on a unit that does not run they start it.',
    ),
    enabled: optional(bool).describe('Whether it starts on boot.'),
    masked: optional(bool).describe('Whether it is masked, so that nothing can start it.'),
    force: optional(bool).describe('Overwrite existing symlinks.'),
    daemon_reload: bool.default(false).describe('Make systemd read its unit files again first. Is no change by itself.'),
    daemon_reexec: bool.default(false).describe('Make systemd execute itself again first. Is no change by itself.'),
    scope: choice(...SCOPES)
      .default('system')
      .describe("The system's manager, the present user's, or the files of all users."),
    no_block: bool.default(false).describe('Do not wait for the unit to be started or stopped.'),
    use: optional(str).describe('Taken for `service` tasks; the service manager is always systemd.'),
    arguments: unused,
    pattern: unused,
    runlevel: unused,
    sleep: unused,
  })
  .superRefine(({ name, state, enabled, masked }, context) => {
    for (const [key, value] of Object.entries({ state, enabled, masked }))
      if (value !== undefined && name === undefined) context.addIssue(`missing parameter(s) required by '${key}': name`);
    const glob = /[*?[]/.exec(name ?? '')?.[0];
    if (glob !== undefined)
      context.addIssue(`This module does not currently support using glob patterns, found '${glob}' in service name: ${name}`);
  });
type Args = z.output<typeof args>;
type Seen = [unit: Unit | undefined, enablement: string | undefined];

/** is-enabled exits 0 for `indirect`, `alias` and `enabled-runtime` too: to be enabled for good, they still are to be enabled. */
const isEnabled = (state: string): boolean => ['enabled', 'static', 'generated'].includes(state);
const isRunning = ({ status }: Unit): boolean => ['active', 'activating'].includes(status['ActiveState'] ?? '');

/** systemctl's verb for the wanted state; undefined where the unit is in it. */
const verb = (state: NonNullable<Args['state']>, seen: Unit): string | undefined => {
  if (state === 'stopped') return isRunning(seen) || seen.status['ActiveState'] === 'deactivating' ? 'stop' : undefined;
  if (!isRunning(seen)) return 'start';
  return state === 'started' ? undefined : state.slice(0, -2);
};

const missing = (name: string): KplayError =>
  new KplayError('E_STATE', `Could not find the requested service ${name}: host`, {
    hint: 'check the name of the unit, and that its file was installed',
  });

/** After a daemon-reload there may be a unit where there was none, and a good one where there was a bad one: then only the act can tell. */
const refuseUnfit = ({ name = '', state, enabled, daemon_reload }: Args, seen: Unit, check: boolean): void => {
  const { LoadState, LoadError, ActiveState } = seen.status;
  if (seen.found && LoadState !== 'masked' && LoadError !== undefined && LoadError !== '' && (check || !daemon_reload))
    throw new KplayError('E_STATE', `Error loading unit file '${name}': ${LoadError}`);
  if (state === undefined && enabled === undefined) return;
  if (!seen.found && (check || !daemon_reload)) throw missing(name);
  if (state !== undefined && ActiveState === undefined)
    throw new KplayError('E_STATE', 'Service is in unknown state', {
      hint: 'systemd does not run on the host, or this is a bare template',
    });
};

const settings = {
  summary: "Manage systemd's units.",
  args,
  aliases: { service: 'name', unit: 'name', 'daemon-reload': 'daemon_reload', 'daemon-reexec': 'daemon_reexec', args: 'arguments' },
  reach: 'world',

  observe: ({ name, scope, enabled, masked }: Args) =>
    [
      name === undefined ? undefined : { kind: unit[scope], subject: name },
      name === undefined || (enabled === undefined && masked === undefined) ? undefined : { kind: enablement[scope], subject: name },
    ] as const,

  analyze(wanted: Args, [seen, enabledState = '']: Seen, { check }: { readonly check: boolean }): readonly Change[] {
    const changes: Change[] = [];
    if (wanted.daemon_reload) changes.push({ key: 'daemon_reload', before: seen?.status['NeedDaemonReload'] ?? null, after: true });
    if (wanted.daemon_reexec) changes.push({ key: 'daemon_reexec', before: null, after: true });
    if (seen === undefined) return changes;
    refuseUnfit(wanted, seen, check);
    const masked = enabledState === 'masked';
    if (wanted.masked !== undefined && wanted.masked !== masked) changes.push({ key: 'masked', before: masked, after: wanted.masked });
    const enabled = isEnabled(enabledState);
    if (wanted.enabled !== undefined && wanted.enabled !== enabled)
      changes.push({ key: 'enabled', before: enabled, after: wanted.enabled });
    if (wanted.state !== undefined && verb(wanted.state, seen) !== undefined)
      changes.push({ key: 'state', before: seen.status['ActiveState'] ?? null, after: wanted.state });
    return changes;
  },

  act(wanted: Args, [seen]: Seen, changes: readonly Change[]) {
    const { name = '', scope, no_block, force, state } = wanted;
    const flags = `${no_block ? ' --no-block' : ''}${force === true ? ' --force' : ''}`;
    const lines = changes.map(({ key, after }) => {
      if (key.startsWith('daemon_')) return `run ${key.replace('_', '-')}`;
      const action = key === 'state' && state !== undefined && seen !== undefined ? verb(state, seen) : VERBS[`${key} ${String(after)}`];
      return `run ${action} -- ${quote(name)}`;
    });
    const run = `run() { ctl${flags} "$@" >&2 || { rc=$?; printf %s "$1"; exit $rc; }; }`;
    return [{ exit: 'any' as const, script: [systemctl(scope), run, ...lines].join('\n') }];
  },

  result(wanted: Args, [seen]: Seen, changes: readonly Change[], outputs: readonly Output[] | undefined): Fields {
    const { name = null, state, enabled } = wanted;
    const about: Fields = {
      name,
      changed: changes.some(({ key }) => !key.startsWith('daemon_')),
      status: seen?.status ?? {},
      ...(enabled === undefined ? {} : { enabled }),
      ...(state === undefined ? {} : { state: state === 'stopped' ? 'stopped' : 'started' }),
    };
    const [output] = outputs ?? [];
    // Ansible then says neither which of its steps were done nor of which unit.
    if (output !== undefined && output.rc !== 0) return { changed: false, failed: true, msg: failure(name ?? '', seen, output) };
    return about;
  },
} as const;

const VERBS: Readonly<Record<string, string>> = {
  'masked true': 'mask',
  'masked false': 'unmask',
  'enabled true': 'enable',
  'enabled false': 'disable',
};

/** Ansible's words for the systemctl call that failed. */
const failure = (name: string, seen: Unit | undefined, { rc, stdout, stderr }: Output): string => {
  const action = stdout.toString();
  const said = stderr.toString();
  if (action.startsWith('daemon-')) return `failure ${rc} during ${action}: ${said}`;
  if (seen?.found === false) return missing(name).message;
  if (action.endsWith('mask')) return `Failed to ${action} the service (${name}): ${said.trim()}`;
  return `Unable to ${action} service ${name}: ${said}`;
};

export const systemd = defineModule<Seen>()({ ...settings, name: 'systemd' });
export const systemdService = defineModule<Seen>()({ ...settings, name: 'systemd_service' });
export const service = defineModule<Seen>()({ ...settings, name: 'service' });
