import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readlinkSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import type { Clock } from '../model/clock.ts';
import { type AskPassphrase, KeyRing } from './credentials.ts';
import { HostKeys } from './host-keys.ts';
import { currentIn, privateFolder } from './keeper-place.ts';
import { relay } from './keeper-relay.ts';
import { KeeperRun } from './keeper-run.ts';
import { firstLine, type Greeting } from './keeper-wire.ts';
import type { Keeps } from './keeping.ts';
import { KeepingHere } from './keeping-here.ts';
import { Shelf } from './shelf.ts';

export interface KeeperOptions {
  readonly folder: string;
  readonly stamp: string;
  readonly clock: Clock;
  readonly commands?: Commands;
}
/** Commands of the command line, which a keeper runs in its own, warm process. */
export interface Commands {
  /** One of them, handed over on a socket. `keeping`: for its connections. Ends the socket. */
  run(socket: Socket, command: unknown, keeping: (askPassphrase: AskPassphrase | undefined) => Keeps): Promise<void>;
  /** Some may come soon: a run has ended, and left something. */
  prepare(): Promise<void>;
}
export interface RunningKeeper {
  /** Its socket's name in the folder. */
  readonly name: string;
  readonly ended: Promise<void>;
}

/** How long it waits for the run that started it. */
const FIRST_RUN_MS = 10_000;

/**
 * Holds ssh logins for the runs of one user: a run that comes within their time goes on with them, one run at a time. It logs in as a run
 * itself would, and relays the streams of programs. It ends when no run is there and nothing is kept.
 */
export const keepConnections = async ({ folder, stamp, clock, commands }: KeeperOptions): Promise<RunningKeeper> => {
  privateFolder(folder);
  const name = `keeper-${process.pid}-${randomBytes(4).toString('hex')}`;
  const ended = Promise.withResolvers<void>();
  const sockets = new Set<Socket>();
  const runs = new Map<string, KeeperRun>();
  let underWay = 0;

  const endIfIdle = (): void => {
    if (runs.size + underWay > 0 || !shelf.isEmpty || !server.listening) return;
    if (namedBy(currentIn(folder, stamp)) === name) rmSync(currentIn(folder, stamp), { force: true });
    for (const socket of sockets) socket.destroy();
    server.close(() => ended.resolve());
  };
  const shelf = new Shelf(clock, endIfIdle);
  const { ssh2 } = await import('./ssh2.ts');
  const keeping = (ask: AskPassphrase | undefined): Keeps =>
    new KeepingHere(shelf, { ssh2, clock, hostKeys: new HostKeys(), ring: new KeyRing(ssh2, ask) });

  const serve = async (socket: Socket): Promise<void> => {
    const greeting = await firstLine<Greeting>(socket);
    if (greeting === undefined) return void socket.destroy();
    if ('handed' in greeting) {
      if (!commands) return void socket.destroy();
      underWay += 1;
      await commands.run(socket, greeting.handed, keeping);
      underWay -= 1;
      return endIfIdle();
    }
    if ('of' in greeting) return relay(socket, greeting, runs.get(greeting.of)?.lease(greeting.login));
    const { run } = greeting;
    runs.set(run, new KeeperRun(socket, { ssh2, clock, shelf }));
    socket.on('close', () => {
      runs.get(run)?.end();
      runs.delete(run);
      endIfIdle();
      if (!shelf.isEmpty) void commands?.prepare();
    });
  };
  const server = createServer({ allowHalfOpen: true }, socket => {
    sockets.add(socket);
    // Whoever went away hears nothing more; `close` follows.
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
    void serve(socket);
  });
  await once(server.listen(join(folder, name)), 'listening');
  publish(folder, stamp, name);
  clock.wait(FIRST_RUN_MS).then(endIfIdle, () => undefined);
  return { name, ended: ended.promise };
};

/** From now on runs of this version come here. Of keepers that start at once the last one wins; the others go when their runs have. */
const publish = (folder: string, stamp: string, name: string): void => {
  const link = join(folder, `${name}.link`);
  symlinkSync(name, link);
  renameSync(link, currentIn(folder, stamp));
};

const namedBy = (link: string): string | undefined => {
  try {
    return readlinkSync(link);
  } catch {
    return undefined;
  }
};
