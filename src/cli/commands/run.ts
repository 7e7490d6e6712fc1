import { loadConfig } from '../config.ts';
import type { RunFlags } from '../flags.ts';
import { withInventory } from '../inventory-lock.ts';
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
    const work = (): Promise<number> => compose.runPlaybooks(settings, io);
    return await (settings.check || settings.listing !== undefined ? work() : withInventory(settings.inventory, 'run', work));
  });
};
