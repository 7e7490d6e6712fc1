import type { Clock } from '../model/clock.ts';
import type { Event, Untimed } from '../model/event.ts';
import { changesOnly } from '../report/changes-only.ts';
import type { Report } from '../report/report.ts';
import { REFUSED } from './exit.ts';
import { withInventory } from './inventory-lock.ts';
import type { Io } from './io.ts';
import type { ConvergeSettings, MaxChanged, RunSettings } from './settings.ts';

/** Something had drifted, and is as it should be again. */
const REPAIRED = 3;

export interface Parts {
  /** `kplay run`. */
  readonly run: (settings: RunSettings, io: Io) => Promise<number>;
  readonly clock: Clock;
  /** A whole number from 0 up to this one. */
  readonly random: (most: number) => number;
  /** Told of everything, also of what nobody else is told of. */
  readonly log?: Report;
}

/**
 * `kplay converge`: looks what has drifted, and repairs it unless that is more than may change at once. A look that finds nothing prints
 * nothing; one that is not clean changes nothing.
 */
export const converge = async (settings: ConvergeSettings, io: Io, parts: Parts): Promise<number> => {
  await parts.clock.wait(parts.random(settings.jitterMs), io.signal);
  return await withInventory(settings.run.inventory, 'converge', async () => {
    const look = await lookFor(settings, io, parts);
    if (look.exitCode !== 0 || look.changed.size === 0) return look.exitCode;
    const repair = await pass(settings.run, io, parts, io.emit);
    if (repair.exitCode === REFUSED) tell('a guard stopped the repair', io, parts);
    return repair.exitCode === 0 && repair.changed.size > 0 ? REPAIRED : repair.exitCode;
  });
};

/** A check, which is shown only when it is the end: it failed, or too much has drifted. */
const lookFor = async ({ run, maxChanged }: ConvergeSettings, io: Io, parts: Parts): Promise<Pass> => {
  const kept: Event[] = [];
  const quiet: Io = { ...io, diagnose: found => found.some(({ severity }) => severity === 'error') && io.diagnose(found) };
  const show = (): void => kept.forEach(io.emit);
  const keep = changesOnly(event => kept.push(event));
  const look = await pass({ ...run, check: true, foresee: true }, quiet, parts, keep).catch((error: unknown) => {
    show();
    throw error;
  });
  const why = look.exitCode === 0 ? tooMuch(look, maxChanged) : WHY[look.exitCode];
  if (look.exitCode === 0 && why === undefined) return look;
  show();
  // Of a playbook that does not parse everything is said already.
  if (why !== undefined && look.hosts.size > 0) tell(`${why}: nothing was changed`, io, parts);
  return { ...look, exitCode: look.exitCode === 0 ? REFUSED : look.exitCode };
};
const WHY: Readonly<Record<number, string>> = {
  2: 'the check failed, maybe only for want of what an earlier task would have done (docs/converge.md)',
  4: 'a host was unreachable',
  [REFUSED]: 'a guard would refuse',
};

const tooMuch = ({ changed, hosts }: Pass, max: MaxChanged): string | undefined => {
  const most = 'hosts' in max ? max.hosts : max.percent === 0 ? 0 : Math.max(1, Math.floor((hosts.size * max.percent) / 100));
  if (changed.size <= most) return undefined;
  const limit = 'hosts' in max ? `${max.hosts}` : `${max.percent}%`;
  return `${changed.size} of ${hosts.size} hosts would change, and at most ${most} may (--max-changed-hosts ${limit})`;
};

interface Pass {
  /** The run's; 6 where guards refused and nothing else failed. */
  readonly exitCode: number;
  /** Hosts that the plays were for. */
  readonly hosts: ReadonlySet<string>;
  readonly changed: ReadonlySet<string>;
}
const pass = async (settings: RunSettings, io: Io, { run, clock, log }: Parts, to: (event: Event) => void): Promise<Pass> => {
  const [hosts, changed] = [new Set<string>(), new Set<string>()];
  const failures = { guarded: 0, others: 0 };
  const emit = (untimed: Untimed<Event>): void => {
    const event = { time: clock.now().toISOString(), ...untimed } as Event;
    log?.handle(event);
    to(event);
    if (event.type === 'play-start') for (const host of event.hosts) hosts.add(host);
    if (event.type !== 'outcome') return;
    const { task, host, delegate, status, code } = event.outcome;
    if (status === 'changed') changed.add(delegate ?? host);
    // What a guard waits for in vain at its end is no refusal: something was changed, and is not well.
    if (status === 'failed') failures[code === 'E_GUARD' && task.action !== 'guard' ? 'guarded' : 'others']++;
  };
  const exitCode = await run(settings, { ...io, emit });
  const refused = exitCode === 2 && failures.guarded > 0 && failures.others === 0;
  return { exitCode: refused ? REFUSED : exitCode, hosts, changed };
};

const tell = (message: string, io: Io, { log, clock }: Parts): void => {
  io.emit({ type: 'warning', message });
  log?.handle({ type: 'warning', time: clock.now().toISOString(), message });
};
