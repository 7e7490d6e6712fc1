import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { KplayError } from '../model/errors.ts';
import type { Lab } from './lab.ts';
import { run } from './run.ts';

/** A package of the archive, `name` or `name=version`; the version may be a glob. */
export type Package = string;

/**
 * Unpacks packages of one suite into a folder, whatever suite this machine runs: apt works on lists of its own in the cache and installs
 * nothing (apt.conf(5), DIRECTORIES).
 */
export const unpackPackages = async (lab: Lab, suite: string, packages: readonly Package[], into: string): Promise<void> => {
  const apt = join(lab.cacheDir, 'apt', suite);
  const debs = `${into}.debs`;
  for (const folder of [into, debs, join(apt, 'lists/partial')]) await mkdir(folder, { recursive: true });
  const sources = join(apt, 'sources.list');
  await writeFile(sources, `deb ${await mirror()} ${suite} main\n`);
  const options = {
    'Dir::Etc::SourceList': sources,
    'Dir::Etc::SourceParts': '/dev/null',
    'Dir::State::Lists': join(apt, 'lists'),
    // A package that is installed here would count as a version to choose, and may be in no archive.
    'Dir::State::Status': '/dev/null',
    'Dir::Cache': apt,
    'Acquire::Languages': 'none',
    'APT::Sandbox::User': 'root',
  };
  const words = ['--quiet', ...Object.entries(options).flatMap(([name, value]) => ['--option', `${name}=${value}`])];
  await run('apt-get', [...words, 'update']);
  await run('apt-get', [...words, 'download', ...packages], debs);
  for (const deb of await readdir(debs)) await run('dpkg-deb', ['--extract', join(debs, deb), into]);
};

/** The archive that this machine's own apt uses, whichever form its sources are written in. */
export const mirror = async (): Promise<string> => {
  const [first] = (await run('apt-get', ['indextargets', '--format', '$(REPO_URI)', 'Created-By: Packages'])).split('\n');
  if (!first)
    throw new KplayError('E_LAB', 'apt on this machine has no source', {
      hint: 'a lab is built from the archive in /etc/apt/sources.list',
    });
  return first;
};
