import { realpathSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Source } from '../model/source.ts';
import type { Value } from '../value/value.ts';
import { Float } from '../value/value.ts';
import type { YamlNode } from '../yaml/node.ts';
import { evaluateText } from './build.ts';
import type { Site } from './build.ts';
import { Fields, asText, isTrue, nodeOf, spelled } from './fields.ts';
import { isKeyword } from './keywords.ts';
import { findRole, roleName, roleVars, roleYaml } from './rolefiles.ts';
import type { FromFiles, RoleSource } from './rolefiles.ts';
import { checkKeywords, inherit, varsOf } from './inherit.ts';
import { handlerLists, roleComplete, taskList } from './tasks.ts';
import { argumentCheck } from './rolespec.ts';
import type { Node, RawVars, Role, Shared, Task } from './types.ts';

/** One use of a role, however it is written. */
export interface RoleUse {
  readonly name: string;
  readonly at: Source;
  readonly params: RawVars;
  readonly entryVars: RawVars;
  /** Its entry's own keywords, which are part of what makes two uses the same. */
  readonly own: Pick<Shared, 'when' | 'tags'>;
  readonly from: FromFiles;
  readonly fromInclude: boolean;
  readonly public: boolean;
  /** Overrides what meta/main.yml says. */
  readonly allowDuplicates?: boolean;
  readonly validate: boolean;
}

export interface CompiledRole {
  readonly role: Role;
  /** Tasks of its dependencies, its own, and after each the `role_complete` mark. */
  readonly nodes: readonly Node[];
  readonly handlers: readonly (readonly Task[])[];
}

/** An entry of `roles:` or of a role's dependencies, with its keywords merged into the site. Undefined: reported. */
export const roleEntry = (node: YamlNode, site: Site): CompiledRole | undefined => {
  const { findings } = site.build;
  const text = typeof node.value === 'number' ? String(node.value) : asText(node.value);
  if (text !== undefined) {
    if (text.includes(',')) return void findings.error('E_SYNTAX', node.at, `Invalid old style role requirement: ${text}`);
    return named(text, node.at, new Fields(node), site);
  }
  if (node.kind !== 'mapping') return void findings.error('E_SYNTAX', node.at, `Invalid role definition: ${spelled(node.value)}`);
  const fields = new Fields(node);
  const name = fields.get('role') ?? fields.get('name');
  const written = asText(name?.value);
  if (!name || written === undefined || written === '')
    return void findings.error('E_SYNTAX', node.at, 'role definitions must contain a role name');
  checkKeywords(fields, 'RoleInclude', findings, keyword => !isKeyword('RoleInclude', keyword));
  return named(written, name.at, fields, site);
};

const named = (written: string, at: Source, fields: Fields, site: Site): CompiledRole | undefined => {
  const { findings } = site.build;
  const name = evaluateText(written, at, site);
  if (name === undefined) return undefined;
  const params = new Map<string, Value>();
  for (const key of fields.names()) {
    const value = fields.get(key);
    if (value && !isKeyword('RoleInclude', key)) params.set(key, value.value);
  }
  const entryVars = varsOf(fields, 'RoleInclude', findings);
  const { when, tags } = inherit({ when: [], tags: [], environment: [], moduleDefaults: [] }, fields, findings);
  const use = { name, at, params, entryVars, own: { when, tags }, from: {}, fromInclude: false, public: true, validate: true };
  return compileRole(use, { ...site, shared: inherit(site.shared, fields, findings) });
};

/** A role with its dependencies, compiled at a site whose keywords already hold those of the use. */
export const compileRole = (use: RoleUse, site: Site): CompiledRole | undefined => {
  const { build, play } = site;
  const parent = site.role;
  const besides = parent && !use.fromInclude ? dirname(parent.path) : undefined;
  const search = findRole(use.name, play.folder, build.options, besides);
  if (search.path === undefined) {
    build.findings.error('E_FILE', use.at, `the role '${use.name}' was not found in ${search.tried.join(':')}`);
    return undefined;
  }
  const source: RoleSource = { name: roleName(use.name, search), path: search.path, at: use.at, from: use.from };
  if (site.dependents.includes(source.path)) {
    const message =
      'A recursion loop was detected with the roles specified. Make sure child roles do not have dependencies on parent roles';
    build.findings.error('E_SYNTAX', use.at, message);
    return undefined;
  }
  return assemble(use, source, site);
};
const assemble = (use: RoleUse, source: RoleSource, site: Site): CompiledRole => {
  const { build } = site;
  build.addPlugins(source.path);
  const meta = metaOf(source, site);
  const dependencies: Role[] = [];
  const role: Role = {
    name: source.name,
    path: source.path,
    defaults: roleVars(source, 'defaults', build),
    vars: roleVars(source, 'vars', build),
    params: use.params,
    entryVars: use.entryVars,
    ...(site.role ? { parent: site.role } : {}),
    dependencies,
    public: use.public,
    key: keyOf(use, source),
    allowDuplicates: use.allowDuplicates ?? isTrue(meta?.get('allow_duplicates')?.value, false),
  };
  const inner: Site = {
    ...site,
    role,
    dependents: [],
    includedFrom: use.fromInclude ? [role.path, ...site.includedFrom] : site.includedFrom,
  };
  const depending = { ...inner, dependents: [...site.dependents, role.path] };
  const before = (meta?.get('dependencies')?.items() ?? []).flatMap(node => roleEntry(dependency(node), depending) ?? []);
  dependencies.push(...before.map(each => each.role));
  const check = use.validate ? argumentCheck(source, use.params, meta, inner) : [];
  const nodes = [...check, ...taskList(roleYaml(source, 'tasks', build, use.from.tasks), `tasks/main.yml of role '${role.name}'`, inner)];
  const handlers = handlerLists(roleYaml(source, 'handlers', build, use.from.handlers), inner);
  return {
    role,
    nodes: [...before.flatMap(each => each.nodes), ...nodes, roleComplete(inner, use.at)],
    handlers: [...before.flatMap(each => each.handlers), ...handlers],
  };
};

const metaOf = (source: RoleSource, { build }: Site): Fields | undefined => {
  const node = roleYaml(source, 'meta', build);
  const isEmpty = node?.kind === 'scalar' ? node.value === null || node.value === '' : node?.items().length === 0;
  if (!node || (node.kind !== 'mapping' && isEmpty)) return undefined;
  if (node.kind !== 'mapping')
    return void build.findings.error('E_SYNTAX', node.at, `the 'meta/main.yml' for role ${source.name} is not a dictionary`);
  const meta = new Fields(node);
  checkKeywords(meta, 'RoleMetadata', build.findings);
  const dependencies = meta.get('dependencies');
  if (dependencies && dependencies.kind !== 'sequence' && dependencies.value !== null)
    build.findings.error('E_SYNTAX', dependencies.at, 'Expected role dependencies to be a list.');
  return meta;
};

/** galaxy's form `src: https://host/ansible-role-x.git` names a role too. */
const dependency = (node: YamlNode): YamlNode => {
  const src = node.get('src');
  if (!src || node.get('role') || node.get('name')) return node;
  const value = (spelled(src.value).split(',')[0] ?? '').replace(/^.*\//, '').replace(/\.(?:git|tar\.gz)$/, '');
  const name = { key: nodeOf('name', src.at), value: nodeOf(value, src.at) };
  return {
    kind: 'mapping',
    at: node.at,
    value: node.value,
    items: () => [],
    entries: () => [...node.entries(), name],
    get: key => (key === 'name' ? name.value : node.get(key)),
  };
};

const keyOf = ({ params, own, from, entryVars, fromInclude }: RoleUse, { name, path }: RoleSource): string =>
  JSON.stringify([
    name,
    real(path),
    fingerprint(new Map(params)),
    own.when.map(({ value }) => fingerprint(value)),
    own.tags,
    Object.entries(from).toSorted(),
    fingerprint(new Map(entryVars)),
    fromInclude,
  ]);
const real = (path: string): string => {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
};
/** Equal for equal values. */
const fingerprint = (value: Value): unknown => {
  if (Array.isArray(value)) return value.map(fingerprint);
  if (value instanceof Map)
    return { map: [...value].map(([key, item]) => JSON.stringify([fingerprint(key), fingerprint(item)])).toSorted() };
  if (value instanceof Float) return { float: value.value };
  if (typeof value === 'bigint') return { int: String(value) };
  return value instanceof Object ? { text: asText(value) } : value;
};
