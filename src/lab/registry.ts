import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Lab } from './lab.ts';
import { REGISTRY_PORT, registryOf } from './lab.ts';
import { detach, kill, processesWith } from './processes.ts';
import { answers, until } from './wait.ts';

const configOf = (lab: Lab): string => join(lab.dir, 'registry.json');

export const isServing = async (lab: Lab): Promise<boolean> => (await processesWith(configOf(lab))).length > 0;

/** Serves the images of the cache on the bridge. Plain HTTP: the hosts' Docker is told so. */
export const startRegistry = async (lab: Lab): Promise<void> => {
  if (await isServing(lab)) return;
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
  await detach(['docker-registry', 'serve', configOf(lab)], join(lab.dir, 'registry.log'));
  await until('the registry answers', 10_000, () => answers(lab.gateway, REGISTRY_PORT));
};

export const stopRegistry = (lab: Lab): Promise<void> =>
  until('stopping the registry', 10_000, async () => {
    const processes = await processesWith(configOf(lab));
    for (const pid of processes) kill(pid, 'SIGTERM');
    return processes.length === 0;
  });
