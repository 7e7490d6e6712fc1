import { mkdir, readdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { KplayError } from '../model/errors.ts';
import type { Lab } from './lab.ts';
import { run } from './run.ts';

/** A package of the archive, `name` or `name=version`; the version may be a glob. */
export type Package = string;

/** Unpacks packages of one suite into a folder, and nothing that they depend on. */
export const unpackPackages = async (lab: Lab, suite: string, packages: readonly Package[], into: string): Promise<void> => {
  const debs = `${into}.debs`;
  for (const folder of [into, debs]) await mkdir(folder, { recursive: true });
  const apt = await freshApt(lab, suite);
  // A package that is installed here would count as a version to choose, and may be in no archive.
  await run('apt-get', [...apt, ...optionWords({ 'Dir::State::Status': '/dev/null' }), 'download', ...packages], debs);
  for (const deb of await readdir(debs)) await run('dpkg-deb', ['--extract', join(debs, deb), into]);
};

/** Puts into a folder the files of packages and of all that they depend on and the system in `root` lacks. */
export const downloadPackages = async (
  lab: Lab,
  suite: string,
  packages: readonly Package[],
  root: string,
  into: string,
): Promise<void> => {
  const scratch = `${into}.debs`;
  await mkdir(join(scratch, 'partial'), { recursive: true });
  const apt = await freshApt(lab, suite);
  const there = optionWords({
    'Dir::State::Status': join(root, 'var/lib/dpkg/status'),
    'Dir::State::extended_states': join(root, 'var/lib/apt/extended_states'),
    'Dir::Cache::Archives': scratch,
    // The lock is this machine's, where nothing is installed.
    'Debug::NoLocking': 'true',
  });
  await run('apt-get', [...apt, ...there, '--yes', '--download-only', '--no-install-recommends', 'install', ...packages]);
  for (const deb of await readdir(scratch)) if (deb.endsWith('.deb')) await rename(join(scratch, deb), join(into, deb));
};

/**
 * Words by which apt-get knows the packages of one suite as they are now, whatever suite this machine runs: it works on lists of its own in
 * the cache (apt.conf(5), DIRECTORIES).
 */
const freshApt = async (lab: Lab, suite: string): Promise<readonly string[]> => {
  const apt = join(lab.cacheDir, 'apt', suite);
  await mkdir(join(apt, 'lists/partial'), { recursive: true });
  const sources = join(apt, 'sources.list');
  await writeFile(sources, `deb ${await mirror()} ${suite} main\n`);
  const options = optionWords({
    'Dir::Etc::SourceList': sources,
    'Dir::Etc::SourceParts': '/dev/null',
    'Dir::State::Lists': join(apt, 'lists'),
    'Dir::Cache': apt,
    'Acquire::Languages': 'none',
    'APT::Sandbox::User': 'root',
  });
  await run('apt-get', ['--quiet', ...options, 'update']);
  return ['--quiet', ...options];
};
const optionWords = (options: Readonly<Record<string, string>>): readonly string[] =>
  Object.entries(options).flatMap(([name, value]) => ['--option', `${name}=${value}`]);

/** The archive that this machine's own apt uses, whichever form its sources are written in. */
export const mirror = async (): Promise<string> => {
  const [first] = (await run('apt-get', ['indextargets', '--format', '$(REPO_URI)', 'Created-By: Packages'])).split('\n');
  if (!first)
    throw new KplayError('E_LAB', 'apt on this machine has no source', {
      hint: 'a lab is built from the archive in /etc/apt/sources.list',
    });
  return first;
};
