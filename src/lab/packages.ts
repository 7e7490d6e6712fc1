import { createHash } from 'node:crypto';
import { readFile, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { KplayError } from '../model/errors.ts';
import { downloadPackages } from './archive.ts';
import { SUITE, baseSystem } from './base.ts';
import { isUp } from './bridge.ts';
import { cached, keyOf } from './cache.ts';
import type { Lab } from './lab.ts';
import { PACKAGES_PORT } from './lab.ts';
import { withLock } from './lock.ts';
import { requireMachine } from './machine.ts';
import { run } from './run.ts';
import type { Service } from './service.ts';
import { serve, stopServing } from './service.ts';

/** What runbooks install; all that these depend on comes along. */
const PACKAGES = ['docker.io', 'containerd', 'runc', 'iptables', 'conntrack', 'curl'];

const linkOf = (lab: Lab): string => join(lab.dir, 'packages');
const addressOf = (lab: Lab): string => `${lab.gateway}:${PACKAGES_PORT}`;

export const packagesService = (lab: Lab): Service => ({
  name: 'repository',
  port: PACKAGES_PORT,
  command: ['busybox', 'httpd', '-f', '-p', addressOf(lab), '-h', linkOf(lab)],
  word: linkOf(lab),
});

/** Serves what the cache has, or gets now, and gives the URL. */
export const servePackages = async (lab: Lab, progress: (line: string) => void): Promise<string> => {
  await requireMachine(['busybox', 'dpkg-deb', 'debootstrap']);
  if (!(await isUp(lab))) throw new KplayError('E_LAB', 'no lab is up', { hint: 'kplay lab up 1 --bare' });
  const base = await baseSystem(lab, 'bare', progress);
  await withLock(join(lab.cacheDir, 'packages'), async () => {
    const folder = await repositoryFor(lab, base, progress);
    await stopServing(packagesService(lab));
    await rm(linkOf(lab), { force: true });
    await symlink(folder, linkOf(lab));
    await serve(lab, packagesService(lab));
  });
  return `http://${addressOf(lab)}/`;
};

const repositoryFor = (lab: Lab, base: string, progress: (line: string) => void): Promise<string> =>
  cached(join(lab.cacheDir, 'packages', keyOf([SUITE, PACKAGES, basename(base)])), async folder => {
    progress(`getting ${PACKAGES.join(', ')} and what they depend on (once)`);
    await downloadPackages(lab, SUITE, PACKAGES, base, folder);
    const entries = await Promise.all((await readdir(folder)).map(deb => entryOf(folder, deb)));
    await writeFile(join(folder, 'Packages'), entries.join('\n'));
  });

/** One package in the index of a repository (https://wiki.debian.org/DebianRepository/Format#A.22Packages.22_Indices). */
const entryOf = async (folder: string, deb: string): Promise<string> => {
  const bytes = await readFile(join(folder, deb));
  const control = await run('dpkg-deb', ['--field', join(folder, deb)]);
  const digest = createHash('sha256').update(bytes).digest('hex');
  return `${control.trimEnd()}\nFilename: ./${deb}\nSize: ${bytes.length}\nSHA256: ${digest}\n`;
};
