import { randomBytes } from 'node:crypto';
import type { Diagnostic } from '../model/errors.ts';
import { place } from '../model/source.ts';
import type { TaskInfo } from '../model/event.ts';
import type { Task } from '../playbook/types.ts';
import { Addresses } from './address.ts';
import { Checks } from './arguments.ts';
import type { Job } from './background.ts';
import type { HostState } from './host.ts';
import type { Looker } from './looker.ts';
import type { Observations } from './observations.ts';
import type { RulesOff } from './rules.ts';
import type { RunOptions } from './settings.ts';
import type { Targets } from './targets.ts';
import { OMIT } from '../value/omit.ts';
import type { Value } from '../value/value.ts';
import { Vault } from '../vault/vault.ts';
import type { Difference } from '../template/difference.ts';
import { HostVariables } from '../vars/host.ts';
import { ownerNames } from './template-vars.ts';
import { templating, type Templating } from './templating.ts';
import { type Timed, timedFor, untimed } from './timed.ts';

/** What all plays of one run share. */
export class RunContext {
  readonly options: RunOptions;
  readonly rulesOff: RulesOff;
  readonly targets: Targets;
  readonly templating: Templating;
  /** For looking ahead: nothing impure is evaluated. */
  readonly speculating: Templating;
  readonly observations: Observations;
  readonly looker: Looker;
  /** A host's state, made when first asked for. */
  readonly hosts: (name: string) => HostState;
  /** What `async` left to go on by itself, by job id. */
  readonly jobs = new Map<string, Job>();
  /** What modules made once for all hosts. */
  readonly made = new Map<string, Promise<unknown>>();
  readonly checks = new Checks();
  readonly addresses: Addresses;
  readonly ownerOf = ownerNames();
  /** Acts that have begun and were not answered: task and host. */
  readonly inFlight = new Map<object, { readonly task: TaskInfo; readonly host: string }>();
  /** The value of the magic variable `omit`. */
  readonly omit: Value;
  readonly #hostVariables = new Map<string, HostVariables>();
  /** What speculation made of a task for a host; kept, and wrongly believed, only with rule 1 off. */
  readonly believed = new WeakMap<Task, Map<string, unknown>>();
  /** Names of handlers that were told to be unusable. */
  readonly unusable = new Set<string>();
  readonly vault: Vault;
  readonly #warned = new Set<string>();
  #tasks = 0;

  constructor(options: RunOptions, parts: Pick<RunContext, 'rulesOff' | 'targets' | 'observations' | 'looker' | 'hosts'>) {
    this.options = options;
    this.addresses = new Addresses(options.connection);
    this.omit = options.templar.version === '2.18' ? `__omit_place_holder__${randomBytes(20).toString('hex')}` : OMIT;
    this.vault = options.compile.vault ?? new Vault();
    this.rulesOff = parts.rulesOff;
    this.targets = parts.targets;
    this.templating = templating(options.templar, false, options.strict ? difference => this.#warn(difference) : undefined);
    this.speculating = templating(options.templar, true);
    this.observations = parts.observations;
    this.looker = parts.looker;
    this.hosts = parts.hosts;
  }

  /** Inventory, group_vars and host_vars as plays of one folder see them. */
  hostVariables(folder: string): HostVariables {
    let known = this.#hostVariables.get(folder);
    if (!known) {
      const warn = ({ message, at }: Diagnostic): void => this.options.emit({ type: 'warning', message, at });
      this.#hostVariables.set(folder, (known = new HostVariables(this.options.inventory, folder, { warn, vault: this.vault })));
    }
    return known;
  }
  /** For the work of one host. */
  timed(host: string): Timed {
    return this.options.profile === true ? timedFor(host, this.options) : untimed;
  }
  /** Lets time pass for one host. */
  wait(host: string, durationMs: number): Promise<void> {
    return this.timed(host)({ on: 'wait' }, () => this.options.clock.wait(durationMs, this.options.signal));
  }
  /** Once, whichever and however many hosts it is for. */
  #warn({ message, text, at }: Difference): void {
    const warning = text === undefined ? message : `${text.trim()}: ${message}`;
    const key = `${warning} ${at ? place(at) : ''}`;
    if (this.#warned.has(key)) return;
    this.#warned.add(key);
    this.options.emit({ type: 'warning', message: warning, ...(at && { at }) });
  }
  nextTaskId(): number {
    this.#tasks += 1;
    return this.#tasks;
  }
  taskInfo(task: Task, play: number, name: string, handler: boolean): TaskInfo {
    const { action, at, args, role } = task;
    const includes = action === 'include_role' ? (args.get('name') ?? args.get('role')) : undefined;
    return {
      id: this.nextTaskId(),
      play,
      name,
      action,
      handler,
      at,
      ...(role && { role: role.name }),
      ...(includes && { includes: String(includes.value) }),
    };
  }
}
