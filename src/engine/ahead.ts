import type { AnyModule } from '../model/module.ts';
import type { Probe } from '../model/probe.ts';
import type { RawVars, Task } from '../playbook/types.ts';
import type { Scope } from '../value/scope.ts';
import { argumentsOf } from './arguments.ts';
import { unmet } from './conditions.ts';
import { controllerFor } from './controller.ts';
import { Keywords } from './keywords.ts';
import type { Guess } from './looker.ts';
import { itemsOf, itemVars, withNames } from './loop.ts';
import type { RulesOff } from './rules.ts';
import type { Foreseen } from './host.ts';
import { seating } from './seating.ts';
import type { Seat } from './targets.ts';
import type { TaskRunner } from './task.ts';
import type { Templating } from './templating.ts';
import type { Turn } from './turn.ts';

const MOST_PROBES = 1_000;
const MOST_ITEMS = 200;

/** A name whose value an earlier task of the window has yet to give. Thrown by the thousand and caught here: none needs a stack of its own. */
const NOT_YET_KNOWN = new Error('not yet known');
/** The window ends before this task; as above. */
const WINDOW_END = new Error('the window ends here');

/** What is guessed so far, and how much more is worth guessing. */
class Window {
  /** Names that tasks of the window will set. */
  readonly unknown = new Set<string>();
  readonly #guesses = new Map<string, { seat: Seat; probes: Probe[] }>();
  #executions: number;
  #tasks: number;
  #probes = MOST_PROBES;

  constructor(executions: number, tasks: number) {
    this.#executions = executions;
    this.#tasks = tasks;
  }
  get full(): boolean {
    return this.#executions <= 0 || this.#probes <= 0;
  }
  /** Is one more task worth guessing? The one whose turn it is counts as well. */
  takes(): boolean {
    this.#tasks -= 1;
    return this.#tasks > 0 && !this.full;
  }
  get guesses(): readonly Guess[] {
    return [...this.#guesses.values()];
  }
  /** What one execution will look at. */
  add(seat: Seat, probes: readonly Probe[]): void {
    if (probes.length === 0) return;
    const known = this.#guesses.get(seat.identity);
    if (known) known.probes.push(...probes);
    else this.#guesses.set(seat.identity, { seat, probes: [...probes] });
    this.#executions -= 1;
    this.#probes -= probes.length;
  }
}

/**
 * Guesses what the tasks that follow will look at, on the machine that is being looked at now. Whatever goes wrong here goes wrong again
 * in the task's own turn, if it is real, and is told there; so every error here only means "no guess".
 */
export const speculation = async (runner: TaskRunner, turn: Turn, from: Seat): Promise<readonly Guess[]> => {
  const window = new Window(from.target.machine.horizon.next(), runner.context.options.window);
  try {
    await guessAll(runner, turn, withRest(turn), from, window, 0);
  } catch (error) {
    if (error !== WINDOW_END) throw error;
  }
  return window.guesses;
};

const INCLUDES: ReadonlySet<string> = new Set(['include_tasks', 'include_role']);
const MOST_DEPTH = 5;

const guessAll = async (
  runner: TaskRunner,
  turn: Turn,
  tasks: Iterable<Task>,
  from: Seat,
  window: Window,
  depth: number,
): Promise<void> => {
  for (const task of tasks) {
    if (!window.takes()) throw WINDOW_END;
    try {
      if (!INCLUDES.has(task.action)) await guess(runner, turn, task, from, window);
      else if (depth < MOST_DEPTH) await guessAll(runner, turn, broughtBy(runner, turn, task, window), from, window, depth + 1);
    } catch (error) {
      if (error === WINDOW_END) throw error;
    }
    for (const name of namesSetBy(task)) window.unknown.add(name);
  }
};

function* broughtBy(runner: TaskRunner, turn: Turn, task: Task, window: Window): Iterable<Task> {
  const { speculating } = runner.context;
  for (const { vars, scope } of executionsOf(runner, turn, task, window, speculating))
    if (holds(task, scope, speculating)) yield* turn.brings(task, vars, scope, speculating);
}

/** The executions of a task that are still to come: one, or one for each item of its loop, with the names that the loop gives it. */
function* executionsOf(
  { variables }: TaskRunner,
  { host, task: current, begun = 0 }: Turn,
  task: Task,
  { unknown }: Window,
  templar: Templating,
): Iterable<{ readonly vars: RawVars; readonly scope: Scope }> {
  const visible = variables.scope(host, task, templar);
  const scope = hiding(visible, unknown);
  if (!task.loop) {
    yield { vars: new Map(), scope };
    return;
  }
  const items = itemsOf(task.loop, scope, templar);
  const loop = withNames(task.loop, scope, templar);
  const first = task === current ? begun : 0;
  for (let index = first; index < Math.min(items.length, first + MOST_ITEMS); index += 1) {
    const vars = itemVars(loop, items, index);
    yield {
      vars,
      scope: hiding(
        visible.over(vars, () => true),
        unknown,
      ),
    };
  }
}

/** A loop's own later items come first. */
function* withRest({ task, ahead }: Turn): Iterable<Task> {
  if (task.loop) yield task;
  yield* ahead();
}

/** What was seen before them is of no use after them. Where their condition is not met, or not known yet, they are no reason to stop. */
const ENDS: ReadonlySet<string> = new Set(['pause', 'include_vars', 'wait_for', 'wait_for_connection', 'reboot']);

/** Where rule 5 or rule 8 forbids to look on. The mark at a role's end is no boundary. */
const isBoundary = ({ action, implicit }: Task, off: RulesOff): boolean =>
  action === 'meta' ? !implicit && !off.has(8) : ENDS.has(action) && !off.has(5);

/**
 * A guess is made once. What it was made of may have changed since, but then it only costs a look too many: by rule 1 it decides nothing, and what
 * tasks before it have yet to set would have kept it from being made.
 */
const guess = async (runner: TaskRunner, turn: Turn, task: Task, from: Seat, window: Window): Promise<void> => {
  const { foreseen } = turn.host;
  const known = task === turn.task ? undefined : foreseen.get(task);
  const found: (Foreseen | undefined)[] = [];
  for await (const one of known ?? foresee(runner, turn, task, from, window)) {
    const target = one && runner.context.targets.known(one.place.address);
    if (one && target?.machine === from.target.machine) window.add(one.place.on(target, from.timed), one.probes);
    found.push(one);
    if (window.full) return;
  }
  const sure = found.filter((one): one is Foreseen => one?.perhaps === false);
  if (sure.length > 0 && sure.length === found.length && !known && task !== turn.task) foreseen.set(task, sure);
};

/** What each execution of a task would look at, and where; undefined on another machine. */
async function* foresee(runner: TaskRunner, turn: Turn, task: Task, from: Seat, window: Window): AsyncGenerator<Foreseen | undefined> {
  const { host } = turn;
  const { options, rulesOff, targets, checks, addresses } = runner.context;
  const speculative = rulesOff.has(6) ? runner.context.templating : runner.context.speculating;
  if (isBoundary(task, rulesOff) && holds(task, hiding(runner.variables.scope(host, task, speculative), window.unknown), speculative))
    throw WINDOW_END;
  const module = options.catalog.get(task.action);
  if (module?.kind !== 'module') return;
  const mode = { check: options.check, diff: options.diff };
  for (const { scope: inner } of executionsOf(runner, turn, task, window, speculative)) {
    const runs = holds(task, inner, speculative);
    if (runs === false) continue;
    const place = seating(
      host.name,
      inner,
      new Keywords(speculative, task, () => inner),
      name => runner.variables.hostScope(name),
      addresses,
    );
    if (targets.known(place.address)?.machine !== from.target.machine) {
      yield undefined;
      continue;
    }
    const ready = await module.prepare(argumentsOf(task, module, speculative, inner, checks, mode.diff ? [] : module.contents), {
      ...controllerFor(task, inner, runner.variables.desk(speculative), mode),
      ...(!mode.diff && { render: unrendered }),
    });
    if (rulesOff.has(1)) believe(runner, host.name, task, ready);
    const probes = (module.observe(ready, mode) as readonly (Probe | undefined)[]).filter(probe => probe !== undefined);
    if (surelyActs(module, probes) && runs) throw WINDOW_END;
    yield { place, probes, perhaps: runs === undefined };
  }
}

/** Whether the conditions of a task hold; undefined where a task of the window has yet to say so. */
const holds = (task: Task, scope: Scope, templar: Templating): boolean | undefined => {
  try {
    return unmet(task.when, scope, templar) === undefined;
  } catch (error) {
    if (error === NOT_YET_KNOWN) return undefined;
    throw error;
  }
};

/** What a file is to hold says nothing of what is to be looked at, and may hang on what is not known yet. */
const unrendered = (): Promise<string> => Promise.resolve('');

const believe = ({ context }: TaskRunner, host: string, task: Task, ready: unknown): void => {
  const beliefs = context.believed.get(task) ?? new Map<string, unknown>();
  context.believed.set(task, beliefs.set(host, ready));
};

/** A command without `creates` acts whatever is seen, and what was seen before it is void afterwards. */
const surelyActs = (module: AnyModule, probes: readonly Probe[]): boolean => module.checkMode === 'skip' && probes.length === 0;

const hiding = (scope: Scope, unknown: ReadonlySet<string>): Scope => ({
  lookup: name => {
    if (unknown.has(name)) throw NOT_YET_KNOWN;
    return scope.lookup(name);
  },
  names: () => scope.names(),
  ...(scope.hearsay && { hearsay: scope.hearsay }),
});

function* namesSetBy(task: Task): Iterable<string> {
  if (task.register !== undefined) yield task.register;
  if (task.action === 'set_fact') yield* task.args.keys();
  if (task.action === 'setup' || task.action === 'gather_facts') yield 'ansible_facts';
}
