import type { LoadOptions } from '../inventory/load.ts';
import type { SemanticsVersion } from '../model/semantics.ts';
import type { Vault } from '../vault/vault.ts';

/** Where hosts come from, and which of them. */
export interface TargetSettings {
  /** Absolute paths, or host lists that hold a comma; in the order given. Empty: only the implicit localhost. */
  readonly inventory: readonly string[];
  /** What the config says about reading them. */
  readonly reading?: Pick<LoadOptions, 'enabled' | 'ignoreExtensions' | 'ignorePatterns' | 'patternMismatch'>;
  readonly limit?: string;
  /** `-e` as typed: `k=v …`, `{json or yaml}` or `@file` (absolute), in order. */
  readonly extraVars: readonly string[];
  /** ansible-core 2.18's unless said otherwise. */
  readonly semantics?: SemanticsVersion;
  /** Holds the vault passwords. */
  readonly vault: Vault;
}

/** `off` is Ansible's host_key_checking=False; `accept-new` records unknown keys and refuses changed ones. */
export type HostKeys = 'strict' | 'accept-new' | 'off';

/** How hosts are reached: command line, then environment, then config files. */
export interface ConnectSettings {
  readonly forks: number;
  readonly timeoutMs: number;
  readonly port?: number;
  readonly sshArgs?: readonly string[];
  readonly hostKeys: HostKeys;
  /** How long connections are kept after the run; undefined: as long as ssh_args say. */
  readonly keepMs?: number;
  readonly user?: string;
  readonly password?: string;
  readonly privateKeyFile?: string;
  readonly connection?: string;
  readonly become: boolean;
  readonly becomeUser?: string;
  readonly becomeMethod?: string;
  readonly becomePassword?: string;
  readonly becomeFlags?: string;
}

/** What a run prints and writes. */
export interface OutputSettings {
  /** How many -v. */
  readonly verbosity: number;
  readonly diff: boolean;
  /** NDJSON instead of lines. */
  readonly json: boolean;
  /** Absolute path of the HTML page to write. */
  readonly report?: string;
  /** Measure, and say at the end where the time went. */
  readonly profile: boolean;
  readonly color: boolean;
}

/** Ask for these and nothing is run. */
export interface Listing {
  readonly hosts: boolean;
  readonly tasks: boolean;
  readonly tags: boolean;
  readonly syntax: boolean;
  /** Modules that kplay has not got are counted, and are no error. */
  readonly allowMissingModules: boolean;
}

export interface Common extends TargetSettings, ConnectSettings, OutputSettings {
  readonly check: boolean;
  readonly rolesPath: readonly string[];
  readonly modulePath: readonly string[];
  /** Plays gather facts only if they say so. */
  readonly gatherExplicitly: boolean;
  readonly anyErrorsFatal: boolean;
  /** A handler that is not there is an error. */
  readonly errorOnMissingHandler: boolean;
  /** What `ansible_managed` says, as in ansible.cfg. */
  readonly managed?: string;
  /** Group to guard, from kplay.config.yaml. */
  readonly guards: Readonly<Record<string, string>>;
}

/** `kplay run`, all questions asked and all paths absolute. */
export interface RunSettings extends Common {
  readonly playbooks: readonly string[];
  readonly tags: readonly string[];
  readonly skipTags: readonly string[];
  readonly startAtTask?: string;
  readonly forceHandlers: boolean;
  /** How many tasks ahead a look may reach; 1 is strict order. */
  readonly window: number;
  /** Undefined: run. */
  readonly listing?: Listing;
  /** Warn of every value that would be another one in the other semantics. */
  readonly strict?: boolean;
  /** A check asks guards too. */
  readonly foresee?: boolean;
}

/** How many hosts may change at once; of a percentage there is always one, unless it is 0. */
export type MaxChanged = { readonly hosts: number } | { readonly percent: number };

/** `kplay converge`. */
export interface ConvergeSettings {
  readonly run: RunSettings;
  readonly maxChanged: MaxChanged;
  /** It begins at some time within this. */
  readonly jitterMs: number;
}

/** `kplay exec`. */
export interface ExecSettings extends Common {
  readonly pattern: string;
  readonly module: string;
  /** `-a` as typed: free-form text or `k=v` pairs. */
  readonly args: string;
}

/** `kplay facts`. */
export interface FactsSettings extends Common {
  readonly host: string;
}

/** `kplay render`. */
export interface RenderSettings extends Common {
  /** Absolute path of the template. */
  readonly file: string;
  readonly host: string;
}

/** `kplay inventory`. */
export interface InventorySettings extends TargetSettings {
  readonly show:
    | { readonly kind: 'list' }
    | { readonly kind: 'graph'; readonly group: string; readonly vars: boolean }
    | { readonly kind: 'host'; readonly host: string };
  readonly yaml: boolean;
  /** Variables where they are said, not merged. */
  readonly export: boolean;
  /** Absolute: group_vars and host_vars there count as beside a playbook. */
  readonly playbookDir?: string;
  /** The current folder: merged variables are those of a playbook there, as Ansible has it, unless `playbookDir` is given. */
  readonly cwd: string;
}
