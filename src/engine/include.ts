import { KplayError } from '../model/errors.ts';
import type { Status, TaskInfo } from '../model/event.ts';
import { compileInclude, type Included } from '../playbook/include.ts';
import { findIncludedTasks } from '../playbook/paths.ts';
import { selectNodes } from '../playbook/select.ts';
import type { RawVars, Task } from '../playbook/types.ts';
import { toPlain } from '../value/plain.ts';
import { unsafe } from '../value/unsafe.ts';
import { overheard, type Scope } from '../value/scope.ts';
import type { Value } from '../value/value.ts';
import { Hearsay } from '../vars/parts.ts';
import type { Batch } from './batch.ts';
import { type Condition, unmet } from './conditions.ts';
import { HIDDEN_INCLUDED_ITEM, HIDDEN_ITEM, itemVars, labelOf, withNames } from './loop.ts';
import type { Round } from './lockstep.ts';
import { failure, NOTHING_SAID, outcomeOf, type Result, skipped, statusOf } from './result.ts';
import { named } from './task.ts';
import { before, type Spot, type Walk } from './spot.ts';
import type { Templating } from './templating.ts';

/** What one loop item of an include asks for on one host. */
interface Asked {
  readonly args: ReadonlyMap<string, Value>;
  readonly vars: RawVars;
  /** include_tasks: the file; include_role: the role's name. */
  readonly what: string;
  readonly file?: string;
  /** In a loop: what is shown for the item. */
  readonly item?: string;
}

/**
 * include_tasks and include_role, when their turn has come. Hosts that ask for the same go through the included tasks together; different
 * files follow each other in the order in which they were first asked for.
 */
export const runInclude = async (walker: Walk, task: Task, info: TaskInfo, round: Round, spot: Spot): Promise<void> => {
  const { batch, host } = walker;
  const once = batch.runner.keywords(host, task).flag('runOnce');
  if (once && round.hosts[0] !== host.name) return;
  const { asked, result } = ask(walker, task, info);
  const status = statusOf(result, spot.rescued);
  if (task.register !== undefined || status !== 'ok') batch.runner.remember(host, task, result);
  if (status !== 'ok') tell(walker, info, result, status);
  const wanted = round.shared('wanted', () => new Map<string, { readonly one: Asked; readonly hosts: string[] }>());
  const keys = keysOf(asked);
  for (const [index, one] of asked.entries()) {
    const others = wanted.get(keys[index]!);
    if (others) others.hosts.push(host.name);
    else wanted.set(keys[index]!, { one, hosts: [host.name] });
  }
  // Everybody has asked before anything that was asked for begins, and before one's failure reaches the others.
  await batch.arrive(host.name, [...spot.path, -1]);
  if (status === 'failed' || status === 'rescued') walker.failAt(task, info, result, once);
  const included = round.shared('included', () =>
    [...wanted].map(([key, { one, hosts }]) => {
      const brought = compile(walker, task, one, spot);
      const { what, file = what, item } = one;
      if ('nodes' in brought)
        batch.context.options.emit({ type: 'included', task: info, file, hosts, ...(item !== undefined && { item }) });
      return { key, ...brought };
    }),
  );
  for (const one of included) {
    if (!keys.includes(one.key)) continue;
    if ('nodes' in one) host.count('ok', false);
    else {
      tell(walker, info, one.refused, statusOf(one.refused, spot.rescued));
      walker.failAt(task, info, one.refused, once);
    }
  }
  const mine = included.map(one => (keys.includes(one.key) && 'nodes' in one ? one.nodes : []));
  const all = mine.flat();
  let from = 0;
  for (const [index, nodes] of mine.entries()) {
    from += nodes.length;
    await walker.nodes(nodes, { ...spot, path: [...spot.path, index], rest: { nodes: all, from, ...before(spot.rest) } });
  }
};

const tell = ({ batch, host }: Walk, info: TaskInfo, result: Result, status: Status): void => {
  host.count(status, false);
  batch.context.options.emit({ type: 'outcome', outcome: outcomeOf(info, host.name, result, status) });
  if (status === 'failed') batch.fail(host, info, result);
};

/** Tells apart what is asked for; a host that asks for the same twice gets it twice. */
const keysOf = (asked: readonly Asked[]): readonly string[] => {
  const times = new Map<string, number>();
  return asked.map(({ what, args, vars }) => {
    const key = JSON.stringify([what, toPlain(new Map(args)), toPlain(new Map(vars))]);
    times.set(key, (times.get(key) ?? 0) + 1);
    return `${times.get(key)} ${key}`;
  });
};

/** Evaluates `when`, loop and arguments; a known error is a failed result. */
const ask = ({ batch, host }: Walk, task: Task, info: TaskInfo): { readonly asked: readonly Asked[]; readonly result: Result } => {
  const { runner, context } = batch;
  try {
    const scope = runner.variables.scope(host, task);
    const { value: items, hearsay } = overheard(scope, () => (task.loop ? runner.items(task, scope) : [undefined]));
    if (typeof items !== 'object') return { asked: [], result: skipped(items) };
    const loop = task.loop && withNames(task.loop, scope, context.templating);
    const asked: Asked[] = [];
    let condition: Condition | undefined;
    for (const index of items.keys()) {
      const vars: RawVars = loop ? itemVars(loop, items as readonly Value[], index) : new Map();
      const inner = scope.over(vars, () => hearsay);
      condition = unmet(task.when, inner, context.templating);
      const noLog = loop !== undefined && runner.keywords(host, task, inner).flag('noLog');
      const label = loop && labelOf(loop, items[index]!, inner, context.templating);
      if (condition === undefined) {
        const item = noLog && label !== undefined ? HIDDEN_INCLUDED_ITEM : label;
        asked.push({ ...oneOf(task, inner, untouched(vars, hearsay), batch), ...(item !== undefined && { item }) });
      } else if (label !== undefined) {
        const outcome = outcomeOf(info, host.name, named({ ...skipped(condition), about: { ...NOTHING_SAID, noLog } }, vars), 'skipped');
        context.options.emit({ type: 'item', outcome, item: noLog ? HIDDEN_ITEM : label });
      }
    }
    if (asked.length === 0) return { asked, result: skipped(condition) };
    return { asked, result: { fields: { changed: false, include: asked.map(({ what }) => what).join(', ') }, changes: [] } };
  } catch (error) {
    return { asked: [], result: failure(error) };
  }
};

/** The included tasks see an item as it is, and know where it is from. */
const untouched = (vars: RawVars, hearsay: boolean): RawVars =>
  new (hearsay ? Hearsay : Map)([...vars].map(([name, value]) => [name, unsafe(value)] as const));

const oneOf = (task: Task, scope: Scope, vars: RawVars, { context, handlers, play }: Batch, templar = context.templating): Asked => {
  const { files } = context.options;
  const omit = scope.lookup('omit');
  const args = new Map<string, Value>();
  for (const [name, { value }] of task.args) {
    const resolved = name === 'apply' ? value : templar.resolve(value, scope);
    if (resolved !== omit) args.set(name, resolved);
  }
  const named = args.get('_raw_params') ?? args.get('file') ?? args.get('name') ?? args.get('role');
  const what = String(named ?? '');
  if (task.action === 'include_role') return { args, vars, what };
  const { path: found, tried } = findIncludedTasks(
    task,
    what,
    handlers.some(list => list.includes(task)),
    play.folder,
    files,
  );
  if (found === undefined)
    throw new KplayError('E_FILE', `Could not find or access '${what}' on the controller`, {
      at: task.at,
      detail: `Searched in:\n${tried.map(one => `\t${one}`).join('\n')}`,
    });
  return { args, vars, what, file: found };
};

/** Ansible ends the run where what is included does not parse; a role that is not there fails the hosts that asked for it. */
const compile = (
  { batch }: Walk,
  task: Task,
  asked: Asked,
  spot: Spot,
): { readonly nodes: Included['nodes'] } | { readonly refused: Result } => {
  const included = compiled(batch, task, asked, spot.handler);
  const found = included.diagnostics.find(({ severity }) => severity === 'error');
  if (found) {
    const error = new KplayError(found.code, found.message, { at: found.at, ...(found.hint && { hint: found.hint }) });
    if (found.code === 'E_FILE') return { refused: failure(error) };
    throw error;
  }
  batch.handlers.push(...included.handlers);
  batch.runner.variables.addRoles(included.roles);
  return { nodes: selectedBy(batch, included) };
};
const compiled = ({ play, context }: Batch, task: Task, { args, vars, file }: Asked, handler: boolean): Included =>
  compileInclude({ task, play, handler, args, vars, ...(file !== undefined && { file }) }, context.options.compile);
const selectedBy = ({ selection }: Batch, { nodes }: Included): Included['nodes'] => (selection ? selectNodes(nodes, selection) : nodes);

/** What an execution of an include would bring, were its turn now: for looking ahead. Nothing is registered anywhere. */
export const foreseen = (batch: Batch, task: Task, vars: RawVars, scope: Scope, templar: Templating): Included['nodes'] => {
  const asked = oneOf(task, scope, untouched(vars, true), batch, templar);
  const known = batch.foreseen.get(task) ?? new Map<string, Included['nodes']>();
  batch.foreseen.set(task, known);
  const [key = ''] = keysOf([asked]);
  const nodes = known.get(key) ?? selectedBy(batch, compiled(batch, task, asked, false));
  known.set(key, nodes);
  return nodes;
};
