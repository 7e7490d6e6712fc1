import type { Diagnostic } from '../model/errors.ts';
import type { Emit, Event } from '../model/event.ts';
import type { PlainOptions } from '../report/plain.ts';
import type { Report, Write } from '../report/report.ts';
import type { Io } from './io.ts';
import type { OutputSettings } from './settings.ts';
import { interruptible } from './signals.ts';
import type { System } from './system.ts';
import { textOf } from './text-of.ts';

/**
 * `lines`: a run's; `changes`: those of what changed and what failed; `messages`: what the playbook says; `results`: an ad-hoc command's; `none`: only what
 * the command itself prints.
 */
export type Style = 'lines' | 'changes' | 'messages' | 'results' | 'none';

/** Opens the reports, does the work and closes them, whatever becomes of it. */
export const withReports = async (
  settings: OutputSettings,
  style: Style,
  system: System,
  work: (io: Io) => Promise<number>,
): Promise<number> => {
  const reports = await openReports(settings, style, system);
  const emit: Emit = untimed => {
    const event = { time: new Date().toISOString(), ...untimed } as Event;
    for (const report of reports) report.handle(event);
  };
  const warn = (message: string): void => {
    if (style === 'none') system.stderr.write(`${message}\n`);
    else emit({ type: 'warning', message });
  };
  const { signals, terminal, keeper } = system;
  const { signal, dispose } = interruptible(signals, warn);
  const diagnose = await diagnoser(system, settings.color);
  try {
    const resultsUnread = areUnread(settings, style);
    const write: Write = text => void system.stdout.write(text);
    return await work({ emit, resultsUnread, signal, diagnose, write, terminal, ...(keeper && { keeper }) });
  } finally {
    dispose();
    for (const report of reports) await report.close();
  }
};

/** Without -v only a failure shows what a task returned. */
const areUnread = ({ json, verbosity, report }: OutputSettings, style: Style): boolean =>
  style === 'lines' && !json && verbosity === 0 && report === undefined;

const openReports = async (settings: OutputSettings, style: Style, system: System): Promise<readonly Report[]> =>
  [
    await openMain(settings, style, system),
    settings.report === undefined ? undefined : await openPage(settings.report),
    settings.profile ? await openProfile(settings, style, system) : undefined,
  ].filter(report => report !== undefined);

const openMain = async (
  { json, verbosity, diff, color }: OutputSettings,
  style: Style,
  { env, stdout, stderr }: System,
): Promise<Report | undefined> => {
  const write = (text: string): void => void stdout.write(text);
  const warn = (text: string): void => void stderr.write(text);
  const options: PlainOptions = { verbosity, diff, color, warn, ...(stdout.columns === undefined ? {} : { columns: stdout.columns }) };
  if (style === 'none') return undefined;
  if (style === 'changes') return await openChanges(write, options);
  if (json) return (await import('../report/json.ts')).jsonReport(write);
  if (style === 'messages') return (await import('../report/messages.ts')).messagesReport(write, options);
  if (style === 'results') return (await import('../report/minimal.ts')).minimalReport(write, options);
  // -v asks for every result, which a view that redraws itself cannot keep on screen. A terminal may have no size (ssh -tt without one).
  const redraws = stdout.isTTY === true && stdout.columns > 0 && stdout.rows > 0 && env['TERM'] !== 'dumb';
  const live = redraws && (env['CI'] ?? '') === '' && verbosity === 0;
  if (live) return (await import('../report/live.ts')).liveReport(stdout, options);
  return (await import('../report/plain.ts')).plainReport(write, options);
};

const openChanges = async (write: Write, options: PlainOptions): Promise<Report> => {
  const [{ changesOnly }, { plainReport }] = await Promise.all([import('../report/changes-only.ts'), import('../report/plain.ts')]);
  const report = plainReport(write, options);
  return { ...report, handle: changesOnly(report.handle) };
};

const openPage = async (file: string): Promise<Report> => {
  const [{ htmlReport }, { pageWriter }] = await Promise.all([import('../report/html.ts'), import('./page-file.ts')]);
  return htmlReport(pageWriter(file));
};

/** Behind the recap; where what is printed may be read by a program, beside it. */
const openProfile = async ({ json, color }: OutputSettings, style: Style, { stdout, stderr, used }: System): Promise<Report> => {
  const { profileReport } = await import('../report/profile.ts');
  const [stream, isColored] = style === 'lines' && !json ? [stdout, color] : [stderr, color && stderr.isTTY === true];
  return profileReport(text => void stream.write(text), { color: isColored, process: used });
};

const diagnoser = async ({ stderr }: System, color: boolean): Promise<Io['diagnose']> => {
  const { diagnosticsText } = await import('../report/diagnostics.ts');
  return (diagnostics: readonly Diagnostic[]) => void stderr.write(diagnosticsText(diagnostics, textOf, color && stderr.isTTY === true));
};
