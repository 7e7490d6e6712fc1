import { KplayError } from '../model/errors.ts';
import type { ProbeKind } from '../model/probe.ts';
import { quote } from '../shell/sh.ts';

/** Whether a shell is there and prints what it is told. Outward: a look ahead of its turn would say nothing of now. */
export const shellAnswers: ProbeKind<string> = {
  name: 'ping',
  sight: 'outward',
  script: subjects => subjects.map(subject => `printf '%s\\0' ${quote(subject)}`).join('\n'),
  parse: (stdout, subjects) => {
    const answers = stdout.toString().split('\0');
    return subjects.map((_, i) =>
      i + 1 < answers.length ? (answers[i] ?? '') : new KplayError('E_PROBE', 'the shell on the host does not answer'),
    );
  },
};
