import { existsSync, readFileSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { KplayError } from '../model/errors.ts';
import { readIni } from './ansible-cfg.ts';
import type { Env } from './system.ts';

/** What config files and the environment say; the command line overrides it. Paths are absolute. */
export interface Settings {
  readonly inventory?: readonly string[];
  readonly forks?: number;
  readonly remoteUser?: string;
  readonly privateKeyFile?: string;
  readonly hostKeyChecking?: boolean;
  readonly rolesPath?: readonly string[];
  readonly timeoutMs?: number;
  readonly become?: boolean;
  readonly becomeUser?: string;
  readonly becomeMethod?: string;
  readonly becomeAskPass?: boolean;
  readonly becomePasswordFile?: string;
  readonly askPass?: boolean;
  readonly askVaultPass?: boolean;
  readonly vaultPasswordFile?: string;
  /** `LABEL@FILE` with an absolute path, or `LABEL@prompt`. */
  readonly vaultIdentityList?: readonly string[];
  readonly vaultIdMatch?: boolean;
  readonly vaultEncryptIdentity?: string;
  readonly forceHandlers?: boolean;
  readonly noColor?: boolean;
  readonly forceColor?: boolean;
  readonly window?: number;
  readonly guards?: Readonly<Record<string, string>>;
}
export interface Config extends Settings {
  /** Folder of the config file that was found; playbooks are looked up beside it. */
  readonly dir?: string;
  readonly warnings: readonly string[];
}

type Read<T> = (text: string, dir: string, name: string) => T;
interface Key<T> {
  readonly section: 'defaults' | 'privilege_escalation';
  readonly name: string;
  readonly env: string;
  readonly read: Read<T>;
}

/** `~`, `$VAR` and Ansible's `{{CWD}}`, then relative to `dir`. */
export const expandPath = (text: string, dir: string): string =>
  resolve(
    dir,
    text
      .trim()
      .replace(/^~(?=\/|$)/, homedir())
      .replaceAll(/\$\{?(\w+)\}?/g, (_whole, name: string) => process.env[name] ?? '')
      .replaceAll('{{CWD}}', process.cwd()),
  );
/** Relative to the file that says it. */
const path: Read<string> = expandPath;
const paths =
  (separator: string): Read<readonly string[]> =>
  (text, dir, name) =>
    text
      .split(separator)
      .filter(part => part.trim() !== '')
      .map(part => path(part, dir, name));
const count: Read<number> = (text, _dir, name) => {
  if (!/^\d+$/.test(text.trim())) throw new KplayError('E_USAGE', `${name} must be a whole number, not ${JSON.stringify(text)}`);
  return Number(text);
};
const flag: Read<boolean> = (text, _dir, name) => {
  const word = text.trim().toLowerCase();
  if (['1', 'yes', 'y', 'true', 't', 'on'].includes(word)) return true;
  if (['0', 'no', 'n', 'false', 'f', 'off', ''].includes(word)) return false;
  throw new KplayError('E_USAGE', `${name} must be yes or no, not ${JSON.stringify(text)}`);
};
/** `LABEL@FILE` or `FILE`; `prompt` is no file. */
const identities: Read<readonly string[]> = (text, dir) =>
  text.split(',').flatMap(part => {
    const [, label = '', from = ''] = /^\s*([^@]*@)?(.*?)\s*$/s.exec(part) ?? [];
    return from === '' ? [] : [label + (from === 'prompt' ? from : expandPath(from, dir))];
  });
const word: Read<string> = text => text.trim().replace(/^(["'])(.*)\1$/, '$2');
const seconds: Read<number> = (text, dir, name) => count(text, dir, name) * 1000;

/** docs.ansible.com/ansible/latest/reference_appendices/config.html: ansible.cfg's key and environment variable of each setting. */
const KEYS: { readonly [K in Exclude<keyof Settings, 'window' | 'guards'>]-?: Key<NonNullable<Settings[K]>> } = {
  inventory: { section: 'defaults', name: 'inventory', env: 'ANSIBLE_INVENTORY', read: paths(',') },
  forks: { section: 'defaults', name: 'forks', env: 'ANSIBLE_FORKS', read: count },
  remoteUser: { section: 'defaults', name: 'remote_user', env: 'ANSIBLE_REMOTE_USER', read: word },
  privateKeyFile: { section: 'defaults', name: 'private_key_file', env: 'ANSIBLE_PRIVATE_KEY_FILE', read: path },
  hostKeyChecking: { section: 'defaults', name: 'host_key_checking', env: 'ANSIBLE_HOST_KEY_CHECKING', read: flag },
  rolesPath: { section: 'defaults', name: 'roles_path', env: 'ANSIBLE_ROLES_PATH', read: paths(':') },
  timeoutMs: { section: 'defaults', name: 'timeout', env: 'ANSIBLE_TIMEOUT', read: seconds },
  become: { section: 'privilege_escalation', name: 'become', env: 'ANSIBLE_BECOME', read: flag },
  becomeUser: { section: 'privilege_escalation', name: 'become_user', env: 'ANSIBLE_BECOME_USER', read: word },
  becomeMethod: { section: 'privilege_escalation', name: 'become_method', env: 'ANSIBLE_BECOME_METHOD', read: word },
  becomeAskPass: { section: 'privilege_escalation', name: 'become_ask_pass', env: 'ANSIBLE_BECOME_ASK_PASS', read: flag },
  becomePasswordFile: { section: 'defaults', name: 'become_password_file', env: 'ANSIBLE_BECOME_PASSWORD_FILE', read: path },
  askPass: { section: 'defaults', name: 'ask_pass', env: 'ANSIBLE_ASK_PASS', read: flag },
  askVaultPass: { section: 'defaults', name: 'ask_vault_pass', env: 'ANSIBLE_ASK_VAULT_PASS', read: flag },
  vaultPasswordFile: { section: 'defaults', name: 'vault_password_file', env: 'ANSIBLE_VAULT_PASSWORD_FILE', read: path },
  vaultIdentityList: { section: 'defaults', name: 'vault_identity_list', env: 'ANSIBLE_VAULT_IDENTITY_LIST', read: identities },
  vaultIdMatch: { section: 'defaults', name: 'vault_id_match', env: 'ANSIBLE_VAULT_ID_MATCH', read: flag },
  vaultEncryptIdentity: { section: 'defaults', name: 'vault_encrypt_identity', env: 'ANSIBLE_VAULT_ENCRYPT_IDENTITY', read: word },
  forceHandlers: { section: 'defaults', name: 'force_handlers', env: 'ANSIBLE_FORCE_HANDLERS', read: flag },
  noColor: { section: 'defaults', name: 'nocolor', env: 'ANSIBLE_NOCOLOR', read: flag },
  forceColor: { section: 'defaults', name: 'force_color', env: 'ANSIBLE_FORCE_COLOR', read: flag },
};

/** Environment over kplay.config.yaml over ansible.cfg. Fails with E_USAGE or E_YAML. */
export const loadConfig = async (cwd: string, env: Env): Promise<Config> => {
  const warnings: string[] = [];
  const cfg = findAnsibleCfg(cwd, env, warnings);
  const own = upwards(cwd, 'kplay.config.yaml');
  const [fromCfg, fromOwn] = [cfg === undefined ? {} : readAnsibleCfg(cfg), own === undefined ? {} : await readOwn(own)];
  const found = [own, cfg].find(file => file !== undefined);
  return { ...fromCfg, ...fromOwn, ...fromEnv(env, cwd), ...(found === undefined ? {} : { dir: dirname(found) }), warnings };
};

const readOwn = async (file: string): Promise<Settings> => {
  const { readKplayConfig } = await import('./kplay-config.ts');
  return readKplayConfig(readText(file), file);
};

const collect = (get: (key: Key<unknown>) => { text: string | undefined; name: string }, dir: string): Settings =>
  Object.fromEntries(
    Object.entries(KEYS).flatMap(([field, key]: [string, Key<unknown>]) => {
      const { text, name } = get(key);
      return text === undefined || text === '' ? [] : [[field, key.read(text, dir, name)]];
    }),
  );
const readText = (file: string): string => {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new KplayError('E_USAGE', `the config file ${file} cannot be read`, { cause });
  }
};
const fromEnv = (env: Env, cwd: string): Settings => collect(({ env: name }) => ({ text: env[name], name }), cwd);
const readAnsibleCfg = (file: string): Settings => {
  const sections = readIni(readText(file), file);
  return collect(({ section, name }) => ({ text: sections.get(section)?.get(name), name: `${name} in ${file}` }), dirname(file));
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
