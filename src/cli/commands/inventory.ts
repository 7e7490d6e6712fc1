import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { KplayError } from '../../model/errors.ts';
import { loadConfig } from '../config.ts';
import type { InventoryFlags } from '../flags.ts';
import { targetSettings } from '../resolve-settings.ts';
import type { InventorySettings } from '../settings.ts';
import type { System } from '../system.ts';

/** `kplay inventory`, which prints what ansible-inventory does. */
export const printInventory = async (group: string | undefined, flags: InventoryFlags, system: System): Promise<number> => {
  if (flags.toml === true) throw new KplayError('E_USAGE', '--toml is not supported', { hint: 'there are JSON and --yaml' });
  const show = showOf(flags, group);
  const config = await loadConfig(system.cwd, system.env);
  const playbookDir = flags.playbookDir === undefined ? config.playbookDir : resolve(system.cwd, flags.playbookDir);
  const { shownInventory } = await import('../compose.ts');
  const text = shownInventory({
    ...(await targetSettings(flags, config, system)),
    show,
    yaml: flags.yaml ?? false,
    export: flags.export ?? config.inventoryExport ?? false,
    cwd: system.cwd,
    ...(playbookDir !== undefined && { playbookDir }),
  });
  if (flags.output !== undefined) writeOutput(resolve(system.cwd, flags.output), text);
  else system.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
  return 0;
};

const showOf = ({ list, graph, host, vars = false }: InventoryFlags, group = 'all'): InventorySettings['show'] => {
  if (host !== undefined) return { kind: 'host', host };
  if (graph === true) return { kind: 'graph', group, vars };
  if (list === true) return { kind: 'list' };
  throw new KplayError('E_USAGE', 'say what to show: --list, --graph or --host HOST');
};

const writeOutput = (file: string, text: string): void => {
  try {
    writeFileSync(file, text);
  } catch (cause) {
    throw new KplayError('E_FILE', `${file} cannot be written`, { cause });
  }
};
