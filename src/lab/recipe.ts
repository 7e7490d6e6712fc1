import { chmod, copyFile, mkdir, readdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Package } from './archive.ts';
import { unpackPackages } from './archive.ts';
import { cached, keyOf } from './cache.ts';
import type { GoPrograms } from './go.ts';
import { goPrograms } from './go.ts';
import type { Image } from './image.ts';
import { packImage, readImage, writeImage } from './image.ts';
import type { Lab } from './lab.ts';
import { exists } from './machine.ts';
import { run } from './run.ts';

/** What an image is made of: packages of one Debian suite, programs compiled from Go modules, a shell beside them. */
export interface Recipe {
  readonly repository: string;
  readonly tag: string;
  readonly suite: string;
  /** Nothing comes along that is not named; `busybox-static` must be. */
  readonly packages: readonly Package[];
  /** Taken from /usr/bin of the packages into /usr/local/bin. */
  readonly programs: readonly string[];
  /** Compiled into /usr/local/bin. */
  readonly go?: GoPrograms;
  /** Targets of symbolic links, by path. */
  readonly links?: Readonly<Record<string, string>>;
  /** Text of further programs, by path. */
  readonly scripts: Readonly<Record<string, string>>;
  readonly command: readonly string[];
}

export const BUSYBOX: Recipe = {
  repository: 'root/busybox',
  tag: '1',
  suite: 'bookworm',
  packages: ['busybox-static'],
  programs: [],
  scripts: {},
  command: ['/bin/sh'],
};

/** Where the cache keeps a recipe's image. */
export const imageDir = (lab: Lab, recipe: Recipe): string => join(lab.cacheDir, 'images', keyOf([LAYOUT, recipe]));

/** The image of a recipe, out of the cache if it was made before. */
export const imageOf = async (lab: Lab, recipe: Recipe, progress: (line: string) => void): Promise<Image> => {
  const path = await cached(imageDir(lab, recipe), async (folder, scratch) => {
    const built = recipe.go && (await goPrograms(lab, recipe.go, progress));
    progress(`building ${recipe.repository}:${recipe.tag} (once)`);
    const root = join(scratch, 'root');
    await unpackPackages(lab, recipe.suite, recipe.packages, root);
    await layOut(root, recipe);
    if (built !== undefined) for (const name of await readdir(built)) await copyFile(join(built, name), join(root, 'usr/local/bin', name));
    await writeImage(await packImage(root, recipe.command, scratch), folder);
  });
  return readImage(path);
};

/** Version of what `layOut` and `packImage` make. */
const LAYOUT = 4;
const layOut = async (root: string, { programs, links = {}, scripts }: Recipe): Promise<void> => {
  // Packages since Debian 13 know no /bin and /lib of their own.
  for (const name of ['bin', 'lib', 'lib64']) if (!(await exists(join(root, name)))) await symlink(join('usr', name), join(root, name));
  const taken = new Set(await readdir(join(root, 'bin')));
  const applets = (await run(join(root, 'bin/busybox'), ['--list'])).split('\n').filter(name => name !== '' && !taken.has(name));
  for (const name of applets) await symlink('busybox', join(root, 'bin', name));
  for (const folder of ['etc', 'run', 'tmp', 'usr/local/bin']) await mkdir(join(root, folder), { recursive: true });
  await chmod(join(root, 'tmp'), 0o1777);
  await writeFile(join(root, 'etc/passwd'), 'root:x:0:0:root:/:/bin/sh\n');
  await writeFile(join(root, 'etc/group'), 'root:x:0:\n');
  for (const name of programs) await rename(join(root, 'usr/bin', name), join(root, 'usr/local/bin', name));
  for (const [path, target] of Object.entries(links)) await symlink(target, join(root, path));
  for (const [path, text] of Object.entries(scripts)) await writeFile(join(root, path), text, { mode: 0o755 });
  await rm(join(root, 'usr/share'), { recursive: true });
};
