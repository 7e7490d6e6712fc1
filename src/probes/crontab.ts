import { KplayError } from '../model/errors.ts';
import type { ProbeKind } from '../model/probe.ts';
import { raw, sh } from '../shell/sh.ts';

/** A shell function that runs crontab(1) for a user, '' for the present one: only root may name another. */
export const CRONTAB = `tab() { u=$1; shift
if [ -z "$u" ] || [ "$u" = "$(id -un)" ]; then crontab "$@"; else crontab -u "$u" "$@"; fi; }`;

/** Crontabs of users, '' for the present one; empty where there is none. */
export const crontab: ProbeKind<string> = {
  name: 'crontab',
  sight: 'local',
  script: subjects => sh`${raw(CRONTAB)}
for user in ${subjects}; do text=$(tab "$user" -l 2>&3; rc=$?; echo .; exit $rc) 3>/dev/null; printf '%s\0%s\0' "$?" "$text"; done`,
  parse(stdout, subjects) {
    const fields = stdout.toString().split('\0');
    return subjects.map((user, i): string | Error => {
      const [rc = '', text = ''] = fields.slice(2 * i, 2 * i + 2);
      if (rc === '127')
        return new KplayError('E_PROBE', 'there is no crontab on the host', { hint: 'install cron there, or use cron_file' });
      // 1 can mean that there are no jobs.
      if (rc !== '0' && rc !== '1') return new KplayError('E_PROBE', `Unable to read crontab${user === '' ? '' : ` of ${user}`}`);
      return text.replace(/\.$/, '');
    });
  },
};
