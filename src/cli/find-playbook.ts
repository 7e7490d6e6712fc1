import { existsSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { KplayError } from '../model/errors.ts';

export interface Places {
  readonly cwd: string;
  /** Folder of the config file in use. */
  readonly configDir?: string;
  /** The package's own folder. */
  readonly home: string;
}

/**
 * A playbook as typed: a path; or a bare name, looked up here, in playbooks/ beside the config and among those that come with kplay.
 * `.yml` and `.yaml` may be left out. Fails with E_FILE, which lists what was tried.
 */
export const findPlaybook = (name: string, { cwd, configDir, home }: Places): string => {
  const folders = name.includes('/')
    ? [cwd]
    : [cwd, ...(configDir === undefined ? [] : [join(configDir, 'playbooks')]), join(home, 'playbooks')];
  const names = /\.(ya?ml|json)$/.test(name) ? [name] : [name, `${name}.yml`, `${name}.yaml`];
  const tried = folders.flatMap(folder => names.map(each => resolve(folder, each)));
  const found = tried.find(file => existsSync(file) && !statSync(file).isDirectory());
  if (found === undefined)
    throw new KplayError('E_FILE', `the playbook: ${name} could not be found`, { detail: `looked for ${tried.join(', ')}` });
  return found;
};
