import { existsSync, readdirSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { KplayError } from '../model/errors.ts';
import { didYouMean } from '../model/nearest.ts';

export interface Places {
  readonly cwd: string;
  /** Folder of the config file in use. */
  readonly configDir?: string;
  /** The package's own folder. */
  readonly home: string;
}
const PLAYBOOK = /\.(ya?ml|json)$/;

/**
 * A playbook as typed: a path; or a bare name, looked up here, in playbooks/ beside the config and among those that come with kplay.
 * `.yml` and `.yaml` may be left out. Fails with E_FILE, which tells where it was looked for.
 */
export const findPlaybook = (name: string, { cwd, configDir, home }: Places): string => {
  const bare = [cwd, ...(configDir === undefined ? [] : [join(configDir, 'playbooks')]), join(home, 'playbooks')];
  const folders = name.includes('/') ? [cwd] : [...new Set(bare.map(folder => resolve(folder)))];
  const names = PLAYBOOK.test(name) ? [name] : [name, `${name}.yml`, `${name}.yaml`];
  const found = folders.flatMap(folder => names.map(each => resolve(folder, each))).find(isFile);
  if (found === undefined) throw missing(name, folders);
  return found;
};

const isFile = (path: string): boolean => existsSync(path) && !statSync(path).isDirectory();

const missing = (name: string, folders: readonly string[]): KplayError => {
  const places = folders.map(folder => dirname(resolve(folder, name)));
  const known = places.flatMap(namesIn);
  const hint =
    didYouMean(basename(name), known) ??
    didYouMean(
      basename(name),
      known.map(each => each.replace(PLAYBOOK, '')),
    );
  return new KplayError('E_FILE', `the playbook: ${name} could not be found`, {
    detail: `looked in ${places.join(', ')}`,
    ...(hint !== undefined && { hint }),
  });
};
const namesIn = (folder: string): readonly string[] =>
  existsSync(folder) && statSync(folder).isDirectory() ? readdirSync(folder).filter(name => PLAYBOOK.test(name)) : [];
