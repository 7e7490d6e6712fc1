import pLimit from 'p-limit';
import { KplayError } from '../model/errors.ts';
import { Permits } from '../guard/permits.ts';
import { selectNodes, selected } from '../playbook/select.ts';
import type { Located, Play, Task } from '../playbook/types.ts';
import type { Scope } from '../value/scope.ts';
import type { Value } from '../value/value.ts';
import { askThrough } from './ask.ts';
import { Batch } from './batch.ts';
import { batchesOf } from './batches.ts';
import type { RunContext } from './context.ts';
import type { HostState } from './host.ts';
import { truthy } from './address.ts';
import { Keywords } from './keywords.ts';
import { seating } from './seating.ts';
import { TaskRunner } from './task.ts';
import type { Seat } from './targets.ts';
import { Variables } from './variables.ts';
import { HostEnded, PlayEnded } from './ends.ts';
import { Walker } from './walk.ts';

/** One play over its hosts, batch by batch. `ended`: every host of a batch is lost, and no later play may start. */
export const runPlay = async (context: RunContext, written: Play, number: number): Promise<'done' | 'ended'> => {
  const { options } = context;
  const variables = new Variables(context, written);
  const { selection } = variables;
  const play = {
    ...written,
    sections: written.sections.map(section => ({ ...section, nodes: selectNodes(section.nodes, selection) })),
  };
  const scope = variables.playScope();
  const name = String(context.templating.resolve(play.name, scope));
  const present = hostsOf(context, play, scope, name, number);
  if (present.length === 0) return 'done';
  const hosts = ordered(present, play.order ?? 'inventory', play.at);
  options.emit({ type: 'play-start', play: number, name, hosts: hosts.map(host => host.name), at: play.at });
  variables.begin(present);
  for (const host of hosts) host.beginPlay();
  const serial = play.serial.map(entry => context.templating.resolve(entry, scope));
  for (const batch of batchesOf(
    hosts,
    serial.flatMap(entry => (Array.isArray(entry) ? entry : [entry])),
  )) {
    variables.enter(batch);
    const ended = await runBatch(context, play, number, batch, variables, scope);
    context.observations.clear();
    if (batch.every(host => host.out)) {
      options.emit({ type: 'no-hosts', play: number, name, why: 'none left' });
      return 'ended';
    }
    if (ended === 'run') return 'ended';
    if (ended === 'play') break;
  }
  return 'done';
};

const hostsOf = (context: RunContext, play: Play, scope: Scope, name: string, number: number): readonly HostState[] => {
  const { options, hosts } = context;
  const pattern = context.templating.resolve(play.hosts.value, scope);
  const parts = (Array.isArray(pattern) ? pattern : [pattern]).map(String);
  const matched = options.inventory.match(parts, options.limit);
  for (const warning of matched.warnings) options.emit({ type: 'warning', message: warning, at: play.hosts.at });
  if (matched.hosts.length === 0) options.emit({ type: 'no-hosts', play: number, name, why: 'no match' });
  const states = matched.hosts.map(host => hosts(host.name)).filter(host => !host.out);
  if (matched.hosts.length > 0 && states.length === 0) options.emit({ type: 'no-hosts', play: number, name, why: 'none left' });
  return states;
};
const ordered = (hosts: readonly HostState[], order: string, at: Play['at']): readonly HostState[] => {
  const byName = (a: HostState, b: HostState): number => (a.name < b.name ? -1 : 1);
  if (order === 'inventory') return hosts;
  if (order === 'reverse_inventory') return hosts.toReversed();
  if (order === 'sorted') return hosts.toSorted(byName);
  if (order === 'reverse_sorted') return hosts.toSorted(byName).toReversed();
  if (order === 'shuffle') return hosts.toSorted(() => Math.random() - 0.5);
  throw new KplayError('E_SYNTAX', `order: '${order}' is none of inventory, reverse_inventory, sorted, reverse_sorted, shuffle`, { at });
};

const runBatch = async (
  context: RunContext,
  play: Play,
  number: number,
  hosts: readonly HostState[],
  variables: Variables,
  scope: Scope,
): Promise<End> => {
  const { options } = context;
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
    gather: gatherTask(play, resolved, variables.selection),
    handlers: play.handlers,
    runner: new TaskRunner(context, variables, permits),
    forceHandlers: play.forceHandlers ? truthy(resolved(play.forceHandlers)) : options.forceHandlers,
    maxFailPercentage: maxFail === undefined || maxFail === null ? undefined : Number(maxFail),
    limit: pLimit(options.forks),
  });
  return walkAll(batch);
};

/** What a batch leaves to be done: the next one, the next play, or nothing. */
type End = 'batch' | 'play' | 'run';

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
  for (const end of ends)
    if (end.status === 'rejected' && !(end.reason instanceof PlayEnded || end.reason instanceof HostEnded)) throw end.reason;
  if (batch.broken) return 'run';
  return ends.some(end => end.status === 'rejected' && end.reason instanceof PlayEnded) ? 'play' : 'batch';
};

const reach = async (context: RunContext, variables: Variables, host: string): Promise<Seat> => {
  const scope = variables.hostScope(host);
  const keywords = new Keywords(context.templating, bareTask(variables.play), () => scope);
  const place = seating(host, scope, keywords, name => variables.hostScope(name), context.options.connection);
  return place.on(await context.targets.reach(place.address));
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

/** The play's own first task, unless `gather_facts` says no. */
const gatherTask = (
  play: Play,
  resolved: (keyword: Located | undefined) => Value | undefined,
  selection: RunContext['options']['selection'],
): Task | undefined => {
  if (play.gatherFacts && !truthy(resolved(play.gatherFacts))) return undefined;
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
