import { Listr, ListrLogger, ProcessOutput } from 'listr2';
import type { Event, Outcome } from '../model/event.ts';
import { Board } from './board.ts';
import { diffText } from './diff.ts';
import { shortName } from './outcome-lines.ts';
import { painter } from './paint.ts';
import { type PlainOptions, plainReport } from './plain.ts';
import type { Report } from './report.ts';

/** A terminal. */
export type Screen = NodeJS.WriteStream;

export interface LiveOptions extends PlainOptions {
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
}

/** However tall the terminal is: more rows are not read. */
const MAX_ROWS = 40;
/** Often enough to look alive, rarely enough to cost nothing. */
const REFRESH_MS = 200;

/**
 * Each play as a board of its hosts that redraws itself and leaves one line behind; beneath it, as plain lines, what should be read:
 * failures, differences, debug messages, and the recap.
 */
export const liveReport = (screen: Screen, options: LiveOptions): Report => {
  const { warn = text => void screen.write(text) } = options;
  // Plays and texts take the screen in turn.
  let turn = Promise.resolve();
  const next = (work: () => void | Promise<void>): void => {
    turn = turn.then(work);
  };
  const lines = plainReport(text => next(() => void screen.write(text)), { ...options, warn: text => next(() => warn(text)) });
  let play: LivePlay | undefined;
  const finish = (): void => {
    play?.finish();
    play = undefined;
  };
  const handle = (event: Event): void => {
    if (event.type === 'play-start') {
      finish();
      const begun = new LivePlay(event, screen, options);
      play = begun;
      next(() => begun.run());
    } else if (['no-hosts', 'recap', 'run-end'].includes(event.type)) finish();
    play?.handle(event);
    if (isWorthReading(event, options)) lines.handle(event);
  };
  const close = async (): Promise<void> => {
    finish();
    await lines.close();
    await turn;
  };
  return { handle, close };
};

const isWorthReading = (event: Event, { diff }: LiveOptions): boolean => {
  if (event.type === 'outcome' || event.type === 'item') return isNotable(event.outcome, diff);
  return ['no-hosts', 'recap', 'warning', 'unknown-outcome', 'stopped'].includes(event.type);
};
const isNotable = ({ status, task, changes, result }: Outcome, diff: boolean): boolean =>
  status === 'failed' ||
  status === 'unreachable' ||
  (shortName(task.action) === 'debug' && status === 'ok') ||
  (diff && diffText(changes, result) !== '');

/** One play's turn on the screen. */
class LivePlay {
  readonly #board: Board;
  readonly #screen: Screen;
  readonly #now: () => number;
  readonly #listr: Listr;
  readonly #over = Promise.withResolvers<void>();

  constructor(start: Extract<Event, { type: 'play-start' }>, screen: Screen, { color, now = Date.now }: LiveOptions) {
    this.#board = new Board(start, painter(color));
    this.#screen = screen;
    this.#now = now;
    const logger = new ListrLogger({ useIcons: true, processOutput: new ProcessOutput(screen) });
    this.#listr = new Listr([{ title: this.#text(), task: (_context, view) => this.#show(view) }], {
      // Ctrl-C belongs to the run, which ends in order.
      registerSignalListeners: false,
      exitOnError: false,
      forceTTY: true,
      rendererOptions: { lazy: true, formatOutput: 'truncate', logger, ...(color ? {} : { color: UNCOLORED }) },
    });
  }

  handle(event: Event): void {
    this.#board.handle(event);
  }

  finish(): void {
    this.#over.resolve();
  }

  async run(): Promise<void> {
    await this.#listr.run();
  }

  /** A rejection is how listr2 is told that a task ended badly. */
  async #show(view: { title: string }): Promise<void> {
    const timer = setInterval(() => (view.title = this.#text()), REFRESH_MS);
    await this.#over.promise;
    clearInterval(timer);
    const { line, failed } = this.#board.summary(this.#now());
    view.title = line;
    if (failed) throw new Error(line);
  }

  #text(): string {
    const { rows = 24, columns = 80 } = this.#screen;
    return this.#board.lines({ rows: Math.min(MAX_ROWS, rows - 2), columns }, this.#now()).join('\n');
  }
}

const UNCOLORED = Object.fromEntries(
  ['PENDING', 'COMPLETED', 'FAILED', 'WAITING'].map(state => [state, (text?: string): string => text ?? '']),
);
