import { existsSync, readFileSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { KplayError } from '../model/errors.ts';
import { readIni } from './ansible-cfg.ts';
import { HONOURED, type Honoured, type Place, type Settings } from './ansible-settings.ts';
import { UNSUPPORTED } from './unsupported-settings.ts';
import type { Env } from './system.ts';

export interface Config extends Settings {
  /** Folder of the config file that was found; playbooks are looked up beside it. */
  readonly dir?: string;
  readonly warnings: readonly string[];
}

/** Environment over kplay.config.yaml over ansible.cfg. Fails with E_USAGE or E_YAML. */
export const loadConfig = async (cwd: string, vars: Env): Promise<Config> => {
  const warnings: string[] = [];
  const cfg = findAnsibleCfg(cwd, vars, warnings);
  const own = upwards(cwd, 'kplay.config.yaml');
  const [env, file] = [inEnv(vars), cfg === undefined ? () => undefined : inFile(readIni(readText(cfg), cfg), cfg)];
  const fromCfg = cfg === undefined ? {} : honoured(file, dirname(cfg));
  const fromOwn = own === undefined ? {} : await readOwn(own);
  const found = [own, cfg].find(one => one !== undefined);
  warnings.push(...lookForUnsupported(env, file));
  return { ...fromCfg, ...fromOwn, ...honoured(env, cwd), ...(found === undefined ? {} : { dir: dirname(found) }), warnings };
};

const readOwn = async (file: string): Promise<Settings> => {
  const { readKplayConfig } = await import('./kplay-config.ts');
  return readKplayConfig(readText(file), file);
};

const readText = (file: string): string => {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new KplayError('E_USAGE', `the config file ${file} cannot be read`, { cause });
  }
};
/** A setting as it was written, if it was. */
interface Written {
  readonly text: string;
  /** For messages. */
  readonly name: string;
}
type Look = (place: Place & Pick<Honoured<unknown>, 'also'>) => Written | undefined;

const inEnv =
  (vars: Env): Look =>
  ({ env: name = '' }) => {
    const text = vars[name];
    return text === undefined || text === '' ? undefined : { text, name };
  };
const inFile =
  (sections: ReturnType<typeof readIni>, file: string): Look =>
  ({ section, name, also }) => {
    for (const [where, called] of [[section, name] as const, ...(also ? [also] : [])]) {
      const text = sections.get(where)?.get(called) ?? '';
      if (text !== '') return { text, name: `${called} in ${file}` };
    }
    return undefined;
  };

const honoured = (look: Look, dir: string): Settings =>
  Object.fromEntries(
    Object.entries(HONOURED).flatMap(([field, setting]: [string, Honoured<unknown>]) => {
      const written = look(setting);
      return written ? [[field, setting.read(written.text, dir, written.name)]] : [];
    }),
  );

/** Refuses, or tells in one line, what was asked for and cannot be had. The environment overrides the file. */
const lookForUnsupported = (env: Look, file: Look): readonly string[] => {
  const without = UNSUPPORTED.flatMap(setting => {
    const written = env(setting) ?? file(setting);
    if (!written || setting.harmless.includes(written.text.trim().toLowerCase())) return [];
    if (!setting.refused) return [written.name];
    throw new KplayError('E_USAGE', `${written.name} cannot be ${JSON.stringify(written.text)}: ${setting.says}`);
  });
  return without.length === 0 ? [] : [`without effect (docs/settings.md says why): ${without.join(', ')}`];
};

/** ANSIBLE_CONFIG, then the nearest ansible.cfg at or above the current folder, then the user's, then the machine's. */
const findAnsibleCfg = (cwd: string, env: Env, warnings: string[]): string | undefined => {
  const named = env['ANSIBLE_CONFIG'];
  if (named !== undefined && named !== '') {
    const file = resolve(cwd, named);
    return existsSync(file) && statSync(file).isDirectory() ? join(file, 'ansible.cfg') : file;
  }
  const near = upwards(cwd, 'ansible.cfg');
  // As Ansible: whoever can write here must not choose the user's inventory and keys.
  if (near !== undefined && (statSync(dirname(near)).mode & 0o002) !== 0) {
    warnings.push(`${near} is ignored: its folder is writable by everyone; name it in ANSIBLE_CONFIG to use it`);
  } else if (near !== undefined) return near;
  return [join(homedir(), '.ansible.cfg'), '/etc/ansible/ansible.cfg'].find(file => existsSync(file));
};

const upwards = (dir: string, name: string): string | undefined => {
  const file = join(dir, name);
  if (existsSync(file)) return file;
  return dirname(dir) === dir ? undefined : upwards(dirname(dir), name);
};
