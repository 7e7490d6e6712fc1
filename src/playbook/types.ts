import type { Source } from '../model/source.ts';
import type { Value } from '../value/value.ts';

/** A value from YAML with the place it was written; templates in it are not evaluated yet. */
export interface Located<T = Value> {
  readonly value: T;
  readonly at: Source;
}
export type RawVars = ReadonlyMap<string, Value>;

/** Where a role's or an included file's tasks look for files, and whose variables they see. */
export interface Role {
  readonly name: string;
  /** Absolute path of the role's folder. */
  readonly path: string;
  readonly defaults: RawVars;
  readonly vars: RawVars;
  /** Parameters given where the role is used (`roles: - {role: x, port: 1}`). */
  readonly params: RawVars;
  /** The role that pulled this one in, through meta dependencies or include_role/import_role. */
  readonly parent?: Role;
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
  /** kplay: a disruption guard by name (`etcd_quorum`). */
  readonly guard?: Located<string>;
}

export interface Loop {
  readonly items: Located;
  /** `loop`, or the name after `with_`. */
  readonly style: string;
  readonly loopVar: string;
  readonly indexVar?: string;
  readonly label?: Located;
  readonly pauseMs?: Located;
  readonly extended: boolean;
}

export interface Task extends Shared {
  readonly kind: 'task';
  readonly at: Source;
  /** As written, may hold templates. */
  readonly name?: Located<string>;
  /** The module's short name in the catalog (`copy`), with aliases (`service` of the same module) kept as written. */
  readonly action: string;
  /** Arguments by name, untemplated, `args:` merged; `_raw_params` holds free-form text. */
  readonly args: ReadonlyMap<string, Located>;
  readonly loop?: Loop;
  readonly register?: string;
  readonly vars: RawVars;
  /** vars of the blocks around it and of the includes it came through, outermost first. */
  readonly outerVars: readonly RawVars[];
  readonly notify: readonly Located<Value>[];
  readonly listen: readonly string[];
  readonly changedWhen?: readonly Located[];
  readonly failedWhen?: readonly Located[];
  readonly until?: readonly Located[];
  readonly retries?: Located;
  readonly delay?: Located;
  readonly async?: Located;
  readonly poll?: Located;
  readonly role?: Role;
  /** Folders of the task files it came through, innermost first; for relative file names. */
  readonly folders: readonly string[];
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

/** One play, compiled: roles resolved, imports inlined. include_tasks/include_role stay tasks and are compiled when they run. */
export interface Play {
  readonly at: Source;
  readonly name: string;
  readonly hosts: Located;
  readonly vars: RawVars;
  readonly varsFiles: readonly Located[];
  readonly varsPrompt: readonly { readonly name: string; readonly prompt: string; readonly private: boolean; readonly default?: Value }[];
  readonly gatherFacts?: Located;
  readonly gatherSubset?: Located;
  readonly serial: readonly Value[];
  readonly strategy: 'linear' | 'free' | 'host_pinned';
  readonly order?: string;
  readonly maxFailPercentage?: Located;
  readonly anyErrorsFatal?: Located;
  readonly forceHandlers?: Located;
  readonly shared: Shared;
  /** Roles in the order they run, dependencies first; each carries variables for the whole play (exported role vars). */
  readonly roles: readonly Role[];
  /** pre_tasks, then roles and tasks, then post_tasks: handlers are flushed after each section. */
  readonly sections: readonly { readonly name: 'pre_tasks' | 'tasks' | 'post_tasks'; readonly nodes: readonly Node[] }[];
  readonly handlers: readonly Node[];
}
export interface Playbook {
  readonly file: string;
  readonly plays: readonly Play[];
}
