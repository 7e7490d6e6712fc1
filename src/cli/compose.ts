import { randomBytes } from 'node:crypto';
import { run } from '../engine/run.ts';
import type { RunOptions } from '../engine/settings.ts';
import { graphInventory, listHost, listInventory } from '../inventory/list.ts';
import type { Inventory } from '../inventory/inventory.ts';
import { loadInventory } from '../inventory/load.ts';
import { readLimit } from '../inventory/pattern.ts';
import { KplayError } from '../model/errors.ts';
import { listPlaybook } from '../playbook/list.ts';
import { type CompileOptions, diskFiles, type Files } from '../playbook/options.ts';
import { compilePlaybook } from '../playbook/playbook.ts';
import { parsePairs } from '../playbook/split.ts';
import type { Play, Playbook } from '../playbook/types.ts';
import { catalog } from '../tasks/index.ts';
import { Templar } from '../template/templar.ts';
import { connector } from '../transport/connector.ts';
import type { Scope } from '../value/scope.ts';
import { readExtraVars } from '../vars/extra.ts';
import { HostVariables } from '../vars/host.ts';
import { layered, type Vars } from '../vars/layered.ts';
import { magic } from '../vars/magic.ts';
import { layers } from '../vars/parts.ts';
import type { Write } from '../report/report.ts';
import { realClock } from './clock.ts';
import type { Io } from './io.ts';
import { askPassword } from './password.ts';
import type { Common, ExecSettings, FactsSettings, InventorySettings, RenderSettings, RunSettings, TargetSettings } from './settings.ts';
import { templateHost } from './template-host.ts';

/** What a command works with before anything is run: the composition root's own parts. */
class Bench {
  readonly inventory: Inventory;
  readonly extraVars: Vars;
  readonly templar: Templar;
  readonly limit: readonly string[];
  readonly catalog = catalog();
  constructor({ inventory, extraVars, limit }: TargetSettings) {
    this.inventory = loadInventory(inventory.length > 0 ? inventory : ['localhost,']);
    this.extraVars = readExtraVars(extraVars, { splitPairs: text => parsePairs(text, false), cwd: process.cwd() });
    this.templar = new Templar(templateHost(this.inventory));
    this.limit = limit === undefined ? [] : readLimit(limit);
  }

  /** Variables that hold for every host, with these in front of none. */
  scope(playVars: Vars, folder: string): Scope {
    const about = magic({
      inventory: this.inventory,
      playbookDir: folder,
      omit: '__omit_place_holder__',
      ansibleVersion: '2.18.19',
      checkMode: false,
      diffMode: false,
      forks: 1,
      verbosity: 0,
      sources: [],
      runTags: [],
      skipTags: [],
    });
    return layered(
      layers({ playVars: [playVars], extraVars: this.extraVars }),
      (value, scope) => this.templar.resolve(value, scope),
      about,
    );
  }

  /** Names that somebody defines for at least one host. */
  defined(folder: string): (name: string) => boolean {
    let names: Set<string> | undefined;
    const collect = (): Set<string> => {
      const variables = new HostVariables(this.inventory, folder);
      const all = new Set([...this.extraVars.keys(), ...this.scope(new Map(), folder).names(), 'hostvars', 'vars', 'inventory_hostname']);
      for (const host of this.inventory.hosts.values())
        for (const vars of variables.layers(host)) for (const name of vars.keys()) all.add(name);
      return all;
    };
    return name => name.startsWith('ansible_') || (names ??= collect()).has(name);
  }

  compileOptions(folder: string, rolesPath: readonly string[], files: Files = diskFiles): CompileOptions {
    return {
      catalog: this.catalog,
      inspector: this.templar,
      rolesPath,
      files,
      defined: this.defined(folder),
      render: (text, vars) => this.templar.resolve(text, this.scope(vars, folder)),
      matches: hosts => {
        const parts = (Array.isArray(hosts) ? hosts : [hosts]).map(String);
        return this.inventory.match(parts, this.limit).hosts.length > 0;
      },
    };
  }

  hostsOf({ hosts, vars }: Play, folder: string): readonly string[] {
    const pattern = this.templar.resolve(hosts.value, this.scope(vars, folder));
    return this.inventory.match((Array.isArray(pattern) ? pattern : [pattern]).map(String), this.limit).hosts.map(({ name }) => name);
  }
}

/** `kplay run`: everything that can be known is checked first, then everything is run or listed. */
export const runPlaybooks = async (settings: RunSettings, io: Io): Promise<number> => {
  const bench = new Bench(settings);
  const compiled = settings.playbooks.map(file => {
    const folder = folderOf(file);
    const options = { ...bench.compileOptions(folder, settings.rolesPath), tags: settings.tags, skipTags: settings.skipTags };
    return {
      options,
      ...compilePlaybook(file, { ...options, ...(settings.startAtTask !== undefined && { startAtTask: settings.startAtTask }) }),
    };
  });
  const diagnostics = [...bench.inventory.warnings, ...compiled.flatMap(one => one.diagnostics)];
  if (diagnostics.length > 0) io.diagnose(diagnostics);
  if (diagnostics.some(({ severity }) => severity === 'error')) return 4;
  const playbooks = compiled.map(({ playbook }) => playbook);
  if (settings.listing) return list(settings, bench, playbooks, io);
  refuseEmptyLimit(settings, bench);
  return (await run(runOptions(settings, bench, playbooks, compiled[0]!.options, io))).exitCode;
};

const folderOf = (file: string): string => file.replace(/\/[^/]*$/, '') || '/';

/** Ansible ends a run whose limit leaves no host at all with status 1. */
const refuseEmptyLimit = ({ limit }: TargetSettings, { inventory, limit: parts }: Bench): void => {
  if (limit === undefined || parts.length === 0 || inventory.match('all', parts).hosts.length > 0) return;
  const warnings = inventory.match('all', parts).warnings.join('; ');
  throw new KplayError('E_INVENTORY', 'Specified inventory, host pattern and/or --limit leaves us with no hosts to target.', {
    ...(warnings !== '' && { detail: warnings }),
    hint: 'see what there is with: kplay inventory --graph',
  });
};

const list = (settings: RunSettings, bench: Bench, playbooks: readonly Playbook[], io: Io): number => {
  const { listing } = settings;
  if (!listing || listing.syntax) {
    for (const { file } of playbooks) io.write(`\nplaybook: ${file}\n`);
    return 0;
  }
  for (const [index, { file, plays }] of playbooks.entries()) {
    const folder = folderOf(file);
    io.write(
      listPlaybook(settings.playbooks[index]!, plays, {
        tags: settings.tags,
        skipTags: settings.skipTags,
        listTasks: listing.tasks,
        listTags: listing.tags,
        ...(listing.hosts && { hosts: (play: Play) => bench.hostsOf(play, folder) }),
      }),
    );
  }
  return 0;
};

const runOptions = (
  settings: Common & Partial<Pick<RunSettings, 'tags' | 'skipTags' | 'startAtTask' | 'forceHandlers' | 'window'>>,
  bench: Bench,
  playbooks: readonly Playbook[],
  compile: CompileOptions,
  { emit, signal }: Io,
): RunOptions => ({
  run: randomBytes(6).toString('hex'),
  version: '0.1.0',
  playbooks,
  inventory: bench.inventory,
  sources: settings.inventory,
  extraVars: bench.extraVars,
  selection: { tags: settings.tags ?? [], skipTags: settings.skipTags ?? [] },
  ...(settings.startAtTask !== undefined && { startAtTask: settings.startAtTask }),
  limit: bench.limit,
  connection: settings,
  verbosity: settings.verbosity,
  forks: settings.forks,
  check: settings.check,
  diff: settings.diff,
  forceHandlers: settings.forceHandlers ?? false,
  window: settings.window ?? 1000,
  compile,
  files: compile.files,
  catalog: bench.catalog,
  templar: bench.templar,
  connector: connector({
    clock: realClock,
    hostKeyPolicy: settings.hostKeys,
    keepaliveMs: 15_000,
    askPassphrase: async file => (process.stderr.isTTY ? askPassword(`Enter passphrase for key '${file}': `) : undefined),
    ...(process.env['SSH_AUTH_SOCK'] && { agentSocket: process.env['SSH_AUTH_SOCK'] }),
  }),
  clock: realClock,
  guards: new Map(Object.entries(settings.guards)),
  emit,
  signal,
});

/** A playbook of one task, compiled from text like any other. */
const oneTask = async (settings: Common, hosts: string, action: unknown, io: Io): Promise<number> => {
  const bench = new Bench(settings);
  const file = `${process.cwd()}/<command line>`;
  const text = JSON.stringify([{ name: 'ad-hoc', hosts, gather_facts: false, tasks: [{ action }] }]);
  const files: Files = {
    ...diskFiles,
    exists: path => path === file || diskFiles.exists(path),
    read: path => (path === file ? text : diskFiles.read(path)),
  };
  const options = bench.compileOptions(process.cwd(), settings.rolesPath, files);
  const { playbook, diagnostics } = compilePlaybook(file, options);
  if (diagnostics.length > 0) io.diagnose(diagnostics);
  if (diagnostics.some(({ severity }) => severity === 'error')) return 4;
  return (await run(runOptions(settings, bench, [playbook], options, io))).exitCode;
};

/** `kplay exec`. */
export const execAdHoc = (settings: ExecSettings, io: Io): Promise<number> =>
  oneTask(settings, settings.pattern, `${settings.module} ${settings.args}`.trim(), io);

/** `kplay facts`. */
export const gatherFacts = (settings: FactsSettings, io: Io): Promise<number> => {
  const emit: Io['emit'] = event => {
    io.emit(event);
    if (event.type !== 'outcome') return;
    const { result, message } = event.outcome;
    const facts = result['ansible_facts'];
    if (facts !== undefined) io.write(`${JSON.stringify(facts, null, 2)}\n`);
    else throw new KplayError('E_CONNECT', `${settings.host}: ${message ?? 'no facts'}`);
  };
  return oneTask(settings, settings.host, 'setup', { ...io, emit });
};

/** `kplay render`: with the variables that need no host to be asked. */
export const renderFile = async (settings: RenderSettings, io: Io): Promise<number> => {
  const bench = new Bench(settings);
  const host = bench.inventory.host(settings.host);
  if (!host)
    throw new KplayError('E_INVENTORY', `there is no host ${settings.host}`, { hint: 'see what there is with: kplay inventory --graph' });
  const folder = folderOf(settings.file);
  const scope = layered(
    layers({ host: new HostVariables(bench.inventory, folder).layers(host), extraVars: bench.extraVars }),
    (value, inner) => bench.templar.resolve(value, inner, { marked: true }),
    bench.scope(new Map(), folder),
  );
  io.write(bench.templar.renderFile(settings.file, scope, [folder]));
  return 0;
};

/** `kplay inventory`. */
export const showInventory = async ({ show, ...settings }: InventorySettings, write: Write): Promise<number> => {
  const { inventory, limit } = new Bench(settings);
  const variables = new HostVariables(inventory, undefined);
  if (show.kind === 'graph') write(graphInventory(inventory));
  else if (show.kind === 'list') write(listInventory(inventory, host => variables.merged(host), limit));
  else {
    const host = inventory.host(show.host);
    if (!host)
      throw new KplayError('E_INVENTORY', `there is no host ${show.host}`, { hint: 'see what there is with: kplay inventory --graph' });
    write(listHost(variables.merged(host)));
  }
  return 0;
};
