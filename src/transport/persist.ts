/** As long as ssh's `yes` and `0`, which mean for ever, may keep a connection. */
const LONGEST_MS = 3_600_000;
const UNITS_MS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

/**
 * How long ssh_config(5)'s ControlMaster and ControlPersist keep a connection after its last use, in the time formats of sshd_config(5):
 * `60`, `60s`, `1h30m`. 0 where they do not ask for it.
 */
export const persistMs = ({ controlmaster = 'no', controlpersist = 'no' }: Readonly<Record<string, string>> = {}): number => {
  if (!/^(auto|yes)$/i.test(controlmaster) || /^no$/i.test(controlpersist)) return 0;
  if (/^(yes|0)$/i.test(controlpersist)) return LONGEST_MS;
  if (!/^(\d+[smhdw]?)+$/i.test(controlpersist)) return 0;
  const parts = [...controlpersist.toLowerCase().matchAll(/(\d+)([smhdw]?)/g)];
  const ms = parts.reduce((sum, [, count, unit]) => sum + Number(count) * (UNITS_MS[unit || 's'] ?? 0), 0);
  return Math.min(ms, LONGEST_MS);
};
