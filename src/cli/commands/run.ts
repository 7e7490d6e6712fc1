import { loadConfig } from '../config.ts';
import type { RunFlags } from '../flags.ts';
import { withReports } from '../reports.ts';
import { runSettings } from '../resolve-settings.ts';
import type { System } from '../system.ts';

/** `kplay run`. */
export const runPlaybooks = async (names: readonly string[], flags: RunFlags, system: System): Promise<number> => {
  const config = await loadConfig(system.cwd, system.env);
  const settings = await runSettings(names, flags, config, system);
  return await withReports(settings, settings.listing === undefined ? 'lines' : 'none', system, async io => {
    for (const message of config.warnings) io.emit({ type: 'warning', message });
    const compose = await import('../compose.ts');
    return await compose.runPlaybooks(settings, io);
  });
};
