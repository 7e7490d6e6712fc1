/**
 * One read-only POSIX sh program that looks at many subjects, and the pure reader of what it prints.
 * `outward` kinds look beyond their own target (an API, another host, time passing) and are never fetched ahead of their turn.
 */
export interface ProbeKind<Seen = unknown> {
  readonly name: string;
  readonly sight: 'local' | 'outward';
  /** What it prints is never part of an error. */
  readonly secret?: boolean;
  /** Its script needs no shell of its own: it does not end it, and of what the next one may use it leaves everything as it was. */
  readonly shares?: true;
  /** Must exit 0 whatever it finds, run in dash and busybox, write nothing to the host and read nothing from stdin. */
  script(subjects: readonly string[]): string;
  /** One entry for each subject, in order; a subject that could not be looked at gives an Error of its own. */
  parse(stdout: Buffer, subjects: readonly string[]): readonly (Seen | Error)[];
}

/** What to look at. Data, not a call: the engine merges, dedupes and fetches ahead. */
export interface Probe<Seen = unknown> {
  readonly kind: ProbeKind<Seen>;
  readonly subject: string;
}

/** A tuple of probes giving a tuple of sights; a sight that may be undefined may have no probe. */
export type Probes<Seen extends readonly unknown[]> = {
  readonly [K in keyof Seen]: Probe<Seen[K]> | (undefined extends Seen[K] ? undefined : never);
};
