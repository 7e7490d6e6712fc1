import type { Event, Outcome, Status, TaskInfo } from '../model/event.ts';
import { duration } from './duration.ts';
import { taskTitle } from './failure.ts';
import type { Paint, Tone } from './paint.ts';

/** One host on the live view: what it has done, what it does and what it waits for. */
interface HostState {
  readonly name: string;
  readonly trail: Status[];
  task?: TaskInfo;
  sinceMs: number;
  started: boolean;
  waitsFor?: string;
  failed?: string;
}

export interface Size {
  readonly rows: number;
  readonly columns: number;
}

const MARKS: Readonly<Record<Status, readonly [glyph: string, tone: Tone]>> = {
  ok: ['·', 'ok'],
  changed: ['●', 'changed'],
  skipped: ['–', 'skipped'],
  failed: ['✖', 'failed'],
  unreachable: ['!', 'unreachable'],
  ignored: ['~', 'warning'],
  rescued: ['↺', 'warning'],
};
/** Glyphs of past tasks on a row. */
const TRAIL = 24;
const NAME = 28;

/** One play as it stands: hosts × tasks. Pure; the time is given. */
export class Board {
  readonly #name: string;
  readonly #startedMs: number;
  readonly #hosts: Map<string, HostState>;
  readonly #paint: Paint;
  readonly #tasks = new Set<number>();
  #task: TaskInfo | undefined;
  #changed = 0;
  /** The last warning, which is printed in full when the play is over. */
  #notice: string | undefined;

  constructor({ name, hosts, time }: Extract<Event, { type: 'play-start' }>, paint: Paint) {
    this.#name = name;
    this.#startedMs = Date.parse(time);
    this.#hosts = new Map(hosts.map(host => [host, stateOf(host, this.#startedMs)]));
    this.#paint = paint;
  }

  handle(event: Event): void {
    const atMs = Date.parse(event.time);
    if (event.type === 'task-start') {
      this.#task = event.task;
      this.#tasks.add(event.task.id);
      for (const host of event.hosts) this.#begin(host, event.task, atMs, false);
    } else if (event.type === 'host-start') {
      this.#begin(event.host, event.task, atMs, true);
    } else if (event.type === 'host-wait') {
      this.#host(event.host).waitsFor =
        event.retriesLeft === undefined ? event.reason : `${event.reason} (${event.retriesLeft} retries left)`;
    } else if (event.type === 'item') {
      delete this.#host(event.outcome.host).waitsFor;
    } else if (event.type === 'outcome') {
      this.#end(event.outcome);
    } else if (event.type === 'unknown-outcome') {
      this.#host(event.host).failed = 'interrupted';
    } else if (event.type === 'warning') {
      this.#notice = event.message;
    }
  }

  /** The play in one line and a row for each host, the busy ones first where there are more hosts than rows. */
  lines({ rows, columns }: Size, nowMs: number): string[] {
    const hosts = [...this.#hosts.values()];
    const busy = hosts.filter(({ task }) => task !== undefined).length;
    const task = this.#task === undefined ? '' : `  TASK [${taskTitle(this.#task)}]`;
    const head = `${this.#paint('strong', `PLAY [${this.#name}]`)}${task}  ${hosts.length - busy}/${hosts.length} hosts  ${duration(nowMs - this.#startedMs)}`;
    const notice = this.#notice === undefined ? [] : [this.#paint('warning', `[WARNING]: ${firstLine(this.#notice)}`)];
    const room = Math.max(1, rows - 1 - notice.length);
    const shown = hosts.length <= room ? hosts : chosen(hosts, room - 1);
    const hidden = hosts.filter(host => !shown.includes(host));
    const width = Math.min(NAME, Math.max(...shown.map(({ name }) => name.length), 0));
    const trail = Math.min(TRAIL, Math.max(...shown.map(host => host.trail.length), 0), Math.max(4, columns - width - 40));
    return [
      head,
      ...shown.map(host => this.#row(host, width, trail, nowMs)),
      ...(hidden.length === 0 ? [] : [this.#paint('faint', rest(hidden))]),
      ...notice,
    ];
  }

  /** What stays on screen when the play is over. */
  summary(nowMs: number): { readonly line: string; readonly failed: boolean } {
    const failed = [...this.#hosts.values()].filter(host => host.failed !== undefined).length;
    const parts = [
      counted(this.#hosts.size, 'host'),
      counted(this.#tasks.size, 'task'),
      ...(this.#changed === 0 ? [] : [this.#paint('changed', `${this.#changed} changed`)]),
      ...(failed === 0 ? [] : [this.#paint('failed', `${failed} failed`)]),
      duration(nowMs - this.#startedMs),
    ];
    return { line: `PLAY [${this.#name}]  ${parts.join(', ')}`, failed: failed > 0 };
  }

  #host(name: string): HostState {
    const known = this.#hosts.get(name) ?? stateOf(name, this.#startedMs);
    this.#hosts.set(name, known);
    return known;
  }

  #begin(name: string, task: TaskInfo, atMs: number, started: boolean): void {
    Object.assign(this.#host(name), { task, sinceMs: atMs, started });
  }

  #end({ host, status, message, result }: Outcome): void {
    const state = this.#host(host);
    state.trail.push(status);
    delete state.task;
    delete state.waitsFor;
    if (status === 'changed') this.#changed += 1;
    if (status === 'failed' || status === 'unreachable')
      state.failed = message ?? (typeof result['msg'] === 'string' ? result['msg'] : status);
  }

  #row(host: HostState, width: number, trail: number, nowMs: number): string {
    const marks = host.trail.slice(-trail);
    const painted = marks.map(status => this.#paint(MARKS[status][1], MARKS[status][0])).join('') + ' '.repeat(trail - marks.length);
    return `${clip(host.name, width).padEnd(width)}  ${painted}  ${this.#doing(host, nowMs)}`.trimEnd();
  }

  #doing({ task, waitsFor, failed, sinceMs }: HostState, nowMs: number): string {
    if (task === undefined) return failed === undefined ? '' : this.#paint('failed', firstLine(failed));
    const elapsed = duration(nowMs - sinceMs);
    const elsewhere = task.id === this.#task?.id ? '' : `${taskTitle(task)}  `;
    return waitsFor === undefined
      ? `${elsewhere}${this.#paint('faint', elapsed)}`
      : `${elsewhere}${elapsed}  ${this.#paint('warning', `waits for ${firstLine(waitsFor)}`)}`;
  }
}

const stateOf = (name: string, sinceMs: number): HostState => ({ name, trail: [], sinceMs, started: false });

/** Those that wait or run, longest first; then those that failed; shown in inventory order. */
const chosen = (hosts: readonly HostState[], room: number): HostState[] => {
  const rank = ({ waitsFor, task, started, failed }: HostState): number => {
    if (waitsFor !== undefined) return 0;
    if (task !== undefined) return started ? 1 : 2;
    return failed === undefined ? 4 : 3;
  };
  const first = new Set(hosts.toSorted((a, b) => rank(a) - rank(b) || a.sinceMs - b.sinceMs).slice(0, room));
  return hosts.filter(host => first.has(host));
};

const rest = (hidden: readonly HostState[]): string => {
  const failed = hidden.filter(host => host.task === undefined && host.failed !== undefined).length;
  const busy = hidden.filter(({ task }) => task !== undefined).length;
  const parts = [
    [busy, 'busy'],
    [failed, 'failed'],
    [hidden.length - busy - failed, 'done'],
  ] as const;
  return `… ${hidden.length} more: ${parts.flatMap(([count, word]) => (count === 0 ? [] : [`${count} ${word}`])).join(', ')}`;
};

const counted = (count: number, word: string): string => `${count} ${word}${count === 1 ? '' : 's'}`;
const clip = (text: string, width: number): string => (text.length <= width ? text : `${text.slice(0, width - 1)}…`);
const firstLine = (text: string): string => text.split('\n', 1)[0] ?? '';
