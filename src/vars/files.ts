import { readFileSync, readdirSync, statSync } from 'node:fs';
import { extname, join } from 'node:path';
import { KplayError } from '../model/errors.ts';
import { str } from '../value/repr.ts';
import type { Value } from '../value/value.ts';
import { Vault } from '../vault/vault.ts';
import type { YamlNode } from '../yaml/node.ts';
import { parseYaml, type YamlOptions } from '../yaml/parse.ts';
import type { Vars } from './layered.ts';

/** A mapping's entries as variables; nothing at all is none. Throws E_YAML for anything else. */
export const varsOf = (node: YamlNode): Vars => {
  if (node.kind !== 'mapping' && node.value)
    throw new KplayError('E_YAML', 'variables must be a mapping of names to values', { at: node.at });
  return new Map(node.entries().map(({ key, value }): [string, Value] => [str(key.value), value.value]));
};

/** A file of variables, YAML or JSON, untemplated. Throws E_FILE when it cannot be read, E_VAULT, E_YAML with the place. */
export const readVarsFile = (path: string, options: YamlOptions = {}): Vars => {
  const { vault = new Vault() } = options;
  return varsOf(parseYaml(vault.text(readBytes(path), path), path, options));
};

const readBytes = (path: string): Buffer => {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new KplayError('E_FILE', `the file of variables ${path} cannot be read`, { cause });
  }
};

const EXTENSIONS: readonly string[] = ['', '.yml', '.yaml', '.json'];
type Kind = 'file' | 'folder';

/** group_vars and host_vars folders. Each folder is listed, and each file read, once. */
export class VarsFolders {
  readonly #options: YamlOptions;
  readonly #listings = new Map<string, ReadonlyMap<string, Kind>>();
  readonly #files = new Map<string, Vars>();
  constructor(options: YamlOptions = {}) {
    this.#options = options;
  }

  /** What `folder` says about a group or host: the first of NAME (file or folder), NAME.yml, NAME.yaml and NAME.json that is there. */
  of(folder: string, name: string): readonly Vars[] {
    // A host named like a path (chroot) has no files.
    if (name.startsWith('/')) return [];
    const listing = this.#list(folder);
    const extension = EXTENSIONS.find(known => listing.has(name + known));
    if (extension === undefined) return [];
    const path = join(folder, name + extension);
    const files = listing.get(name + extension) === 'folder' ? this.#filesIn(path) : [path];
    return files.map(file => this.#read(file));
  }

  #filesIn(folder: string): readonly string[] {
    const names = [...this.#list(folder)].filter(([name]) => !name.startsWith('.') && !name.endsWith('~'));
    return names.flatMap(([name, kind]) => {
      const path = join(folder, name);
      const extension = extname(name);
      if (kind === 'folder') return extension === '' ? this.#filesIn(path) : [];
      return EXTENSIONS.includes(extension) ? [path] : [];
    });
  }

  #list(folder: string): ReadonlyMap<string, Kind> {
    const known = this.#listings.get(folder);
    if (known) return known;
    const there = statSync(folder, { throwIfNoEntry: false })?.isDirectory() ?? false;
    const names = there ? readdirSync(folder).toSorted() : [];
    const listing = new Map(names.flatMap((name): [string, Kind][] => kindOf(folder, name)));
    this.#listings.set(folder, listing);
    return listing;
  }
  #read(path: string): Vars {
    const vars = this.#files.get(path) ?? readVarsFile(path, this.#options);
    this.#files.set(path, vars);
    return vars;
  }
}

const kindOf = (folder: string, name: string): [string, Kind][] => {
  const stat = statSync(join(folder, name), { throwIfNoEntry: false });
  if (!stat) return [];
  return [[name, stat.isDirectory() ? 'folder' : 'file']];
};
