import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { KplayError } from '../model/errors.ts';
import { ANSIBLE_CORE } from '../model/semantics.ts';
import { lineageOf, withDependencies } from '../playbook/build.ts';
import type { Selection } from '../playbook/select.ts';
import type { Play, Role, Task } from '../playbook/types.ts';
import { type Scope, Tally } from '../value/scope.ts';
import type { Value } from '../value/value.ts';
import { readVarsFile } from '../vars/files.ts';
import { type Layer, type Layered, layered, type Vars } from '../vars/layered.ts';
import { HostVars, magic, type MagicContext, type PlayContext } from '../vars/magic.ts';
import { layers, type Parts } from '../vars/parts.ts';
import type { RunContext } from './context.ts';
import type { Desk } from './controller.ts';
import type { HostState } from './host.ts';
import { reachedAnyway, reachedBy } from './reached.ts';
import { Roll } from './roll.ts';
import type { Templating } from './templating.ts';

/** Roles that included this one or imported it, nearest first; not those that depend on it. */
const including = (role: Role): readonly Role[] => {
  const { parent } = role;
  if (!parent) return [];
  return parent.dependencies.includes(role) ? including(parent) : [parent, ...including(parent)];
};
const namesOf = (roles: readonly Role[]): Pick<PlayContext, 'roles' | 'dependencies'> => ({
  roles: roles.map(({ name }) => name),
  dependencies: [...new Set(roles.flatMap(role => role.dependencies.flatMap(withDependencies)).map(({ name }) => name))],
});

/** The variables of one play's hosts and tasks. */
export class Variables {
  readonly play: Play;
  readonly #context: RunContext;
  readonly #varsFiles = new Map<string, Vars>();
  /** Public roles with their dependencies; include_role may add more. */
  #roles: readonly Role[];
  /** Those that the play names, and those that were included since. */
  #known: readonly Role[];
  #names: ReturnType<typeof namesOf>;
  readonly #reachedAnyway: Vars;
  #hosts = new Roll([]);
  #batch = new Roll([]);
  readonly #views = new Map<string, { readonly version: number; readonly revision: number; readonly scope: Scope }>();
  readonly #hostvars: HostVars;
  readonly #hearsay = new Tally();

  constructor(context: RunContext, play: Play) {
    this.#context = context;
    this.play = play;
    this.#reachedAnyway = reachedAnyway(context.options.connection);
    this.#known = play.roles;
    this.#names = namesOf(play.roles);
    this.#roles = play.roles.filter(role => role.public).flatMap(withDependencies);
    this.#hostvars = new HostVars(context.options.inventory, host => this.#view(host));
  }

  begin(hosts: readonly HostState[]): void {
    this.#hosts = new Roll(hosts);
  }
  enter(batch: readonly HostState[]): void {
    this.#batch = new Roll(batch);
  }
  /** What --tags and --skip-tags say, tags that are templates evaluated as the play sees them. */
  get selection(): Selection {
    const { templating, options } = this.#context;
    const scope = this.playScope();
    const render = (tag: string): readonly string[] => {
      const value = tag.includes('{{') ? templating.resolve(tag, scope) : tag;
      return (Array.isArray(value) ? value : [value]).map(String);
    };
    return { ...options.selection, render };
  }
  addRoles(roles: readonly Role[]): void {
    this.#known = [...this.#known, ...roles];
    this.#names = namesOf(this.#known);
    this.#roles = [...this.#roles, ...roles.filter(role => role.public).flatMap(withDependencies)];
  }
  desk(templar: Templating = this.#context.templating): Desk {
    const { options, vault, ownerOf, made } = this.#context;
    return { templar, files: options.files, vault, folder: this.play.folder, managed: options.managed, ownerOf, made };
  }

  /** What a task sees on a host. */
  scope(host: HostState, task: Task, templar: Templating = this.#context.templating): Layered {
    const own = task.role;
    const lineage = own ? lineageOf(own) : [];
    const around = lineage.slice(0, -1);
    const dependencies = own ? own.dependencies.flatMap(withDependencies) : [];
    const parts: Parts = {
      ...this.#ofHost(host),
      ...this.#ofPlay(),
      roleDefaults: [...this.#roles, ...dependencies, ...around, ...(own ? [own] : [])].map(role => role.defaults),
      roleVars: this.#roles.map(role => role.vars),
      ownRoleVars: [
        ...around.flatMap(role => [role.vars, role.entryVars]),
        ...dependencies.map(role => role.vars),
        ...(own ? [own.vars, own.entryVars] : []),
      ],
      blockVars: task.outerVars,
      taskVars: task.vars,
      roleParams: lineage.map(role => role.params),
      includeParams: task.includeParams,
    };
    const about = {
      hostvars: this.#hostvars,
      ...(own && { role: { name: own.name, path: own.path, parents: including(own) } }),
      searchPath: [...task.folders, this.play.folder],
    };
    const known = layers(parts);
    const layer = (vars: Vars): Layer => ({ vars, final: false, hearsay: () => false });
    const isGiven = (name: string): boolean => known.some(({ vars }) => vars.has(name));
    const vars = reachedBy(host.name, task, this.#context.options.connection, isGiven);
    return this.#over([layer(this.#reachedAnyway), layer(vars), ...known], templar, about);
  }

  /** What a host is without any task: for delegation and for guards. */
  hostScope(name: string): Layered {
    const host = this.#context.hosts(name);
    return this.#layered({ ...this.#ofHost(host), ...this.#ofPlay() }, this.#context.templating, { hostvars: this.#hostvars });
  }

  /** What the play's own keywords see: no host. */
  playScope(): Layered {
    const { extraVars } = this.#context.options;
    return layered(
      layers({ playVars: [this.play.vars], extraVars }),
      (value, scope) => this.#context.templating.variable(value, scope),
      this.#magic({ hostvars: this.#hostvars }),
      this.#hearsay,
    );
  }

  /** `hostvars[host]`: no play, no task, and no hostvars of its own. */
  #view(name: string): Scope {
    const host = this.#context.hosts(name);
    const known = this.#views.get(name);
    const { version } = host;
    const { revision } = this.#context.options.inventory;
    if (known?.version === version && known.revision === revision) return known.scope;
    const scope = this.#layered(this.#ofHost(host), this.#context.templating, {}).lenient();
    this.#views.set(name, { version, revision, scope });
    return scope;
  }

  #layered(parts: Parts, templar: Templating, about: Partial<MagicContext>): Layered {
    return this.#over(layers(parts), templar, about);
  }
  #over(known: readonly Layer[], templar: Templating, about: Partial<MagicContext>): Layered {
    return layered(known, (value, scope) => templar.variable(value, scope), this.#magic(about), this.#hearsay);
  }

  #ofHost(state: HostState): Parts {
    const { inventory, extraVars } = this.#context.options;
    const host = inventory.host(state.name);
    return {
      host: host ? this.#context.hostVariables(this.play.folder).layers(host) : [],
      facts: state.facts,
      includeVars: state.included,
      setFacts: state.known,
      ownFacts: state.ownFacts,
      extraVars,
    };
  }

  #ofPlay(): Parts {
    const { answers } = this.#context.options;
    const answered = new Map<string, Value>(
      this.play.varsPrompt.flatMap(prompt => {
        const value = answers?.get(prompt);
        return value === undefined ? [] : [[prompt.name, value] as [string, Value]];
      }),
    );
    return { playVars: [this.play.vars, answered], varsFiles: this.play.varsFiles.flatMap(({ value }) => this.#file(value)) };
  }

  /** One entry of vars_files: a name, or a list of which the first that exists counts. */
  #file(entry: Value): readonly Vars[] {
    const scope = this.playScope();
    const names = (Array.isArray(entry) ? entry : [entry]).map(name => String(this.#context.templating.resolve(name, scope)));
    const paths = names.flatMap(name => [resolve(this.play.folder, 'vars', name), resolve(this.play.folder, name)]);
    const path = paths.find(one => existsSync(one));
    if (path === undefined)
      throw new KplayError('E_FILE', `vars file ${names.join(', ')} was not found`, {
        at: this.play.at,
        detail: `Searched:\n${paths.join('\n')}`,
      });
    let vars = this.#varsFiles.get(path);
    if (!vars) this.#varsFiles.set(path, (vars = readVarsFile(path, { vault: this.#context.vault })));
    return [vars];
  }

  #magic(about: Partial<MagicContext>) {
    const { options } = this.#context;
    return magic({
      inventory: options.inventory,
      playbookDir: this.play.folder,
      omit: this.#context.omit,
      ansibleVersion: ANSIBLE_CORE[options.templar.version],
      checkMode: options.check,
      diffMode: options.diff,
      forks: options.forks,
      verbosity: options.verbosity,
      sources: options.sources,
      runTags: options.selection.tags.length > 0 ? options.selection.tags : ['all'],
      skipTags: options.selection.skipTags,
      ...(options.limitText !== undefined && { limit: options.limitText }),
      play: this.#playContext(),
      ...about,
    });
  }

  #playContext(): PlayContext {
    return {
      name: this.play.name,
      allHosts: this.#hosts.all,
      hosts: this.#hosts.present,
      failed: this.#hosts.failed,
      batch: this.#batch.present,
      ...this.#names,
    };
  }
}
