import { connect, createServer, type Socket } from 'node:net';

/** A slow network in front of a port of this machine. */
export interface Network {
  readonly port: number;
  /** When bursts of the client's were answered, as Date.now() has it: each waited one round trip at least. */
  readonly answered: readonly number[];
  stop(): Promise<void>;
}

/** What timers of whole milliseconds, rounded on both ways, may be early. */
const EARLY_MS = 3;

/**
 * A TCP proxy that delays what goes either way. Timers of one length run in the order they were set, which keeps the bytes in order. A round
 * trip, seen from the client's end: what it sends after an answer begins one, and what arrives no sooner than the network allows ends it; what
 * was underway already is no answer.
 */
export const slowNetwork = async (to: number, delayMs: number): Promise<Network> => {
  const sockets = new Set<Socket>();
  const answered: number[] = [];
  const later = (then: () => void, ms = delayMs): void => void (ms === 0 ? then() : setTimeout(then, ms));
  const server = createServer({ noDelay: true, allowHalfOpen: true, pauseOnConnect: true }, client => {
    let asked: number | undefined;
    const sent = (): void => void (asked ??= Date.now());
    const received = (): void => {
      if (asked === undefined || Date.now() - asked < 2 * delayMs - EARLY_MS) return;
      answered.push(Date.now());
      asked = undefined;
    };
    // Connecting takes a round trip as well: the server hears of it half way, the client may send after all of it.
    later(() => {
      const upstream = connect({ port: to, host: '127.0.0.1', noDelay: true, allowHalfOpen: true });
      for (const socket of [client, upstream]) {
        sockets.add(socket);
        socket.on('close', () => sockets.delete(socket)).on('error', () => undefined);
      }
      carry(client, upstream, sent, () => undefined);
      carry(upstream, client, () => undefined, received);
      later(() => client.resume());
    });
  });
  const carry = (from: Socket, into: Socket, left: () => void, arrived: () => void): void => {
    from.on('data', (chunk: Buffer) => {
      left();
      later(() => {
        if (into.destroyed) return;
        into.write(chunk);
        arrived();
      });
    });
    from.on('end', () => later(() => into.end()));
    from.on('close', () => later(() => into.destroy()));
  };
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    port: typeof address === 'object' && address ? address.port : 0,
    answered,
    stop: () =>
      new Promise(resolve => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
};
