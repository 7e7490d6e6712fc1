import { KplayError } from '../../model/errors.ts';
import type { Diagnostic } from '../../model/errors.ts';
import type { Value } from '../../value/value.ts';
import type { Build } from '../build.ts';
import { asText, holdsTemplate, isTrue, spelled } from '../fields.ts';
import { compileInclude } from '../include.ts';
import type { Included } from '../include.ts';
import { isStatement } from '../modules.ts';
import { findIncludedTasks } from '../paths.ts';
import { selected } from '../select.ts';
import type { Node, Play, Task } from '../types.ts';
import { isSurelyLooped } from './report.ts';
import { Writers } from './writers.ts';

/** A task met on the way through the playbook. */
export interface Visit {
  readonly task: Task;
  readonly play: Play;
  readonly handler: boolean;
  /**
   * A run that does not fail earlier surely comes to this task, and fails when it fails. Whether its `when` (all of it, merged into the
   * task) and its loop let it run is another question: see `isSure`.
   */
  readonly reached: boolean;
  /** Something before it may have written a file on the controller. */
  readonly afterWriter: boolean;
}
export interface Survey {
  readonly visits: readonly Visit[];
  /** Every dynamic include could be followed: no tasks are unseen. */
  readonly complete: boolean;
}

/** Every task that can be seen before the run, includes of literal names followed. What included files have to tell is told. */
export const survey = (plays: readonly Play[], build: Build): Survey => {
  const walker = new Walker(build);
  for (const play of plays) walker.play(play);
  return { visits: walker.visits, complete: walker.complete };
};

interface Way {
  readonly play: Play;
  readonly sure: boolean;
  readonly handler: boolean;
  /** Tags choose what runs here. */
  readonly tagged: boolean;
}

class Walker {
  readonly visits: Visit[] = [];
  complete = true;
  readonly #build: Build;
  #writer = false;
  /** Something may have ended this play for its hosts without a failure. */
  #ended = false;
  readonly #roles = new Set<string>();
  /** Files and roles followed, with how sure that was. */
  readonly #followed = new Map<string, boolean>();
  readonly #writers: Writers;
  constructor(build: Build) {
    this.#build = build;
    this.#writers = new Writers(build);
  }

  play(play: Play): void {
    this.#ended = false;
    this.#roles.clear();
    const { startAtTask } = this.#build.options;
    const sure = this.#hasHosts(play) && play.importWhen.length === 0 && startAtTask === undefined;
    for (const { nodes } of play.sections) this.#nodes(nodes, { play, sure, handler: false, tagged: true });
    // A mistake in what only a failure needs is told as surely.
    for (const nodes of [play.rolling?.gate ?? [], play.rolling?.rollback ?? []]) {
      this.#ended = false;
      this.#roles.clear();
      this.#nodes(nodes, { play, sure, handler: false, tagged: false });
    }
    for (const list of play.handlers) this.#nodes(list, { play, sure: false, handler: true, tagged: true });
  }

  #hasHosts({ hosts, vars }: Play): boolean {
    const { matches, render } = this.#build.options;
    try {
      const value = (Array.isArray(hosts.value) ? hosts.value : [hosts.value]).map(each =>
        typeof each === 'string' ? render(each, vars) : each,
      );
      return matches?.(value.length === 1 ? (value[0] ?? null) : value) === true;
    } catch (error) {
      // What is wrong with a play's hosts is told elsewhere.
      if (error instanceof KplayError) return false;
      throw error;
    }
  }

  #nodes(nodes: readonly Node[], way: Way): void {
    for (const node of nodes) {
      if (node.kind === 'task') this.#task(node, way);
      else {
        this.#nodes(node.block, { ...way, sure: way.sure && node.rescue.length === 0 });
        this.#nodes(node.rescue, { ...way, sure: false });
        this.#nodes(node.always, way);
      }
    }
  }

  #task(task: Task, way: Way): void {
    if (task.implicit) {
      if (task.role && !task.role.allowDuplicates) this.#roles.add(task.role.key);
      return;
    }
    const again = task.role !== undefined && this.#roles.has(task.role.key);
    const reached = way.sure && !this.#ended && !again && this.#runs(task, way);
    this.visits.push({ task, play: way.play, handler: way.handler, reached, afterWriter: this.#writer });
    this.#writer ||= this.#writers.mayWrite(task, way.play);
    if (isStatement(task.written, 'meta')) this.#ended ||= /^end_|^\W/.test(spelled(task.args.get('_raw_params')?.value ?? ''));
    if (isStatement(task.written, 'include_tasks', 'include_role'))
      this.#include(task, { ...way, sure: reached && task.when.length === 0 && isSurelyLooped(task) });
  }

  /** Not left out by tags and not forgiven. */
  #runs({ tags, ignoreErrors, failedWhen, async }: Task, { tagged }: Way): boolean {
    const { options } = this.#build;
    const selection = { tags: options.tags ?? [], skipTags: options.skipTags ?? [] };
    const isSelected = !tagged || (!holdsTemplate([...tags]) && selected({ tags }, selection));
    const forgiven = isTrue(ignoreErrors?.value, ignoreErrors !== undefined) || failedWhen !== undefined || async !== undefined;
    return isSelected && !forgiven;
  }

  #include(task: Task, way: Way): void {
    const literal = includeOf(task, way, this.#build);
    if (literal === undefined) {
      this.complete = false;
      this.#ended = true;
      this.#writer = true;
      return;
    }
    const key = JSON.stringify([literal.file ?? [...literal.args].map(([name, value]) => [name, spelled(value)]), task.role?.key]);
    const before = this.#followed.get(key);
    if (before === true || before === way.sure) return;
    this.#followed.set(key, way.sure);
    const included = compileInclude(
      { task, play: way.play, handler: way.handler, vars: new Map(), ...literal },
      this.#build.options,
      this.#build,
    );
    this.#tell(included, way.sure);
    this.#nodes(included.nodes, way);
    for (const list of included.handlers) this.#nodes(list, { ...way, sure: false, handler: true });
  }
  #tell({ diagnostics }: Included, sure: boolean): void {
    for (const each of diagnostics) this.#build.findings.add(sure ? each : asWarning(each));
  }
}

export const asWarning = (diagnostic: Diagnostic): Diagnostic => ({ ...diagnostic, severity: 'warning' });

/** An include's arguments when they are literal and the file is there. */
const includeOf = (
  task: Task,
  { handler, play }: Way,
  { options }: Build,
): { readonly args: ReadonlyMap<string, Value>; readonly file?: string } | undefined => {
  if (task.loop !== undefined) return undefined;
  const args = new Map([...task.args].filter(([name]) => name !== 'apply').map(([name, { value }]) => [name, value] as const));
  if ([...args.values()].some(holdsTemplate) || args.has('_variable_params')) return undefined;
  if (isStatement(task.written, 'include_role')) return { args };
  const { path } = findIncludedTasks(task, asText(args.get('_raw_params')) ?? '', handler, play.folder, options.files);
  return path === undefined ? undefined : { args, file: path };
};
