import { type ErrorCode, KplayError } from '../model/errors.ts';
import { place } from '../model/source.ts';
import { excerpt } from '../report/diagnostics.ts';
import { INTERRUPTED } from './signals.ts';

/** Something would have been changed and was not, on purpose. */
export const REFUSED = 6;
/** As ansible-playbook's: 4 for what does not parse, 5 for a wrong setting, 1 otherwise (ansible/errors, ansible/cli); 6 is kplay's. */
const EXIT: Partial<Record<ErrorCode, number>> = {
  E_USAGE: 5,
  E_YAML: 4,
  E_SYNTAX: 4,
  E_ARGS: 4,
  E_BUSY: REFUSED,
  E_INTERRUPTED: INTERRUPTED,
};

export const exitCodeOf = (error: KplayError): number => EXIT[error.code] ?? 1;

/** Anything but a KplayError is a bug, and is thrown on with its stack. */
export const knownError = (error: unknown): KplayError => {
  if (error instanceof KplayError) return error;
  throw error;
};

/** A known error for people: short text, as Ansible begins it, place, everything known, what to do. */
export const explain = ({ message, at, detail, hint, cause }: KplayError, read: (file: string) => string | undefined): string =>
  [
    `ERROR! ${message}`,
    ...(at === undefined ? [] : [`  at: ${place(at)}`, ...excerpt(read(at.file), at.line, at.col)]),
    ...(detail ?? (cause instanceof Error ? cause.message : ''))
      .trimEnd()
      .split('\n')
      .filter(line => line !== '')
      .map(line => `  ${line}`),
    ...(hint === undefined ? [] : [`  hint: ${hint}`]),
    '',
  ].join('\n');
