import type { z } from 'zod';
import type { KplayError } from './errors.ts';
import type { Line } from './line.ts';
import type { Probe, Probes } from './probe.ts';
import type { SemanticsVersion } from './semantics.ts';

/** What a module returns is JSON: the engine turns it into template values when it is registered. */
export type Plain = null | boolean | number | string | readonly Plain[] | { readonly [key: string]: Plain };
export type Fields = { readonly [key: string]: Plain };

/** One field to move. `before`/`after` of the key `content` are texts and are shown as a unified diff. */
export interface Change {
  /** Which of the things the task manages, where there are several (a directory's files). */
  readonly path?: string;
  readonly key: string;
  readonly before: Plain;
  readonly after: Plain;
}
/** Empty = converged. Diff, check mode, journal and every report read this. */
export type Changes = readonly Change[];

/** Bytes for a step: in memory, or streamed from the controller. */
export type Input = Uint8Array | { readonly sizeBytes: number; readonly open: () => AsyncIterable<Uint8Array> };

/** Runs in its own subshell on the host. Secrets travel in `script` (it is sent on stdin, never in argv) or `stdin`. */
export interface Step {
  readonly script: string;
  readonly stdin?: Input;
  /** `any`: the exit status is a result (commands). Otherwise a non-zero exit fails the task. */
  readonly exit?: 'zero' | 'any';
  readonly timeoutMs?: number;
  /** The script itself says what may be secret, as stdin else does: it is not to be stored anywhere. */
  readonly holdsContent?: boolean;
  /** What a non-zero exit means, where the last line of stderr does not say it. */
  readonly explain?: (output: Output) => KplayError | undefined;
}
export interface Output {
  readonly rc: number;
  readonly stdout: Buffer;
  readonly stderr: Buffer;
  readonly startedAt: Date;
  readonly endedAt: Date;
}

/** How a host that an act took away is waited for. */
export interface Comeback {
  /** In all, and before it is first looked for. */
  readonly timeoutMs: number;
  readonly delayMs: number;
  readonly connectTimeoutMs?: number;
  /** Run on each new connection until it says so; its output then follows those of the act. */
  readonly look: Step;
  isBack(output: Output): boolean;
}

/** What a module's preparation may read on the controller. All of it is done again in the task's own turn. */
export interface Controller {
  readonly check: boolean;
  readonly diff: boolean;
  /** Absolute path of a file named by a task: role's `folder` (files, templates …), play's, then as given. E_FILE lists the paths tried. */
  find(name: string, folder: 'files' | 'templates' | 'vars' | 'tasks'): string;
  /** Renders a template file with the task's variables. */
  render(path: string, options: TemplateOptions): Promise<string>;
  /** What Ansible Vault encrypted, with the passwords of the run; `path` is told in E_VAULT. */
  decrypt(encrypted: Uint8Array, path: string): Uint8Array;
  /** Makes something that takes long once a run, for all hosts; the key names all that it depends on. A failure is not kept. */
  once<T>(key: string, make: () => Promise<T>): Promise<T>;
}
export interface TemplateOptions {
  /** The template as the task names it (`template_path`), and where its text goes (`template_destpath`). */
  readonly named?: string;
  readonly destination?: string;
  readonly trimBlocks?: boolean;
  readonly lstripBlocks?: boolean;
  readonly newlineSequence?: string;
  readonly variableStart?: string;
  readonly variableEnd?: string;
  readonly blockStart?: string;
  readonly blockEnd?: string;
  readonly commentStart?: string;
  readonly commentEnd?: string;
}
export interface Mode {
  readonly check: boolean;
  readonly diff: boolean;
}

interface Described {
  /** Ansible's short name: `copy`. */
  readonly name: string;
  /** Collections that own it, for FQCNs other than ansible.builtin and ansible.legacy: `community.docker`. */
  readonly collections?: readonly string[];
  readonly summary: string;
  /** A zod object; unknown keys are refused, each field has a description. */
  readonly args: z.ZodObject;
  /** Other spellings of an argument: `{ dest: 'path', name: 'path' }`. */
  readonly aliases?: Readonly<Record<string, string>>;
  /** The argument that takes free-form text (`command: ls -l`). Without it, free-form text is `k=v` pairs. */
  readonly freeForm?: string;
}

/** What an act leaves of what may be looked at next; `read` tells it from what the act printed, or tells nothing. */
export interface Left<Seen = unknown> {
  readonly probe: Probe<Seen>;
  read(outputs: readonly Output[]): { readonly seen: Seen } | undefined;
}

/**
 * Observe → analyze → act. All pure but `prepare`, which reads the controller's files; none sees a session.
 * A thrown KplayError fails this task on this host. `Ready` is what `prepare` makes of the arguments.
 */
export interface Module<Args extends z.ZodObject, Seen extends readonly unknown[], Ready = z.output<Args>> extends Described {
  readonly kind: 'module';
  readonly args: Args;
  /** Arguments that only say what is to be there: what is to be looked at can be told without them, unless for a diff. */
  readonly contents?: readonly string[];
  /** May another target notice an act of this module? `world` unless shown otherwise. */
  readonly reach: 'host' | 'world';
  /** `skip`: Ansible skips it in check mode (commands). */
  readonly checkMode: 'full' | 'skip';
  prepare(args: z.output<Args>, controller: Controller): Ready | Promise<Ready>;
  observe(ready: Ready, mode: Mode): Probes<Seen>;
  analyze(ready: Ready, seen: Seen, mode: Mode): Changes;
  /** Not called in check mode, nor when there are no changes. Unless somebody reads the result, what is there only for it may be left out. */
  act(ready: Ready, seen: Seen, changes: Changes, isRead: boolean): readonly Step[];
  /** What nobody needs to look at again once the act has ended well: exactly what a look by the same identity would show. */
  leaves?(ready: Ready, seen: Seen, changes: Changes): readonly Left[];
  /** Set where the act takes the host away: the connection may break, and the task ends when the host is back. Not asked for when the act failed. */
  comeback?(ready: Ready, seen: Seen): Comeback;
  /** Ansible's return values. `outputs` is absent when nothing was run. May set `changed`, `failed`, `msg`, `skipped` itself. */
  result(ready: Ready, seen: Seen, changes: Changes, outputs: readonly Output[] | undefined): Fields;
}

/**
 * Observe → analyze → act on what is behind an API, which is spoken to by the controller through the task's host. All but the talking is as in
 * a Module. Never observed ahead of its turn: any act on any host may change what an API says. Its acts are of reach `world`.
 */
export interface ApiModule<Args extends z.ZodObject, Api extends Disposable, Seen, Done, Ready = z.output<Args>> extends Described {
  readonly kind: 'api';
  readonly args: Args;
  prepare(args: z.output<Args>, controller: Controller): Ready | Promise<Ready>;
  /** Once a task; what is opened here is disposed of at its end. */
  connect(ready: Ready, line: Line): Promise<Api>;
  /** Changes nothing. May wait for what is to come about. */
  observe(ready: Ready, api: Api, mode: Mode): Promise<Seen>;
  analyze(ready: Ready, seen: Seen, mode: Mode): Changes;
  /** Not called in check mode, nor when there are no changes. */
  act(ready: Ready, seen: Seen, changes: Changes, api: Api): Promise<Done>;
  /** Return values. `done` is what acting gave, absent when nothing was done. */
  result(ready: Ready, seen: Seen, changes: Changes, done: Done | undefined): Fields;
}

/** `unknown`: no such job. `done`: with the task's own result; one that failed throws. */
export type JobState = { readonly is: 'unknown' | 'running' } | { readonly is: 'done'; readonly changes: Changes; readonly result: Fields };
/** What a controller-side task sees: variables, and its host only through probes. */
export interface ActionContext extends Controller {
  readonly host: string;
  readonly signal: AbortSignal;
  /** Does Ansible read the host's files with sftp, which passes their permissions on? Not from this machine, nor as another user. */
  viaSftp(): boolean;
  /** Observes now, in order; never ahead. */
  observe<Seen extends readonly unknown[]>(probes: Probes<Seen>): Promise<Seen>;
  readonly semantics: SemanticsVersion;
  /** A conditional as `when` evaluates it. */
  condition(expression: string): boolean;
  /** A variable's value as plain JSON, or undefined when it is not defined. */
  variable(name: string): Plain | undefined;
  /** The same as the template value it is (src/value). E_UNDEFINED where it is defined by what is not. */
  value(name: string): unknown;
  /** Any text or structure, templated. */
  template(value: unknown): Plain;
  /** Reads a file of variables (YAML) on the controller, untemplated; what is encrypted in it stays so. */
  readVars(path: string): Fields;
  /** How a job is that `async` began in this run; `cleanup` removes what the host has of it. */
  job(jid: string, mode: 'status' | 'cleanup'): Promise<JobState>;
  /** The inventory in memory, which grows for the rest of the run; each says whether it did. E_INVENTORY. */
  readonly inventory: {
    addHost(host: { readonly name: string; readonly groups: readonly string[]; readonly vars: Fields }): boolean;
    /** Puts the task's host into a group below others. */
    groupBy(group: string, parents: readonly string[]): boolean;
  };
  /** A new connection to the host, and a shell that answers on it: undefined, or why there is none yet. Throws what no waiting mends. */
  reach(connectTimeoutMs?: number): Promise<string | undefined>;
  now(): Date;
  /** Waits on the injected clock; rejects with E_INTERRUPTED on abort. */
  wait(durationMs: number): Promise<void>;
}
/**
 * A controller-side task (debug, set_fact, assert, fetch …). Facts travel in the result's `ansible_facts`, at the level `facts` names.
 */
export interface Action<Args extends z.ZodObject = z.ZodObject> extends Described {
  readonly kind: 'action';
  readonly args: Args;
  /** Arguments this action templates itself (assert's `that`, debug's `var`). */
  readonly raw?: readonly string[];
  /** Arguments it takes as the template values they are (src/value): as JSON 1.0 is 1. */
  readonly values?: readonly string[];
  /** Any further argument is taken, as set_fact and add_host do. */
  readonly open?: boolean;
  readonly facts?: 'set_fact' | 'include_vars';
  /** Runs once for all hosts of a batch, as if run_once were set (pause). */
  readonly bypassHostLoop?: boolean;
  run(args: z.output<Args>, context: ActionContext): Fields | Promise<Fields>;
}

/** How the registry and the engine hold modules: the types have been checked where the module was defined. */
export type AnyModule = Module<z.ZodObject, readonly unknown[], unknown>;
export type AnyApiModule = ApiModule<z.ZodObject, Disposable, unknown, unknown, unknown>;
export type Task = AnyModule | AnyApiModule | Action;

/** Modules by short name and FQCN. */
export interface Catalog {
  get(name: string): Task | undefined;
  names(): readonly string[];
}

export type { Probe };
