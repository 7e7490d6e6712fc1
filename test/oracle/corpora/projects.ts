import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { basename, dirname, join, sep } from 'node:path';
import { KplayError } from '../../../src/model/errors.ts';
import type { YamlNode } from '../../../src/yaml/node.ts';
import { parseYaml } from '../../../src/yaml/parse.ts';

/** A folder that people work in: with roles, an ansible.cfg, or at least a playbook. */
export interface Project {
  readonly folder: string;
  /** All paths are absolute. */
  readonly files: readonly string[];
  readonly inventories: readonly string[];
  readonly playbooks: readonly string[];
  /** Files of variables that its users write and name on the command line. */
  readonly extraVars: readonly string[];
}

/** The projects of a checkout. Ansible reads its configuration from the current folder, so each is asked in its own. */
export const projectsIn = (corpus: string, extraVars: readonly string[]): readonly Project[] => {
  const byFolder = Map.groupBy(filesIn(corpus), file => folderOf(file, corpus));
  return [...byFolder].map(([folder, files]) => ({
    folder,
    files,
    inventories: files.filter(isInventory),
    extraVars,
    playbooks: files.filter(file => isYaml(file) && isPlaybook(file)),
  }));
};

const filesIn = (folder: string): readonly string[] =>
  readdirSync(folder, { withFileTypes: true })
    .toSorted((left, right) => (left.name < right.name ? -1 : 1))
    .flatMap(entry => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return entry.name === '.git' ? [] : filesIn(path);
      return entry.isFile() ? [path] : [];
    });

/** The outermost folder that is a project, else the file's own. */
const folderOf = (file: string, corpus: string): string => {
  const parts = dirname(file).slice(corpus.length).split(sep).filter(Boolean);
  const folders = [corpus, ...parts.map((_, at) => join(corpus, ...parts.slice(0, at + 1)))];
  return folders.find(folder => ['roles', 'ansible.cfg'].some(name => existsSync(join(folder, name)))) ?? dirname(file);
};

export const isYaml = (file: string): boolean => /\.ya?ml$/.test(file);
const isInventory = (file: string): boolean =>
  /^(?:hosts|inventory)(?:\.(?!(?:ya?ml|j2|tpl|md|sh|py)$)[\w-]+)?$/.test(basename(file)) && !file.includes('/roles/');

/** Nothing for a file that is no single YAML document. */
export const yamlOf = (file: string): YamlNode | undefined => {
  try {
    return parseYaml(readFileSync(file, 'utf8'), file);
  } catch (error) {
    if (error instanceof KplayError) return undefined;
    throw error;
  }
};
const isPlaybook = (file: string): boolean =>
  yamlOf(file)
    ?.items()
    .some(entry => entry.kind === 'mapping' && PLAY.some(key => entry.get(key))) === true;
const PLAY = ['hosts', 'import_playbook', 'ansible.builtin.import_playbook'];
