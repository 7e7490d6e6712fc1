import { KplayError } from '../model/errors.ts';
import type { ProbeKind } from '../model/probe.ts';
import { expandedGlob } from '../shell/expand.ts';

/**
 * Does any path match? Subjects are globs as Python's glob.glob() reads them, after `~` and `$NAME` were expanded on the host. A dangling
 * link counts, a hidden file only where the pattern says its dot.
 */
export const glob: ProbeKind<boolean> = {
  name: 'glob',
  sight: 'local',
  script: subjects =>
    [
      `IFS=
any() { for f; do if [ -e "$f" ] || [ -L "$f" ]; then echo 1; return; fi; done; echo 0; }`,
      ...subjects.map(subject => `any ${expandedGlob(subject)}`),
    ].join('\n'),
  parse: (stdout, subjects) => {
    const lines = stdout.toString().split('\n');
    return subjects.map((subject, i) => {
      const line = lines[i];
      return line === '0' || line === '1' ? line === '1' : new KplayError('E_PROBE', `cannot look for ${subject}`);
    });
  },
};
