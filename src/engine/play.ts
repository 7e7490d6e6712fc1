import { KplayError } from '../model/errors.ts';
import { selectNodes } from '../playbook/select.ts';
import type { Play } from '../playbook/types.ts';
import { str } from '../value/repr.ts';
import type { Scope } from '../value/scope.ts';
import { batchesOf } from './batches.ts';
import type { RunContext } from './context.ts';
import type { HostState } from './host.ts';
import { rollOver } from './rolling.ts';
import { runStage, type Staging } from './stage.ts';
import { Variables } from './variables.ts';

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
  const name = str(context.templating.resolve(play.name, scope) ?? '');
  const present = hostsOf(context, play, scope, name, number);
  if (present.length === 0) return 'done';
  const hosts = play.order ? ordered(present, str(context.templating.resolve(play.order.value, scope)), play.order.at) : present;
  options.emit({ type: 'play-start', play: number, name, hosts: hosts.map(host => host.name), at: play.at });
  variables.begin(present);
  for (const host of hosts) host.beginPlay();
  const staging: Staging = { context, play, number, variables, scope };
  if (play.rolling) {
    await rollOver(staging, play.rolling, hosts);
    return 'done';
  }
  const serial = play.serial.map(entry => context.templating.resolve(entry, scope));
  for (const batch of batchesOf(
    hosts,
    serial.flatMap(entry => (Array.isArray(entry) ? entry : [entry])),
  )) {
    const { end } = await runStage(staging, batch, { of: 'play', together: false });
    if (batch.every(host => host.out)) {
      options.emit({ type: 'no-hosts', play: number, name, why: 'none left' });
      return 'ended';
    }
    if (end === 'run') return 'ended';
    if (end === 'play') break;
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
