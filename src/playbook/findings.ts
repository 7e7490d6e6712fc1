import { KplayError } from '../model/errors.ts';
import type { Diagnostic, ErrorCode } from '../model/errors.ts';
import type { Source } from '../model/source.ts';
import { place } from '../model/source.ts';

/** Everything a compilation has to say, in the order found; the same thing about the same place is said once. */
export class Findings {
  readonly #list = new Map<string, Diagnostic>();

  error(code: ErrorCode, at: Source, message: string, hint?: string): void {
    this.add({ severity: 'error', code, message, at, ...(hint === undefined ? {} : { hint }) });
  }
  warn(code: ErrorCode, at: Source, message: string, hint?: string): void {
    this.add({ severity: 'warning', code, message, at, ...(hint === undefined ? {} : { hint }) });
  }
  add(diagnostic: Diagnostic): void {
    const key = `${place(diagnostic.at)} ${diagnostic.message}`;
    const before = this.#list.get(key);
    if (!before || (before.severity === 'warning' && diagnostic.severity === 'error')) this.#list.set(key, diagnostic);
  }
  /** A known error becomes a finding, at `at` where it says no place itself; anything else is a bug and goes on. */
  caught(error: unknown, at: Source, hint?: string): void {
    if (!(error instanceof KplayError)) throw error;
    this.error(error.code, error.at ?? at, error.message, error.hint ?? hint);
  }
  all(): readonly Diagnostic[] {
    return [...this.#list.values()];
  }
}

/**
 * A finding as people read it: message, `file:line:col`, the line of the source with a caret, and what to do.
 * `text` is the whole source file; tabs before the caret are kept so that it stands right under any tab width.
 */
export const formatDiagnostic = ({ severity, code, message, at, hint }: Diagnostic, text: string): string => {
  const line = text.split(/\r\n|\r|\n/)[at.line - 1];
  const gutter = `${at.line} | `;
  const indent = (line ?? '').slice(0, at.col - 1).replaceAll(/[^\t]/g, ' ');
  const shown = line === undefined || line.trim() === '' ? [] : [`  ${gutter}${line}`, `  ${' '.repeat(gutter.length - 2)}| ${indent}^`];
  const head = `${severity === 'error' ? 'ERROR' : 'WARNING'} ${code}: ${message}`;
  return [head, `  at ${place(at)}`, ...shown, ...(hint === undefined ? [] : [`  hint: ${hint}`])].join('\n');
};
