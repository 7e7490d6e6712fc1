import pLimit, { type LimitFunction } from 'p-limit';
import type { TaskInfo } from '../model/event.ts';
import type { Permits } from '../guard/permits.ts';
import type { Selection } from '../playbook/select.ts';
import type { Located, Node, Play, Task } from '../playbook/types.ts';
import type { HostState } from './host.ts';
import { Lockstep, type Position, Round } from './lockstep.ts';
import type { RunContext } from './context.ts';
import type { Result } from './result.ts';
import type { RulesOff } from './rules.ts';
import type { TaskRunner } from './task.ts';
import { PlayEnded } from './ends.ts';

export interface BatchParts {
  readonly context: RunContext;
  readonly play: Play;
  readonly number: number;
  readonly hosts: readonly HostState[];
  readonly gather: Task | undefined;
  readonly handlers: readonly (readonly Task[])[];
  readonly runner: TaskRunner;
  readonly permits: Permits;
  readonly forceHandlers: boolean;
  readonly maxFailPercentage: number | undefined;
  readonly limit: LimitFunction;
  /** Stands in front of the names of its tasks. */
  readonly label: string;
  /** Once a host has failed, the others stop at their next task. */
  readonly together: boolean;
  /** What chooses among the tasks of includes; undefined: all of them run. */
  readonly selection: Selection | undefined;
}

/** What made a host fail. Without a task it was none of a single task. */
export interface Setback {
  readonly task: TaskInfo | undefined;
  readonly result: Result;
}

/** The hosts of one play that go through it together, and what they share on the way. */
export class Batch {
  readonly play: Play;
  /** The play's. */
  readonly number: number;
  readonly hosts: readonly HostState[];
  readonly gather: Task | undefined;
  /** In the order they run; includes may add to the end. */
  readonly handlers: (readonly Task[])[];
  readonly runner: TaskRunner;
  readonly permits: Permits;
  readonly forceHandlers: boolean;
  readonly selection: Selection | undefined;
  readonly lockstep: Lockstep;
  readonly rulesOff: RulesOff;
  /** What includes were seen to bring by those who looked ahead. */
  readonly foreseen = new Map<Task, Map<string, readonly Node[]>>();
  /** Hosts that any_errors_fatal will fail at their next task. */
  readonly doomed = new Set<string>();
  /** any_errors_fatal or max_fail_percentage: no later batch or play may start, even where some hosts had come to their end before. */
  broken = false;
  /** Hosts that began a task, facts apart. */
  readonly begun = new Set<string>();
  /** What hosts failed at for good, first come first. */
  readonly setbacks = new Map<string, Setback>();
  readonly context: RunContext;
  readonly #throttles = new Map<Task, LimitFunction>();
  readonly #parts: BatchParts;

  constructor(parts: BatchParts) {
    this.#parts = parts;
    this.context = parts.context;
    this.play = parts.play;
    this.number = parts.number;
    this.hosts = parts.hosts;
    this.gather = parts.gather;
    this.handlers = [...parts.handlers];
    this.runner = parts.runner;
    this.permits = parts.permits;
    this.forceHandlers = parts.forceHandlers;
    this.selection = parts.selection;
    this.rulesOff = parts.context.rulesOff;
    this.lockstep = new Lockstep(parts.hosts.map(({ name }) => name));
  }

  /** Waits for the others, unless the strategy (or a rule switched off) lets every host run on. */
  arrive(host: string, position: Position): Promise<Round> {
    this.context.options.signal.throwIfAborted();
    if (this.play.strategy !== 'linear' || this.rulesOff.has(9)) return Promise.resolve(new Round([host]));
    return this.lockstep.arrive(host, position);
  }

  /** Names the task with the first host's variables, as Ansible does, and announces it. */
  start(task: Task, round: Round, host: HostState, handler: boolean): TaskInfo {
    const name = this.#parts.label + this.runner.keywords(host, task).name();
    const info = this.context.taskInfo(task, this.number, name, handler);
    this.context.options.emit({ type: 'task-start', task: info, hosts: round.hosts });
    if (this.#parts.maxFailPercentage !== undefined) round.onSettled(() => this.#checkFailures());
    return info;
  }

  /** What waiting for health at a guard's end is shown as. */
  guardInfo(scope: Located<string> | 'play'): TaskInfo {
    const [name, at] = scope === 'play' ? ['guard', this.play.at] : [`guard: ${scope.value}`, scope.at];
    return { id: this.context.nextTaskId(), play: this.number, name, action: 'guard', handler: false, at };
  }

  /** Runs under the task's throttle and the forks. Who holds a permit waits for neither: those who wait for that permit may fill them. */
  limited<T>(host: HostState, task: Task, work: () => Promise<T>): Promise<T> {
    if (this.permits.isAlone(host.name)) return work();
    const most = task.throttle ? this.runner.keywords(host, task).number(task.throttle) : 0;
    if (most <= 0) return this.#parts.limit(work);
    const throttle = this.#throttles.get(task) ?? pLimit(most);
    this.#throttles.set(task, throttle);
    return throttle(() => this.#parts.limit(work));
  }

  /** Notes what a host failed at for good; what follows from it does not count. */
  fail(host: HostState, task: TaskInfo | undefined, result: Result): void {
    if (!this.setbacks.has(host.name)) this.setbacks.set(host.name, { task, result });
  }
  /** Has another host's failure stopped this one? What is left to do of one that failed itself (`always`) is done. */
  stops(host: HostState): boolean {
    return this.#parts.together && this.setbacks.size > 0 && !this.setbacks.has(host.name);
  }

  doomOthers(failed: HostState): void {
    for (const host of this.hosts) if (host !== failed && !host.out) this.doomed.add(host.name);
  }

  /** max_fail_percentage must be exceeded, over the size of the batch. */
  #checkFailures(): void {
    const failed = this.hosts.filter(({ out }) => out).length;
    if ((failed / this.hosts.length) * 100 <= this.#parts.maxFailPercentage!) return;
    this.broken = true;
    this.lockstep.end(new PlayEnded('max_fail_percentage'));
  }
}
