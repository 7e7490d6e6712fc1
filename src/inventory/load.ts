import { accessSync, constants, readFileSync, readdirSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { KplayError } from '../model/errors.ts';
import type { Diagnostic } from '../model/errors.ts';
import type { Source } from '../model/source.ts';
import { truth } from '../value/kinds.ts';
import { pythonRegex } from '../value/python-regex.ts';
import { str } from '../value/repr.ts';
import { Vault } from '../vault/vault.ts';
import { parseYaml } from '../yaml/parse.ts';
import type { YamlNode } from '../yaml/node.ts';
import { type Evaluate, populateFromConstructed } from './constructed.ts';
import { parseAddress } from './hostname.ts';
import { parseIni, populateFromIni } from './ini.ts';
import { Inventory, type PatternMismatch } from './inventory.ts';
import type { Origin } from './inventory.ts';
import { populateFromScript } from './script.ts';
import { populateFromYaml } from './yaml.ts';

// INVENTORY_IGNORE_EXTS of ansible-core.
const IGNORED_EXTENSIONS = ['.pyc', '.pyo', '.swp', '.bak', '~', '.rpm', '.md', '.txt', '.rst', '.orig', '.ini', '.cfg', '.retry'];
const NEVER_A_SOURCE = /^\.|^(?:host_vars|group_vars|vars_plugins)$/;

export interface LoadOptions {
  /** What relative paths are taken from. */
  readonly cwd?: string;
  readonly vault?: Vault;
  /** Ends of names that are passed over in folders of sources, instead of Ansible's. */
  readonly ignoreExtensions?: readonly string[] | undefined;
  /** Python's regular expressions: names they fit somewhere are passed over too. */
  readonly ignorePatterns?: readonly string[] | undefined;
  /** Which of Ansible's inventory plugins are enabled, by their short names; all unless it is said. */
  readonly enabled?: readonly string[] | undefined;
  readonly patternMismatch?: PatternMismatch | undefined;
  /** Evaluates the templates of `plugin: constructed`; without it such files are refused. */
  readonly evaluate?: Evaluate;
}

/**
 * Reads inventory sources in their order: INI and YAML files, executables, folders of them, and lists of hosts (`a,b` or `a,`). Throws
 * E_INVENTORY or E_YAML with the place, E_FILE for what is not there, E_VAULT.
 */
export const loadInventory = (sources: readonly string[], { cwd = process.cwd(), ...options }: LoadOptions = {}): Inventory => {
  const inventory = new Inventory(options.patternMismatch);
  const loader = new Loader(inventory, options);
  for (const source of sources.filter(name => name !== '')) {
    const path = resolve(cwd, source.replace(/^~(?=\/|$)/, homedir()));
    const kind = kindOf(path);
    if (kind === undefined && source.includes(',') && loader.reads('host_list')) {
      populateFromList(inventory, source);
      continue;
    }
    if (kind === undefined)
      throw new KplayError('E_FILE', `there is no inventory ${path}`, { hint: 'a list of hosts has a comma: -i host,' });
    inventory.folders.push(kind === 'folder' ? path : dirname(path));
    if (kind === 'folder') loader.folder(path);
    else loader.file(path);
  }
  inventory.reconcile();
  warnOfConflicts(inventory, sources[0] ?? 'inventory');
  return inventory;
};

const kindOf = (path: string): 'file' | 'folder' | undefined => {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat) return undefined;
  return stat.isDirectory() ? 'folder' : 'file';
};

const populateFromList = (inventory: Inventory, list: string): void => {
  for (const entry of list.split(',').map(part => part.trim())) {
    if (entry === '') continue;
    const parsed = parseAddress(entry);
    const { host, port } = parsed && !parsed.host.includes('[') ? parsed : { host: entry };
    if (inventory.hosts.has(host)) continue;
    inventory.addHost(host, { group: 'ungrouped', origin: { file: list, folder: null }, ...(port === undefined ? {} : { port }) });
  }
};

const start = (file: string): Source => ({ file, line: 1, col: 1 });

class Loader {
  readonly #inventory: Inventory;
  readonly #vault: Vault;
  readonly #evaluate: Evaluate | undefined;
  readonly #enabled: readonly string[] | undefined;
  readonly #ignoredExtensions: readonly string[];
  readonly #ignored: readonly RegExp[];
  constructor(inventory: Inventory, { vault = new Vault(), evaluate, enabled, ignoreExtensions, ignorePatterns = [] }: LoadOptions) {
    this.#enabled = enabled;
    this.#inventory = inventory;
    this.#vault = vault;
    this.#evaluate = evaluate;
    this.#ignoredExtensions = ignoreExtensions ?? IGNORED_EXTENSIONS;
    this.#ignored = [NEVER_A_SOURCE, ...ignorePatterns.map(pattern => pythonRegex(pattern))];
  }

  folder(folder: string): void {
    const names = readdirSync(folder).filter(name => !this.#passesOver(name));
    for (const name of names.toSorted()) {
      const path = join(folder, name);
      const kind = kindOf(path);
      if (kind === 'folder') this.folder(path);
      else if (kind === 'file') this.file(path);
    }
  }
  /** Is one of these plugins enabled? */
  reads(...plugins: readonly string[]): boolean {
    return this.#enabled === undefined || plugins.some(plugin => this.#enabled?.includes(plugin));
  }
  #passesOver(name: string): boolean {
    return this.#ignored.some(pattern => pattern.test(name)) || this.#ignoredExtensions.some(extension => name.endsWith(extension));
  }

  /** A program, else YAML if it is a mapping, else INI, whatever the name; `.ini` and the like are never YAML. */
  file(path: string): void {
    const bytes = readBytes(path);
    const origin: Origin = { file: path, folder: dirname(path) };
    if (this.reads('script') && isProgram(bytes) && isExecutable(path)) {
      populateFromScript(this.#inventory, origin, this.#vault);
      return;
    }
    const text = this.#vault.text(bytes, path);
    const yaml =
      this.reads('yaml', 'auto', 'constructed') && MAY_BE_YAML.test(path) ? tryYaml(text, path, this.#inventory, this.#vault) : undefined;
    if (yaml instanceof KplayError || yaml?.kind !== 'mapping' || yaml.entries().length === 0) {
      if (!this.reads('ini'))
        throw new KplayError('E_INVENTORY', `${path} is none of the inventory sources that are enabled (enable_plugins)`);
      loadIni(this.#inventory, text, origin, yaml instanceof KplayError ? yaml : undefined);
    } else if (truth(yaml.get('plugin')?.value ?? null)) this.#plugin(yaml, path);
    else populateFromYaml(this.#inventory, yaml, origin);
  }

  #plugin(config: YamlNode, path: string): void {
    const plugin = config.get('plugin') ?? config;
    const name = str(plugin.value);
    const refuse = (message: string): KplayError => new KplayError('E_INVENTORY', message, { at: plugin.at });
    if (!this.#evaluate || !/^(?:ansible\.builtin\.)?constructed$/.test(name))
      throw refuse(`the inventory plugin "${name}" is not supported: of plugins there is "constructed" only`);
    if (!this.reads('auto', 'constructed')) throw refuse(`the inventory plugin "${name}" is not enabled (enable_plugins)`);
    if (!/\.ya?ml$/.test(path)) throw refuse(`the name of a file for the inventory plugin "${name}" must end in .yml or .yaml`);
    populateFromConstructed(this.#inventory, config, this.#evaluate);
  }
}

/** No extension, or one that Ansible's YAML files have. */
const MAY_BE_YAML = /(?:^|\/)[^/.]+$|(?:^|\/)\.[^/.]*$|\.(?:ya?ml|json)$/;

/** A text that is executable by accident is no program: execvp would hand it to the shell. */
const isProgram = (bytes: Buffer): boolean => bytes.subarray(0, 2).equals(SHEBANG) || bytes.subarray(0, 4).equals(ELF);
const SHEBANG = Buffer.from('#!');
const ELF = Buffer.from('\x7fELF', 'latin1');
const isExecutable = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

const readBytes = (path: string): Buffer => {
  try {
    accessSync(path, constants.R_OK);
    return readFileSync(path);
  } catch (cause) {
    throw new KplayError('E_FILE', `the inventory ${path} cannot be read`, { cause });
  }
};

const tryYaml = (text: string, path: string, inventory: Inventory, vault: Vault): YamlNode | KplayError => {
  const warnings: Diagnostic[] = [];
  try {
    const root = parseYaml(text, path, { warn: warning => warnings.push(warning), vault });
    inventory.warnings.push(...warnings);
    return root;
  } catch (error) {
    if (error instanceof KplayError) return error;
    throw error;
  }
};

/** Of a file that is neither, the error to show is that of the format it seems to be in. */
const loadIni = (inventory: Inventory, text: string, origin: Origin, yaml: KplayError | undefined): void => {
  const meantAsYaml = yaml !== undefined && (/\.(?:ya?ml|json)$/.test(origin.file) || /^(?:---|[\w.]+:\s*$)/m.test(text));
  try {
    populateFromIni(inventory, parseIni(text, origin.file), origin);
  } catch (error) {
    if (error instanceof KplayError && text.startsWith('#!')) throw notExecutable(error);
    throw meantAsYaml && error instanceof KplayError ? yaml : error;
  }
};

const notExecutable = ({ code, message, at }: KplayError): KplayError =>
  new KplayError(code, message, { ...(at && { at }), hint: 'if it is a script, make it executable: chmod +x' });

const warnOfConflicts = (inventory: Inventory, file: string): void => {
  const warn = (message: string): void =>
    void inventory.warnings.push({ severity: 'warning', code: 'E_INVENTORY', message, at: start(file) });
  for (const name of inventory.groups.keys()) {
    if (inventory.hosts.has(name)) warn(`"${name}" is both a group and a host; its variables are the group's`);
    if (/^\d|[^\p{L}\p{N}_]/u.test(name))
      warn(`the group name "${name}" is no variable name: groups.${name} cannot be written in a template`);
  }
};
