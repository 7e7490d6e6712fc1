import type { ErrorCode } from './errors.ts';
import type { Changes, Fields } from './module.ts';
import type { Source } from './source.ts';

/** How one task ended on one host. `ignored` failed under ignore_errors; `rescued` failed in a block that has a rescue. */
export type Status = 'ok' | 'changed' | 'skipped' | 'failed' | 'unreachable' | 'ignored' | 'rescued';

/** Ansible's recap counters. */
export interface Counts {
  readonly ok: number;
  readonly changed: number;
  readonly unreachable: number;
  readonly failed: number;
  readonly skipped: number;
  readonly rescued: number;
  readonly ignored: number;
}

/** A task in a run. `id` is unique in the run and orders tasks as they start. */
export interface TaskInfo {
  readonly id: number;
  readonly play: number;
  readonly name: string;
  readonly action: string;
  readonly role?: string;
  /** The role that an include_role names, as it is written. */
  readonly includes?: string;
  readonly handler: boolean;
  readonly at: Source;
}

export interface Outcome {
  readonly task: TaskInfo;
  readonly host: string;
  /** Set when the task ran elsewhere. */
  readonly delegate?: string;
  readonly status: Status;
  /** Ansible's result fields, censored under no_log. */
  readonly result: Fields;
  readonly changes: Changes;
  /** Short failure text; full stderr is in `result`. */
  readonly message?: string;
  readonly hint?: string;
  /** The kind of a failure that kplay itself found. */
  readonly code?: ErrorCode;
  readonly durationMs: number;
}

/** What a host's time goes to. */
export interface Expense {
  /** `wait`: for a permit, a retry, a pause. `ahead`: for looks that later tasks will probably want; nobody waits for them. */
  readonly on: 'connect' | 'look' | 'act' | 'wait' | 'ahead';
  /** Another task had begun it: a connection that was being opened, looks sent ahead. Nothing was sent for it. */
  readonly joined?: true;
}

/** The one stream that every report consumes. Times are ISO 8601 in UTC. */
export type Event = { readonly time: string } & (
  | {
      readonly type: 'run-start';
      readonly run: string;
      readonly playbooks: readonly string[];
      /** How many each of them has. */
      readonly plays: readonly number[];
      readonly check: boolean;
      readonly diff: boolean;
      readonly version: string;
    }
  | { readonly type: 'play-start'; readonly play: number; readonly name: string; readonly hosts: readonly string[]; readonly at: Source }
  | { readonly type: 'no-hosts'; readonly play: number; readonly name: string; readonly why: 'no match' | 'none left' }
  | { readonly type: 'task-start'; readonly task: TaskInfo; readonly hosts: readonly string[] }
  | { readonly type: 'host-start'; readonly task: TaskInfo; readonly host: string }
  /** What a host is waiting for: a permit, a retry, a pause. */
  | {
      readonly type: 'host-wait';
      readonly task: TaskInfo;
      readonly host: string;
      readonly reason: string;
      /** Set for a retry (`until`): how many are left. */
      readonly retriesLeft?: number;
    }
  | { readonly type: 'item'; readonly outcome: Outcome; readonly item: string }
  | { readonly type: 'outcome'; readonly outcome: Outcome }
  /** In a profile only: something has ended, well or not, that the host's task of that moment waited for. */
  | ({ readonly type: 'spent'; readonly host: string; readonly durationMs: number } & Expense)
  | {
      readonly type: 'included';
      readonly task: TaskInfo;
      readonly file: string;
      readonly hosts: readonly string[];
      /** In a loop: what is shown for the item. */
      readonly item?: string;
    }
  /** A `meta` task, which has no outcome; one that the play's author wrote. */
  | { readonly type: 'meta'; readonly task: TaskInfo; readonly host: string; readonly message: string }
  | { readonly type: 'warning'; readonly message: string; readonly at?: Source }
  | { readonly type: 'recap'; readonly hosts: Readonly<Record<string, Counts>> }
  /** After an interruption: acts whose outcome nobody saw. */
  | { readonly type: 'unknown-outcome'; readonly task: TaskInfo; readonly host: string }
  /** A rolling play ended before its last batch, and the run with it. */
  | { readonly type: 'stopped'; readonly message: string; readonly detail: string; readonly hint: string; readonly at?: Source }
  | { readonly type: 'run-end'; readonly exitCode: number; readonly durationMs: number }
);

/** Events as the engine emits them; the time is stamped by the sink. */
export type Untimed<E> = E extends unknown ? Omit<E, 'time'> : never;
export type Emit = (event: Untimed<Event>) => void;
