import { basename, dirname, extname, join, resolve } from 'node:path';
import type { Source } from '../model/source.ts';
import type { Value } from '../value/value.ts';
import type { YamlNode } from '../yaml/node.ts';
import type { Build } from './build.ts';
import { spelled } from './fields.ts';
import type { CompileOptions, Files } from './options.ts';
import { expand } from './paths.ts';
import type { Search } from './paths.ts';
import type { RawVars } from './types.ts';

/** Which file of a sub-folder to take in place of `main`. */
export type FromFiles = Readonly<Partial<Record<'tasks' | 'vars' | 'defaults' | 'handlers', string>>>;

const EXTENSIONS = ['.yml', '.yaml', '.json'];

/** Where a role is: in a collection, beside the playbook, in the roles path, beside the role that depends on it, or as a path. */
export const findRole = (name: string, folder: string, options: CompileOptions, besides: string | undefined): Search => {
  const { files, rolesPath, collectionsPath = [] } = options;
  const [, namespace = '', collection = '', role = ''] = /^(\w+)\.(\w+)\.(\w+)$/.exec(name) ?? [];
  const collections = role === '' ? [] : [join(folder, 'collections'), ...collectionsPath];
  const inCollections = collections.map(path => join(path, 'ansible_collections', namespace, collection, 'roles', role));
  const tried = [join(folder, 'roles'), ...rolesPath, ...(besides === undefined ? [] : [besides]), folder];
  const candidates = [...inCollections, ...tried.map(path => expand(resolve(path, name))), expand(name)];
  const found = candidates.find(path => files.exists(path));
  return found === undefined ? { tried } : { path: found, tried };
};
/** A role that is found only as a path, not below any of the folders for roles, is called by its last part. */
export const roleName = (name: string, { path, tried }: Search): string =>
  path === expand(name) && !tried.some(folder => expand(resolve(folder, name)) === path) ? basename(name) : name;

/** The files of `role/sub/main` or of what a `*_from` names instead; variables may be a folder of files. */
const roleFiles = (rolePath: string, sub: string, main: string | undefined, folders: boolean, files: Files): readonly string[] => {
  const extensions = main === undefined ? [...EXTENSIONS, ''] : ['', ...EXTENSIONS];
  for (const extension of extensions) {
    const path = resolve(rolePath, sub, `${main ?? 'main'}${extension}`);
    if (!files.exists(path)) continue;
    if (!files.isFolder(path)) return [path];
    if (folders) return varsFolder(path, files);
  }
  return [];
};
const varsFolder = (path: string, files: Files): readonly string[] =>
  files
    .list(path)
    .filter(name => !name.startsWith('.') && !name.endsWith('~'))
    .flatMap(name => {
      const extension = extname(name);
      const inner = join(path, name);
      if (files.isFolder(inner)) return extension === '' ? varsFolder(inner, files) : [];
      return extension === '' || EXTENSIONS.includes(extension) ? [inner] : [];
    });

export interface RoleSource {
  readonly name: string;
  readonly path: string;
  readonly at: Source;
  readonly from: FromFiles;
}

/** `role/sub/main.yml` (or what `*_from` says), or undefined when there is none. */
export const roleYaml = (source: RoleSource, sub: 'tasks' | 'handlers' | 'meta', build: Build, main?: string): YamlNode | undefined => {
  const [path] = roleFiles(source.path, sub, main, false, build.options.files);
  if (path === undefined) missing(source, sub, main, build);
  return path === undefined ? undefined : build.load(path, source.at);
};
const missing = ({ at }: RoleSource, sub: string, main: string | undefined, { findings }: Build): void => {
  if (main !== undefined) findings.error('E_SYNTAX', at, `Could not find specified file in role: ${sub}/${main}`);
};

/** Variables of `role/vars` or `role/defaults`. */
export const roleVars = (source: RoleSource, sub: 'vars' | 'defaults', build: Build): RawVars => {
  const main = source.from[sub];
  const paths = roleFiles(source.path, sub, main, true, build.options.files);
  if (paths.length === 0) missing(source, sub, main, build);
  const vars = new Map<string, Value>();
  for (const path of paths) {
    const root = build.load(path, source.at);
    if (!root || root.value === null) continue;
    if (root.kind === 'mapping') for (const { key, value } of root.entries()) vars.set(spelled(key.value), value.value);
    else
      build.findings.error(
        'E_SYNTAX',
        root.at,
        `The ${sub}/main.yml file for role '${source.name}' must contain a dictionary of variables`,
      );
  }
  return vars;
};

export const besidesOf = (rolePath: string): string => dirname(rolePath);
