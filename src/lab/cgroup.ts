import { mkdir, readdir, readFile, rmdir, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { exists } from './machine.ts';
import { until } from './wait.ts';

/** Where PID 1 is systemd, systemd-nspawn asks it for a scope; elsewhere the lab makes the control groups. */
export const isSystemdMachine = (): Promise<boolean> => exists('/run/systemd/system');

/**
 * The folders of one host's control groups, one in each hierarchy, below those that this process is in. Hosts that shared one would meet:
 * a service stopped in one host would take the service of the same name in the others with it.
 */
export const cgroupsFor = async (machine: string): Promise<readonly string[]> => {
  if (await isSystemdMachine()) return [];
  const lines = (await readFile('/proc/self/cgroup', 'utf8')).trim().split('\n');
  const folders = await Promise.all(
    lines.map(async line => {
      const [, controllers = '', ...path] = line.split(':');
      return join(await hierarchy(controllers), path.join(':'), machine);
    }),
  );
  const mounted = await Promise.all(folders.map(folder => exists(join(dirname(folder), 'cgroup.procs'))));
  return folders.filter((_, i) => mounted[i]);
};

// cgroups(7): version 2 is the hierarchy without controllers' names; in a hybrid layout it is mounted beside the others.
const hierarchy = async (controllers: string): Promise<string> => {
  const root = '/sys/fs/cgroup';
  if (controllers !== '') return join(root, controllers.replace('name=', ''));
  return (await exists(join(root, 'unified'))) ? join(root, 'unified') : root;
};

export const makeCgroups = async (folders: readonly string[]): Promise<void> => {
  for (const folder of folders) {
    await mkdir(folder, { recursive: true });
    // cpuset(7): a new one has neither processor nor memory, and takes no process.
    for (const file of ['cpuset.cpus', 'cpuset.mems']) {
      if (await exists(join(dirname(folder), file))) await writeFile(join(folder, file), await readFile(join(dirname(folder), file)));
    }
  }
};

/** The kernel lets go of a group some moments after its last process. */
export const removeCgroups = (folders: readonly string[]): Promise<void> =>
  until(`leaving the control groups of ${basename(folders[0] ?? '')}`, 10_000, async () => {
    const gone = await Promise.all(folders.map(removeTree));
    return gone.every(Boolean);
  });

const removeTree = async (folder: string): Promise<boolean> => {
  if (!(await exists(folder))) return true;
  for (const entry of await readdir(folder, { withFileTypes: true })) if (entry.isDirectory()) await removeTree(join(folder, entry.name));
  return rmdir(folder).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'EBUSY' || error.code === 'ENOTEMPTY') return false;
      throw error;
    },
  );
};
