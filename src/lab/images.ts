import { createHash } from 'node:crypto';
import { chmod, mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { KplayError } from '../model/errors.ts';
import type { Package } from './archive.ts';
import { unpackPackages } from './archive.ts';
import type { Image } from './image.ts';
import { packImage, readImage, writeImage } from './image.ts';
import type { Lab } from './lab.ts';
import { registryOf } from './lab.ts';
import { withLock } from './lock.ts';
import { exists, requireMachine } from './machine.ts';
import { pushImage } from './push.ts';
import { isServing } from './registry.ts';
import { run } from './run.ts';

/** What an image is made of: programs out of packages of one Debian suite, a shell beside them. */
interface Recipe {
  readonly repository: string;
  readonly tag: string;
  readonly suite: string;
  readonly packages: readonly Package[];
  /** Taken from /usr/bin of the packages into /usr/local/bin. */
  readonly programs: readonly string[];
  /** Text of further programs, by path. */
  readonly scripts: Readonly<Record<string, string>>;
  readonly command: readonly string[];
}

const BUSYBOX: Recipe = {
  repository: 'root/busybox',
  tag: '1',
  suite: 'bookworm',
  packages: ['busybox-static'],
  programs: [],
  scripts: {},
  command: ['/bin/sh'],
};
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
const RECIPES: readonly Recipe[] = [
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

/** Builds what the cache lacks, without a container engine, and pushes what the lab's registry lacks. Gives the images' full names. */
export const images = async (lab: Lab, progress: (line: string) => void): Promise<readonly string[]> => {
  await requireMachine(['dpkg-deb']);
  if (!(await isServing(lab))) throw new KplayError('E_LAB', 'no registry is up', { hint: 'kplay lab up 3 --docker' });
  return withLock(lab.cacheDir, async () => {
    const names: string[] = [];
    for (const recipe of RECIPES) {
      const { repository, tag } = recipe;
      const name = `${registryOf(lab)}/${repository}:${tag}`;
      const image = await imageOf(lab, recipe, () => progress(`building ${repository}:${tag} (once)`));
      const isNew = await pushImage({ registry: registryOf(lab), repository, tag }, image);
      if (isNew) progress(`${name} is pushed`);
      names.push(name);
    }
    return names;
  });
};

const imageOf = async (lab: Lab, recipe: Recipe, onBuild: () => void): Promise<Image> => {
  const folder = join(lab.cacheDir, 'images');
  const key = createHash('sha256')
    .update(JSON.stringify([LAYOUT, recipe]))
    .digest('hex')
    .slice(0, 12);
  const cached = join(folder, key);
  if (await exists(cached)) return readImage(cached);
  onBuild();
  await mkdir(folder, { recursive: true });
  const scratch = await mkdtemp(join(folder, 'unfinished-'));
  try {
    const root = join(scratch, 'root');
    await unpackPackages(lab, recipe.suite, recipe.packages, root);
    await layOut(root, recipe);
    const image = await packImage(root, recipe.command, scratch);
    const finished = join(scratch, 'image');
    await mkdir(finished);
    await writeImage(image, finished);
    await rename(finished, cached);
    return image;
  } finally {
    await rm(scratch, { recursive: true });
  }
};

/** Version of what `layOut` makes. */
const LAYOUT = 2;
const layOut = async (root: string, { programs, scripts }: Recipe): Promise<void> => {
  // Packages since Debian 13 know no /bin and /lib of their own.
  for (const name of ['bin', 'lib', 'lib64']) if (!(await exists(join(root, name)))) await symlink(join('usr', name), join(root, name));
  const applets = (await run(join(root, 'bin/busybox'), ['--list'])).split('\n').filter(name => name !== '' && name !== 'busybox');
  for (const name of applets) await symlink('busybox', join(root, 'bin', name));
  for (const folder of ['etc', 'tmp', 'usr/local/bin']) await mkdir(join(root, folder), { recursive: true });
  await chmod(join(root, 'tmp'), 0o1777);
  await writeFile(join(root, 'etc/passwd'), 'root:x:0:0:root:/:/bin/sh\n');
  await writeFile(join(root, 'etc/group'), 'root:x:0:\n');
  for (const name of programs) await rename(join(root, 'usr/bin', name), join(root, 'usr/local/bin', name));
  for (const [path, text] of Object.entries(scripts)) await writeFile(join(root, path), text, { mode: 0o755 });
  await rm(join(root, 'usr/share'), { recursive: true });
};
