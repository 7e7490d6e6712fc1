import type { ActionContext, Fields, JobState, Plain } from '../model/module.ts';
import type { Probes } from '../model/probe.ts';
import { addHost, groupBy } from '../inventory/grow.ts';
import type { Layered } from '../vars/layered.ts';
import { defined } from '../value/errors.ts';
import { toPlain } from '../value/plain.ts';
import { unsafeThroughout } from '../value/unsafe.ts';
import { fromPlain, Undefined } from '../value/value.ts';
import { withCiphertext } from '../value/vaulted.ts';
import { readVarsFile } from '../vars/files.ts';
import { forget, stateOf } from './background.ts';
import { whyAway } from './comeback.ts';
import { controllerFor } from './controller.ts';
import type { Seat } from './targets.ts';
import type { TaskRunner } from './task.ts';
import type { Turn } from './turn.ts';

/** What one controller-side task sees of its host and of the run. */
export const actionContext = (runner: TaskRunner, { host, task }: Turn, scope: Layered): ActionContext => {
  const { options, looker, vault, templating: templar, jobs, observations, rulesOff, targets } = runner.context;
  const { clock, signal } = options;
  return {
    ...controllerFor(task, scope, runner.variables.desk(), runner.mode(host, task, scope)),
    host: host.name,
    semantics: options.templar.version,
    signal,
    viaSftp: () => runner.seating(host, task, scope).viaSftp,
    async observe<Seen extends readonly unknown[]>(probes: Probes<Seen>): Promise<Seen> {
      return (await looker.see(await runner.seat(host, task, scope), probes)) as unknown as Seen;
    },
    condition: expression => templar.condition(expression, scope, task.at),
    variable(name) {
      const value = scope.lookup(name);
      return value === undefined || value instanceof Undefined ? undefined : toPlain(value);
    },
    value(name) {
      const value = scope.lookup(name);
      return value === undefined ? undefined : defined(value);
    },
    template: (value: unknown): Plain => toPlain(templar.resolve(fromPlain(value as Plain), scope, task.at)),
    readVars: (path): Fields => toPlain(withCiphertext(new Map(readVarsFile(path, { vault })))) as Fields,
    async job(jid, mode): Promise<JobState> {
      const seat = await runner.seat(host, task, scope);
      const hands = { observations, signal, off: rulesOff, now: () => clock.now() };
      const state = await stateOf(jobs.get(jid), jid, seat, hands);
      if (mode === 'cleanup' && jobs.delete(jid)) await forget(jid, seat, hands);
      return state;
    },
    inventory: {
      addHost: ({ name, groups, vars }) =>
        addHost(options.inventory, {
          name,
          groups,
          vars: new Map(Object.entries(vars).map(([key, value]) => [key, unsafeThroughout(fromPlain(value))])),
        }),
      groupBy: (group, parents) => groupBy(options.inventory, host.name, group, parents),
    },
    reach(connectTimeoutMs) {
      const { address } = runner.seating(host, task, scope);
      const known = address.connection === 'local' ? undefined : targets.known(address);
      const connect = async (): Promise<Seat> => {
        if (known) await targets.reset(known);
        return runner.seat(host, task, scope, connectTimeoutMs);
      };
      return whyAway(connect, { off: rulesOff, signal, now: () => clock.now() });
    },
    now: () => clock.now(),
    wait: durationMs => runner.context.wait(host.name, durationMs),
  };
};
