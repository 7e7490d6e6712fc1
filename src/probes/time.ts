import { KplayError } from '../model/errors.ts';
import type { ProbeKind } from '../model/probe.ts';
import { sh } from '../shell/sh.ts';

/** Seconds since the epoch of `YYYY-MM-DD hh:mm:ss` in the host's time zone. */
export const epoch: ProbeKind<number> = {
  name: 'epoch',
  sight: 'local',
  script: subjects => subjects.map(subject => sh`date -d ${subject} +%s 2>/dev/null || echo`).join('\n'),
  parse: (stdout, subjects) => {
    const lines = stdout.toString().split('\n');
    return subjects.map((subject, i) =>
      /^-?\d+$/.test(lines[i] ?? '') ? Number(lines[i]) : new KplayError('E_PROBE', `the host cannot read the time ${subject}`),
    );
  },
};

/** Seconds since the epoch on the host's clock. Time passes: never looked at ahead. */
export const clock: ProbeKind<number> = {
  name: 'clock',
  sight: 'outward',
  script: () => 'date +%s',
  parse: (stdout, subjects) => {
    const seconds = Number.parseInt(stdout.toString(), 10);
    return subjects.map(() => (Number.isNaN(seconds) ? new KplayError('E_PROBE', 'the host does not tell the time') : seconds));
  },
};
