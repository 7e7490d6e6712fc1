import pLimit from 'p-limit';
import { Permits } from '../guard/permits.ts';
import { type Selection, selected } from '../playbook/select.ts';
import type { Located, Play, Task } from '../playbook/types.ts';
import type { Scope } from '../value/scope.ts';
import type { Value } from '../value/value.ts';
import { truthy } from './address.ts';
import { askThrough } from './ask.ts';
import { Batch, type Setback } from './batch.ts';
import type { RunContext } from './context.ts';
import { HostEnded, PlayEnded } from './ends.ts';
import type { HostState } from './host.ts';
import { Keywords } from './keywords.ts';
import { failure } from './result.ts';
import { seating } from './seating.ts';
import type { RunOptions } from './settings.ts';
import type { Seat } from './targets.ts';
import { TaskRunner } from './task.ts';
import { untimed } from './timed.ts';
import type { Variables } from './variables.ts';
import { Walker } from './walk.ts';

/** What all batches of a play have in common. Its tasks are those that were selected. */
export interface Staging {
  readonly context: RunContext;
  readonly play: Play;
  readonly number: number;
  readonly variables: Variables;
  /** What the play's own keywords see. */
  readonly scope: Scope;
}

/** What a batch is to go through: the play itself, or one of the lists of a rolling play, which tags do not choose from. */
export interface Stage {
  readonly of: 'play' | 'gate' | 'rollback';
  /** Once a host has failed, the others stop at their next task. */
  readonly together: boolean;
}

/** What a batch leaves to be done: the next one, the next play, or nothing. */
export type End = 'batch' | 'play' | 'run';
export interface Staged {
  readonly end: End;
  /** Hosts that began a task, facts apart. */
  readonly begun: ReadonlySet<string>;
  /** What hosts failed at, by host, in the order they did. */
  readonly setbacks: ReadonlyMap<string, Setback>;
}

/** Takes the hosts of a batch through one stage. A known error that has no host ends a rolling play's stage, and any other play's run. */
export const runStage = async (staging: Staging, hosts: readonly HostState[], stage: Stage): Promise<Staged> => {
  const { context, variables } = staging;
  variables.enter(hosts);
  context.observations.enter(hosts.length);
  const batch = batchFor(staging, hosts, stage);
  const end = await walkAll(batch);
  context.observations.clear();
  return { end, begun: batch.begun, setbacks: batch.setbacks };
};

const batchFor = (
  { context, play: whole, number, variables, scope }: Staging,
  hosts: readonly HostState[],
  { of, together }: Stage,
): Batch => {
  const { options } = context;
  const play: Play = of === 'play' ? whole : { ...whole, sections: [{ name: 'tasks', nodes: whole.rolling?.[of] ?? [] }] };
  const resolved = (keyword: Located | undefined): Value | undefined => keyword && context.templating.resolve(keyword.value, scope);
  const ask = askThrough(options.inventory, variables, host => reach(context, variables, host));
  const permits = new Permits({
    byGroup: options.guards,
    ask,
    clock: options.clock,
    signal: options.signal,
    alone: { detach: host => batch.lockstep.detach(host), attach: host => batch.lockstep.attach(host) },
  });
  const maxFail = resolved(play.maxFailPercentage);
  const batch: Batch = new Batch({
    context,
    play,
    number,
    hosts,
    permits,
    gather: of === 'play' && gathers(play, resolved, options) ? gatherTask(play, variables.selection) : undefined,
    handlers: play.handlers,
    label: of === 'play' ? '' : `${of}: `,
    together,
    selection: of === 'play' ? variables.selection : undefined,
    runner: new TaskRunner(context, variables, permits),
    forceHandlers: play.forceHandlers ? truthy(resolved(play.forceHandlers)) : options.forceHandlers,
    maxFailPercentage: maxFail === undefined || maxFail === null ? undefined : Number(maxFail),
    limit: pLimit(options.forks),
  });
  return batch;
};

/** Every host walks on its own; an end of the play, or an error nobody expected, reaches all that wait. */
const walkAll = async (batch: Batch): Promise<End> => {
  const walks = batch.hosts.map(async host => {
    try {
      await new Walker(batch, host).walk();
    } catch (error) {
      batch.lockstep.end(error instanceof Error ? error : new Error(String(error)));
      throw error;
    }
  });
  const ends = await Promise.allSettled(walks);
  for (const [index, end] of ends.entries()) {
    if (end.status === 'fulfilled' || end.reason instanceof PlayEnded || end.reason instanceof HostEnded) continue;
    if (!batch.play.rolling) throw end.reason;
    batch.fail(batch.hosts[index]!, undefined, failure(end.reason));
  }
  if (batch.broken) return 'run';
  return ends.some(end => end.status === 'rejected' && end.reason instanceof PlayEnded) ? 'play' : 'batch';
};

/** For guards: what they ask is a part of what somebody else waits for. */
const reach = async (context: RunContext, variables: Variables, host: string): Promise<Seat> => {
  const scope = variables.hostScope(host);
  const keywords = new Keywords(context.templating, bareTask(variables.play), () => scope);
  const place = seating(host, scope, keywords, name => variables.hostScope(name), context.addresses);
  return place.on(await context.targets.reach(place.address, untimed), untimed);
};

/** A task with a play's keywords and nothing of its own. */
const bareTask = (play: Play): Task => ({
  ...play.shared,
  kind: 'task',
  at: play.at,
  implicit: false,
  written: 'ansible.builtin.setup',
  action: 'setup',
  args: new Map(),
  vars: new Map(),
  outerVars: [],
  includeParams: [],
  notify: [],
  listen: [],
  folders: [],
  includedFrom: [],
  around: play.shared,
});

const gathers = (
  { gatherFacts }: Play,
  resolved: (keyword: Located | undefined) => Value | undefined,
  { gatherExplicitly = false }: RunOptions,
): boolean => (gatherFacts ? truthy(resolved(gatherFacts)) : !gatherExplicitly);

/** The play's own first task. */
const gatherTask = (play: Play, selection: Selection): Task | undefined => {
  const bare = bareTask(play);
  const task: Task = {
    ...bare,
    name: { value: 'Gathering Facts', at: play.at },
    tags: ['always', ...play.shared.tags],
    when: play.importWhen,
    args: new Map([
      ...(play.gatherSubset ? [['gather_subset', play.gatherSubset] as const] : []),
      ...(play.gatherTimeout ? [['gather_timeout', play.gatherTimeout] as const] : []),
      ...(play.factPath ? [['fact_path', play.factPath] as const] : []),
    ]),
  };
  return selected(task, selection) ? task : undefined;
};
