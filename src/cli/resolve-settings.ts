import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Config } from './config.ts';
import { KplayError } from '../model/errors.ts';
import { findPlaybook } from './find-playbook.ts';
import type { CommonFlags, ConnectFlags, OutputFlags, RunFlags, TargetFlags } from './flags.ts';
import { leaveTo, readPassword } from './password.ts';
import type { Common, ConnectSettings, HostKeys, Listing, OutputSettings, RunSettings, TargetSettings } from './settings.ts';
import type { System } from './system.ts';
import { vaultOf } from './vault-secrets.ts';

/** Hosts worked on at a time. Ansible's 5 is for forked interpreters; a connection here is one socket. */
const FORKS = 50;
/** OpenSSH's and Ansible's ConnectTimeout. */
const TIMEOUT_MS = 10_000;
/** As far as a run may look ahead unless told otherwise: a window ends by itself long before. */
const WINDOW = 1000;

/** Asks for passwords last, once all else is known to be right. */
export const runSettings = async (names: readonly string[], flags: RunFlags, config: Config, system: System): Promise<RunSettings> => {
  const listing = listingOf(flags);
  const playbooks = names.map(name => findPlaybook(name, { cwd: system.cwd, home: system.home, ...stated('configDir', config.dir) }));
  return {
    playbooks,
    tags: flags.tags ?? config.tags ?? [],
    skipTags: flags.skipTags ?? config.skipTags ?? [],
    ...stated('startAtTask', flags.startAtTask),
    forceHandlers: flags.forceHandlers ?? config.forceHandlers ?? false,
    window: flags.window ?? config.window ?? WINDOW,
    ...stated('strict', flags.strict),
    ...stated('listing', listing),
    ...(await commonSettings(flags, config, system, listing === undefined)),
  };
};

/** What all commands that reach hosts share. `ask` is false where nothing will be run. */
export const commonSettings = async (flags: CommonFlags, config: Config, system: System, ask: boolean): Promise<Common> => ({
  ...outputSettings(flags, config, system),
  ...unlessDeclined(connectSettings(flags, config, system), system),
  ...(ask ? await passwords(flags, config, system) : {}),
  ...(await targetSettings(flags, config, system)),
  check: flags.check ?? false,
  rolesPath: config.rolesPath ?? [],
  modulePath: config.modulePath ?? [],
  gatherExplicitly: config.gathering === 'explicit',
  anyErrorsFatal: config.anyErrorsFatal ?? false,
  errorOnMissingHandler: config.errorOnMissingHandler ?? true,
  ...stated('managed', config.managed),
  guards: config.guards ?? {},
});

/** The keeper runs what asks for kept connections, and nothing else. */
const unlessDeclined = (settings: ConnectSettings, { keeper }: System): ConnectSettings =>
  keeper === undefined || (settings.keepMs ?? 0) > 0 ? settings : keeper.decline();

/** Vault passwords are asked for here, whatever is to be done: nothing can be read without them. */
export const targetSettings = async (flags: TargetFlags, config: Config, system: System): Promise<TargetSettings> => ({
  vault: await vaultOf(flags, config, system),
  ...sources(flags, config, system),
});
const sources = (flags: TargetFlags, config: Config, { cwd }: System): Omit<TargetSettings, 'vault'> => ({
  inventory:
    flags.inventory?.map(source => (source.includes(',') ? source : resolve(cwd, source))) ?? config.inventory ?? machineInventory(),
  reading: {
    enabled: config.inventoryEnabled,
    ignoreExtensions: config.inventoryIgnoreExtensions,
    ignorePatterns: config.inventoryIgnorePatterns,
    patternMismatch: config.hostPatternMismatch,
  },
  ...stated('limit', flags.limit === undefined ? undefined : fileArgument(flags.limit, cwd)),
  ...stated('semantics', flags.semantics ?? config.semantics),
  extraVars: (flags.extraVars ?? []).map(text => fileArgument(text, cwd)),
});
/** `@file` is meant from the current folder. */
const fileArgument = (text: string, cwd: string): string => (text.startsWith('@') ? `@${resolve(cwd, text.slice(1))}` : text);
/** Ansible's default inventory, where there is one. */
const machineInventory = (): readonly string[] => ['/etc/ansible/hosts'].filter(file => existsSync(file));

const connectSettings = (flags: ConnectFlags, config: Config, { cwd }: System): ConnectSettings => ({
  forks: flags.forks ?? config.forks ?? FORKS,
  timeoutMs: flags.timeout === undefined ? (config.timeoutMs ?? TIMEOUT_MS) : flags.timeout * 1000,
  hostKeys: hostKeys(flags, config),
  ...stated('keepMs', flags.keepConnections ?? config.keepConnectionsMs),
  ...stated('user', flags.user ?? config.remoteUser),
  ...stated('privateKeyFile', flags.privateKey === undefined ? config.privateKeyFile : resolve(cwd, flags.privateKey)),
  ...stated('port', config.remotePort),
  ...stated('sshArgs', sshArgs(config)),
  ...stated('connection', flags.connection ?? config.connection),
  become: flags.become ?? config.become ?? false,
  ...stated('becomeUser', flags.becomeUser ?? config.becomeUser),
  ...stated('becomeMethod', flags.becomeMethod ?? config.becomeMethod),
  ...stated('becomeFlags', config.becomeFlags),
});
/** In the order of the variables that override them: ansible_ssh_args, -common_args, -extra_args. */
const sshArgs = ({ sshArgs: own, sshCommonArgs: common, sshExtraArgs: extra }: Config): readonly string[] | undefined =>
  own === undefined && common === undefined && extra === undefined ? undefined : [own ?? '', common ?? '', extra ?? ''];
const hostKeys = ({ acceptNew }: ConnectFlags, { hostKeyChecking }: Config): HostKeys => {
  if (hostKeyChecking === false) return 'off';
  return acceptNew === true ? 'accept-new' : 'strict';
};

/** Ansible's order and wording: the login password first, which an empty answer to the second question repeats. */
const passwords = async (
  flags: ConnectFlags,
  config: Config,
  system: System,
): Promise<Pick<ConnectSettings, 'password' | 'becomePassword'>> => {
  const { cwd, terminal } = system;
  const becomeFile = flags.becomePasswordFile === undefined ? config.becomePasswordFile : fileOf(flags.becomePasswordFile, cwd);
  const loginFile = flags.connectionPasswordFile === undefined ? config.connectionPasswordFile : fileOf(flags.connectionPasswordFile, cwd);
  leaveTo(system, [becomeFile, loginFile]);
  const askLogin = flags.askPass ?? config.askPass ?? false;
  const askBecome = flags.askBecomePass ?? (becomeFile === undefined && config.becomeAskPass === true);
  const password = askLogin ? await terminal.ask('SSH password: ', true) : read(loginFile);
  const asked = askBecome
    ? await terminal.ask(askLogin ? 'BECOME password[defaults to SSH password]: ' : 'BECOME password: ', true)
    : read(becomeFile);
  return { ...stated('password', password), ...stated('becomePassword', asked === '' ? password : asked) };
};
const fileOf = (name: string, cwd: string): string => (name === '-' ? name : resolve(cwd, name));
const read = (file: string | undefined): string | undefined => (file === undefined ? undefined : readPassword(file));

const outputSettings = (flags: OutputFlags, config: Config, { cwd, env, stdout }: System): OutputSettings => ({
  verbosity: flags.verbose + (config.verbosity ?? 0),
  diff: flags.diff ?? config.diff ?? false,
  json: flags.json ?? false,
  profile: flags.profile ?? false,
  ...stated('report', flags.report === undefined ? undefined : resolve(cwd, flags.report)),
  color: colored(
    flags.color && (env['NO_COLOR'] ?? '') === '' && config.noColor !== true,
    config.forceColor === true,
    stdout.isTTY === true,
    env['TERM'],
  ),
});
const colored = (allowed: boolean, forced: boolean, terminal: boolean, term: string | undefined): boolean =>
  allowed && (forced || (terminal && term !== 'dumb'));

const listingOf = (flags: RunFlags): Listing | undefined => {
  const { listHosts = false, listTasks = false, listTags = false, syntaxCheck = false, allowMissingModules = false } = flags;
  if (listHosts || listTasks || listTags || syntaxCheck)
    return { hosts: listHosts, tasks: listTasks, tags: listTags, syntax: syntaxCheck, allowMissingModules };
  if (!allowMissingModules) return undefined;
  throw new KplayError('E_USAGE', '--allow-missing-modules is for --syntax-check and --list-…: a run would fail at the first such task');
};

const stated = <K extends string, T>(key: K, value: T | undefined): { [_ in K]?: T } =>
  value === undefined ? {} : ({ [key]: value } as { [_ in K]: T });
