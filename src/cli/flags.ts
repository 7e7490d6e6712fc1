import { type Command, InvalidArgumentError, Option } from 'commander';
import { SEMANTICS, type SemanticsVersion } from '../model/semantics.ts';
import type { Keep } from './run-logs.ts';
import type { MaxChanged } from './settings.ts';

/** What commander makes of the options that several commands share; an option that was not typed is absent. */
export interface OutputFileFlags {
  readonly output?: string;
}
export interface EncryptFlags extends VaultFlags {
  readonly encryptVaultId?: string;
}
export interface EncryptStringFlags extends EncryptFlags, OutputFileFlags {
  readonly name?: readonly string[];
  readonly stdinName?: string;
  readonly prompt?: boolean;
  readonly showInput?: boolean;
}
export interface RekeyFlags extends EncryptFlags {
  readonly newVaultId?: string;
  readonly newVaultPasswordFile?: string;
}
export interface TargetFlags extends VaultFlags {
  readonly inventory?: readonly string[];
  readonly limit?: string;
  readonly extraVars?: readonly string[];
  readonly semantics?: SemanticsVersion;
}
export interface VaultFlags {
  readonly vaultId?: readonly string[];
  readonly vaultPasswordFile?: readonly string[];
  readonly askVaultPass?: boolean;
}
export interface ConnectFlags {
  readonly forks?: number;
  readonly user?: string;
  readonly privateKey?: string;
  readonly timeout?: number;
  readonly connection?: string;
  readonly askPass?: boolean;
  readonly connectionPasswordFile?: string;
  readonly acceptNew?: boolean;
  /** In milliseconds. */
  readonly keepConnections?: number;
  readonly become?: boolean;
  readonly becomeMethod?: string;
  readonly becomeUser?: string;
  readonly askBecomePass?: boolean;
  readonly becomePasswordFile?: string;
}
export interface OutputFlags {
  readonly verbose: number;
  readonly diff?: boolean;
  readonly json?: boolean;
  readonly report?: string;
  readonly profile?: boolean;
  readonly color: boolean;
}
export interface CommonFlags extends TargetFlags, ConnectFlags, OutputFlags {
  readonly check?: boolean;
}
export interface SelectFlags {
  readonly tags?: readonly string[];
  readonly skipTags?: readonly string[];
  readonly forceHandlers?: boolean;
  readonly window?: number;
}
export interface ConvergeFlags extends CommonFlags, SelectFlags {
  readonly maxChangedHosts?: MaxChanged;
  readonly jitter?: number;
  readonly logDir?: string;
  readonly keep?: Keep;
}
export interface RunFlags extends CommonFlags, SelectFlags {
  readonly startAtTask?: string;
  readonly strict?: boolean;
  readonly listHosts?: boolean;
  readonly listTasks?: boolean;
  readonly listTags?: boolean;
  readonly syntaxCheck?: boolean;
  readonly allowMissingModules?: boolean;
}
export interface ExecFlags extends CommonFlags {
  readonly moduleName: string;
  readonly args: string;
}
export interface RenderFlags extends CommonFlags {
  readonly host: string;
}
export interface InventoryFlags extends TargetFlags {
  readonly list?: boolean;
  readonly graph?: boolean;
  readonly host?: string;
  readonly vars?: boolean;
  readonly yaml?: boolean;
  readonly toml?: boolean;
  readonly export?: boolean;
  readonly output?: string;
  readonly playbookDir?: string;
}
export interface LabUpFlags {
  readonly docker?: boolean;
  readonly registry?: boolean;
  readonly bare?: boolean;
  readonly from?: number;
}

const each = (value: string, before: readonly string[] = []): readonly string[] => [...before, value];
const commaEach = (value: string, before: readonly string[] = []): readonly string[] => [
  ...before,
  ...value
    .split(',')
    .map(part => part.trim())
    .filter(Boolean),
];
/** Reads a whole number off the command line. */
export const atLeast =
  (least: number) =>
  (value: string): number => {
    if (!/^\d+$/.test(value) || Number(value) < least) throw new InvalidArgumentError(`It must be a whole number, at least ${least}.`);
    return Number(value);
  };

const UNITS_MS = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const inMs = (value: string): number | undefined => {
  const [, count = '', unit] = /^(\d+)([smhd])$/.exec(value) ?? [];
  return unit === undefined ? undefined : Number(count) * UNITS_MS[unit as keyof typeof UNITS_MS];
};
const duration = (value: string): number => {
  const ms = inMs(value);
  if (ms === undefined) throw new InvalidArgumentError('It must be a time such as 90s, 10m or 2h.');
  return ms;
};
const keep = (value: string): Keep => {
  const ageMs = inMs(value);
  return ageMs === undefined ? { runs: atLeast(1)(value) } : { ageMs };
};
const maxChanged = (value: string): MaxChanged => {
  const [, count = '', percent] = /^(\d+)(%?)$/.exec(value) ?? [];
  if (count === '') throw new InvalidArgumentError('It must be a number of hosts, or a percentage such as 10%.');
  return percent === '%' ? { percent: Number(count) } : { hosts: Number(count) };
};

export const vaultOptions = (command: Command): Command =>
  command
    .option('--vault-id <label@file>', 'a vault password by its label: from a file, a program, or LABEL@prompt; repeatable', each)
    .option('--vault-pass-file, --vault-password-file <file>', 'read a vault password from a file or a program; repeatable', each)
    .addOption(new Option('-J, --ask-vault-pass', 'ask for the vault password').conflicts('vaultPasswordFile'));

export const outputFileOption = (command: Command): Command => command.option('--output <file>', 'write there instead; - is stdout');
export const encryptOptions = (command: Command): Command =>
  vaultOptions(command).option('--encrypt-vault-id <label>', 'encrypt with the password of this label');
export const encryptStringOptions = (command: Command): Command =>
  encryptOptions(outputFileOption(command))
    .option('-n, --name <name>', "a text's variable name; repeatable", each)
    .option('--stdin-name <name>', 'the variable name of what stdin holds')
    .option('-p, --prompt', 'ask for the text')
    .option('--show-input', 'show the text as it is typed');
export const rekeyOptions = (command: Command): Command =>
  encryptOptions(command)
    .addOption(new Option('--new-vault-id <label@file>', 'the new password by its label').conflicts('newVaultPasswordFile'))
    .option('--new-vault-password-file <file>', 'the new password');

export const targetOptions = (command: Command): Command =>
  vaultOptions(command)
    .option('-i, --inventory <path>', 'inventory file, script or folder, or a comma separated host list; repeatable', each)
    .option('-l, --limit <pattern>', 'only these hosts')
    .option('-e, --extra-vars <vars>', 'k=v, YAML, JSON or @file; repeatable', each)
    .addOption(new Option('--semantics <version>', 'whose semantics: those of ansible-core 2.18, or of 2.19 and later').choices(SEMANTICS));

export const inventoryOptions = (command: Command): Command =>
  targetOptions(command)
    .optionsGroup('What to show:')
    .addOption(new Option('--list', 'everything').conflicts(['graph', 'host']))
    .addOption(new Option('--graph', 'groups as a tree').conflicts('host'))
    .option('--host <host>', "one host's variables")
    .option('--vars', 'variables in the tree too')
    .option('--export', "variables where they are said: groups' with groups")
    .option('--playbook-dir <folder>', 'group_vars and host_vars of that folder too')
    .optionsGroup('How:')
    .option('-y, --yaml', 'YAML instead of JSON')
    .addOption(new Option('--toml').hideHelp())
    .option('--output <file>', 'write it there');

export const connectOptions = (command: Command): Command =>
  command
    .optionsGroup('Connection:')
    .option('-f, --forks <n>', 'hosts worked on at a time', atLeast(1))
    .option('-u, --user <name>', 'log in as this user')
    .option('--key-file, --private-key <file>', 'log in with this key')
    .option('-T, --timeout <seconds>', 'how long a host may take to answer', atLeast(1))
    .option('-c, --connection <type>', 'ssh, local or openssh')
    .option('-k, --ask-pass', 'ask for the login password')
    .option('--conn-pass-file, --connection-password-file <file>', 'read the login password from a file')
    .option('--accept-new', 'record host keys never seen before; changed ones stay refused')
    .option('--keep-connections <time>', 'leave connections open for the next run, such as 60s; 0s does not', duration)
    .optionsGroup('Becoming another user:')
    .option('-b, --become', 'run tasks as another user')
    .option('--become-method <method>', 'sudo or su')
    .option('--become-user <name>', 'the user to become')
    .option('-K, --ask-become-pass', 'ask for the password that becoming needs')
    .option('--become-pass-file, --become-password-file <file>', 'read it from a file');

const lineOptions = (command: Command): Command =>
  command
    .optionsGroup('Output:')
    .option('-v, --verbose', 'print results; -vv also places, -vvv all', (_value: string, before: number) => before + 1, 0)
    .option('-D, --diff', 'show differences of files and settings')
    .option('--no-color', 'no colours (NO_COLOR does the same)');
export const outputOptions = (command: Command): Command =>
  lineOptions(command)
    .option('--json', 'events as NDJSON on stdout (docs/events.md)')
    .option('--report <file>', 'write the run as one HTML page')
    .option('--profile', 'say at the end where the time went (docs/performance.md)');

const selectOptions = (command: Command): Command =>
  command
    .optionsGroup('What to run:')
    .option('-t, --tags <tags>', 'only tasks with one of these tags; repeatable', commaEach)
    .option('--skip-tags <tags>', 'leave tasks with these tags out; repeatable', commaEach)
    .option('--force-handlers', 'run handlers even where a task failed')
    .option('--window <n>', 'how many tasks ahead to look; 1 is strict order', atLeast(1));

export const convergeOptions = (command: Command): Command =>
  lineOptions(selectOptions(command))
    .optionsGroup('As a job:')
    .option('--max-changed-hosts <n>', 'refuse when more hosts have drifted: a number, or a percentage (default: 10%)', maxChanged)
    .option('--jitter <time>', 'begin at some time within this: 90s, 10m, 2h', duration)
    .option('--log-dir <folder>', 'keep the events and lines of every run there')
    .option('--keep <time>', 'how long, such as 30d, or how many runs (default: 30d)', keep);

export const runOptions = (command: Command): Command =>
  selectOptions(command)
    .option('--start-at-task <name>', 'start at this task')
    .option('-C, --check', 'change nothing, say what would change')
    .option('--strict', 'warn where the other semantics would give another value')
    .optionsGroup('Instead of running:')
    .option('--list-hosts', 'list hosts')
    .option('--list-tasks', 'list tasks')
    .option('--list-tags', 'list tags')
    .option('--syntax-check', 'check playbooks and roles')
    .option('--allow-missing-modules', 'and count the modules that kplay has not got instead of refusing them');
