import type { Address, Become, Connection, Connector } from '../model/session.ts';
import { Horizon } from './horizon.ts';
import type { RulesOff } from './rules.ts';
import type { Timed } from './timed.ts';

/** A machine, by whatever names and users it is reached. What looks and acts on it share. */
export class Machine {
  readonly id: string;
  /** Looks that were sent ahead and have not been answered yet. */
  readonly pending = new Set<Promise<void>>();
  readonly horizon = new Horizon();
  /** A look went wrong, or took too long, because of what came along. */
  looksAlone = false;
  #tail: Promise<unknown> = Promise.resolve();
  constructor(id: string) {
    this.id = id;
  }
  /** One at a time, in the order asked: acts on one target are serial, each freshly observed. */
  exclusive<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#tail.then(work, work);
    this.#tail = done.catch(() => undefined);
    return done;
  }
}

/** One connection to a machine as one login user. */
export interface Target {
  readonly machine: Machine;
  readonly connection: Connection;
  readonly address: Address;
  /** Become identities that a task has used in its turn; speculation opens none. */
  readonly opened: Set<string>;
}

/** Where a task runs: target, become user, environment and folder. */
export interface Seat {
  readonly target: Target;
  readonly become?: Become;
  /** Shell text that sets environment and folder, before every program. */
  readonly prelude: string;
  /** Everything but the machine that a look depends on. */
  readonly identity: string;
  /** Measures the host whose work it is, wherever that is done. */
  readonly timed: Timed;
}
export const becomeKey = (become: Become | undefined): string => (become ? `${become.method}:${become.user}:${become.flags ?? ''}` : '');

/** Who logs in, and how: what one sees, another may not. */
export const loginOf = ({ connection, user = '' }: Address): string => `${connection}:${user}`;

/** Connections by address, opened when first needed and kept until the run ends. */
export class Targets {
  readonly #connector: Connector;
  readonly #signal: AbortSignal;
  readonly #off: RulesOff;
  readonly #machines = new Map<string, Machine>();
  readonly #byAddress = new Map<string, Promise<Target>>();
  readonly #byLogin = new Map<string, Target>();
  readonly #open = new Map<string, Target>();
  readonly #keys = new WeakMap<Address, string>();

  constructor(connector: Connector, signal: AbortSignal, off: RulesOff) {
    this.#connector = connector;
    this.#signal = signal;
    this.#off = off;
  }

  reach(address: Address, timed: Timed): Promise<Target> {
    const key = this.#keyOf(address);
    const known = this.#byAddress.get(key);
    if (known) return this.#open.has(key) ? known : timed({ on: 'connect', joined: true }, () => known);
    const opening = timed({ on: 'connect' }, () => this.#connect(address));
    this.#byAddress.set(key, opening);
    // A failed connect is not remembered: meta: clear_host_errors and wait_for_connection try again.
    opening.then(
      target => this.#open.set(key, target),
      () => this.#byAddress.delete(key),
    );
    return opening;
  }
  /** The connection for an address, if it is open already. */
  known(address: Address): Target | undefined {
    return this.#open.get(this.#keyOf(address));
  }

  /** Forgets a connection so that the next task opens a new one (meta: reset_connection, reboot). */
  async reset(target: Target): Promise<void> {
    for (const [key, known] of this.#open) if (known === target && this.#open.delete(key)) this.#byAddress.delete(key);
    for (const [key, known] of this.#byLogin) if (known === target) this.#byLogin.delete(key);
    await target.connection.close();
  }

  /** Forgets every connection to a machine that went away. */
  async leave(machine: Machine): Promise<void> {
    const there = [...this.#open.values(), ...this.#byLogin.values()].filter(target => target.machine === machine);
    await Promise.all([...new Set(there)].map(target => this.reset(target)));
  }

  async close(): Promise<void> {
    const all = await Promise.allSettled(this.#byAddress.values());
    const connections = new Set(all.flatMap(one => (one.status === 'fulfilled' ? [one.value.connection] : [])));
    await Promise.allSettled([...connections].map(connection => connection.close(true)));
  }

  /** What the connection depends on; the name a host goes by does not matter. */
  #keyOf(address: Address): string {
    let key = this.#keys.get(address);
    if (key === undefined) {
      const { name: _name, timeoutMs: _timeoutMs, ...where } = address;
      this.#keys.set(address, (key = JSON.stringify(where)));
    }
    return key;
  }

  async #connect(address: Address): Promise<Target> {
    const connection = await this.#connector.connect(address, this.#signal);
    const login = `${connection.target}\0${loginOf(address)}`;
    const known = this.#byLogin.get(login);
    if (known && !this.#off.has(11)) {
      await connection.close(true);
      return known;
    }
    let machine = this.#machines.get(connection.target);
    if (!machine) this.#machines.set(connection.target, (machine = new Machine(connection.target)));
    const target: Target = { machine, connection, address, opened: new Set([becomeKey(undefined)]) };
    this.#byLogin.set(login, target);
    return target;
  }
}
