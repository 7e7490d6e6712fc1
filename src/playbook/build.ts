import { extname, join } from 'node:path';
import type { Source } from '../model/source.ts';
import type { Value } from '../value/value.ts';
import { parseYaml } from '../yaml/parse.ts';
import type { YamlNode } from '../yaml/node.ts';
import { asText, isTemplate, spelled } from './fields.ts';
import { Findings } from './findings.ts';
import { isForeign, isKnown, withoutCollection } from './modules.ts';
import type { CompileOptions } from './options.ts';
import type { Located, RawVars, Role, Shared, Task } from './types.ts';

/** What imports add to a play while its tasks are read. */
export interface PlayDraft {
  /** The folder of its playbook. */
  readonly folder: string;
  /** Its own variables and those of its vars_files, as far as they can be read. */
  readonly vars: RawVars;
  readonly roles: Role[];
  readonly handlers: (readonly Task[])[];
}

/** One compilation. */
export class Build {
  readonly options: CompileOptions;
  readonly findings = new Findings();
  readonly #parsed: Map<string, YamlNode>;
  /** Folders of the user's own modules, as they become known. */
  readonly modulePath: string[] = [];
  readonly #modules = new Set<string>();
  /** `outer` has read some of the files already. */
  constructor(options: CompileOptions, outer?: Build) {
    this.options = options;
    this.#parsed = outer ? outer.#parsed : new Map();
    for (const folder of options.modulePath ?? []) this.#addModules(folder);
  }

  /** A playbook's or a role's folder, whose own modules Ansible would take from then on. */
  addPlugins(folder: string): void {
    for (const sub of ['library', 'action_plugins']) this.#addModules(join(folder, sub));
  }
  #addModules(folder: string): void {
    const { files } = this.options;
    if (this.modulePath.includes(folder) || !files.isFolder(folder)) return;
    this.modulePath.push(folder);
    for (const name of files.list(folder)) this.#modules.add(name.slice(0, name.length - extname(name).length));
  }
  /** A module that Ansible may know although kplay does not: of ansible.builtin, of some collection, or the user's own. */
  isForeign(name: string): boolean {
    const { catalog } = this.options;
    return !isKnown(name, catalog) && (isForeign(name) || this.#modules.has(name));
  }
  /** `ansible.builtin.copy` is `copy`; a name that nobody knows stays as it is. */
  shortName(name: string): string {
    return isKnown(name, this.options.catalog) || this.isForeign(name) ? withoutCollection(name) : name;
  }

  /** A YAML file; undefined when it cannot be read, which is reported at `at`. */
  load(path: string, at: Source): YamlNode | undefined {
    const node = this.#parsed.get(path) ?? this.#read(path, at);
    if (node) this.#parsed.set(path, node);
    return node;
  }
  #read(path: string, at: Source): YamlNode | undefined {
    try {
      const { files, vault } = this.options;
      return parseYaml(files.read(path), path, { warn: warning => this.findings.add(warning), ...(vault && { vault }) });
    } catch (error) {
      return void this.findings.caught(error, at);
    }
  }
}

/** Where a list of tasks stands, and what its tasks inherit. */
export interface Site {
  readonly build: Build;
  readonly play: PlayDraft;
  readonly shared: Shared;
  readonly notify: readonly Located[];
  readonly outerVars: readonly RawVars[];
  readonly includeParams: readonly RawVars[];
  readonly role?: Role;
  readonly includedFrom: readonly string[];
  readonly handlers: boolean;
  /** Files being imported, outermost first. */
  readonly chain: readonly string[];
  /** Paths of the roles whose dependencies are being compiled. */
  readonly dependents: readonly string[];
}

/** Variables that can be known before a run, at one place: what names of roles and imported files may be made of. */
const staticVars = ({ play, role, outerVars, includeParams }: Site): RawVars => {
  const lineage = role ? lineageOf(role) : [];
  const layers = [
    ...play.roles.filter(each => each.public).flatMap(each => withDependencies(each).map(({ defaults }) => defaults)),
    ...lineage.map(each => each.defaults),
    play.vars,
    ...play.roles.filter(each => each.public).flatMap(each => withDependencies(each).map(({ vars }) => vars)),
    ...lineage.flatMap(each => [each.vars, each.entryVars]),
    ...outerVars,
    ...lineage.map(each => each.params),
    ...includeParams,
  ];
  return new Map(layers.flatMap(layer => [...layer]));
};
/** A role and those that pulled it in, outermost first. */
export const lineageOf = (role: Role): readonly Role[] => [...(role.parent ? lineageOf(role.parent) : []), role];
export const withDependencies = (role: Role): readonly Role[] => [...role.dependencies.flatMap(withDependencies), role];

/** A value that must be known before the run. Undefined: it cannot be, which is reported. */
export const evaluate = (value: Value, at: Source, site: Site, vars: RawVars = new Map()): Value | undefined => {
  if (!isTemplate(value) || typeof value !== 'string') return value;
  try {
    return site.build.options.render(value, new Map([...staticVars(site), ...vars]));
  } catch (error) {
    return void site.build.findings.caught(error, at, TOO_EARLY);
  }
};
const TOO_EARLY = 'this is read before the run: it sees vars, vars_files and extra vars, but no facts and no inventory variables';

export const evaluateText = (value: Value, at: Source, site: Site, vars?: RawVars): string | undefined => {
  const found = evaluate(value, at, site, vars);
  const text = asText(found) ?? (typeof found === 'number' ? String(found) : undefined);
  if (found !== undefined && text === undefined)
    site.build.findings.error('E_SYNTAX', at, `a name is expected here, not ${spelled(found)}`);
  return text;
};
