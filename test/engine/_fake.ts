import { Duplex } from 'node:stream';
import type { Clock } from '../../src/model/clock.ts';
import { KplayError } from '../../src/model/errors.ts';
import type { Address, Connection, Connector, Request, Response } from '../../src/model/session.ts';

/** A machine of the fake world: named cells, users, and nothing else. */
export interface Machine {
  readonly cells: Map<string, string>;
  readonly users: Set<string>;
  /** Connections that ran anything, by who logged in. */
  readonly used: Map<string, Set<object>>;
}

/** The cell that only root can read. */
const SECRET = 'z';

/**
 * Hosts that hold cells instead of files. Programs are the few words of test/engine/_modules.ts; any other word fails the test. Programs of
 * one shell run one after the other, each after a random number of turns of the event loop's microtasks, so that what is looked at ahead
 * of its turn may really be early.
 */
export class World {
  readonly machines = new Map<string, Machine>();
  /** What an API says; everybody who looks outward sees it. */
  readonly api = new Map<string, string>();
  /** Every program in the order it ran: `machine user word…`. */
  readonly trace: string[] = [];
  /** Programs for users that do not exist. */
  refused = 0;
  /** How many programs ran at the same time, on all machines together. */
  mostAtOnce = 0;
  #running = 0;
  readonly clock = new FakeClock();
  #seed: number;
  constructor(seed: number) {
    this.#seed = seed || 1;
  }

  machine(id: string): Machine {
    let machine = this.machines.get(id);
    if (!machine) this.machines.set(id, (machine = { cells: new Map(), users: new Set(['root', 'ops']), used: new Map() }));
    return machine;
  }

  /** `ansible_host` names the machine; what follows a dot is one more address of it. */
  readonly connector: Connector = {
    connect: async (address: Address): Promise<Connection> => {
      if (address.host === 'down') throw new KplayError('E_CONNECT', 'down');
      const id = address.host.split('.')[0]!;
      const machine = this.machine(id);
      const self = {};
      const login = address.user ?? 'root';
      const shells = new Map<string, Promise<unknown>>();
      return {
        target: id,
        forward: () => Promise.resolve(this.#stream(id)),
        close: () => Promise.resolve(),
        run: request => {
          const user = request.become?.user ?? login;
          const turn = (shells.get(user) ?? Promise.resolve()).then(async () => {
            this.mostAtOnce = Math.max(this.mostAtOnce, ++this.#running);
            await this.#dawdle();
            this.#running -= 1;
            machine.used.set(login, (machine.used.get(login) ?? new Set()).add(self));
            return this.#execute(id, user, request);
          });
          shells.set(
            user,
            turn.catch(() => undefined),
          );
          return turn;
        },
      };
    },
  };

  /** Words to the API in, answers out. */
  #stream(id: string): Duplex {
    const stream: Duplex = new Duplex({
      read: () => undefined,
      write: (words: Buffer, _encoding, done) => {
        stream.push(this.#run(id, 'api', words.toString(), '') || '\n');
        done();
      },
    });
    return stream;
  }

  /** The whole state, for comparison. */
  snapshot(): unknown {
    const machines = [...this.machines].toSorted().map(([id, { cells, users }]) => [id, [...cells].toSorted(), [...users].toSorted()]);
    return { machines, api: [...this.api].toSorted(), refused: this.refused };
  }

  async #dawdle(): Promise<void> {
    this.#seed = (this.#seed * 48_271) % 2_147_483_647;
    for (let turns = this.#seed % 7; turns > 0; turns--) await Promise.resolve();
  }

  #execute(id: string, user: string, { script }: Request): Response {
    if (!this.machine(id).users.has(user)) {
      this.refused += 1;
      throw new KplayError('E_BECOME', `no user ${user}`);
    }
    let environment = '';
    const program = script.replace(/^export (\w+)=(\S*)\n/gm, (_, name: string, value: string) => {
      environment += `${name}=${value} `;
      return '';
    });
    const mark = /kplay:\w+:/.exec(program)?.[0];
    if (mark !== undefined) {
      const looks = [...program.matchAll(/\(\n([^]*?)\n\)\n/g), ...program.matchAll(/ TERM\n([^]*)$/g)];
      return ok(looks.map(([, look = '']) => `${this.#run(id, user, look, environment)}\n${mark}0\n`).join(''));
    }
    try {
      return ok(this.#run(id, user, program, environment));
    } catch (error) {
      if (error instanceof Refused) return { rc: 1, stdout: Buffer.alloc(0), stderr: Buffer.from(error.message) };
      throw error;
    }
  }

  #run(id: string, user: string, program: string, environment: string): string {
    this.trace.push(`${id} ${user} ${program}`);
    const machine = this.machine(id);
    const [word = '', ...rest] = program.split(' ');
    const [name = '', value = ''] = rest;
    switch (word) {
      case 'true':
        return '';
      case 'cells':
        return rest.map(cell => `${(user === 'root' || cell !== SECRET ? machine.cells.get(cell) : undefined) ?? '-'}\n`).join('');
      case 'users':
        return rest.map(one => `${machine.users.has(one) ? 'yes' : 'no'}\n`).join('');
      // What passes by itself: it moves whenever time does.
      case 'drift':
        return rest.map(() => `${Math.floor(this.clock.tick() / 10_000)}\n`).join('');
      case 'api':
        return rest.map(one => `${this.api.get(one) ?? '-'}\n`).join('');
      case 'set':
        machine.cells.set(name, value);
        if (value === 'boom') throw new Refused(`${name} went boom`);
        return '';
      case 'spread':
        for (const other of this.machines.values()) other.cells.set(name, value);
        return '';
      case 'serve':
        machine.cells.set(name, value);
        this.api.set(name, value);
        return '';
      case 'publish':
        for (const other of this.machines.values()) other.cells.set(name, value);
        this.api.set(name, value);
        return '';
      case 'bump': {
        const next = `${Number(machine.cells.get(name) ?? 0) + 1}`;
        machine.cells.set(name, next);
        return `${next} ${environment}`;
      }
      case 'adduser':
        machine.users.add(name);
        return '';
      default:
        throw new Error(`the fake host does not know: ${program}`);
    }
  }
}
class Refused extends Error {}
const ok = (stdout: string): Response => ({ rc: 0, stdout: Buffer.from(stdout), stderr: Buffer.alloc(0) });

/** Stands still until somebody waits. */
export class FakeClock implements Clock {
  #now = 0;
  now(): Date {
    return new Date(this.#now);
  }
  tick(): number {
    return this.#now;
  }
  async wait(durationMs: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    this.#now += durationMs;
  }
}
