import { randomBytes } from 'node:crypto';
import { run } from '../engine/run.ts';
import type { RunOptions } from '../engine/settings.ts';
import type { Group, Host } from '../inventory/group.ts';
import type { Inventory } from '../inventory/inventory.ts';
import { graphInventory, inventoryJson, listHost, listInventory, treeInventory } from '../inventory/list.ts';
import { KplayError } from '../model/errors.ts';
import { nearest } from '../model/nearest.ts';
import { listPlaybook } from '../playbook/list.ts';
import { type CompileOptions, type Files, filesOf } from '../playbook/options.ts';
import { compilePlaybook } from '../playbook/playbook.ts';
import { strayTags } from '../playbook/select.ts';
import type { Play, Playbook } from '../playbook/types.ts';
import type { Value } from '../value/value.ts';
import { toYaml } from '../template/yaml-emitter.ts';
import { connector } from '../transport/connector.ts';
import { HostVariables } from '../vars/host.ts';
import { realClock } from './clock.ts';
import type { Io } from './io.ts';
import { keeperPlace } from './keeper-place.ts';
import { Project } from './project.ts';
import { answersTo } from './prompts.ts';
import type { Common, ExecSettings, FactsSettings, InventorySettings, RenderSettings, RunSettings, TargetSettings } from './settings.ts';

/** `kplay run`: everything that can be known is checked first, then everything is run or listed. */
export const runPlaybooks = async (settings: RunSettings, io: Io): Promise<number> => {
  const project = new Project(settings);
  const compiled = settings.playbooks.map(file => {
    const folder = folderOf(file);
    const options = {
      ...project.compileOptions(folder, settings.rolesPath),
      modulePath: settings.modulePath,
      tags: settings.tags,
      skipTags: settings.skipTags,
      allowMissingModules: settings.listing?.allowMissingModules ?? false,
    };
    return {
      options,
      ...compilePlaybook(file, { ...options, ...(settings.startAtTask !== undefined && { startAtTask: settings.startAtTask }) }),
    };
  });
  const diagnostics = [...project.inventory.warnings, ...compiled.flatMap(one => one.diagnostics)];
  if (diagnostics.length > 0) io.diagnose(diagnostics);
  if (diagnostics.some(({ severity }) => severity === 'error')) return 4;
  const playbooks = compiled.map(({ playbook }) => playbook);
  if (settings.listing) return list(settings, project, playbooks, io);
  refuseEmptyLimit(settings, project);
  const slips = [
    ...noHosts(project.inventory),
    ...strayTags(
      playbooks.flatMap(({ plays }) => plays),
      settings,
    ),
    ...strayGuards(settings.guards, project.inventory),
  ];
  for (const message of slips) io.emit({ type: 'warning', message });
  const answers = await answersTo(
    playbooks.flatMap(({ plays }) => plays),
    {
      given: project.extraVars,
      text: (question, play) => String(project.templar.resolve(question, project.scope(play.vars, play.folder))),
      ask: io.terminal.stdin ? (question, isShown) => io.terminal.ask(question, !isShown) : undefined,
      warn: message => io.emit({ type: 'warning', message }),
    },
  );
  return (await run({ ...runOptions(settings, project, playbooks, compiled[0]!.options, io), answers })).exitCode;
};

const folderOf = (file: string): string => file.replace(/\/[^/]*$/, '') || '/';

/** Ansible ends a run whose limit leaves no host at all with status 1. */
const refuseEmptyLimit = ({ limit }: TargetSettings, { inventory, limit: parts }: Project): void => {
  if (limit === undefined || parts.length === 0 || inventory.hosts.size === 0 || inventory.match('all', parts).hosts.length > 0) return;
  const warnings = inventory.match('all', parts).warnings.join('; ');
  throw new KplayError('E_INVENTORY', 'Specified inventory, host pattern and/or --limit leaves us with no hosts to target.', {
    ...(warnings !== '' && { detail: warnings }),
    hint: 'see what there is with: kplay inventory --graph',
  });
};

/** Without an inventory nothing but this machine is there, and `hosts: all` must not mean it. */
const noHosts = ({ hosts }: Inventory): readonly string[] =>
  hosts.size > 0 ? [] : ["there is no inventory (-i): only implicit localhost is available, which 'all' does not match"];

/** A guard of a group that is not there guards nothing; other inventories lack a group for good reasons, so only a slip is told. */
const strayGuards = (guards: Common['guards'], { groups }: Inventory): readonly string[] =>
  Object.keys(guards).flatMap(group => {
    const meant = groups.has(group) ? undefined : nearest(group, groups.keys());
    return meant === undefined ? [] : [`guards: there is no group "${group}", so nothing is guarded (did you mean "${meant}"?)`];
  });

const list = (settings: RunSettings, project: Project, playbooks: readonly Playbook[], io: Io): number => {
  const { listing } = settings;
  if (!listing || listing.syntax) {
    for (const { file } of playbooks) io.write(`\nplaybook: ${file}\n`);
    return 0;
  }
  for (const [index, { file, plays }] of playbooks.entries()) {
    const folder = folderOf(file);
    io.write(
      listPlaybook(settings.playbooks[index]!, plays, {
        // Ansible lists even what `never` runs when only tags are asked for.
        tags: listing.tags && !listing.tasks && settings.tags.length === 0 ? ['never', 'all'] : settings.tags,
        skipTags: settings.skipTags,
        evaluate: (value: Value, play: Play) => project.templar.resolve(value, project.scope(play.vars, folder)),
        listTasks: listing.tasks,
        listTags: listing.tags,
        ...(listing.hosts && { hosts: (play: Play) => project.hostsOf(play, folder) }),
      }),
    );
  }
  return 0;
};

const runOptions = (
  settings: Common & Partial<Pick<RunSettings, 'tags' | 'skipTags' | 'startAtTask' | 'forceHandlers' | 'window' | 'strict' | 'foresee'>>,
  project: Project,
  playbooks: readonly Playbook[],
  compile: CompileOptions,
  { emit, resultsUnread, signal, terminal, keeper }: Io,
): RunOptions => ({
  run: randomBytes(6).toString('hex'),
  version: '0.1.0',
  playbooks,
  inventory: project.inventory,
  sources: settings.inventory,
  extraVars: project.extraVars,
  selection: { tags: settings.tags ?? [], skipTags: settings.skipTags ?? [] },
  ...(settings.startAtTask !== undefined && { startAtTask: settings.startAtTask }),
  limit: project.limit,
  ...(settings.limit !== undefined && { limitText: settings.limit }),
  connection: settings,
  gatherExplicitly: settings.gatherExplicitly,
  anyErrorsFatal: settings.anyErrorsFatal,
  errorOnMissingHandler: settings.errorOnMissingHandler,
  ...(settings.managed !== undefined && { managed: settings.managed }),
  verbosity: settings.verbosity,
  resultsUnread,
  forks: settings.forks,
  check: settings.check,
  foresee: settings.foresee ?? false,
  strict: settings.strict ?? false,
  diff: settings.diff,
  profile: settings.profile,
  forceHandlers: settings.forceHandlers ?? false,
  window: settings.window ?? 1000,
  compile,
  files: compile.files,
  catalog: project.catalog,
  templar: project.templar,
  connector: connector({
    clock: realClock,
    hostKeyPolicy: settings.hostKeys,
    keepaliveMs: 15_000,
    keeper: {
      warn: message => emit({ type: 'warning', message }),
      ...(settings.keepMs !== undefined && { keepMs: settings.keepMs }),
      place: () => keeperPlace(process.env),
      ...(keeper && { here: keeper.keeping }),
    },
    askPassphrase: async file => (terminal.stderr ? terminal.ask(`Enter passphrase for key '${file}': `, true) : undefined),
    ...(process.env['SSH_AUTH_SOCK'] && { agentSocket: process.env['SSH_AUTH_SOCK'] }),
  }),
  clock: realClock,
  guards: new Map(Object.entries(settings.guards)),
  emit,
  signal,
});

/** A playbook of one task, compiled from text like any other. */
const oneTask = async (settings: Common, hosts: string, action: unknown, io: Io): Promise<number> => {
  const project = new Project(settings);
  const file = `${process.cwd()}/<command line>`;
  const text = JSON.stringify([{ name: 'ad-hoc', hosts, gather_facts: false, tasks: [{ action }] }]);
  const disk = filesOf(settings.vault);
  const files: Files = {
    ...disk,
    exists: path => path === file || disk.exists(path),
    read: path => (path === file ? text : disk.read(path)),
  };
  const options = project.compileOptions(process.cwd(), settings.rolesPath, files);
  const { playbook, diagnostics } = compilePlaybook(file, options);
  if (diagnostics.length > 0) io.diagnose(diagnostics);
  if (diagnostics.some(({ severity }) => severity === 'error')) return 4;
  for (const message of noHosts(project.inventory)) io.emit({ type: 'warning', message });
  return (await run(runOptions(settings, project, [playbook], options, io))).exitCode;
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
  const project = new Project(settings);
  const host = project.inventory.host(settings.host);
  if (!host)
    throw new KplayError('E_INVENTORY', `there is no host ${settings.host}`, { hint: 'see what there is with: kplay inventory --graph' });
  const folder = folderOf(settings.file);
  io.write(project.templar.renderFile(settings.file, project.hostScope(host, folder), [folder]));
  return 0;
};

/** `kplay inventory`: what ansible-inventory prints, byte for byte. */
export const shownInventory = ({ show, yaml, export: exported, playbookDir, cwd, ...settings }: InventorySettings): string => {
  const { inventory, limit, vault, extraVars } = new Project(settings);
  const said = new HostVariables(inventory, playbookDir, { vault });
  const merged = new HostVariables(inventory, playbookDir ?? cwd, { vault });
  const ofHost = (host: Host): ReadonlyMap<Value, Value> => {
    if (exported) return said.own(host);
    const vars = merged.merged(host);
    return extraVars.size === 0 ? vars : new Map<Value, Value>([...vars, ...extraVars]);
  };
  const ofGroup = (group: Group): ReadonlyMap<Value, Value> => said.ofGroup(group);
  if (show.kind === 'graph') return graphInventory(inventory, show.group, show.vars ? { ofHost, ofGroup } : {});
  const write = yaml ? inventoryYaml : inventoryJson;
  if (show.kind === 'list')
    return write((yaml ? treeInventory : listInventory)(inventory, { ofHost, ...(exported && { ofGroup }) }, limit));
  const { hosts } = inventory.match(show.host);
  if (hosts.length === 1) return write(listHost(ofHost(hosts[0]!)));
  throw new KplayError('E_USAGE', `--host takes one host, "${show.host}" is ${hosts.length === 0 ? 'none' : hosts.length}`, {
    hint: 'see what there is with: kplay inventory --graph',
  });
};

const inventoryYaml = (value: Value): string =>
  toYaml(value, { indent: 2, width: 80, sortKeys: true, flow: 'none', explicitStart: false, explicitEnd: false, references: true });
