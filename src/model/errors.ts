import type { Fields } from './module.ts';
import type { Source } from './source.ts';

/**
 * What went wrong, by kind. `retryable` says whether the same attempt may succeed later without anyone changing anything.
 * Tests and callers match codes, never prose.
 */
export const ERROR_CODES = {
  E_USAGE: { retryable: false, why: 'the command line or a setting is wrong' },
  E_YAML: { retryable: false, why: 'the text is not the YAML that Ansible reads' },
  E_SYNTAX: { retryable: false, why: 'a playbook, inventory or template does not parse' },
  E_INVENTORY: { retryable: false, why: 'the inventory is missing or contradicts itself' },
  E_TEMPLATE: { retryable: false, why: 'a template failed while it was evaluated' },
  E_UNDEFINED: { retryable: false, why: 'a variable is not defined' },
  E_ARGS: { retryable: false, why: 'a module was given arguments it does not take' },
  E_FILE: { retryable: false, why: 'a file on the controller cannot be read' },
  E_VAULT: { retryable: false, why: 'what Ansible Vault encrypted cannot be decrypted with the passwords that were given' },
  E_STATE: { retryable: false, why: 'the host is in a state the module will not touch' },
  E_ACT: { retryable: false, why: 'an act ran on the host and failed' },
  E_PROBE: { retryable: false, why: 'the host could not be looked at' },
  E_TIMEOUT: { retryable: false, why: 'it took longer than allowed and was ended' },
  E_CONNECT: { retryable: true, why: 'the host did not answer' },
  E_LINK_LOST: { retryable: true, why: 'the connection broke; what was running has an unknown outcome' },
  E_AUTH: { retryable: false, why: 'the host refused every way to log in' },
  E_HOST_KEY: { retryable: false, why: 'the host key is unknown, revoked or not the one on record' },
  E_BECOME: { retryable: false, why: 'becoming another user failed' },
  E_GUARD: { retryable: false, why: 'a disruption permit was refused' },
  E_ROLLING: { retryable: false, why: 'a rolling play must not go on' },
  E_LAB: { retryable: false, why: 'the lab cannot be built on this machine' },
  E_BUSY: { retryable: true, why: 'somebody else is at work on the same inventory' },
  E_INTERRUPTED: { retryable: true, why: 'the user stopped the run' },
} as const;
export type ErrorCode = keyof typeof ERROR_CODES;

export interface ErrorFacts {
  /** Where in the user's own files. */
  readonly at?: Source;
  /** Everything the host or the program said, unabridged; shown beside the short message. */
  readonly detail?: string;
  /** What to do next. */
  readonly hint?: string;
  /** What the failed result holds beside its message: Ansible's return values. */
  readonly fields?: Fields;
  readonly cause?: unknown;
}

/** An error kplay knows: short text and an exit code. Anything else is a bug and keeps its stack. */
export class KplayError extends Error {
  override readonly name = 'KplayError';
  readonly code: ErrorCode;
  readonly at: Source | undefined;
  readonly detail: string | undefined;
  readonly hint: string | undefined;
  readonly fields: Fields | undefined;
  constructor(code: ErrorCode, message: string, { at, detail, hint, fields, cause }: ErrorFacts = {}) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.at = at;
    this.detail = detail;
    this.hint = hint;
    this.fields = fields;
  }
}

/** One finding of a check that collects all it can before anything runs. */
export interface Diagnostic {
  readonly severity: 'error' | 'warning';
  readonly code: ErrorCode;
  readonly message: string;
  readonly at: Source;
  readonly hint?: string;
}
