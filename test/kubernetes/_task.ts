import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import type { z } from 'zod';
import type { Clock } from '../../src/model/clock.ts';
import type { Line } from '../../src/model/line.ts';
import type { ApiModule, Changes, Controller, Fields } from '../../src/model/module.ts';
import type { Probe, Probes } from '../../src/model/probe.ts';
import { look } from '../tasks/_converge.ts';
import { realClock } from '../../src/cli/clock.ts';

export interface TaskOptions {
  readonly check?: boolean;
  readonly clock?: Clock;
  readonly signal?: AbortSignal;
  readonly run?: string;
  readonly controller?: Partial<Controller>;
  /** Told what is waited for. */
  readonly waiting?: (reason: string) => void;
  /** Told of every stream that is opened. */
  readonly opened?: (stream: Duplex) => void;
}
export interface Done {
  readonly changes: Changes;
  readonly result: Fields;
}

/** A line to this machine itself. */
export const lineHere = ({ clock = realClock, signal, run = 'r1', waiting, opened }: TaskOptions = {}): Line => ({
  run,
  host: 'here',
  clock,
  signal: signal ?? new AbortController().signal,
  connect: (host, port) =>
    new Promise((resolve, reject) => {
      const socket = connect({ host, port });
      opened?.(socket);
      socket.once('connect', () => resolve(socket)).once('error', reject);
    }),
  observe: <Seen extends readonly unknown[]>(probes: Probes<Seen>) =>
    Promise.resolve().then(() => (probes as readonly Probe[]).map(probe => look(probe)) as unknown as Seen),
  waiting: reason => waiting?.(reason),
});

/** One task, as the engine runs it. */
export const runTask = async <Args extends z.ZodObject, Api extends Disposable, Seen, Result, Ready>(
  module: ApiModule<Args, Api, Seen, Result, Ready>,
  raw: unknown,
  options: TaskOptions = {},
): Promise<Done> => {
  const mode = { check: options.check ?? false, diff: true };
  const refuse = (): never => {
    throw new Error('this test gave the module no controller');
  };
  const ready = await module.prepare(module.args.parse(raw), {
    ...mode,
    find: refuse,
    render: refuse,
    decrypt: refuse,
    once: (_key, make) => make(),
    ...options.controller,
  });
  using api = await module.connect(ready, lineHere(options));
  const seen = await module.observe(ready, api, mode);
  const changes = module.analyze(ready, seen, mode);
  const done = changes.length === 0 || mode.check ? undefined : await module.act(ready, seen, changes, api);
  return { changes, result: { changed: changes.length > 0, ...module.result(ready, seen, changes, done) } };
};

/** A clock on which a wait takes no time but what happens in it. */
export const clockOf = (meanwhile: (durationMs: number) => unknown = () => undefined): Clock => {
  let now = 0;
  return {
    now: () => new Date(now),
    tick: () => now,
    async wait(durationMs, signal) {
      signal?.throwIfAborted();
      await meanwhile(durationMs);
      now += durationMs;
      signal?.throwIfAborted();
    },
  };
};
