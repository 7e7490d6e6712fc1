import type { Clock } from '../model/clock.ts';
import type { Emit } from '../model/event.ts';
import type { Catalog } from '../model/module.ts';
import type { Connector } from '../model/session.ts';
import type { Inventory } from '../inventory/inventory.ts';
import type { CompileOptions, Files } from '../playbook/options.ts';
import type { Selection } from '../playbook/select.ts';
import type { Playbook, Prompt, RawVars } from '../playbook/types.ts';
import type { Templar } from '../template/templar.ts';
import type { Value } from '../value/value.ts';
import type { RulesOff } from './rules.ts';

/** Defaults of the command line and the config; variables and keywords override them as in Ansible. */
export interface ConnectionDefaults {
  readonly user?: string;
  readonly password?: string;
  readonly privateKeyFile?: string;
  readonly connection?: string;
  readonly timeoutMs: number;
  readonly port?: number;
  /** What stands in for ansible_ssh_args, ansible_ssh_common_args and ansible_ssh_extra_args. */
  readonly sshArgs?: readonly string[];
  readonly become: boolean;
  readonly becomeUser?: string;
  readonly becomeMethod?: string;
  readonly becomePassword?: string;
  readonly becomeFlags?: string;
}
export interface RunOptions {
  readonly run: string;
  readonly version: string;
  readonly playbooks: readonly Playbook[];
  readonly inventory: Inventory;
  readonly extraVars: RawVars;
  readonly selection: Selection;
  /** `--start-at-task`: a name or a shell pattern; everything before it is left out. */
  readonly startAtTask?: string;
  /** Parts of the `--limit` pattern; empty: no limit. */
  readonly limit: readonly string[];
  /** The pattern as it is written, for `ansible_limit`. */
  readonly limitText?: string;
  readonly connection: ConnectionDefaults;
  /** Inventory sources as given. */
  readonly sources: readonly string[];
  /** How many -v. */
  readonly verbosity: number;
  readonly forks: number;
  readonly check: boolean;
  /** A check asks guards too: what a permit would be refused for fails with E_GUARD. */
  readonly foresee?: boolean;
  readonly diff: boolean;
  /** No report tells what a task returned unless it failed. */
  readonly resultsUnread?: boolean;
  /** Tells what time goes to (`spent`). */
  readonly profile?: boolean;
  readonly forceHandlers: boolean;
  /** Plays gather facts only if they say so (Ansible's `gathering: explicit`). */
  readonly gatherExplicitly?: boolean;
  /** Unless a play or task says otherwise. */
  readonly anyErrorsFatal?: boolean;
  /** A task that notifies a handler which is not there fails; otherwise it is told. Unless set, it does. */
  readonly errorOnMissingHandler?: boolean;
  /** Ansible's ansible_managed, with its `{file}`, `{host}`, `{uid}` and `%` of strftime. */
  readonly managed?: string;
  /** How many tasks one look may be for, the one in its turn counted; 1 is strict order. */
  readonly window: number;
  /** What compiled the playbooks compiles what they include. */
  readonly compile: CompileOptions;
  readonly files: Files;
  readonly catalog: Catalog;
  readonly templar: Templar;
  /** Warn of every value that would be another one in the other semantics. */
  readonly strict?: boolean;
  readonly connector: Connector;
  /** What was said to the plays' vars_prompt. */
  readonly answers?: ReadonlyMap<Prompt, Value>;
  readonly clock: Clock;
  /** Guard names by group (kplay.config.yaml). */
  readonly guards: ReadonlyMap<string, string>;
  readonly emit: Emit;
  readonly signal: AbortSignal;
  readonly rulesOff?: RulesOff;
}
