import { randomBytes } from 'node:crypto';
import { KplayError } from '../model/errors.ts';
import type { Probe, ProbeKind } from '../model/probe.ts';

/** One program that takes many looks, a section for each kind, and the reader of its output. */
export interface Look {
  readonly script: string;
  read(stdout: Buffer): ReadonlyMap<Probe, unknown>;
}

/** Subjects are deduplicated; equal probes share one sight. */
export const look = (probes: readonly Probe[]): Look => {
  const mark = `kplay:${randomBytes(12).toString('hex')}:`;
  const kinds = new Map<ProbeKind, Set<string>>();
  for (const { kind, subject } of probes) {
    const subjects = kinds.get(kind);
    if (subjects) subjects.add(subject);
    else kinds.set(kind, new Set([subject]));
  }
  // Those that share a shell go last, so that what they leave in it reaches nobody else.
  const sections = [...kinds]
    .map(([kind, subjects]) => ({ kind, subjects: [...subjects] }))
    .toSorted(({ kind: one }, { kind: other }) => Number(one.shares ?? false) - Number(other.shares ?? false));
  const ended = `printf "\\n%s%s\\n" ${mark} "$?"`;
  const looks = sections.map(({ kind, subjects }) => ({ text: kind.script(subjects), shares: kind.shares ?? false }));
  // The last needs no shell of its own: how it ended is said when this one ends, and where that is ended from outside (bash runs both traps), not as if
  // all were there.
  const script = [
    ...looks.slice(0, -1).map(each => (each.shares ? `${each.text}\n${ended}` : `(\n${each.text}\n)\n${ended}`)),
    `trap '${ended}; exit 0' EXIT; trap 'exit 143' HUP INT TERM`,
    looks.at(-1)?.text,
  ].join('\n');
  return {
    script,
    read(stdout) {
      const sights = new Map<ProbeKind, Map<string, unknown>>();
      let from = 0;
      for (const { kind, subjects } of sections) {
        const end = stdout.indexOf(`\n${mark}`, from);
        if (end < 0)
          throw new KplayError('E_PROBE', `the host's shell ended while it looked at ${kind.name}`, {
            ...printed(kind, stdout.subarray(from)),
          });
        const lineEnd = stdout.indexOf('\n', end + 1);
        const rc = stdout.subarray(end + 1 + mark.length, lineEnd).toString();
        sights.set(kind, section(kind, subjects, stdout.subarray(from, end), rc));
        from = lineEnd + 1;
      }
      return new Map(probes.map(probe => [probe, sights.get(probe.kind)!.get(probe.subject)]));
    },
  };
};

const section = (kind: ProbeKind, subjects: readonly string[], text: Buffer, rc: string): Map<string, unknown> => {
  if (rc !== '0') {
    const error = new KplayError('E_PROBE', `looking at ${kind.name} ended with status ${rc}`, printed(kind, text));
    return new Map(subjects.map(subject => [subject, error]));
  }
  const seen = kind.parse(text, subjects);
  return new Map(subjects.map((subject, index) => [subject, seen[index]]));
};

/** For an error. */
const printed = ({ secret }: ProbeKind, text: Buffer): { detail?: string } => (secret === true ? {} : { detail: text.toString() });
