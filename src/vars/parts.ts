import type { Value } from '../value/value.ts';
import type { Layer, Vars } from './layered.ts';

/** Where one task's variables come from. Lists go from low to high; what is absent is empty. */
export interface Parts {
  /** defaults/ of the play's roles in their order, then of the task's own role: its dependencies, the roles around it, itself. */
  readonly roleDefaults?: readonly Vars[];
  /** `HostVariables.layers`: inventory, group_vars and host_vars. */
  readonly host?: readonly Vars[];
  /** `factVars`. */
  readonly facts?: Vars;
  /** The play's `vars`, and the answers of vars_prompt. */
  readonly playVars?: readonly Vars[];
  readonly varsFiles?: readonly Vars[];
  /** vars/ of all roles in the play. */
  readonly roleVars?: readonly Vars[];
  /** vars/ and `vars:` of the roles around the task's role, vars/ of its dependencies, then its own vars/ and `vars:`. */
  readonly ownRoleVars?: readonly Vars[];
  /** `vars` of the blocks and includes around the task, outermost first. */
  readonly blockVars?: readonly Vars[];
  readonly taskVars?: Vars;
  /** What include_vars has read for the host. */
  readonly includeVars?: Vars;
  /** What set_fact and register have stored for the host. */
  readonly setFacts?: Vars;
  /** Those of them that hosts had no part in. */
  readonly ownFacts?: ReadonlySet<string>;
  /** Parameters where the role is used, outermost role first. */
  readonly roleParams?: readonly Vars[];
  /** `vars` of include_role and include_tasks on the way to the task. */
  readonly includeParams?: readonly Vars[];
  readonly extraVars?: Vars;
}

/** Variables that are hearsay. */
export class Hearsay extends Map<string, Value> {}

const open = (vars: readonly Vars[] = []): Layer[] =>
  vars.filter(({ size }) => size > 0).map(one => ({ vars: one, final: false, hearsay: () => one instanceof Hearsay }));
const optional = (vars: Vars | undefined): readonly Vars[] => (vars ? [vars] : []);
const final = (vars: Vars | undefined, own?: ReadonlySet<string>): Layer[] =>
  optional(vars).map(one => ({ vars: one, final: true, hearsay: name => own?.has(name) !== true }));

/** Ansible's order of precedence, lowest first (ansible.vars.manager.VariableManager.get_vars). */
export const layers = (parts: Parts): readonly Layer[] => [
  ...open(parts.roleDefaults),
  ...open(parts.host),
  ...final(parts.facts),
  ...open(parts.playVars),
  ...open(parts.varsFiles),
  ...open(parts.roleVars),
  ...open(parts.ownRoleVars),
  ...open(parts.blockVars),
  ...open(optional(parts.taskVars)),
  ...open(optional(parts.includeVars)),
  ...final(parts.setFacts, parts.ownFacts),
  ...open(parts.roleParams),
  ...open(parts.includeParams),
  ...open(optional(parts.extraVars)),
];
