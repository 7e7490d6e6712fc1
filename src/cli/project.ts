import { join } from 'node:path';
import type { Host } from '../inventory/group.ts';
import type { Inventory } from '../inventory/inventory.ts';
import { ANSIBLE_CORE } from '../model/semantics.ts';
import { loadInventory } from '../inventory/load.ts';
import { readLimit } from '../inventory/pattern.ts';
import { type CompileOptions, type Files, filesOf } from '../playbook/options.ts';
import { parsePairs } from '../playbook/split.ts';
import type { Play } from '../playbook/types.ts';
import { catalog } from '../tasks/index.ts';
import { controllerHost } from '../template/controller-host.ts';
import { FilterPlugins } from '../template/filter-plugins.ts';
import { Templar } from '../template/templar.ts';
import { parseYaml, parseYamlAll } from '../yaml/parse.ts';
import { OMIT } from '../value/omit.ts';
import type { Scope } from '../value/scope.ts';
import type { Vault } from '../vault/vault.ts';
import { readExtraVars } from '../vars/extra.ts';
import { HostVariables } from '../vars/host.ts';
import { type Layered, layered, type Resolve, type Vars } from '../vars/layered.ts';
import { HostVars, magic } from '../vars/magic.ts';
import { layers } from '../vars/parts.ts';
import type { TargetSettings } from './settings.ts';
import { realClock } from './clock.ts';

/** Inventories are read before there is a play. */
const NO_MAGIC: Scope = { lookup: () => undefined, names: () => [] };

/** What a command works with before anything is run: hosts, variables, templates and modules. */
export class Project {
  readonly inventory: Inventory;
  readonly extraVars: Vars;
  readonly templar: Templar;
  readonly limit: readonly string[];
  readonly vault: Vault;
  readonly catalog = catalog();
  readonly #plugins = new FilterPlugins();
  readonly #variables = new Map<string, HostVariables>();
  /** Whether a pattern has a host that is local, by the inventory's revision and the pattern: asked for every task. */
  readonly #reachesController = new Map<string, boolean>();
  constructor({ inventory, reading, extraVars, limit, vault, semantics }: TargetSettings) {
    this.vault = vault;
    this.extraVars = readExtraVars(extraVars, { splitPairs: text => parsePairs(text, false), cwd: process.cwd(), vault });
    this.templar = new Templar(
      controllerHost({
        clock: realClock,
        env: process.env,
        vault,
        parseYaml: text => parseYaml(text, '<from_yaml>').value,
        parseYamlAll: text => parseYamlAll(text, '<from_yaml_all>').map(({ value }) => value),
        hostNames: pattern => this.inventory.match(pattern).hosts.map(({ name }) => name),
      }),
      { plugins: this.#plugins, ...(semantics && { semantics }) },
    );
    const resolve: Resolve = (value, scope) => this.templar.resolve(value, scope);
    this.inventory = loadInventory(inventory, {
      ...reading,
      vault,
      evaluate: (template, vars) => resolve(template, layered([{ vars, final: false }], resolve, NO_MAGIC)),
    });
    this.limit = limit === undefined ? [] : readLimit(limit);
  }

  /** Variables that hold for every host, with these in front of none. */
  scope(playVars: Vars, folder: string): Scope {
    return layered(
      layers({ playVars: [playVars], extraVars: this.extraVars }),
      (value, scope) => this.templar.resolve(value, scope, { as: 'variable' }),
      this.#magic(folder),
    );
  }

  /** What a host's tasks see, as far as no host has to be asked for it. */
  hostScope(host: Host, folder: string): Scope {
    const scopeOf = (one: Host, hostvars?: HostVars): Layered =>
      layered(
        layers({ host: this.#hostVariables(folder).layers(one), extraVars: this.extraVars }),
        (value, scope) => this.templar.resolve(value, scope, { as: 'variable' }),
        this.#magic(folder, hostvars),
      );
    return scopeOf(host, new HostVars(this.inventory, name => scopeOf(this.inventory.host(name)!).lenient()));
  }

  #magic(folder: string, hostvars?: HostVars): Scope {
    return magic({
      inventory: this.inventory,
      playbookDir: folder,
      omit: this.templar.version === '2.18' ? '__omit_place_holder__' : OMIT,
      ansibleVersion: ANSIBLE_CORE[this.templar.version],
      checkMode: false,
      diffMode: false,
      forks: 1,
      verbosity: 0,
      sources: [],
      runTags: [],
      skipTags: [],
      ...(hostvars && { hostvars }),
    });
  }

  /** What the hosts' files say, as plays of one folder see them; each file is read once. */
  #hostVariables(folder: string): HostVariables {
    let known = this.#variables.get(folder);
    if (!known) this.#variables.set(folder, (known = new HostVariables(this.inventory, folder, { vault: this.vault })));
    return known;
  }

  /** Names that somebody defines for at least one host. */
  defined(folder: string): (name: string) => boolean {
    let names: Set<string> | undefined;
    const collect = (): Set<string> => {
      const variables = this.#hostVariables(folder);
      const all = new Set([...this.extraVars.keys(), ...this.scope(new Map(), folder).names(), 'hostvars', 'vars', 'inventory_hostname']);
      for (const host of this.inventory.hosts.values())
        for (const vars of variables.layers(host)) for (const name of vars.keys()) all.add(name);
      return all;
    };
    return name => name.startsWith('ansible_') || (names ??= collect()).has(name);
  }

  compileOptions(folder: string, rolesPath: readonly string[], files: Files = filesOf(this.vault)): CompileOptions {
    this.#addPlugins(folder, rolesPath, files);
    return {
      catalog: this.catalog,
      inspector: this.templar,
      rolesPath,
      files,
      vault: this.vault,
      defined: this.defined(folder),
      render: (text, vars) => this.templar.resolve(text, this.scope(vars, folder)),
      matches: hosts => {
        const parts = (Array.isArray(hosts) ? hosts : [hosts]).map(String);
        return this.inventory.match(parts, this.limit).hosts.length > 0;
      },
      onController: hosts => {
        const parts = (Array.isArray(hosts) ? hosts : [hosts]).map(String);
        const key = JSON.stringify([this.inventory.revision, folder, ...parts]);
        let reached = this.#reachesController.get(key);
        if (reached === undefined) {
          reached = this.inventory.match(parts, this.limit).hosts.some(host => this.#isLocal(host, folder));
          this.#reachesController.set(key, reached);
        }
        return reached;
      },
    };
  }

  /** The user's own filters: beside the playbook, and in every role that it could name. */
  #addPlugins(folder: string, rolesPath: readonly string[], files: Files): void {
    this.#plugins.add(folder);
    for (const roles of [join(folder, 'roles'), ...rolesPath])
      if (files.isFolder(roles)) for (const role of files.list(roles)) this.#plugins.add(join(roles, role));
  }
  /** A host that is, or whose connection may be, the controller. */
  #isLocal(host: Host, folder: string): boolean {
    const said = this.#hostVariables(folder).layers(host);
    const connections = said.map(vars => vars.get('ansible_connection'));
    const addresses = [host.name, ...said.map(vars => vars.get('ansible_host'))];
    return (
      connections.some(one => one !== undefined && one !== 'ssh') || addresses.some(one => /^(localhost|127\.|::1)/.test(String(one ?? '')))
    );
  }

  hostsOf({ hosts, vars }: Play, folder: string): readonly string[] {
    const pattern = this.templar.resolve(hosts.value, this.scope(vars, folder));
    return this.inventory.match((Array.isArray(pattern) ? pattern : [pattern]).map(String), this.limit).hosts.map(({ name }) => name);
  }
}
