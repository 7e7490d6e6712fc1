import type { Source } from '../model/source.ts';
import type { Value } from '../value/value.ts';

/** A value from YAML with the place it was written; templates in it are not evaluated yet. */
export interface Located<T = Value> {
  readonly value: T;
  readonly at: Source;
}
export type RawVars = ReadonlyMap<string, Value>;

/** One use of a role: where its tasks look for files, and whose variables they see. */
export interface Role {
  /** As messages and handlers call it: `web`, or `my.collection.web`. */
  readonly name: string;
  /** Absolute path of the role's folder. */
  readonly path: string;
  readonly defaults: RawVars;
  readonly vars: RawVars;
  /** Parameters given where the role is used (`roles: - {role: x, port: 1}`). */
  readonly params: RawVars;
  /** The `vars:` keyword of the entry, import_role or include_role that uses it. */
  readonly entryVars: RawVars;
  /** The role that pulled this one in, through meta dependencies or include_role/import_role. */
  readonly parent?: Role;
  /** From meta/main.yml, direct ones only, in order; their defaults and vars are seen by this role too. */
  readonly dependencies: readonly Role[];
  /** Its defaults and vars are seen by the whole play: not those of include_role, unless it says `public: true`. */
  readonly public: boolean;
  /**
   * What makes two uses the same (name, path, params, vars, when, tags, *_from files). Without `allowDuplicates`, a host that has come to
   * the end of a use and ran at least one task of it skips every later use of the same key, silently and without a result.
   */
  readonly key: string;
  readonly allowDuplicates: boolean;
}

/**
 * Keywords that plays, roles, blocks and tasks share, as inherited by the thing that holds them: the compiler has already merged the
 * chain (innermost wins; `when`, `tags` and `environment` add up, outermost first). Values may be templates.
 */
export interface Shared {
  readonly when: readonly Located<Value>[];
  readonly tags: readonly string[];
  readonly become?: Located;
  readonly becomeUser?: Located;
  readonly becomeMethod?: Located;
  readonly becomeFlags?: Located;
  readonly becomeExe?: Located;
  readonly remoteUser?: Located;
  readonly connection?: Located;
  readonly port?: Located;
  readonly environment: readonly Located[];
  readonly delegateTo?: Located;
  readonly delegateFacts?: Located;
  readonly runOnce?: Located;
  readonly ignoreErrors?: Located;
  readonly ignoreUnreachable?: Located;
  readonly anyErrorsFatal?: Located;
  readonly checkMode?: Located;
  readonly diff?: Located;
  readonly noLog?: Located;
  readonly throttle?: Located;
  readonly timeout?: Located;
  readonly moduleDefaults: readonly Located[];
  /** kplay: disruption guards by name (`etcd_quorum, apiserver`), or `none`. */
  readonly guard?: Located<string>;
}

export interface Loop {
  readonly items: Located;
  /** `loop`, or the name after `with_`. */
  readonly style: string;
  /** As written, these two may be templates. */
  readonly loopVar: string;
  readonly indexVar?: string;
  readonly label?: Located;
  /** Seconds as written; may be a template. */
  readonly pause?: Located;
  readonly extended: boolean;
  /** `extended_allitems: false` leaves `ansible_loop.allitems` out. */
  readonly allItems: boolean;
  readonly breakWhen?: readonly Located[];
}

export interface Task extends Shared {
  readonly kind: 'task';
  readonly at: Source;
  /** As written, may hold templates. */
  readonly name?: Located<string>;
  /** Put in by the compiler (`meta: role_complete` after a role's tasks): never listed, never reported, runs whatever the tags say. */
  readonly implicit: boolean;
  /** The module as written (`ansible.builtin.copy`), which is what an unnamed task is called. */
  readonly written: string;
  /** The module's short name in the catalog (`copy`), with aliases (`service` of the same module) kept as written. */
  readonly action: string;
  /**
   * Arguments by name, untemplated, `args:` merged; `_raw_params` holds free-form text, `_variable_params` a template that gives a
   * mapping of further arguments (the others beat it).
   */
  readonly args: ReadonlyMap<string, Located>;
  readonly loop?: Loop;
  readonly register?: string;
  readonly vars: RawVars;
  /** vars of the blocks around it and of the imports and includes it came through, outermost first. */
  readonly outerVars: readonly RawVars[];
  /** vars of the include_tasks/include_role tasks it came through, outermost first: they beat set_fact. Also part of `outerVars`. */
  readonly includeParams: readonly RawVars[];
  readonly notify: readonly Located<Value>[];
  /** A handler's topics; those of a role's handler also as `role : topic`. */
  readonly listen: readonly string[];
  readonly changedWhen?: readonly Located[];
  readonly failedWhen?: readonly Located[];
  readonly until?: readonly Located[];
  readonly retries?: Located;
  readonly delay?: Located;
  readonly async?: Located;
  readonly poll?: Located;
  readonly role?: Role;
  /**
   * Where relative file names are looked for, in order, before the play's folder: its role's folder, those of the roles that pulled that
   * one in, then the folder of the file it is written in.
   */
  readonly folders: readonly string[];
  /** Folder parts, as written, of the task files it came through, innermost first (a role's absolute path for include_role). */
  readonly includedFrom: readonly string[];
  /** Keywords of what is around it. The tasks of a dynamic include inherit these and not the include's own. */
  readonly around: Shared;
}

export interface Block extends Shared {
  readonly kind: 'block';
  readonly at: Source;
  readonly name?: Located<string>;
  readonly block: readonly Node[];
  readonly rescue: readonly Node[];
  readonly always: readonly Node[];
}
export type Node = Task | Block;

/** An entry of vars_prompt. */
export interface Prompt {
  readonly name: string;
  readonly prompt: string;
  readonly private: boolean;
  readonly default?: Value;
  readonly confirm?: boolean;
  /** A crypt scheme for password_hash. */
  readonly encrypt?: string;
  readonly salt?: string;
  readonly saltSize?: number;
  /** Do not template what was typed. */
  readonly unsafe?: boolean;
}

/** kplay's `rolling:`; docs/rolling.md tells what it means. Sizes, `unavailable` and `soak` may be templates. */
export interface Rolling {
  readonly at: Source;
  /** A number of hosts, or a percentage of the play's, as all sizes are. */
  readonly canary?: Located;
  readonly batch?: Located;
  readonly maxUnavailable?: Located;
  /** Names of hosts that are down already. */
  readonly unavailable?: Located;
  /** Seconds. */
  readonly soak?: Located;
  readonly gate: readonly Node[];
  readonly rollback: readonly Node[];
}

/** One play, compiled: roles resolved, imports inlined. include_tasks/include_role stay tasks and are compiled when they run. */
export interface Play {
  readonly at: Source;
  /** As written, else its hosts joined by commas; may hold templates. */
  readonly name: string;
  readonly hosts: Located;
  readonly vars: RawVars;
  readonly varsFiles: readonly Located[];
  readonly varsPrompt: readonly Prompt[];
  /** The playbook's folder: `playbook_dir`, and the last place where relative names are looked for. */
  readonly folder: string;
  /** Folders in which Ansible would find the user's own modules. */
  readonly modulePath: readonly string[];
  /** Conditions of the import_playbook statements it came through; they also stand in front of its tasks' `when`, and skip gathering. */
  readonly importWhen: readonly Located[];
  readonly gatherFacts?: Located;
  readonly gatherSubset?: Located;
  readonly gatherTimeout?: Located;
  readonly factPath?: Located;
  readonly serial: readonly Value[];
  readonly strategy: 'linear' | 'free' | 'host_pinned';
  readonly order?: Located;
  /** kplay: how the play goes over a fleet, in place of `serial`. */
  readonly rolling?: Rolling;
  readonly maxFailPercentage?: Located;
  readonly anyErrorsFatal?: Located;
  readonly forceHandlers?: Located;
  readonly shared: Shared;
  /** The `roles:` entries, then what import_role brought, in order; their variables (and their dependencies') are the whole play's. */
  readonly roles: readonly Role[];
  /** pre_tasks, then roles and tasks, then post_tasks: handlers are flushed after each section. */
  readonly sections: readonly { readonly name: 'pre_tasks' | 'tasks' | 'post_tasks'; readonly nodes: readonly Node[] }[];
  /**
   * Those of roles, then of the play, then of import_role; they run in this order. A name is looked for in the lists from the last to the
   * first, and in each list from its start (a list is a run of handlers with no block between them).
   */
  readonly handlers: readonly (readonly Task[])[];
}
export interface Playbook {
  readonly file: string;
  readonly plays: readonly Play[];
}
