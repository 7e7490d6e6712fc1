import type { Event, Outcome, TaskInfo } from '../model/event.ts';
import type { Fields } from '../model/module.ts';
import { place } from '../model/source.ts';
import { diffText, paintDiff } from './diff.ts';
import { failureLines, failureOf, stoppedLines, taskTitle } from './failure.ts';
import { InOrder } from './in-order.ts';
import { isMessage, itemLine, loopLines, outcomeLines } from './outcome-lines.ts';
import { type Paint, painter } from './paint.ts';
import { recapLines } from './recap.ts';
import type { Report, Write } from './report.ts';

export interface PlainOptions {
  /** How many -v: 1 prints results, 2 also where tasks stand, 3 results on several lines. */
  readonly verbosity: number;
  readonly diff: boolean;
  readonly color: boolean;
  /** Terminal width; banners are filled up to it, to 80 without a terminal. */
  readonly columns?: number;
  /** Warnings go here, as Ansible sends them to stderr; by default among the lines. */
  readonly warn?: Write;
}

/** The lines of Ansible's default callback, which people and scripts grep, with each failure explained beneath its line. */
export const plainReport = (write: Write, options: PlainOptions): Report => {
  const lines = new PlainLines(write, options);
  return {
    handle: event => lines.handle(event),
    close: () => {
      lines.flush();
      return Promise.resolve();
    },
  };
};

class PlainLines {
  readonly #write: Write;
  readonly #warn: Write;
  readonly #options: PlainOptions;
  readonly #paint: Paint;
  readonly #order: InOrder;
  #play: number | undefined;
  #task: TaskInfo | undefined;
  /** The task whose banner stands above the lines that come now. */
  #banner: number | undefined;
  /** Hosts go through tasks each at its own pace: lines are not put in order. */
  #free = false;
  readonly #items = new Set<string>();
  readonly #failedItems = new Map<string, string[]>();

  constructor(write: Write, options: PlainOptions) {
    this.#write = write;
    this.#warn = options.warn ?? write;
    this.#options = options;
    this.#paint = painter(options.color);
    this.#order = new InOrder(lines => this.#print(lines));
  }

  flush(): void {
    this.#order.flush();
  }

  handle(event: Event): void {
    if (!['item', 'outcome', 'host-start', 'host-wait', 'spent', 'meta', 'warning'].includes(event.type)) this.flush();
    switch (event.type) {
      case 'run-start':
        return this.#runStart(event);
      case 'play-start':
        return this.#playStart(event.play, event.name);
      case 'no-hosts':
        return this.#noHosts(event);
      case 'task-start':
        return this.#taskStart(event.task, event.hosts);
      case 'host-wait':
        return this.#print([this.#paint('faint', waitLine(event))]);
      case 'item':
        return this.#item(event.outcome, event.item);
      case 'outcome':
        return this.#outcome(event.outcome);
      case 'included':
        this.#heading(event.task);
        return this.#print([this.#paint('skipped', includedLine(event))]);
      case 'meta':
        return this.#meta(event);
      case 'warning':
        return this.#warning(event.at === undefined ? event.message : `${event.message} (${place(event.at)})`);
      case 'recap':
        this.#star('PLAY RECAP');
        return this.#print([...recapLines(event.hosts, this.#paint), '']);
      case 'unknown-outcome':
        return this.#print([this.#paint('unreachable', unknownLine(event.host, event.task))]);
      case 'stopped':
        return this.#print([this.#paint('failed', `STOPPED: ${event.message}`), ...stoppedLines(event).map(line => `  ${line}`), '']);
    }
  }

  #runStart({ playbooks, plays }: Extract<Event, { type: 'run-start' }>): void {
    if (this.#options.verbosity < 2) return;
    for (const [index, file] of playbooks.entries()) {
      this.#star(`PLAYBOOK: ${file.slice(file.lastIndexOf('/') + 1)}`);
      this.#print([`${plays[index]} plays in ${file}`]);
    }
  }

  #playStart(play: number, name: string): void {
    this.#play = play;
    this.#free = false;
    this.#banner = undefined;
    this.#star(`PLAY [${name.trim()}]`);
  }

  #noHosts({ play, name, why }: Extract<Event, { type: 'no-hosts' }>): void {
    if (why === 'none left') return this.#star('NO MORE HOSTS LEFT');
    if (this.#play !== play) this.#playStart(play, name);
    this.#print([this.#paint('skipped', 'skipping: no hosts matched')]);
  }

  #taskStart(task: TaskInfo, hosts: readonly string[]): void {
    this.#task = task;
    if (this.#free) return;
    this.#heading(task);
    this.#order.start(hosts);
  }

  #meta({ task, message }: Extract<Event, { type: 'meta' }>): void {
    if (this.#options.verbosity < 2) return;
    this.flush();
    this.#heading(task);
    this.#print([`META: ${message}`]);
  }

  #item(outcome: Outcome, item: string): void {
    const key = keyOf(outcome);
    this.#items.add(key);
    if (outcome.status === 'failed' || outcome.status === 'unreachable') {
      this.#failedItems.set(key, [...(this.#failedItems.get(key) ?? []), ...this.#explain(outcome, item)]);
    }
    this.#add(outcome, [...this.#diff(outcome), itemLine(outcome, item, this.#detail)], false);
  }

  #outcome(outcome: Outcome): void {
    const key = keyOf(outcome);
    this.#moduleWarnings(outcome.result);
    const looped = this.#items.has(key) && Array.isArray(outcome.result['results']);
    const lines = looped ? loopLines(outcome, this.#detail) : [...this.#diff(outcome), ...outcomeLines(outcome, this.#detail)];
    const failed = outcome.status === 'failed' || outcome.status === 'unreachable';
    const why = failed ? (this.#failedItems.get(key) ?? this.#explain(outcome)) : [];
    this.#items.delete(key);
    this.#failedItems.delete(key);
    this.#add(outcome, [...lines, ...why], true);
  }

  #add({ task, host }: Outcome, lines: readonly string[], done: boolean): void {
    if (this.#task !== undefined && task.id !== this.#task.id) {
      // Only hosts that do not wait for each other answer a task after the next one started.
      this.flush();
      this.#free = true;
    }
    if (lines.length > 0) this.#heading(task);
    if (this.#free) this.#print(lines);
    else this.#order.add(host, lines, done);
  }

  #warning(message: string): void {
    this.#warn(`${this.#paint('warning', `[WARNING]: ${message}`)}\n`);
  }

  /** What a module warns of is printed like any warning, and not again among its fields. */
  #moduleWarnings({ warnings }: Fields): void {
    if (Array.isArray(warnings)) for (const message of warnings) this.#warning(String(message));
  }

  /** The banner, unless it stands already. */
  #heading(task: TaskInfo): void {
    if (this.#banner === task.id) return;
    this.#banner = task.id;
    this.#star(`${task.handler ? 'RUNNING HANDLER' : 'TASK'} [${taskTitle(task)}]`);
    if (this.#options.verbosity > 1) this.#print([this.#paint('faint', `task path: ${task.at.file}:${task.at.line}`)]);
  }

  #explain(outcome: Outcome, item?: string): string[] {
    const lines = failureLines(failureOf(outcome, item));
    return (isMessage(outcome) ? lines.slice(1) : lines).map(line => this.#paint('faint', line));
  }

  #diff({ changes, result }: Outcome): string[] {
    const text = this.#options.diff ? diffText(changes, result) : '';
    return text === '' ? [] : [paintDiff(text, this.#paint)];
  }

  get #detail(): { verbosity: number; paint: Paint } {
    return { verbosity: this.#options.verbosity, paint: this.#paint };
  }

  /** Ansible's banner: a blank line, the title, stars up to the terminal's width but at least three. */
  #star(title: string): void {
    const width = Math.max(79, (this.#options.columns ?? 80) - 1);
    this.#print(['', `${this.#paint('strong', title)} ${'*'.repeat(Math.max(3, width - title.length))}`]);
  }

  #print(lines: readonly string[]): void {
    if (lines.length > 0) this.#write(`${lines.join('\n')}\n`);
  }
}

const keyOf = ({ task, host }: Outcome): string => `${task.id} ${host}`;
const waitLine = ({ host, task, reason, retriesLeft }: Extract<Event, { type: 'host-wait' }>): string =>
  retriesLeft === undefined
    ? `waiting: [${host}]: ${reason}`
    : `FAILED - RETRYING: [${host}]: ${taskTitle(task)} (${retriesLeft} retries left).`;
const includedLine = ({ file, hosts, item }: Extract<Event, { type: 'included' }>): string =>
  `included: ${file} for ${hosts.join(', ')}${item === undefined ? '' : ` => (item=${item})`}`;
const unknownLine = (host: string, task: TaskInfo): string =>
  `unknown: [${host}]: ${taskTitle(task)} was interrupted and nobody saw how it ended (${place(task.at)})`;
