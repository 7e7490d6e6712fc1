import { connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Route } from './route.ts';

/** A stream to speak ssh over. Its errors are heard by ssh2, which has to get it at once. */
export type Dial = () => Promise<Duplex>;

export const tcp =
  (host: string, port: number): Dial =>
  () =>
    Promise.resolve(open(host, port));

/** A quarter of a second for each address, Node's default, is too short for far hosts. */
const open = (host: string, port: number): Socket =>
  gathering(connect({ host, port, noDelay: true, autoSelectFamilyAttemptTimeout: 1500 }));

/** ssh2 writes a packet in three pieces: length, contents and tag. What is written in one turn leaves in one system call. */
const gathering = (socket: Socket): Socket => {
  const write = socket.write.bind(socket) as (...args: readonly unknown[]) => boolean;
  return Object.assign(socket, {
    write(...args: readonly unknown[]): boolean {
      if (socket.writableCorked === 0) {
        socket.cork();
        process.nextTick(() => socket.uncork());
      }
      return write(...args);
    },
  });
};

/**
 * The TCP connection to a host, on its way before anybody can speak ssh over it: sshd starts a process for it meanwhile. `dial` gives it to the first who
 * asks. Undefined where a command makes the connection, or another host, which many may share.
 */
export const dialAhead = ({ jumps, target: { host, port }, proxyCommand }: Route): ({ readonly dial: Dial } & Disposable) | undefined => {
  if (proxyCommand !== undefined || jumps.length > 0) return undefined;
  const anew = tcp(host, port);
  let ahead: Socket | undefined = open(host, port);
  // Whoever dials anew hears of it.
  ahead.on('error', () => undefined);
  return {
    dial: () => {
      const socket = ahead;
      ahead = undefined;
      return socket && !socket.destroyed ? Promise.resolve(socket) : anew();
    },
    [Symbol.dispose]: () => void ahead?.destroy(),
  };
};
