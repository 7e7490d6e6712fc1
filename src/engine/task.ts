import { KplayError } from '../model/errors.ts';
import type { Action, AnyApiModule, AnyModule, Task as Definition, Fields, Plain } from '../model/module.ts';
import type { Permits } from '../guard/permits.ts';
import type { Task } from '../playbook/types.ts';
import { toPlain } from '../value/plain.ts';
import type { Layered } from '../vars/layered.ts';
import { fromPlain, type Value } from '../value/value.ts';
import { overheard } from '../value/scope.ts';
import { withVaulted } from '../value/vaulted.ts';
import { actionContext } from './action.ts';
import { speculation } from './ahead.ts';
import { type Arguments, factsOf, givenArguments } from './arguments.ts';
import { begin, jobOf, type Later, overdue, told } from './background.ts';
import { type Condition, factsIn, judge, unmet, withResult } from './conditions.ts';
import type { RunContext } from './context.ts';
import { controllerFor } from './controller.ts';
import { converge, convergeApi, type Hands } from './converge.ts';
import type { HostState } from './host.ts';
import { Keywords } from './keywords.ts';
import { withLine } from './line.ts';
import { HIDDEN_ITEM, itemsOf, itemVars, labelOf, withNames } from './loop.ts';
import {
  type About,
  combine,
  failure,
  isFailed,
  isSkipped,
  isUnreachable,
  outcomeOf,
  registered,
  type Result,
  skipped,
  statusOf,
} from './result.ts';
import { type Seating, seating } from './seating.ts';
import type { Seat } from './targets.ts';
import type { Turn } from './turn.ts';
import type { Variables } from './variables.ts';

/** Runs tasks of one play on single hosts: loop, `when`, arguments, retries, and what counts as changed and failed. */
export class TaskRunner {
  readonly context: RunContext;
  readonly variables: Variables;
  readonly permits: Permits;
  constructor(context: RunContext, variables: Variables, permits: Permits) {
    this.context = context;
    this.variables = variables;
    this.permits = permits;
  }

  keywords(host: HostState, task: Task, scope?: Layered): Keywords {
    return new Keywords(this.context.templating, task, () => scope ?? this.variables.scope(host, task));
  }

  bypassesHostLoop({ action }: Task): boolean {
    const definition = this.context.options.catalog.get(action);
    return definition?.kind === 'action' && definition.bypassHostLoop === true;
  }

  /** Known errors become failed or unreachable results. */
  async run(turn: Turn): Promise<Result> {
    turn.host.foreseen.delete(turn.task);
    try {
      const scope = this.variables.scope(turn.host, turn.task);
      if (!turn.task.loop) return await this.#execution(turn, scope);
      return await this.#loop(turn, scope).catch(error => this.#told(turn, scope, failure(error)));
    } catch (error) {
      return failure(error);
    }
  }

  /** One execution, or one loop item's, with what the keywords say of it. */
  async #execution(turn: Turn, scope: Layered): Promise<Result> {
    const result = await this.#attempts(turn, scope).catch((error): Result => ({ ...failure(error), unevaluated: true }));
    return this.#told(turn, scope, result);
  }
  #told(turn: Turn, scope: Layered, result: Result): Result {
    try {
      return { ...result, about: this.#about(turn, scope, result) };
    } catch (error) {
      return failure(error);
    }
  }
  #about({ host, task }: Turn, scope: Layered, result: Result): About {
    const keywords = this.keywords(host, task, scope);
    return {
      ignoreErrors: isFailed(result) && keywords.flag('ignoreErrors'),
      ignoreUnreachable: isUnreachable(result) && keywords.flag('ignoreUnreachable'),
      noLog: keywords.flag('noLog'),
      delegate: isSkipped(result) ? undefined : keywords.delegate(),
    };
  }

  async #loop(turn: Turn, scope: Layered): Promise<Result> {
    const { templating: templar } = this.context;
    const { emit } = this.context.options;
    const { value: items, hearsay } = overheard(scope, () => this.items(turn.task, scope));
    if (typeof items !== 'object') return skipped(items);
    const loop = withNames(turn.task.loop!, scope, templar);
    const results: Result[] = [];
    // Facts and registers of the items before.
    let known = scope;
    for (const [index, item] of items.entries()) {
      const vars = itemVars(loop, items, index);
      const inner = known.over(vars, () => hearsay);
      const execution = await this.#execution({ ...turn, begun: index + 1 }, inner);
      if (execution.unevaluated) return execution;
      const done = named(execution, vars);
      known = withResult(turn.task, known, done);
      const after = withResult(turn.task, inner, done);
      const { result, label } = this.#labelled(turn, after, done, () => labelOf(loop, item, after, templar));
      results.push(result);
      const outcome = outcomeOf(turn.info, turn.host.name, result, statusOf(result, false));
      emit({ type: 'item', outcome, item: result.about?.noLog ? HIDDEN_ITEM : label });
      if (loop.breakWhen && unmet(loop.breakWhen, after, templar) === undefined) break;
      if (loop.pause && index + 1 < items.length)
        await this.context.wait(turn.host.name, this.keywords(turn.host, turn.task, inner).number(loop.pause) * 1000);
    }
    return combine(results);
  }

  /** A label that needs what is undefined fails its item. */
  #labelled(turn: Turn, scope: Layered, result: Result, label: () => string): { readonly result: Result; readonly label: string } {
    try {
      return { result, label: label() };
    } catch (error) {
      if (!(error instanceof KplayError) || error.code !== 'E_UNDEFINED') throw error;
      const message = `Failed to template loop_control.label: ${error.message}`;
      const fields = { ...result.fields, failed: true, msg: message };
      return { result: this.#told(turn, scope, { ...result, fields, message }), label: 'None' };
    }
  }

  /** A loop's items; or, where the loop is undefined but `when` is false without it, the condition that was unmet. */
  items(task: Task, scope: Layered): readonly Value[] | Condition {
    const { templating: templar } = this.context;
    try {
      return itemsOf(task.loop!, scope, templar);
    } catch (error) {
      const condition = unmet(task.when, scope, templar);
      if (condition !== undefined) return condition;
      throw error;
    }
  }

  /** `when`, then one execution, or as many as `until` and `retries` ask for. */
  async #attempts(turn: Turn, scope: Layered): Promise<Result> {
    const { task, host, info } = turn;
    const { templating: templar } = this.context;
    const { emit } = this.context.options;
    const condition = unmet(task.when, scope, templar);
    if (condition !== undefined) return skipped(condition);
    const keywords = this.keywords(host, task, scope);
    const definition = this.context.options.catalog.get(task.action);
    if (!definition) throw new KplayError('E_SYNTAX', `couldn't resolve module/action '${task.action}'`, { at: task.at });
    const args = givenArguments(task, definition, templar, scope, this.context.checks);
    const attempts = task.retries ? Math.max(1, keywords.number(task.retries) + 1) : task.until ? 4 : 1;
    for (let attempt = 1; ; attempt++) {
      const raw = await this.#once(turn, scope, definition, args).catch((error: unknown) => {
        // The expressions of assert are the task's own, too.
        if (definition.kind === 'action' && isUnevaluated(error)) throw error;
        return failure(error);
      });
      const counted = attempts > 1 && !isUnreachable(raw) ? { ...raw, fields: { ...raw.fields, attempts: attempt } } : raw;
      const result = judge(task, scope, counted, templar);
      if (attempts === 1 || isUnreachable(result)) return result;
      const good = task.until ? unmet(task.until, withResult(task, scope, result), templar) === undefined : !isFailed(result);
      if (good) return result;
      // Ansible leaves the last attempt out: `retries: 2` makes three attempts and reports two.
      if (attempt === attempts) return { ...result, fields: { ...result.fields, attempts: attempts - 1, failed: true } };
      emit({
        type: 'host-wait',
        task: info,
        host: host.name,
        reason: `retry ${attempt} of ${attempts - 1}`,
        retriesLeft: attempts - attempt,
      });
      await this.context.wait(host.name, (task.delay ? Math.max(0, keywords.number(task.delay)) : 5) * 1000);
    }
  }

  async #once(turn: Turn, scope: Layered, definition: Definition, args: Arguments | KplayError): Promise<Result> {
    const { task } = turn;
    if (args instanceof KplayError) throw args;
    const later = jobOf(task, this.keywords(turn.host, task, scope));
    if (definition.kind !== 'module' && later) throw new KplayError('E_ARGS', `This action (${task.action}) does not support async.`);
    return definition.kind === 'action' ? this.#act(turn, scope, definition, args) : this.#converge(turn, scope, definition, args, later);
  }

  async #act(turn: Turn, scope: Layered, definition: Action, args: Arguments): Promise<Result> {
    const fields = await definition.run(args, actionContext(this, turn, scope));
    const facts = definition.facts === 'set_fact' ? factsOf(turn.task, this.context.templating, scope) : undefined;
    return { fields: { changed: false, ...fields }, changes: [], ...(facts && { facts }), ...failureText(fields) };
  }

  async #converge(
    turn: Turn,
    scope: Layered,
    module: AnyModule | AnyApiModule,
    args: Arguments,
    later: Later | undefined,
  ): Promise<Result> {
    const { task, host } = turn;
    const mode = this.mode(host, task, scope);
    const seat = await this.seat(host, task, scope);
    const timeoutSeconds = later?.limitSeconds ?? (task.timeout ? this.keywords(host, task, scope).number(task.timeout) : 0);
    const controller = controllerFor(task, scope, this.variables.desk(), mode);
    const believed = this.context.believed.get(task)?.get(host.name);
    const limit = timeoutSeconds > 0 && { timeoutMs: timeoutSeconds * 1000 };
    const work = { args, seat, mode, controller, isRead: this.#isRead(task), ...limit };
    const hands = this.#hands(turn, scope);
    if (module.kind === 'module' && later?.polls === false) {
      this.context.jobs.set(later.id, await begin({ ...work, module }, hands, later));
      return { fields: { changed: true, ...told(later, 0) }, changes: [] };
    }
    const converged =
      module.kind === 'api'
        ? withLine(this.context, turn, work, line => convergeApi({ ...work, module }, hands, line))
        : converge(
            {
              ...work,
              module,
              ...(this.context.options.window > 1 && { ahead: (from: Seat) => speculation(this, turn, from) }),
              ...(believed !== undefined && { believed }),
            },
            hands,
          );
    const { changes, result } = await converged.catch(async error => {
      // A connection that broke is of no use to the next task.
      if (error instanceof KplayError && error.code === 'E_LINK_LOST') await this.context.targets.reset(seat.target);
      throw overdue(error, task, timeoutSeconds, later);
    });
    const untried = mode.check && module.kind === 'module' && module.checkMode === 'skip' && changes.length > 0;
    const fields: Fields = untried
      ? { ...(result['changed'] !== true && { changed: false, skipped: true }), ...result }
      : { changed: changes.length > 0, ...result, ...(later && told(later, 1)) };
    return { fields, changes: untried ? [] : changes, ...failureText(fields) };
  }

  /** A task without these does not fail once its act has ended well: then only reports read what it returned. */
  #isRead({ register, failedWhen, changedWhen, until, loop }: Task): boolean {
    return this.context.options.resultsUnread !== true || [register, failedWhen, changedWhen, until, loop].some(one => one !== undefined);
  }

  mode(host: HostState, task: Task, scope: Layered): { readonly check: boolean; readonly diff: boolean } {
    const { check, diff } = this.context.options;
    const keywords = this.keywords(host, task, scope);
    return { check: keywords.flag('checkMode', check), diff: keywords.flag('diff', diff) };
  }

  /** Where a task runs for a host. Throws E_CONNECT, E_AUTH, E_HOST_KEY. */
  async seat(host: HostState, task: Task, scope: Layered, timeoutMs?: number): Promise<Seat> {
    const place = this.seating(host, task, scope);
    const address = { ...place.address, ...(timeoutMs !== undefined && { timeoutMs }) };
    const timed = this.context.timed(host.name);
    return place.on(await this.context.targets.reach(address, timed), timed);
  }
  seating(host: HostState, task: Task, scope: Layered): Seating {
    const { addresses } = this.context;
    return seating(host.name, scope, this.keywords(host, task, scope), name => this.variables.hostScope(name), addresses);
  }

  #hands({ task, host, info }: Turn, scope: Layered): Hands {
    const { observations, looker, rulesOff: off, options, inFlight, targets } = this.context;
    const { check } = this.mode(host, task, scope);
    const waiting = (reason: string): void => options.emit({ type: 'host-wait', task: info, host: host.name, reason });
    const act = {};
    return {
      observations,
      looker,
      off,
      signal: options.signal,
      now: () => options.clock.now(),
      acting: { begin: () => inFlight.set(act, { task: info, host: host.name }), end: () => inFlight.delete(act) },
      wait: durationMs => this.context.wait(host.name, durationMs),
      reconnect: async ({ target }, timeoutMs) => {
        await targets.leave(target.machine);
        return this.seat(host, task, scope, timeoutMs);
      },
      guarded: module => (!check || options.foresee === true) && this.permits.needed(host.name, task.guard, module),
      permit: module =>
        this.context.timed(host.name)({ on: 'wait' }, () =>
          this.permits[check ? 'foresee' : 'acquire'](host.name, task.guard, module, waiting),
        ),
    };
  }

  /** Registers a result and takes in the facts it brought. */
  remember(host: HostState, task: Task, result: Result): void {
    const delegate = this.keywords(host, task).flag('delegateFacts') ? result.about?.delegate : undefined;
    const owner = delegate === undefined ? host : this.context.hosts(delegate);
    const definition = this.context.options.catalog.get(task.action);
    const level = definition?.kind === 'action' ? definition.facts : undefined;
    const store = level === 'set_fact' ? 'known' : level === 'include_vars' ? 'included' : 'facts';
    for (const fields of executions(result))
      for (const [name, value] of Object.entries(factsIn(fields) ?? {})) {
        const made = result.facts?.get(name);
        const fact = store === 'included' ? this.#included(value, fields) : factValue(made?.value, value);
        owner.set(store, name, fact, made?.hearsay);
        if (fields['_ansible_facts_cacheable'] === true) owner.set('facts', name, fact);
      }
    if (task.register !== undefined) host.set('known', task.register, fromPlain(registered(result.fields)));
  }

  /** What is encrypted in a file of variables is decrypted when it is used. */
  #included(value: Plain, { ansible_included_var_files: files }: Fields): Value {
    return withVaulted(fromPlain(value), ciphertext => this.context.vault.decrypt(ciphertext, String(files)).toString());
  }

  /** Names a changed task notifies, templated. */
  notifications(host: HostState, task: Task): readonly string[] {
    const scope = this.variables.scope(host, task);
    return task.notify.flatMap(({ value }) => {
      const names = this.context.templating.resolve(value, scope);
      return (Array.isArray(names) ? names : [names]).map(String);
    });
  }
}

const isUnevaluated = (error: unknown): boolean =>
  error instanceof KplayError && ['E_UNDEFINED', 'E_TEMPLATE', 'E_SYNTAX'].includes(error.code);

/** A result with the item it is of. */
export const named = (result: Result, vars: ReadonlyMap<string, Value>): Result => ({
  ...result,
  fields: { ...result.fields, ...(toPlain(new Map(vars)) as Fields) },
});
/** A fact as it was templated, unless the module made something else of it (`yes` is true). */
const factValue = (templated: Value | undefined, plain: Plain): Value =>
  templated === undefined || typeof toPlain(templated) !== typeof plain ? fromPlain(plain) : templated;
const executions = ({ fields }: Result): readonly Fields[] => {
  const results = fields['results'];
  return Array.isArray(results) ? [fields, ...(results as Fields[]).filter(item => item !== null && typeof item === 'object')] : [fields];
};
const failureText = (fields: Fields): { readonly message?: string } =>
  fields['failed'] === true ? { message: String(fields['msg'] ?? 'failed') } : {};
