import { join } from 'node:path';
import { KplayError } from '../model/errors.ts';
import { kubernetesRecipes } from './kubernetes/recipes.ts';
import type { Lab } from './lab.ts';
import { registryOf } from './lab.ts';
import { withLock } from './lock.ts';
import { requireMachine } from './machine.ts';
import { pushImage } from './push.ts';
import type { Recipe } from './recipe.ts';
import { BUSYBOX, imageOf } from './recipe.ts';
import { registryService } from './registry.ts';
import { isServing } from './service.ts';

const etcd = (tag: string, suite: string): Recipe => ({
  repository: 'root/etcd',
  tag,
  suite,
  // Debian links etcd against the C library.
  packages: ['busybox-static', 'libc6', `etcd-server=${tag}-*`, `etcd-client=${tag}-*`],
  programs: ['etcd', 'etcdctl'],
  scripts: {},
  command: ['/usr/local/bin/etcd'],
});

const ETCD: readonly Recipe[] = [
  BUSYBOX,
  etcd('3.4.23', 'bookworm'),
  etcd('3.5.16', 'trixie'),
  {
    ...BUSYBOX,
    repository: 'root/etcd',
    tag: 'broken',
    scripts: { '/usr/local/bin/etcd': "#!/bin/sh\necho 'this etcd is broken on purpose' >&2\nexit 1\n" },
    command: ['/usr/local/bin/etcd'],
  },
];

/** What images are made for: to try etcd's operations, in seconds; to run a cluster, in many minutes the first time. */
export type ImageSet = 'etcd' | 'kubernetes';

const recipesOf = async (set: ImageSet): Promise<readonly Recipe[]> => (set === 'etcd' ? ETCD : kubernetesRecipes());

/** Builds what the cache lacks, without a container engine, and pushes what the lab's registry lacks. Gives the images' full names. */
export const images = async (lab: Lab, set: ImageSet, progress: (line: string) => void): Promise<readonly string[]> => {
  await requireMachine(['dpkg-deb']);
  if (!(await isServing(registryService(lab)))) throw new KplayError('E_LAB', 'no registry is up', { hint: 'kplay lab up 3 --docker' });
  // A lock for each set: who wants the quick one does not wait for a compiler.
  return withLock(join(lab.cacheDir, 'images', set), async () => {
    const names: string[] = [];
    for (const recipe of await recipesOf(set)) {
      const { repository, tag } = recipe;
      const name = `${registryOf(lab)}/${repository}:${tag}`;
      const isNew = await pushImage({ registry: registryOf(lab), repository, tag }, await imageOf(lab, recipe, progress));
      if (isNew) progress(`${name} is pushed`);
      names.push(name);
    }
    return names;
  });
};
