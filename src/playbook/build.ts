import type { Source } from '../model/source.ts';
import type { Value } from '../value/value.ts';
import { parseYaml } from '../yaml/parse.ts';
import type { YamlNode } from '../yaml/node.ts';
import { asText, isTemplate } from './fields.ts';
import { Findings } from './findings.ts';
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
  readonly #parsed = new Map<string, YamlNode | undefined>();
  constructor(options: CompileOptions) {
    this.options = options;
  }

  /** A YAML file; undefined when it cannot be read, which is reported at `at`. */
  load(path: string, at: Source): YamlNode | undefined {
    if (!this.#parsed.has(path)) this.#parsed.set(path, this.#read(path, at));
    return this.#parsed.get(path);
  }
  #read(path: string, at: Source): YamlNode | undefined {
    try {
      return parseYaml(this.options.files.read(path), path, warning => this.findings.add(warning));
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
    return void site.build.findings.caught(error, at);
  }
};
export const evaluateText = (value: Value, at: Source, site: Site, vars?: RawVars): string | undefined =>
  asText(evaluate(value, at, site, vars));
