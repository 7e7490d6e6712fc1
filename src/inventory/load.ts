import { accessSync, constants, readFileSync, readdirSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { KplayError } from '../model/errors.ts';
import type { Diagnostic } from '../model/errors.ts';
import type { Source } from '../model/source.ts';
import { Vault } from '../vault/vault.ts';
import { parseYaml } from '../yaml/parse.ts';
import type { YamlNode } from '../yaml/node.ts';
import { parseAddress } from './hostname.ts';
import { parseIni, populateFromIni } from './ini.ts';
import { Inventory } from './inventory.ts';
import type { Origin } from './inventory.ts';
import { populateFromYaml } from './yaml.ts';

// What Ansible passes over in a folder of sources: INVENTORY_IGNORE_EXTS and what is always ignored.
const PASSED_OVER = /^\.|^(?:host_vars|group_vars|vars_plugins)$|(?:\.(?:pyc|pyo|swp|bak|rpm|md|txt|rst|orig|ini|cfg|retry)|~)$/;

/**
 * Reads inventory sources in their order: INI and YAML files, folders of them, and lists of hosts (`a,b` or `a,`). Relative paths are
 * taken from `cwd`. Throws E_INVENTORY or E_YAML with the place, E_FILE for what is not there, E_VAULT.
 */
export const loadInventory = (sources: readonly string[], cwd: string = process.cwd(), vault: Vault = new Vault()): Inventory => {
  const inventory = new Inventory();
  for (const source of sources.filter(name => name !== '')) {
    const path = resolve(cwd, source.replace(/^~(?=\/|$)/, homedir()));
    const kind = kindOf(path);
    if (kind === undefined && source.includes(',')) {
      populateFromList(inventory, source);
      continue;
    }
    if (kind === undefined)
      throw new KplayError('E_FILE', `there is no inventory ${path}`, { hint: 'a list of hosts has a comma: -i host,' });
    inventory.folders.push(kind === 'folder' ? path : dirname(path));
    if (kind === 'folder') loadFolder(inventory, path, vault);
    else loadFile(inventory, path, vault);
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

const loadFolder = (inventory: Inventory, folder: string, vault: Vault): void => {
  const names = readdirSync(folder).filter(name => !PASSED_OVER.test(name));
  for (const name of names.toSorted()) {
    const path = join(folder, name);
    const kind = kindOf(path);
    if (kind === 'folder') loadFolder(inventory, path, vault);
    else if (kind === 'file') loadFile(inventory, path, vault);
  }
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

/** YAML if it is a mapping, else INI, whatever the name; `.ini` and the like are never YAML. */
const loadFile = (inventory: Inventory, path: string, vault: Vault): void => {
  const text = vault.text(readBytes(path), path);
  const origin: Origin = { file: path, folder: dirname(path) };
  if (text.startsWith('#!')) throw new KplayError('E_INVENTORY', 'inventory scripts are not supported yet', { at: start(path) });
  const yaml = /(?:^|\/)[^/.]+$|(?:^|\/)\.[^/.]*$|\.(?:ya?ml|json)$/.test(path) ? tryYaml(text, path, inventory, vault) : undefined;
  if (yaml instanceof KplayError || yaml?.kind !== 'mapping' || yaml.entries().length === 0) {
    loadIni(inventory, text, origin, yaml instanceof KplayError ? yaml : undefined);
    return;
  }
  const plugin = yaml.get('plugin');
  if (plugin?.value) throw new KplayError('E_INVENTORY', 'inventory plugins are not supported', { at: plugin.at });
  populateFromYaml(inventory, yaml, origin);
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
    throw meantAsYaml && error instanceof KplayError ? yaml : error;
  }
};

const warnOfConflicts = (inventory: Inventory, file: string): void => {
  const warn = (message: string): void =>
    void inventory.warnings.push({ severity: 'warning', code: 'E_INVENTORY', message, at: start(file) });
  for (const name of inventory.groups.keys()) {
    if (inventory.hosts.has(name)) warn(`"${name}" is both a group and a host; its variables are the group's`);
    if (/^\d|[^\p{L}\p{N}_]/u.test(name))
      warn(`the group name "${name}" is no variable name: groups.${name} cannot be written in a template`);
  }
};
