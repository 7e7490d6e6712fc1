import type { Counts, Event, Outcome, Status, TaskInfo } from '../model/event.ts';
import { place } from '../model/source.ts';
import { diffText, tone } from './diff.ts';
import { dump } from './dump.ts';
import { duration } from './duration.ts';
import { type Failure, failureOf, hostLabel, stoppedLines, taskTitle } from './failure.ts';

/** What the HTML page shows, ready to be printed. */
export interface Page {
  readonly title: string;
  readonly verdict: { readonly kind: 'good' | 'bad' | 'odd'; readonly text: string };
  /** Label and value, in the page's head. */
  readonly facts: readonly (readonly [string, string])[];
  readonly totals: readonly { readonly name: keyof Counts; readonly count: number }[];
  readonly failures: readonly PageFailure[];
  readonly plays: readonly PagePlay[];
  readonly changes: readonly PageChange[];
  readonly recap: readonly { readonly host: string; readonly counts: readonly number[]; readonly bad: boolean }[];
  readonly warnings: readonly string[];
}
interface PageFailure extends Failure {
  readonly id: string;
  readonly kind: string;
  readonly result: string;
  readonly duration: string;
}
interface PagePlay {
  readonly name: string;
  readonly at: string;
  readonly note?: string;
  readonly hosts: readonly string[];
  readonly tasks: readonly PageTask[];
}
interface PageTask {
  readonly title: string;
  readonly at: string;
  readonly handler: boolean;
  readonly duration: string;
  /** Of the run's longest task, 0 to 100. */
  readonly percent: number;
  /** One for each host of the play; null where the task did not run. */
  readonly cells: readonly (Cell | null)[];
}
interface Cell {
  readonly status: Status | 'unknown';
  readonly glyph: string;
  readonly title: string;
  /** Where on the page more is said. */
  readonly link?: string;
}
interface PageChange {
  readonly id: string;
  readonly task: string;
  readonly at: string;
  readonly item?: string;
  readonly hosts: readonly string[];
  readonly lines: readonly { readonly tone: string; readonly text: string }[];
}

const GLYPHS: Readonly<Record<Status, string>> = {
  ok: '·',
  changed: '●',
  skipped: '–',
  failed: '✕',
  unreachable: '!',
  ignored: '~',
  rescued: '↺',
};
export const COUNTERS: readonly (keyof Counts)[] = ['ok', 'changed', 'unreachable', 'failed', 'skipped', 'rescued', 'ignored'];

interface PlayState {
  readonly name: string;
  readonly at: string;
  note?: string;
  readonly hosts: readonly string[];
  readonly tasks: Map<number, TaskState>;
}
interface TaskState {
  readonly task: TaskInfo;
  readonly startedMs: number;
  endedMs: number;
  /** Of one host; hosts that report together have taken longer than the events lie apart. */
  longestMs: number;
  readonly cells: Map<string, Cell>;
}

/** Gathers a run's events into a page. */
export class PageBuilder {
  #start: Extract<Event, { type: 'run-start' }> | undefined;
  #end: Extract<Event, { type: 'run-end' }> | undefined;
  #recap: Readonly<Record<string, Counts>> = {};
  readonly #plays = new Map<number, PlayState>();
  readonly #failures: PageFailure[] = [];
  readonly #changes = new Map<string, PageChange & { readonly hosts: string[] }>();
  /** Failed items of loops, until their loop's outcome says whether it matters. */
  readonly #failedItems = new Map<string, { readonly outcome: Outcome; readonly item: string }[]>();
  readonly #warnings: string[] = [];

  handle(event: Event): void {
    switch (event.type) {
      case 'run-start':
        this.#start = event;
        return;
      case 'run-end':
        this.#end = event;
        return;
      case 'recap':
        this.#recap = event.hosts;
        return;
      case 'warning':
        this.#warnings.push(event.at === undefined ? event.message : `${event.message} (${place(event.at)})`);
        return;
      case 'stopped':
        this.#warnings.push([event.message, ...stoppedLines(event)].join('\n'));
        return;
      case 'unknown-outcome':
        this.#unknown(event);
        return;
      case 'play-start':
        this.#plays.set(event.play, { name: event.name, at: place(event.at), hosts: event.hosts, tasks: new Map() });
        return;
      case 'no-hosts':
        this.#noHosts(event);
        return;
      case 'task-start':
        this.#task(event.task, Date.parse(event.time));
        return;
      case 'item':
        this.#item(event.outcome, event.item);
        return;
      case 'outcome':
        this.#outcome(event.outcome, Date.parse(event.time));
    }
  }

  /** Undefined when nothing was started: a page would have nothing to say. */
  page(): Page | undefined {
    const start = this.#start;
    if (start === undefined) return undefined;
    const names = start.playbooks.map(file => file.slice(file.lastIndexOf('/') + 1)).join(', ');
    const hosts = Object.keys(this.#recap).toSorted();
    const plays = [...this.#plays.values()];
    return {
      title: names,
      verdict: this.#verdict(),
      facts: [
        ['Started', `${start.time.slice(0, 19).replace('T', ' ')} UTC`],
        ['Took', this.#end === undefined ? 'unknown' : duration(this.#end.durationMs)],
        ['Hosts', String(hosts.length)],
        ['Tasks', String(plays.reduce((sum, { tasks }) => sum + tasks.size, 0))],
        ...(start.check ? ([['Mode', 'check: nothing was changed']] as const) : []),
        ['kplay', start.version],
      ],
      totals: COUNTERS.map(name => ({ name, count: hosts.reduce((sum, host) => sum + (this.#recap[host]?.[name] ?? 0), 0) })),
      failures: this.#failures,
      plays: plays.map(play => pagePlay(play, this.#longestMs())),
      changes: [...this.#changes.values()],
      recap: hosts.map(host => {
        const counts = this.#recap[host];
        return { host, counts: COUNTERS.map(name => counts?.[name] ?? 0), bad: (counts?.failed ?? 0) + (counts?.unreachable ?? 0) > 0 };
      }),
      warnings: this.#warnings,
    };
  }

  #verdict(): Page['verdict'] {
    if (this.#end === undefined) return { kind: 'odd', text: 'Unfinished' };
    const { exitCode } = this.#end;
    if (exitCode === 0) return { kind: 'good', text: this.#start?.check === true ? 'Checked' : 'Done' };
    if (exitCode === 130) return { kind: 'odd', text: 'Interrupted' };
    return { kind: 'bad', text: exitCode === 4 ? 'Unreachable hosts' : 'Failed' };
  }

  #unknown({ task, host, time }: Extract<Event, { type: 'unknown-outcome' }>): void {
    this.#warnings.push(`${host}: ${taskTitle(task)} was interrupted and nobody saw how it ended (${place(task.at)})`);
    this.#task(task, Date.parse(time)).cells.set(host, { status: 'unknown', glyph: '?', title: `${host}: interrupted, outcome unknown` });
  }

  #noHosts({ play, name, why }: Extract<Event, { type: 'no-hosts' }>): void {
    const known = this.#plays.get(play) ?? { name, at: '', hosts: [], tasks: new Map<number, TaskState>() };
    this.#plays.set(play, Object.assign(known, { note: why === 'no match' ? 'no hosts matched' : 'no more hosts left' }));
  }

  #task(task: TaskInfo, atMs: number): TaskState {
    const play = this.#plays.get(task.play) ?? { name: '', at: '', hosts: [], tasks: new Map<number, TaskState>() };
    this.#plays.set(task.play, play);
    const state = play.tasks.get(task.id) ?? { task, startedMs: atMs, endedMs: atMs, longestMs: 0, cells: new Map<string, Cell>() };
    play.tasks.set(task.id, state);
    return state;
  }

  #item(outcome: Outcome, item: string): void {
    this.#change(outcome, item);
    const key = `${outcome.task.id} ${outcome.host}`;
    if (outcome.status === 'failed') this.#failedItems.set(key, [...(this.#failedItems.get(key) ?? []), { outcome, item }]);
  }

  #outcome(outcome: Outcome, atMs: number): void {
    const { task, host, status, durationMs } = outcome;
    const state = this.#task(task, atMs - durationMs);
    state.endedMs = Math.max(state.endedMs, atMs);
    state.longestMs = Math.max(state.longestMs, durationMs);
    const looped = Array.isArray(outcome.result['results']);
    const link = this.#fail(outcome) ?? (looped ? undefined : this.#change(outcome));
    const title = `${hostLabel(outcome)}: ${status}, ${duration(durationMs)}`;
    state.cells.set(host, { status, glyph: GLYPHS[status], title, ...(link === undefined ? {} : { link }) });
  }

  /** Records a failure that counts, or its failed items, and says where. */
  #fail(outcome: Outcome): string | undefined {
    const key = `${outcome.task.id} ${outcome.host}`;
    const items = this.#failedItems.get(key) ?? [{ outcome, item: undefined }];
    this.#failedItems.delete(key);
    if (outcome.status !== 'failed' && outcome.status !== 'unreachable') return undefined;
    const id = `failure-${this.#failures.length + 1}`;
    for (const { outcome: one, item } of items) {
      this.#failures.push({
        ...failureOf(one, item),
        id: `failure-${this.#failures.length + 1}`,
        kind: outcome.status,
        result: dump(one.result, 2),
        duration: duration(one.durationMs),
      });
    }
    return id;
  }

  /** The same difference on many hosts is shown once. */
  #change(outcome: Outcome, item?: string): string | undefined {
    const text = diffText(outcome.changes, outcome.result);
    if (text === '') return undefined;
    const key = [outcome.task.id, item ?? '', text].join('\n');
    const known = this.#changes.get(key) ?? {
      id: `change-${this.#changes.size + 1}`,
      task: taskTitle(outcome.task),
      at: place(outcome.task.at),
      ...(item === undefined ? {} : { item }),
      hosts: [],
      lines: text
        .trimEnd()
        .split('\n')
        .map(line => ({ tone: /^(---|\+\+\+) (before|after)/.test(line) ? 'head' : tone(line), text: line })),
    };
    known.hosts.push(hostLabel(outcome));
    this.#changes.set(key, known);
    return known.id;
  }

  #longestMs(): number {
    return Math.max(1, ...[...this.#plays.values()].flatMap(({ tasks }) => [...tasks.values()].map(elapsedMs)));
  }
}

const elapsedMs = ({ startedMs, endedMs, longestMs }: TaskState): number => Math.max(longestMs, endedMs - startedMs);

const pagePlay = ({ name, at, note, hosts, tasks }: PlayState, longestMs: number): PagePlay => {
  const seen = new Set([...hosts, ...[...tasks.values()].flatMap(({ cells }) => [...cells.keys()])]);
  return {
    name,
    at,
    ...(note === undefined ? {} : { note }),
    hosts: [...seen],
    tasks: [...tasks.values()].map(state => ({
      title: taskTitle(state.task),
      at: place(state.task.at),
      handler: state.task.handler,
      duration: duration(elapsedMs(state)),
      percent: Math.round((100 * elapsedMs(state)) / longestMs),
      cells: [...seen].map(host => state.cells.get(host) ?? null),
    })),
  };
};
