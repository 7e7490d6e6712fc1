import type { Event, Expense, TaskInfo } from '../model/event.ts';
import { taskTitle } from './failure.ts';
import { type Paint, painter } from './paint.ts';
import type { Report, Write } from './report.ts';

export interface ProfileOptions {
  readonly color: boolean;
  /** Of this process up to now, in milliseconds: since it was started, and what it has taken of the processors. */
  readonly process: () => { readonly wallMs: number; readonly processorMs: number };
}

/** At the end: where the time went, and the ten slowest tasks, on all hosts together and on one of them. Nothing where nothing was run. */
export const profileReport = (write: Write, { color, process }: ProfileOptions): Report => {
  const profile = new Profile();
  return {
    handle: event => profile.handle(event),
    close() {
      const { wallMs, processorMs } = process();
      const lines = profile.lines(wallMs, processorMs, painter(color));
      if (lines.length > 0) write(`${lines.join('\n')}\n`);
      return Promise.resolve();
    },
  };
};

type On = Expense['on'];
/** What a task on a host waited for; the rest of its time it was busy here, or waited to be. */
const WAITED = ['connect', 'look', 'act', 'wait'] as const satisfies readonly On[];
type Waited = Record<(typeof WAITED)[number], number>;

/** One task on one host. */
interface Turn {
  readonly task: TaskInfo;
  readonly host: string;
  readonly startedMs: number;
  endedMs: number;
  readonly waitedMs: Waited;
}
/** One line of a table. */
interface Row {
  readonly title: string;
  readonly wallMs: number;
  readonly waitedMs: Waited;
  readonly restMs: number;
}

class Profile {
  #durationMs: number | undefined;
  readonly #taskStartsMs = new Map<number, number>();
  readonly #turns: Turn[] = [];
  /** The last of each host. What is waited for after its outcome, for health at a guard's end, is its too. */
  readonly #current = new Map<string, Turn>();
  readonly #times: Record<On, number> = { connect: 0, look: 0, act: 0, wait: 0, ahead: 0 };
  #aheadMs = 0;

  handle(event: Event): void {
    const atMs = Date.parse(event.time);
    switch (event.type) {
      case 'task-start':
        this.#taskStartsMs.set(event.task.id, atMs);
        return;
      case 'host-start':
        return this.#begin({ task: event.task, host: event.host, startedMs: atMs, endedMs: atMs, waitedMs: none() });
      case 'spent':
        return this.#spend(event, atMs);
      case 'outcome': {
        const turn = this.#current.get(event.outcome.host);
        if (turn?.task.id === event.outcome.task.id) turn.endedMs = atMs;
        return;
      }
      case 'run-end':
        this.#durationMs = event.durationMs;
    }
  }

  #begin(turn: Turn): void {
    this.#turns.push(turn);
    this.#current.set(turn.host, turn);
  }

  #spend({ host, on, joined, durationMs }: Extract<Event, { type: 'spent' }>, atMs: number): void {
    if (joined !== true) this.#times[on] += 1;
    if (on === 'ahead') {
      this.#aheadMs += durationMs;
      return;
    }
    const turn = this.#current.get(host);
    if (!turn) return;
    turn.waitedMs[on] += durationMs;
    turn.endedMs = atMs;
  }

  lines(wallMs: number, processorMs: number, paint: Paint): string[] {
    if (this.#durationMs === undefined) return [];
    const { connect, look, act, ahead } = this.#times;
    const all = rowOf('all tasks', this.#durationMs, this.#turns);
    return [
      paint('strong', 'PROFILE, in seconds'),
      `${seconds(wallMs)} in all, ${seconds(wallMs - this.#durationMs)} of it starting and ending; ${seconds(processorMs)} of processor time here`,
      `${count(connect, 'connection')}; ${count(look + act + ahead, 'request')}, ${ahead} of them ahead (${seconds(this.#aheadMs)})`,
      ...table('Slowest tasks; but for wall, the sum of their hosts', [all, ...slowest(this.#byTask())], paint),
      ...table('Slowest on one host', slowest(this.#byHost()), paint),
      '',
    ];
  }

  #byTask(): readonly Row[] {
    return [...Map.groupBy(this.#turns, ({ task }) => task.id)].map(([id, turns]) => {
      const { task, startedMs } = turns[0]!;
      const endedMs = turns.reduce((last, turn) => Math.max(last, turn.endedMs), 0);
      return rowOf(`${taskTitle(task)} (${count(turns.length, 'host')})`, endedMs - (this.#taskStartsMs.get(id) ?? startedMs), turns);
    });
  }
  #byHost(): readonly Row[] {
    return this.#turns.map(turn => rowOf(`${taskTitle(turn.task)} [${turn.host}]`, turn.endedMs - turn.startedMs, [turn]));
  }
}

const none = (): Waited => ({ connect: 0, look: 0, act: 0, wait: 0 });
const rowOf = (title: string, wallMs: number, turns: readonly Turn[]): Row => {
  const waitedMs = none();
  let busyMs = 0;
  for (const turn of turns) {
    busyMs += turn.endedMs - turn.startedMs;
    for (const on of WAITED) waitedMs[on] += turn.waitedMs[on];
  }
  // The events' times are whole milliseconds.
  const restMs = Math.max(0, busyMs - WAITED.reduce((sum, on) => sum + waitedMs[on], 0));
  return { title, wallMs, waitedMs, restMs };
};

const slowest = (rows: readonly Row[]): readonly Row[] => rows.toSorted((a, b) => b.wallMs - a.wallMs).slice(0, 10);

const table = (title: string, rows: readonly Row[], paint: Paint): string[] => [
  '',
  paint('strong', title),
  paint('faint', ['wall', ...WAITED, 'rest'].map(name => name.padStart(WIDTH)).join('')),
  ...rows.map(
    ({ title, wallMs, waitedMs, restMs }) =>
      `${[wallMs, ...WAITED.map(on => waitedMs[on]), restMs].map(ms => seconds(ms).padStart(WIDTH)).join('')}  ${title}`,
  ),
];
const WIDTH = 9;
const seconds = (ms: number): string => (ms / 1000).toFixed(2);
const count = (number: number, thing: string): string => `${number} ${thing}${number === 1 ? '' : 's'}`;
