import type { TaskInfo } from '../model/event.ts';
import type { Block, Located, Node, Task } from '../playbook/types.ts';
import type { Batch } from './batch.ts';
import { HostEnded, HostFailed } from './ends.ts';
import type { HostState } from './host.ts';
import { foreseen, runInclude } from './include.ts';
import type { Position, Round } from './lockstep.ts';
import { runMeta } from './meta.ts';
import { answer, notify } from './notify.ts';
import { failure, type Result, isChanged, isFailed, outcomeOf, statusOf } from './result.ts';
import { before, type Rest, type Spot, tasksOf, upcoming, type Walk } from './spot.ts';
import type { Turn } from './turn.ts';

/** One host on its way through one batch of a play, in step with the others. */
export class Walker implements Walk {
  readonly batch: Batch;
  readonly host: HostState;
  constructor(batch: Batch, host: HostState) {
    this.batch = batch;
    this.host = host;
  }

  async walk(): Promise<void> {
    const { batch, host } = this;
    const start = { rescued: false, handler: false, guard: batch.play.shared.guard };
    try {
      if (batch.gather) await this.task(batch.gather, { ...start, path: [-1], rest: this.#afterGather() });
      for (const [index, section] of batch.play.sections.entries()) {
        await this.#section(index, section.nodes, { ...start, path: [index, 0], rest: this.#past(index) });
      }
      await this.#leave(batch.play.shared.guard ?? 'play');
      await this.#leave('play');
    } catch (error) {
      if (!(error instanceof HostFailed || error instanceof HostEnded)) throw error;
      host.failed ||= error instanceof HostFailed;
      if (host.failed) batch.fail(host, undefined, { fields: { failed: true }, changes: [], message: error.message });
      batch.broken ||= error instanceof HostFailed && error.fatal;
      host.leave();
    } finally {
      batch.permits.drop(host.name);
      batch.lockstep.leave(host.name);
    }
  }

  /** pre_tasks, roles and tasks, or post_tasks; and its handlers, which force_handlers runs even where a task failed. */
  async #section(index: number, nodes: readonly Node[], spot: Spot): Promise<void> {
    try {
      await this.nodes(nodes, spot);
    } catch (error) {
      if (error instanceof HostFailed && this.batch.forceHandlers) await this.flush([index, 1]);
      throw error;
    }
    await this.flush([index, 1]);
  }

  /** Leaves what a permit was given for. A host that is not healthy then has failed, and nobody else goes on. */
  async #leave(scope: Located<string> | 'play'): Promise<void> {
    const { batch, host } = this;
    if (!batch.permits.holdsAny(host.name)) return;
    const info = (): TaskInfo => batch.guardInfo(scope);
    try {
      const waiting = (reason: string): void => batch.context.options.emit({ type: 'host-wait', task: info(), host: host.name, reason });
      await batch.context.timed(host.name)({ on: 'wait' }, () => batch.permits.leave(host.name, scope, waiting));
    } catch (error) {
      const result = failure(error);
      const guard = info();
      host.count('failed', false);
      batch.context.options.emit({ type: 'outcome', outcome: outcomeOf(guard, host.name, result, 'failed') });
      batch.fail(host, guard, result);
      batch.doomOthers(host);
      throw new HostFailed(result.message, true);
    }
  }

  /** Windows end at handler flushes; rule 8 off lets them run on. */
  #past(index: number): Rest | undefined {
    const next = this.batch.play.sections[index + 1];
    return this.batch.rulesOff.has(8) && next ? { nodes: next.nodes, from: 0, ...before(this.#past(index + 1)) } : undefined;
  }
  #afterGather(): Rest | undefined {
    const first = this.batch.play.sections[0];
    return first && { nodes: first.nodes, from: 0 };
  }

  async nodes(nodes: readonly Node[], spot: Spot): Promise<void> {
    for (const [index, node] of nodes.entries()) {
      const rest: Rest = { nodes, from: index + 1, ...before(spot.rest) };
      const here = { ...spot, path: [...spot.path, index], rest };
      if (node.kind === 'block') await this.#block(node, here);
      else await this.task(node, here);
    }
  }

  async #block(block: Block, spot: Spot): Promise<void> {
    const always: Rest = { nodes: block.always, from: 0, ...before(spot.rest) };
    let failure: HostFailed | undefined;
    let { clearings } = this.host;
    const part = async (nodes: readonly Node[], number: number, rescued: boolean, rest: Rest | undefined): Promise<void> => {
      try {
        await this.nodes(nodes, { ...spot, path: [...spot.path, number], rest, rescued, guard: block.guard ?? spot.guard });
      } catch (error) {
        if (!(error instanceof HostFailed)) throw error;
        failure = error;
        ({ clearings } = this.host);
      }
    };
    await part(block.block, 0, spot.rescued || block.rescue.length > 0, always);
    if (failure && block.rescue.length > 0) {
      failure = undefined;
      await part(block.rescue, 1, spot.rescued, always);
    }
    await part(block.always, 2, spot.rescued, spot.rest);
    // A failure that `always` cleared (meta: clear_host_errors) is over: the host goes on behind the block.
    if (failure && this.host.clearings === clearings) throw failure;
    if (block.guard && block.guard !== spot.guard) await this.#leave(block.guard);
  }

  /** Handlers that this host was notified of, in the order they are defined; one pass. */
  async flush(path: Position): Promise<void> {
    const { batch, host } = this;
    answer(batch, host);
    const handlers = batch.handlers.flat();
    for (const [index, handler] of handlers.entries()) {
      if (!host.notified.delete(handler)) continue;
      const rest: Rest = { nodes: handlers.slice(index + 1).filter(other => host.notified.has(other)), from: 0 };
      await this.task(handler, { path: [...path, index], rest, rescued: false, handler: true, guard: batch.play.shared.guard });
    }
  }

  async task(task: Task, spot: Spot): Promise<void> {
    const { batch, host } = this;
    if (!spot.handler && host.passesOver(task)) return;
    if (task.role && !task.implicit && !spot.handler) {
      if (!task.role.allowDuplicates && host.hasDoneRole(task.role.key)) return;
      host.beginRole(task.role.key);
    }
    const round = await batch.arrive(host.name, spot.path);
    try {
      if (batch.stops(host)) throw new HostEnded('another host of the batch failed');
      if (batch.doomed.delete(host.name)) throw new HostFailed('another host failed under any_errors_fatal');
      if (task.action === 'meta') return await runMeta(this, task, round, spot);
      const info = round.shared('info', () => batch.start(task, round, host, spot.handler));
      if (task.action === 'include_tasks' || task.action === 'include_role') return await runInclude(this, task, info, round, spot);
      this.#conclude(task, info, spot, await this.#execute(task, info, round, spot));
      if (task.guard && task.guard !== spot.guard) await this.#leave(task.guard);
    } finally {
      round.settle();
    }
  }

  async #execute(task: Task, info: TaskInfo, round: Round, spot: Spot): Promise<Ended> {
    const { batch, host } = this;
    const started = batch.context.options.clock.tick();
    if (task !== batch.gather) batch.begun.add(host.name);
    const work = async (): Promise<Result> => {
      batch.context.options.emit({ type: 'host-start', task: info, host: host.name });
      const brings: Turn['brings'] = (...include) => tasksOf(foreseen(batch, ...include));
      return batch.runner.run({ host, task, info, ahead: () => upcoming(spot.rest), brings });
    };
    const forAll = batch.play.strategy === 'linear' && batch.runner.keywords(host, task).flag('runOnce');
    const once = forAll || (batch.play.strategy === 'linear' && batch.runner.bypassesHostLoop(task));
    const limited = (): Promise<Result> => batch.limited(host, task, work);
    const result = await (once ? round.shared('once', limited) : limited());
    const own = !once || round.hosts[0] === host.name;
    return { result, once, own, known: own || forAll, durationMs: batch.context.options.clock.tick() - started };
  }

  #conclude(task: Task, info: TaskInfo, spot: Spot, { result, once, own, known, durationMs }: Ended): void {
    const { batch, host } = this;
    if (known) batch.runner.remember(host, task, result);
    const status = statusOf(result, spot.rescued);
    const forgiven = status === 'unreachable' && result.about?.ignoreUnreachable === true;
    if (own) {
      host.count(forgiven ? 'ignored' : status, isChanged(result));
      batch.context.options.emit({ type: 'outcome', outcome: outcomeOf(info, host.name, result, status, durationMs) });
    }
    if (known && isChanged(result) && !isFailed(result)) notify(batch, host, task, spot.handler);
    if (status === 'failed' || (status === 'unreachable' && !forgiven)) batch.fail(host, info, result);
    if (status === 'unreachable' && !forgiven) {
      host.unreachable = true;
      throw new HostEnded('unreachable');
    }
    if (status === 'failed' || status === 'rescued') this.failAt(task, info, result, once);
  }

  failAt(task: Task, info: TaskInfo, result: Result, once: boolean): never {
    const { batch, host } = this;
    host.failedAt({ name: task.name?.value ?? info.name, action: task.action }, result.fields);
    const fatal = once || batch.runner.keywords(host, task).flag('anyErrorsFatal', batch.context.options.anyErrorsFatal);
    if (fatal) batch.doomOthers(host);
    throw new HostFailed(result.message ?? 'failed', fatal);
  }
}

/**
 * How a task ended for a host. What is done once is reported and counted for the first host only. A run_once result is everybody's to know;
 * that of a module that runs once by itself (add_host, pause) is the first host's.
 */
interface Ended {
  readonly result: Result;
  readonly once: boolean;
  readonly own: boolean;
  readonly known: boolean;
  readonly durationMs: number;
}
