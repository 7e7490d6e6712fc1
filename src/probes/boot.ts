import { KplayError } from '../model/errors.ts';
import type { ProbeKind } from '../model/probe.ts';
import { sh } from '../shell/sh.ts';

/**
 * Prints what is another after every boot: the kernel's boot id, which containers share with their machine, and the time at which PID 1 was
 * started, which is the same after every boot of a machine. Or what a command of the user's prints.
 */
export const bootScript = (command: string): string =>
  command === ''
    ? `cat /proc/sys/kernel/random/boot_id 2>/dev/null
( read -r line </proc/1/stat; set -- \${line##*)}; echo "\${20}" )`
    : sh`sh -c ${command} </dev/null`;

/** What tells one boot from another; the subject is a command that prints it, or empty. */
export const boot: ProbeKind<string> = {
  name: 'boot',
  sight: 'local',
  script: subjects => subjects.map(subject => `${bootScript(subject)}\nprintf '\\0'`).join('\n'),
  parse(stdout, subjects) {
    const answers = stdout.toString().split('\0');
    return subjects.map((_, i) => {
      const answer = answers[i]?.trim() ?? '';
      return answer === '' ? new KplayError('E_PROBE', 'the host does not tell when it was booted') : answer;
    });
  },
};
