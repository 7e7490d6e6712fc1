import { KplayError } from '../model/errors.ts';
import type { Task } from '../playbook/types.ts';
import { unmet } from './conditions.ts';
import { HostEnded, PlayEnded } from './ends.ts';
import type { Round } from './lockstep.ts';
import type { Spot, Walk } from './spot.ts';

/** `meta:` tasks steer the run itself and leave no result (Ansible's docs: ansible.builtin.meta). */
export const runMeta = async (walker: Walk, task: Task, round: Round, spot: Spot): Promise<void> => {
  const { batch, host } = walker;
  const { runner } = batch;
  const verb = String(task.args.get('_raw_params')?.value ?? '').trim();
  const scope = runner.variables.scope(host, task);
  // The compiler's own mark at a role's end stands outside of the role's conditions.
  const skipped = !task.implicit && unmet(task.when, scope, batch.context.templating) !== undefined;
  if (!task.implicit) tell(walker, task, spot, round, verb, skipped);
  if (skipped) return;
  const act = verbs[verb];
  if (!act) throw new KplayError('E_SYNTAX', `invalid meta action requested: ${verb}`, { at: task.at });
  await act(walker, task, spot);
};

/** Most verbs are for all hosts: they are told of the first. */
const OF_A_HOST: readonly string[] = ['noop', 'flush_handlers', 'end_host', 'end_role', 'reset_connection'];
const tell = ({ batch, host }: Walk, task: Task, { handler }: Spot, round: Round, verb: string, skipped: boolean): void => {
  if (round.hosts[0] !== host.name && !OF_A_HOST.includes(verb)) return;
  const info = round.shared('info', () => batch.context.taskInfo(task, batch.number, batch.runner.keywords(host, task).name(), handler));
  const message = skipped ? `${verb} conditional evaluated to False` : verb;
  batch.context.options.emit({ type: 'meta', task: info, host: host.name, message });
};

const verbs: Readonly<Record<string, (walker: Walk, task: Task, spot: Spot) => void | Promise<void>>> = {
  noop: () => undefined,
  flush_handlers: (walker, task, spot) => {
    if (spot.handler) throw new KplayError('E_SYNTAX', 'flush_handlers cannot be used as a handler', { at: task.at });
    return walker.flush(spot.path);
  },
  role_complete: ({ host }, task) => host.completeRole(task.role!.key),
  clear_facts: ({ host }) => host.forget('facts'),
  clear_host_errors: ({ batch }) => batch.hosts.forEach(host => host.clearErrors()),
  end_role: ({ host }, task) => host.endRole(task.role!),
  end_host: () => {
    throw new HostEnded('end_host');
  },
  end_play: () => {
    throw new PlayEnded('end_play');
  },
  end_batch: ({ batch }) => {
    batch.lockstep.end(new HostEnded('end_batch'));
    throw new HostEnded('end_batch');
  },
  reset_connection: async ({ batch, host }, task) => {
    const { runner, context } = batch;
    const { target } = await runner.seat(host, task, runner.variables.scope(host, task));
    await context.targets.reset(target);
  },
  refresh_inventory: () => undefined,
};
