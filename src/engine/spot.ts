import type { TaskInfo } from '../model/event.ts';
import type { Located, Node, Task } from '../playbook/types.ts';
import type { Batch } from './batch.ts';
import type { HostState } from './host.ts';
import type { Position } from './lockstep.ts';
import type { Result } from './result.ts';

/** What comes after a node, for looking ahead. */
export interface Rest {
  readonly nodes: readonly Node[];
  readonly from: number;
  readonly next?: Rest;
}
export const before = (rest: Rest | undefined): { readonly next?: Rest } => (rest ? { next: rest } : {});
/** In the order in which they run where nothing fails. */
export function* tasksOf(nodes: Iterable<Node>): Iterable<Task> {
  for (const node of nodes) {
    if (node.kind === 'task') yield node;
    else {
      yield* tasksOf(node.block);
      yield* tasksOf(node.always);
    }
  }
}
/** Tasks that will run after this one unless something fails, up to the next handler flush. */
export function* upcoming(rest: Rest | undefined): Iterable<Task> {
  for (let frame = rest; frame; frame = frame.next) yield* tasksOf(frame.nodes.slice(frame.from));
}

/** Where a host stands, and what holds there. */
export interface Spot {
  readonly path: Position;
  readonly rest: Rest | undefined;
  /** A block around it has a rescue that would catch a failure here. */
  readonly rescued: boolean;
  readonly handler: boolean;
  /** The written guard that what is around it carries. */
  readonly guard: Located<string> | undefined;
}

/** A host on its way, as includes and meta tasks use it. */
export interface Walk {
  readonly batch: Batch;
  readonly host: HostState;
  nodes(nodes: readonly Node[], spot: Spot): Promise<void>;
  flush(path: Position): Promise<void>;
  /** Ends the host's way at a task that failed; that of the others too, for a task that stands for all (run_once) or is fatal to all. */
  failAt(task: Task, info: TaskInfo, result: Result, once: boolean): never;
}
