import { randomInt } from 'node:crypto';
import { resolve } from 'node:path';
import { realClock } from '../clock.ts';
import { loadConfig } from '../config.ts';
import type { ConvergeFlags } from '../flags.ts';
import { refuseOpenToAll } from '../password.ts';
import { withReports } from '../reports.ts';
import { runSettings } from '../resolve-settings.ts';
import type { ConvergeSettings } from '../settings.ts';
import type { System } from '../system.ts';
import { secretFiles, secretSources } from '../vault-secrets.ts';

const DAY_MS = 86_400_000;

/** `kplay converge`. */
export const convergePlaybooks = async (names: readonly string[], flags: ConvergeFlags, system: System): Promise<number> => {
  const config = await loadConfig(system.cwd, system.env);
  const files = [flags.becomePasswordFile ?? config.becomePasswordFile, flags.connectionPasswordFile].filter(file => file !== undefined);
  for (const file of [...files, ...secretFiles(secretSources(flags, config, system.cwd))]) refuseOpenToAll(resolve(system.cwd, file));
  const run = await runSettings(names, flags, config, system);
  const settings: ConvergeSettings = { run, maxChanged: flags.maxChangedHosts ?? { percent: 10 }, jitterMs: flags.jitter ?? 0 };
  return await withReports(run, 'changes', system, async io => {
    const [{ runPlaybooks }, { converge }, { runLog, removeOld }] = await Promise.all([
      import('../compose.ts'),
      import('../converge.ts'),
      import('../run-logs.ts'),
    ]);
    const dir = flags.logDir === undefined ? undefined : resolve(system.cwd, flags.logDir);
    const log = dir === undefined ? undefined : runLog(dir, run, message => io.emit({ type: 'warning', message }));
    try {
      return await converge(settings, io, {
        run: (one, to) => {
          for (const message of config.warnings) to.emit({ type: 'warning', message });
          return runPlaybooks(one, to);
        },
        clock: realClock,
        random: most => randomInt(most + 1),
        ...(log && { log }),
      });
    } finally {
      await log?.close();
      if (dir !== undefined) removeOld(dir, flags.keep ?? { ageMs: 30 * DAY_MS }, realClock.now());
    }
  });
};
