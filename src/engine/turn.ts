import type { TaskInfo } from '../model/event.ts';
import type { RawVars, Task } from '../playbook/types.ts';
import type { Scope } from '../value/scope.ts';
import type { HostState } from './host.ts';
import type { Templating } from './templating.ts';

/** One task's turn on one host. */
export interface Turn {
  readonly host: HostState;
  readonly task: Task;
  readonly info: TaskInfo;
  /** Tasks that will probably follow on this host. */
  readonly ahead: () => Iterable<Task>;
  /** The tasks that one execution of an include among them would bring, as far as `scope` knows. Throws where it cannot be known. */
  readonly brings: (include: Task, vars: RawVars, scope: Scope, templar: Templating) => Iterable<Task>;
  /** In a loop, how many of its items have had their turn or are having it. */
  readonly begun?: number;
}
