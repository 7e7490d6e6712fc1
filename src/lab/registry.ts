import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Lab } from './lab.ts';
import { REGISTRY_PORT, registryOf } from './lab.ts';
import type { Service } from './service.ts';
import { isServing, serve } from './service.ts';

const configOf = (lab: Lab): string => join(lab.dir, 'registry.json');

export const registryService = (lab: Lab): Service => ({
  name: 'registry',
  port: REGISTRY_PORT,
  command: ['docker-registry', 'serve', configOf(lab)],
  word: configOf(lab),
});

/** Serves the images of the cache on the bridge. Plain HTTP: the hosts' Docker is told so. */
export const startRegistry = async (lab: Lab): Promise<void> => {
  const registry = registryService(lab);
  if (await isServing(registry)) return;
  const storage = join(lab.cacheDir, 'registry');
  await mkdir(storage, { recursive: true });
  // JSON is YAML, and quotes paths as they need.
  const config = {
    version: 0.1,
    log: { level: 'error', accesslog: { disabled: true } },
    storage: { filesystem: { rootdirectory: storage }, delete: { enabled: true } },
    http: { addr: registryOf(lab) },
  };
  await writeFile(configOf(lab), JSON.stringify(config));
  await serve(lab, registry);
};
