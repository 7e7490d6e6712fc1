import { accessSync, constants, closeSync, mkdirSync, openSync, readdirSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { KplayError } from '../model/errors.ts';
import type { Event } from '../model/event.ts';
import { jsonReport } from '../report/json.ts';
import { type PlainOptions, plainReport } from '../report/plain.ts';
import type { Report } from '../report/report.ts';

/** How long logs are kept, in milliseconds, or how many runs of them. */
export type Keep = { readonly ageMs: number } | { readonly runs: number };

/** `2026-11-21T03-00-00Z-<run>`, so that names sort by time. */
const NAME = /^(\d{4}-\d\d-\d\dT)(\d\d)-(\d\d)-(\d\dZ)-[0-9a-f]+\.(?:ndjson|log)$/;
const nameOf = (time: string, run: string): string => `${time.replace(/\.\d+/, '').replaceAll(':', '-')}-${run}`;
const startOf = (name: string): number => Date.parse(name.replace(NAME, '$1$2:$3:$4'));

/**
 * A report for the runs of one command, whole and uncoloured: every event in `<name>.ndjson`, and the lines in `<name>.log`; both are
 * readable by their owner alone. The first run names them. A disk that fills up ends the log and not the run. Throws E_FILE when the folder
 * cannot be written.
 */
export const runLog = (dir: string, options: Pick<PlainOptions, 'verbosity' | 'diff'>, warn: (message: string) => void): Report => {
  try {
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    accessSync(dir, constants.W_OK | constants.X_OK);
  } catch (cause) {
    throw new KplayError('E_FILE', `the log folder ${dir} cannot be written`, { cause, hint: 'name another one with --log-dir' });
  }
  const early: Event[] = [];
  const files: LogFile[] = [];
  const reports: Report[] = [];
  const open = (name: string): void => {
    const [events, lines] = [logFile(join(dir, `${name}.ndjson`), warn), logFile(join(dir, `${name}.log`), warn)];
    files.push(events, lines);
    reports.push(jsonReport(events.write), titled(lines.write, plainReport(lines.write, { ...options, color: false })));
  };
  return {
    handle(event) {
      early.push(event);
      if (files.length === 0 && event.type === 'run-start') open(nameOf(event.time, event.run));
      if (files.length === 0) return;
      for (const one of early.splice(0)) for (const report of reports) report.handle(one);
    },
    async close() {
      for (const report of reports) await report.close();
      for (const file of files) file.close();
    },
  };
};

/** Which run the lines are of, and how it ended. */
const titled = (write: (text: string) => void, report: Report): Report => ({
  handle(event) {
    if (event.type === 'run-start') write(`${event.time} ${event.check ? 'check' : 'run'} of ${event.playbooks.join(', ')}\n`);
    report.handle(event);
    if (event.type === 'run-end') write(`${event.time} exit code ${event.exitCode}\n`);
  },
  close: () => report.close(),
});

interface LogFile {
  write(text: string): void;
  close(): void;
}
const logFile = (path: string, warn: (message: string) => void): LogFile => {
  let file: number | undefined = openSync(path, 'wx', 0o600);
  const close = (): void => {
    if (file !== undefined) closeSync(file);
    file = undefined;
  };
  return {
    write(text) {
      if (file === undefined) return;
      try {
        writeSync(file, text);
      } catch (error) {
        close();
        warn(`the log ${path} ends here: ${String(error)}`);
      }
    },
    close,
  };
};

/** Removes what is older than what is to be kept; other files of the folder are nobody's business here. */
export const removeOld = (dir: string, keep: Keep, now: Date): void => {
  const logs = readdirSync(dir).filter(name => NAME.test(name));
  const runs = [...new Set(logs.map(withoutEnd))].toSorted().toReversed();
  const old = new Set('runs' in keep ? runs.slice(keep.runs) : runs.filter(run => startOf(`${run}.log`) < now.getTime() - keep.ageMs));
  for (const name of logs) if (old.has(withoutEnd(name))) rmSync(join(dir, name), { force: true });
};
const withoutEnd = (name: string): string => name.replace(/\.\w+$/, '');
