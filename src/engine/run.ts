import type { Clock } from '../model/clock.ts';
import { KplayError } from '../model/errors.ts';
import type { Counts, Emit, Event, Untimed } from '../model/event.ts';
import { RunContext } from './context.ts';
import { HostState, Turnstile } from './host.ts';
import { Looker } from './looker.ts';
import { Observations } from './observations.ts';
import { runPlay } from './play.ts';
import { startingAt } from './start-at.ts';
import { ALL_RULES } from './rules.ts';
import type { RunOptions } from './settings.ts';
import { Targets } from './targets.ts';

/** Ansible's exit codes; unreachable hosts outrank failed ones. 130: interrupted. */
export const EXIT = { ok: 0, failed: 2, unreachable: 4, interrupted: 130 } as const;

/**
 * Runs playbooks: the whole sequence in one place. Everything a user can see leaves through `emit`. Throws KplayError for what ends the
 * run as a whole (an included file that does not parse), after the recap.
 */
export const run = async (given: RunOptions): Promise<{ readonly exitCode: number }> => {
  const options = { ...given, emit: untilEnd(given.emit) };
  const { clock, signal, emit, playbooks } = options;
  const started = clock.tick();
  const states = new Map<string, HostState>();
  const context = contextOf(options, states);
  emit({
    type: 'run-start',
    run: options.run,
    version: options.version,
    playbooks: playbooks.map(({ file }) => file),
    plays: playbooks.map(({ plays }) => plays.length),
    check: options.check,
    diff: options.diff,
  });
  let interrupted = false;
  let stopped: KplayError | undefined;
  try {
    await runPlaybooks(context);
  } catch (error) {
    interrupted = signal.aborted || (error instanceof KplayError && error.code === 'E_INTERRUPTED');
    if (error instanceof KplayError && error.code === 'E_ROLLING') stopped = error;
    else if (!interrupted) throw error;
  } finally {
    await context.targets.close();
    for (const unknown of context.inFlight.values()) emit({ type: 'unknown-outcome', ...unknown });
    emit({ type: 'recap', hosts: recapOf(options, states) });
    if (stopped) emit(told(stopped));
    emit({ type: 'run-end', exitCode: exitCode(states, interrupted, stopped), durationMs: clock.tick() - started });
  }
  return { exitCode: exitCode(states, interrupted, stopped) };
};

/** A look ahead that nobody waited for may fail after the run has ended: then there is nobody to tell. */
const untilEnd = (emit: Emit): Emit => {
  let ended = false;
  return event => {
    if (!ended) emit(event);
    ended ||= event.type === 'run-end';
  };
};

const runPlaybooks = async (context: RunContext): Promise<void> => {
  let number = 0;
  let startAt = context.options.startAtTask;
  for (const { plays } of context.options.playbooks)
    for (const written of plays) {
      number += 1;
      const play = startAt === undefined ? written : startingAt(written, startAt);
      if (!play) continue;
      startAt = undefined;
      if ((await runPlay(context, play, number)) === 'ended') break;
    }
  if (startAt !== undefined)
    context.options.emit({ type: 'warning', message: `no task is called '${startAt}' (--start-at-task), so nothing was run` });
};

const contextOf = (given: RunOptions, states: Map<string, HostState>): RunContext => {
  const rulesOff = given.rulesOff ?? ALL_RULES;
  const observations = new Observations(given.clock, rulesOff);
  const options = { ...given, clock: voiding(given.clock, observations) };
  const turnstile = new Turnstile();
  return new RunContext(options, {
    rulesOff,
    observations,
    targets: new Targets(options.connector, options.signal, rulesOff),
    looker: new Looker(observations, rulesOff, options.signal),
    hosts(name) {
      let state = states.get(name);
      if (!state) states.set(name, (state = new HostState(name, turnstile)));
      return state;
    },
  });
};

/** Whoever waits, for whatever, waits for something to change. */
const voiding = (clock: Clock, observations: Observations): Clock => ({
  now: () => clock.now(),
  tick: () => clock.tick(),
  async wait(durationMs, signal) {
    await clock.wait(durationMs, signal);
    observations.passed();
  },
});

const told = ({ message, detail = '', hint = '', at }: KplayError): Untimed<Event> => ({
  type: 'stopped',
  message,
  detail,
  hint,
  ...(at && { at }),
});

/** Hosts that took part, in the inventory's order. */
const recapOf = ({ inventory }: RunOptions, states: ReadonlyMap<string, HostState>): Record<string, Counts> => {
  const order = [...new Set([...inventory.hosts.keys(), ...states.keys()])];
  const entries = order.flatMap((name): [string, Counts][] => {
    const state = states.get(name);
    return state && Object.values(state.counts).some(count => count > 0) ? [[name, state.counts]] : [];
  });
  return Object.fromEntries(entries);
};

const exitCode = (states: ReadonlyMap<string, HostState>, interrupted: boolean, stopped: KplayError | undefined): number => {
  if (interrupted) return EXIT.interrupted;
  if (stopped) return EXIT.failed;
  const hosts = [...states.values()];
  if (hosts.some(({ unreachable }) => unreachable)) return EXIT.unreachable;
  return hosts.some(({ failed }) => failed) ? EXIT.failed : EXIT.ok;
};
