import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Project as Kplay } from '../../../src/cli/project.ts';
import type { Host } from '../../../src/inventory/group.ts';
import type { Inventory } from '../../../src/inventory/inventory.ts';
import { KplayError } from '../../../src/model/errors.ts';
import type { Plain } from '../../../src/model/module.ts';
import { ANSIBLE_CORE } from '../../../src/model/semantics.ts';
import { fromJson } from '../../../src/value/json.ts';
import { str } from '../../../src/value/repr.ts';
import { Float, fromPlain, type Value } from '../../../src/value/value.ts';
import { factVars } from '../../../src/vars/facts.ts';
import { readVarsFile } from '../../../src/vars/files.ts';
import { HostVariables } from '../../../src/vars/host.ts';
import { type Layered, layered, type Resolve, type Vars } from '../../../src/vars/layered.ts';
import { HostVars, type MagicContext, magic } from '../../../src/vars/magic.ts';
import { type Parts, layers } from '../../../src/vars/parts.ts';
import { Vault } from '../../../src/vault/vault.ts';
import { type Case, type Scope, scopesOf } from './cases.ts';
import { askPython } from './commands.ts';
import type { Project } from './projects.ts';
import type { Tally } from './tally.ts';

/** A value with its types spelled out, or the error. */
type Answer = readonly [value: Plain] | readonly [nothing: null, error: string];

/** Every template file, templated string and condition of a project, as its first host would see it with these facts. */
export const compareTemplates = (bin: string, project: Project, tally: Tally): void => {
  const scopes = scopesOf(project).filter(({ cases }) => cases.length > 0);
  if (scopes.length === 0) return;
  const sources = project.inventories.length === 0 ? ['localhost,'] : project.inventories;
  const facts = JSON.parse(readFileSync(join(import.meta.dirname, 'facts.json'), 'utf8')) as Readonly<Record<string, Plain>>;
  const question = { sources, folder: project.folder, facts, scopes };
  const ask = (seed: number): readonly (readonly Answer[])[] =>
    askPython(bin, 'templates.py', project.folder, question, seed) as Answer[][];
  // Sets have no order: where Ansible contradicts itself there is nothing to compare with.
  const [answers, others] = [ask(1), ask(2)];
  const desk = new Desk(project.folder, sources, facts);
  for (const [at, scope] of scopes.entries()) {
    const ours = desk.answers(scope);
    for (const [index, one] of scope.cases.entries()) {
      const answer = answers[at]![index]!;
      if (isDrawn(one) || !isSame(answer, others[at]![index]!)) tally.waver();
      else compare(one, answer, ours[index]!, scope, tally);
    }
  }
};

/** It may draw the same twice. */
const isDrawn = ({ source }: Case): boolean => /\|\s*random\b/.test(source);
const isSame = (left: Answer, right: Answer): boolean => left.length === right.length && (left.length === 2 || JSON.stringify(left) === JSON.stringify(right)); // prettier-ignore

const compare = ({ source, loop }: Case, ansible: Answer, kplay: Answer, { searchPath }: Scope, tally: Tally): void => {
  const [theirs, ours] = [JSON.stringify(ansible), JSON.stringify(kplay)];
  if (isSame(ansible, kplay)) return tally.agree(ansible.length === 1);
  const what = `${JSON.stringify(source)}${loop === undefined ? '' : ` of ${JSON.stringify(loop)}`}`;
  tally.differ(`${searchPath[1] ?? ''} ${what.slice(0, 300)}`, theirs, ours);
};

/** kplay's side. */
class Desk {
  readonly #kplay: Kplay;
  readonly #inventory: Inventory;
  readonly #folder: string;
  readonly #sources: readonly string[];
  readonly #facts: Vars;
  readonly #hosts: HostVariables;

  constructor(folder: string, sources: readonly string[], facts: Readonly<Record<string, Plain>>) {
    this.#kplay = new Kplay({ inventory: sources, extraVars: [], vault: new Vault() });
    this.#inventory = this.#kplay.inventory;
    this.#folder = folder;
    this.#sources = sources;
    this.#facts = factVars(new Map(Object.entries(facts).map(([name, value]) => [name, fromPlain(value)])));
    this.#hosts = new HostVariables(this.#inventory, folder);
  }

  answers({ defaults, vars, searchPath, cases }: Scope): readonly Answer[] {
    const [host] = this.#inventory.match('all').hosts;
    if (!host) throw new Error(`${this.#folder}: no host`);
    const names = this.#inventory.match('all').hosts.map(({ name }) => name);
    const play = { name: 'all', allHosts: names, hosts: names, failed: [], batch: names, roles: [], dependencies: [] };
    const hostvars = new HostVars(this.#inventory, name => this.#scope(this.#inventory.host(name)!, {}, {}, names.includes(name)));
    const files = { roleDefaults: defaults.map(file => readVarsFile(file)), roleVars: vars.map(file => readVarsFile(file)) };
    const scope = this.#scope(host, files, { hostvars, play, searchPath });
    return cases.map(one => this.#answer(one, scope, searchPath));
  }

  #scope(host: Host, parts: Parts, about: Partial<MagicContext>, gathered = true): Layered {
    const resolve: Resolve = (value, scope) => this.#kplay.templar.resolve(value, scope, { as: 'variable' });
    const own = { host: this.#hosts.layers(host), ...(gathered && { facts: this.#facts }) };
    const run = { checkMode: false, diffMode: false, forks: 5, verbosity: 0, sources: this.#sources, runTags: ['all'], skipTags: [] };
    const fixed = { inventory: this.#inventory, playbookDir: this.#folder, omit: 'omitted', ansibleVersion: ANSIBLE_CORE['2.18'] };
    return layered(layers({ ...own, ...parts }), resolve, magic({ ...fixed, ...run, ...about }));
  }

  #answer(one: Case, scope: Layered, searchPath: readonly string[]): Answer {
    try {
      return [spelledOut(this.#evaluate(one, this.#looped(one, scope, searchPath), searchPath))];
    } catch (error) {
      if (!(error instanceof KplayError)) throw error;
      return [null, `${error.code}: ${error.message}`];
    }
  }
  #looped({ loop, loopVar = 'item' }: Case, scope: Layered, searchPath: readonly string[]): Layered {
    if (loop === undefined) return scope;
    const items = this.#kplay.templar.resolve(fromJson(JSON.stringify(loop)), scope, { searchPath });
    if (!Array.isArray(items) || items.length === 0) throw new KplayError('E_ARGS', 'nothing to loop over');
    return scope.over(new Map([[loopVar, items[0]!]]), () => false);
  }
  #evaluate({ mode, source }: Case, scope: Layered, searchPath: readonly string[]): Value {
    const { templar } = this.#kplay;
    if (mode === 's') return templar.resolve(source, scope, { searchPath });
    if (mode === 'w') return templar.condition(source, scope, { searchPath });
    const managed = scope.over(new Map([['ansible_managed', 'Ansible managed']]), () => false);
    return templar.renderFile(source, managed, [dirname(source), ...searchPath]);
  }
}

/** As templates.py spells it. */
const spelledOut = (value: Value): Plain => {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return value;
  if (typeof value === 'number') return value;
  if (typeof value === 'bigint') return Number(value);
  if (value instanceof Float) return { float: str(value) };
  if (Array.isArray(value)) return value.map(spelledOut);
  if (value instanceof Map) return { dict: [...value].map(([key, item]) => [spelledOut(key), spelledOut(item)]) };
  // Text of the user's that is not templated again.
  return str(value);
};
