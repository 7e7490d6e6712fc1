import type { Duplex } from 'node:stream';
import { KplayError } from '../model/errors.ts';
import type { Line } from '../model/line.ts';
import type { Probes } from '../model/probe.ts';
import type { RunContext } from './context.ts';
import type { Seat } from './targets.ts';
import type { Turn } from './turn.ts';

/** Gives one task a line through its seat, and takes it back at the end: every stream is closed, nothing waits on. */
export const withLine = async <T>(
  { options, looker }: RunContext,
  { task, info, host }: Turn,
  { seat, timeoutMs }: { readonly seat: Seat; readonly timeoutMs?: number },
  work: (line: Line) => Promise<T>,
): Promise<T> => {
  const { clock, emit } = options;
  const streams = new Set<Duplex>();
  const [over, late] = [new AbortController(), new AbortController()];
  if (timeoutMs !== undefined)
    clock.wait(timeoutMs, over.signal).then(
      () => late.abort(new KplayError('E_TIMEOUT', `The task took longer than ${timeoutMs / 1000} s`, { at: task.at })),
      () => undefined,
    );
  const { address, connection } = seat.target;
  const line: Line = {
    run: options.run,
    host: address.name,
    clock,
    signal: AbortSignal.any([options.signal, late.signal]),
    async connect(to, port) {
      const stream = (await connection.forward(to, port)) as Duplex;
      streams.add(stream);
      stream.once('close', () => streams.delete(stream));
      return stream;
    },
    observe: async <Seen extends readonly unknown[]>(probes: Probes<Seen>) => (await looker.see(seat, probes)) as unknown as Seen,
    waiting: reason => emit({ type: 'host-wait', task: info, host: host.name, reason }),
  };
  try {
    return await work(line);
  } finally {
    over.abort();
    for (const stream of streams) stream.destroy();
  }
};
