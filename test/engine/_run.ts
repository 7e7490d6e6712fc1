import { run } from '../../src/engine/run.ts';
import type { Rule } from '../../src/engine/rules.ts';
import type { Event } from '../../src/model/event.ts';
import { Inventory } from '../../src/inventory/inventory.ts';
import type { Action, AnyModule } from '../../src/model/module.ts';
import { type CompileOptions, diskFiles, type Files } from '../../src/playbook/options.ts';
import { compilePlaybook } from '../../src/playbook/playbook.ts';
import { catalog } from '../../src/tasks/index.ts';
import { debug } from '../../src/tasks/debug.ts';
import { fail } from '../../src/tasks/fail.ts';
import { pause } from '../../src/tasks/pause.ts';
import { setFact } from '../../src/tasks/set_fact.ts';
import { waitForConnection } from '../../src/tasks/wait_for_connection.ts';
import { Templar } from '../../src/template/templar.ts';
import type { TemplateHost } from '../../src/template/host.ts';
import { anyModule } from '../../src/tasks/define.ts';
import { fakeModules } from './_modules.ts';
import type { World } from './_fake.ts';

export interface Options {
  readonly window?: number;
  readonly off?: readonly Rule[];
  readonly forks?: number;
  readonly check?: boolean;
  readonly profile?: boolean;
  readonly resultsUnread?: boolean;
  readonly guards?: ReadonlyMap<string, string>;
  /** Instead of HOSTS. */
  readonly hosts?: Readonly<Record<string, string>>;
  readonly tags?: readonly string[];
  readonly limit?: readonly string[];
  readonly signal?: AbortSignal;
  readonly errorOnMissingHandler?: boolean;
}
export interface Ran {
  readonly exitCode: number;
  /** One line an outcome or item, in the order they came: `host task status result`. */
  readonly outcomes: readonly string[];
  readonly events: readonly Event[];
}

/** Hosts by name, each with its address; a, c and d are one machine, where c is an ordinary user. */
export const HOSTS: Readonly<Record<string, string>> = { a: 'm1', b: 'm2', c: 'm1.ops', d: 'm1.alias' };

/** A playbook, as data, over the fake world. `files` are what it includes, by absolute path. */
export const runOn = async (
  world: Pick<World, 'clock' | 'connector'>,
  plays: unknown,
  options: Options = {},
  includes: Readonly<Record<string, unknown>> = {},
): Promise<Ran> => {
  const inventory = new Inventory();
  for (const [name, machine] of Object.entries(options.hosts ?? HOSTS)) {
    inventory.addHost(name, { group: 'all' });
    inventory.set(name, 'ansible_host', machine);
    inventory.set(name, 'ansible_connection', 'ssh');
    inventory.set(name, 'ansible_user', machine === 'm1.ops' ? 'ops' : 'root');
  }
  inventory.reconcile();
  const texts = new Map(Object.entries({ ...includes, '/play.yml': plays }).map(([path, data]) => [path, JSON.stringify(data)]));
  const isFolder = (path: string): boolean => [...texts.keys()].some(file => file.startsWith(`${path}/`));
  const files: Files = { ...diskFiles, exists: path => texts.has(path) || isFolder(path), read: path => texts.get(path) ?? '', isFolder };
  const templar = new Templar(fakeHost(world));
  const modules = catalog([...fakeModules, ...[debug, fail, pause, setFact, waitForConnection].map(anyModule)] as readonly (
    | AnyModule
    | Action
  )[]);
  const compile: CompileOptions = {
    catalog: modules,
    inspector: templar,
    rolesPath: [],
    files,
    defined: () => true,
    render: text => text,
  };
  const { playbook, diagnostics } = compilePlaybook('/play.yml', compile);
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  if (errors.length > 0) throw new Error(errors.map(({ message }) => message).join('\n'));
  const events: Event[] = [];
  const { exitCode } = await run({
    run: 'test',
    version: '0',
    playbooks: [playbook],
    inventory,
    sources: [],
    extraVars: new Map(),
    selection: { tags: options.tags ?? [], skipTags: [] },
    limit: options.limit ?? [],
    connection: { timeoutMs: 1000, become: false },
    verbosity: 0,
    forks: options.forks ?? 1,
    check: options.check ?? false,
    profile: options.profile ?? false,
    resultsUnread: options.resultsUnread ?? false,
    diff: false,
    forceHandlers: false,
    errorOnMissingHandler: options.errorOnMissingHandler ?? true,
    window: options.window ?? 1000,
    compile,
    files,
    catalog: modules,
    templar,
    connector: world.connector,
    clock: world.clock,
    guards: options.guards ?? new Map(),
    emit: event => events.push({ time: '', ...event } as Event),
    signal: options.signal ?? new AbortController().signal,
    rulesOff: new Set(options.off ?? []),
  });
  return { exitCode, events, outcomes: events.flatMap(lineOf) };
};

const lineOf = (event: Event): readonly string[] => {
  if (event.type === 'recap') return [JSON.stringify(event.hosts)];
  if (event.type !== 'outcome' && event.type !== 'item') return [];
  const { task, host, status, result } = event.outcome;
  return [`${host} ${task.name} ${status} ${JSON.stringify(result)}`];
};

/** `pipe` gives another answer each time, so an evaluation too many shows. */
const fakeHost = (world: Pick<World, 'clock'>): TemplateHost => {
  let piped = 0;
  const refuse = (): never => {
    throw new Error('the fake controller has no files');
  };
  return {
    readFile: refuse,
    isVaulted: refuse,
    writeSecret: refuse,
    kind: () => undefined,
    isMount: () => false,
    realPath: path => path,
    glob: () => [],
    env: () => undefined,
    now: () => world.clock.now(),
    pipe: () => `${++piped}`,
    fetch: refuse,
    random: () => 0.5,
    parseYaml: refuse,
    parseYamlAll: refuse,
    hostNames: () => [],
  };
};
