import { loadConfig } from '../config.ts';
import type { CommonFlags } from '../flags.ts';
import { withReports } from '../reports.ts';
import { runSettings } from '../resolve-settings.ts';
import type { System } from '../system.ts';

/** `kplay status`: the playbook of that name, and nothing of it but what it says. Changes nothing, so it waits for nobody. */
export const printStatus = async (flags: CommonFlags, system: System): Promise<number> => {
  const config = await loadConfig(system.cwd, system.env);
  const settings = await runSettings(['status.yaml'], flags, config, system);
  return await withReports(settings, 'messages', system, async io => {
    const { runPlaybooks } = await import('../compose.ts');
    return await runPlaybooks(settings, io);
  });
};
