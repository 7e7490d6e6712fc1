import { KplayError } from '../../model/errors.ts';
import { loadConfig } from '../config.ts';
import type { InventoryFlags } from '../flags.ts';
import { targetSettings } from '../resolve-settings.ts';
import type { InventorySettings } from '../settings.ts';
import type { System } from '../system.ts';

/** `kplay inventory`. */
export const printInventory = async (flags: InventoryFlags, system: System): Promise<number> => {
  const config = await loadConfig(system.cwd, system.env);
  const { showInventory } = await import('../compose.ts');
  return await showInventory(
    { ...(await targetSettings(flags, config, system)), show: showOf(flags) },
    text => void system.stdout.write(text.endsWith('\n') ? text : `${text}\n`),
  );
};

const showOf = ({ list, graph, host }: InventoryFlags): InventorySettings['show'] => {
  if (host !== undefined) return { kind: 'host', host };
  if (graph === true) return { kind: 'graph' };
  if (list === true) return { kind: 'list' };
  throw new KplayError('E_USAGE', 'say what to show: --list, --graph or --host HOST');
};
