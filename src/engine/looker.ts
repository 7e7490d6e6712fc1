import { KplayError } from '../model/errors.ts';
import type { Left, Output } from '../model/module.ts';
import type { Probe } from '../model/probe.ts';
import type { Response } from '../model/session.ts';
import { look } from './look.ts';
import type { Act, Observations, Stamp } from './observations.ts';
import type { RulesOff } from './rules.ts';
import { becomeKey, type Seat } from './targets.ts';

/** Looks that later tasks of a host will probably want. A guess: what is used is decided in each task's own turn. */
export interface Guess {
  readonly seat: Seat;
  readonly probes: readonly Probe[];
}
export type Ahead = (seat: Seat) => Promise<readonly Guess[]>;

/** Where guesses stand in line: behind an act, or behind a look that is underway. Some of them it answers. */
interface Place {
  readonly behind?: Act;
  readonly answered?: readonly Probe[];
}

const SPECULATION_BUDGET_MS = 5_000;
const SPECULATION_BUDGET_BYTES = 512 * 1024;

/** Looks at hosts: what is held and still valid is used, what is missing is fetched together with what comes next. */
export class Looker {
  readonly #observations: Observations;
  readonly #off: RulesOff;
  readonly #signal: AbortSignal;

  constructor(observations: Observations, off: RulesOff, signal: AbortSignal) {
    this.#observations = observations;
    this.#off = off;
    this.#signal = signal;
  }

  /** One sight for each probe; the first sight that is an Error is thrown. A missing probe is an undefined sight. */
  async see(seat: Seat, probes: readonly (Probe | undefined)[], ahead?: Ahead): Promise<readonly unknown[]> {
    const wanted = probes.filter(probe => probe !== undefined);
    const local = wanted.filter(({ kind }) => kind.sight === 'local' || this.#off.has(4));
    const sights = new Map<Probe, unknown>();
    this.#recall(seat, local, sights);
    if (sights.size < local.length && seat.target.machine.pending.size > 0) {
      await seat.timed({ on: 'look', joined: true }, () => Promise.all(seat.target.machine.pending));
      this.#recall(seat, local, sights);
    }
    const missing = wanted.filter(probe => !sights.has(probe));
    if (missing.length > 0) for (const [probe, seen] of await this.#fetch(seat, missing, ahead)) sights.set(probe, seen);
    return probes.map(probe => {
      const seen = probe && sights.get(probe);
      if (seen instanceof Error) throw seen;
      return seen;
    });
  }

  /** Sends the next looks right behind an act, on the same shell: they are taken when it has ended. `answered`: what it tells by itself. */
  behind(seat: Seat, act: Act, ahead: Ahead, answered: readonly Probe[]): void {
    this.#guess(seat, ahead, { behind: act, answered });
  }

  /** Holds what an act that has ended well tells of what it left, as if it had been looked at behind it: `stamp` is of before it was sent. */
  hold(seat: Seat, stamp: Stamp, left: readonly Left[], outputs: readonly Output[]): void {
    for (const { probe, read } of left) {
      const answer = read(outputs);
      if (answer) this.#observations.put(viewpoint(seat), probe, stamp, answer.seen);
    }
  }

  #recall(seat: Seat, probes: readonly Probe[], sights: Map<Probe, unknown>): void {
    for (const probe of probes) {
      const held = this.#observations.get(viewpoint(seat), probe);
      if (held) sights.set(probe, held.seen);
    }
  }

  async #fetch(seat: Seat, missing: readonly Probe[], ahead: Ahead | undefined): Promise<ReadonlyMap<Probe, unknown>> {
    const { opened } = seat.target;
    const isOpen = opened.has(becomeKey(seat.become));
    const looksAhead = ahead && missing.every(({ kind }) => kind.sight === 'local');
    // Into a shell that is open the guesses go along; a new one must prove to open first.
    const along = looksAhead && isOpen ? await this.#along(seat, missing, ahead) : [];
    const sights = await this.#look(seat, missing, along);
    opened.add(becomeKey(seat.become));
    if (looksAhead && !isOpen) this.#guess(seat, ahead);
    return sights;
  }

  /** What can be looked at in the same request. What others are to look at is sent beside it. */
  async #along(seat: Seat, missing: readonly Probe[], ahead: Ahead): Promise<readonly Probe[]> {
    const guesses = await ahead(seat).catch((error: unknown) => {
      if (this.#off.has(7)) throw error;
      return [];
    });
    const isMine = (guess: Guess): boolean =>
      guess.seat.target === seat.target && guess.seat.identity === seat.identity && !seat.target.machine.looksAlone;
    const [mine, others] = [guesses.filter(isMine), guesses.filter(guess => !isMine(guess))];
    if (others.length > 0) this.#guess(seat, () => Promise.resolve(others), { answered: missing });
    return this.#fresh({ seat, probes: mine.flatMap(({ probes }) => probes) }, seat, missing);
  }

  /**
   * What comes along may hold the rest up, so it has a time; on a host where it was exceeded nothing comes along any more. What was to be seen and was not
   * is looked at once more by itself: it may be the fault of what came along.
   */
  async #look(seat: Seat, missing: readonly Probe[], along: readonly Probe[]): Promise<ReadonlyMap<Probe, unknown>> {
    const stamp = this.#observations.stamp(seat.target.machine.id);
    const { script, read } = look([...missing, ...along]);
    const alone = along.length === 0 || this.#off.has(7);
    if (!alone && script.length > SPECULATION_BUDGET_BYTES) return this.#look(seat, missing, []);
    const options = { signal: this.#signal, ...(!alone && { timeoutMs: SPECULATION_BUDGET_MS }), explains: alone };
    try {
      const sights = read(done(await seat.timed({ on: 'look' }, () => run(seat, script, options))));
      if (!alone && missing.some(probe => sights.get(probe) instanceof Error)) return await this.#look(seat, missing, []);
      for (const [probe, seen] of sights)
        if ((probe.kind.sight === 'local' || this.#off.has(4)) && !(seen instanceof Error && along.includes(probe)))
          this.#observations.put(viewpoint(seat), probe, stamp, seen);
      return sights;
    } catch (error) {
      if (alone || !(error instanceof KplayError) || !['E_TIMEOUT', 'E_PROBE'].includes(error.code)) throw error;
      seat.target.machine.looksAlone = true;
      return this.#look(seat, missing, []);
    }
  }

  /** Ahead of its turn: within a budget, into no new identity, and dropped without a word when it fails. */
  #guess(seat: Seat, ahead: Ahead, place: Place = {}): void {
    const { pending } = seat.target.machine;
    const sent: Promise<void> = ahead(seat)
      .then(guesses => Promise.all(guesses.map(guess => this.#send(guess, seat, place))))
      .then(
        () => undefined,
        error => {
          if (this.#off.has(7)) throw error;
        },
      )
      .finally(() => pending.delete(sent));
    pending.add(sent);
    // Whoever waits for it sees the error; nobody may be waiting.
    sent.catch(() => undefined);
  }

  /** Of what is guessed, what is neither held nor answered soon. */
  #fresh({ seat, probes }: Guess, from: Seat, answered: readonly Probe[]): readonly Probe[] {
    const isAnswered = (probe: Probe): boolean =>
      seat.identity === from.identity && answered.some(({ kind, subject }) => kind === probe.kind && subject === probe.subject);
    return probes.filter(
      probe => (probe.kind.sight === 'local' || this.#off.has(4)) && !isAnswered(probe) && !this.#observations.get(viewpoint(seat), probe),
    );
  }

  async #send({ seat, probes }: Guess, from: Seat, { behind, answered = [] }: Place): Promise<void> {
    if (!seat.target.opened.has(becomeKey(seat.become)) && !this.#off.has(7)) return;
    // Only the shell that acts keeps looks behind the act.
    if (behind && (seat.target !== from.target || becomeKey(seat.become) !== becomeKey(from.become))) return;
    const fresh = this.#fresh({ seat, probes }, from, answered);
    if (fresh.length === 0) return;
    const { script, read } = look(fresh);
    if (script.length > SPECULATION_BUDGET_BYTES && !this.#off.has(7)) return;
    const stamp = this.#observations.stamp(seat.target.machine.id, behind);
    const options = { signal: this.#signal, timeoutMs: SPECULATION_BUDGET_MS, explains: false };
    const response = await seat.timed({ on: 'ahead' }, () => run(seat, script, options));
    for (const [probe, seen] of read(done(response)))
      if (!(seen instanceof Error)) this.#observations.put(viewpoint(seat), probe, stamp, seen);
  }
}

const viewpoint = ({ target, identity }: Seat): { target: string; identity: string } => ({ target: target.machine.id, identity });

/** What a look writes to stderr explains its failure, and nothing else: where that will be told, a look that failed is taken once more. */
const run = async (
  { target, become, prelude }: Seat,
  script: string,
  { explains, ...options }: { readonly signal: AbortSignal; readonly timeoutMs?: number; readonly explains: boolean },
): Promise<Response> => {
  const request = { script: prelude + script, ...(become && { become }), ...options };
  const answer = await target.connection.run({ ...request, quiet: true });
  return answer.rc === 0 || !explains ? answer : target.connection.run(request);
};

const done = ({ rc, stdout, stderr }: Response): Buffer => {
  if (rc !== 0) throw new KplayError('E_PROBE', `looking at the host ended with status ${rc}`, { detail: stderr.toString() });
  return stdout;
};
