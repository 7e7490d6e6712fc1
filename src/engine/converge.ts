import { KplayError } from '../model/errors.ts';
import type { AnyApiModule, AnyModule, Changes, Comeback, Controller, Fields, Left, Mode, Output, Step } from '../model/module.ts';
import type { Line } from '../model/line.ts';
import type { Probe } from '../model/probe.ts';
import { comeBack, hasLeft } from './comeback.ts';
import type { Ahead, Looker } from './looker.ts';
import type { Act, Observations } from './observations.ts';
import type { RulesOff } from './rules.ts';
import { send } from './send.ts';
import type { Seat } from './targets.ts';

export interface Converged {
  readonly changes: Changes;
  readonly result: Fields;
}
export interface Hands {
  readonly observations: Observations;
  readonly looker: Looker;
  readonly off: RulesOff;
  readonly signal: AbortSignal;
  readonly now: () => Date;
  /** Told before an act is sent and after it was answered; what has begun and never ended has an unknown outcome. */
  readonly acting: { begin(): void; end(): void };
  wait(durationMs: number): Promise<void>;
  /** The same place on a new connection; all others to that machine are closed. */
  reconnect(seat: Seat, timeoutMs: number | undefined): Promise<Seat>;
  /** Must an act of this module have a disruption permit that this host does not hold yet? In a check only where guards are asked too. */
  guarded(module: AnyModule | AnyApiModule): boolean;
  /** Resolves when the host holds the permit, in a check when it would be given; E_GUARD when it is refused. */
  permit(module: AnyModule | AnyApiModule): Promise<void>;
}
export interface Work<Module = AnyModule> {
  readonly module: Module;
  readonly args: Record<string, unknown>;
  readonly seat: Seat;
  readonly controller: Controller;
  readonly mode: Mode;
  readonly ahead?: Ahead;
  /** Rule 1 off: what speculation made of the arguments, instead of preparing them in turn. */
  readonly believed?: unknown;
  readonly timeoutMs?: number;
  /** Does anybody read the result? */
  readonly isRead: boolean;
}

/** Observe, analyze, act: one module on one host, in its turn. */
export const converge = async (work: Work, hands: Hands): Promise<Converged> => {
  const { module, args, seat, controller, mode } = work;
  if (module.comeback && seat.target.address.connection === 'local')
    throw new KplayError('E_STATE', `Running ${module.name} with local connection would reboot the control node.`);
  const ready = work.believed ?? (await module.prepare(args, controller));
  const probes = module.observe(ready, mode) as readonly (Probe | undefined)[];
  const looksOutward = probes.some(probe => probe?.kind.sight === 'outward');
  const see = (): Promise<readonly unknown[]> => hands.looker.see(seat, probes, work.ahead);

  const turn = async (permitted: boolean, before?: readonly unknown[]): Promise<Converged | 'needs permit'> => {
    const seen = before ?? (await see());
    const changes = module.analyze(ready, seen, mode);
    const done = changes.length === 0 || (mode.check && permitted);
    if (done) return { changes, result: module.result(ready, seen, changes, undefined) };
    if (!permitted) return 'needs permit';
    // In strict order everything is looked at.
    const left = (work.ahead && module.leaves?.(ready, seen, changes)) ?? [];
    const doing = { steps: module.act(ready, seen, changes, work.isRead), left };
    const outputs = await act(work, hands, doing, module.comeback?.(ready, seen));
    return { changes, result: module.result(ready, seen, changes, outputs) };
  };
  for (let permitted = !hands.guarded(module); ; permitted = true) {
    // A look outward may wait for long: it keeps nobody else off the machine.
    const before = looksOutward ? await see() : undefined;
    const done = await seat.target.machine.exclusive(() => turn(permitted, before));
    if (done !== 'needs permit') return done;
    // Waiting for a permit holds no lock, and afterwards everything is looked at again.
    await hands.permit(module);
  }
};

/**
 * The same for what is behind an API. It keeps nobody else off the machine it goes through: the API's server decides between two who come at
 * once.
 */
export const convergeApi = async (work: Omit<Work<AnyApiModule>, 'ahead' | 'believed'>, hands: Hands, line: Line): Promise<Converged> => {
  const { module, args, seat, controller, mode } = work;
  const ready = await module.prepare(args, controller);
  using api = await module.connect(ready, line);
  for (let permitted = !hands.guarded(module); ; permitted = true) {
    const seen = await seat.timed({ on: 'look' }, () => module.observe(ready, api, mode));
    const changes = module.analyze(ready, seen, mode);
    const done = changes.length === 0 || (mode.check && permitted);
    if (done) return { changes, result: module.result(ready, seen, changes, undefined) };
    if (permitted) {
      seat.target.machine.horizon.acted();
      const answer = await acting(seat, 'world', hands, () => seat.timed({ on: 'act' }, () => module.act(ready, seen, changes, api)));
      return { changes, result: module.result(ready, seen, changes, answer) };
    }
    await hands.permit(module);
  }
};

const act = (
  { module, seat, ahead, timeoutMs }: Work,
  hands: Hands,
  { steps, left }: { readonly steps: readonly Step[]; readonly left: readonly Left[] },
  comeback: Comeback | undefined,
): Promise<readonly Output[]> => {
  // A command acts whatever is there: that says nothing of what follows.
  if (module.checkMode !== 'skip') seat.target.machine.horizon.acted();
  return acting(seat, module.reach, hands, async begun => {
    const outputs: Output[] = [];
    const stamp = hands.observations.stamp(seat.target.machine.id, begun);
    const answered = left.map(({ probe }) => probe);
    for (const [index, step] of steps.entries()) {
      const last = index === steps.length - 1;
      const answer = send(step, seat, hands, timeoutMs, () => {
        // Looks behind an act that other hosts' acts will invalidate at once would be wasted.
        if (last && ahead && module.reach === 'host') hands.looker.behind(seat, begun, ahead, answered);
      });
      outputs.push(await (comeback === undefined ? answer : answer.catch(error => hasLeft(error, hands.now()))));
    }
    if (comeback !== undefined && outputs.every(({ rc }) => rc === 0)) outputs.push(await comeBack(comeback, seat, hands));
    hands.looker.hold(seat, stamp, left, outputs);
    return outputs;
  });
};

/** An attempted act, whatever its outcome, makes what was seen before it void. */
const acting = async <Done>(
  seat: Seat,
  reach: Act['reach'],
  { observations, acting: inFlight }: Hands,
  work: (begun: Act) => Promise<Done>,
): Promise<Done> => {
  const begun = observations.begin(seat.target.machine.id, reach);
  inFlight.begin();
  try {
    const done = await work(begun);
    inFlight.end();
    return done;
  } catch (error) {
    if (!(error instanceof KplayError) || !['E_LINK_LOST', 'E_INTERRUPTED'].includes(error.code)) inFlight.end();
    throw error;
  } finally {
    observations.end(begun);
  }
};
