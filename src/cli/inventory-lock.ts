import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync, realpathSync } from 'node:fs';
import { type Server, connect, createServer } from 'node:net';
import { text } from 'node:stream/consumers';
import { KplayError } from '../model/errors.ts';

/** `converge` wants to be alone; `run` bears anybody who does not. */
export type Holder = 'converge' | 'run';

/**
 * Does the work while nobody else on this machine is at work on the same inventory, or only others who share it; refuses with E_BUSY. The
 * lock is an abstract socket for each source (unix(7)): the kernel drops it with its process, so nothing stale is ever left, and who asks
 * is told who holds it. Whoever comes first opens a socket before looking for others', so of two who meet at least one sees the other.
 */
export const withInventory = async <T>(sources: readonly string[], holder: Holder, work: () => Promise<T>): Promise<T> => {
  // Only Linux has abstract sockets.
  if (process.platform !== 'linux') return await work();
  const held: Server[] = [];
  try {
    for (const source of sources.length > 0 ? sources : ['localhost']) held.push(await hold(source, holder));
    return await work();
  } finally {
    for (const server of held) server.close();
  }
};

const hold = async (source: string, holder: Holder): Promise<Server> => {
  const place = placeOf(source);
  const alone = `${place}converge`;
  const own = holder === 'converge' ? alone : `${place}run:${process.pid}.${randomBytes(4).toString('hex')}`;
  const introduced = introduction(holder, new Date().toISOString().replace(/\.\d+/, ''));
  const server = createServer(socket => socket.on('error', () => socket.destroy()).end(introduced)).unref();
  try {
    await once(server.listen(addressOf(own)), 'listening');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    throw busy(source, (await askHolder(alone)) ?? 'a kplay that has just ended');
  }
  const others = holder === 'converge' ? openSockets().filter(name => name.startsWith(place) && name !== own) : [alone];
  for (const other of others) {
    const who = await askHolder(other);
    if (who === undefined) continue;
    server.close();
    throw busy(source, who);
  }
  return server;
};

/** Inventories are told apart by their files, whatever leads there. */
const placeOf = (source: string): string => {
  const file = source.includes(',') ? source : realpathOf(source);
  return `kplay:${createHash('sha256').update(file).digest('hex').slice(0, 16)}:`;
};
const realpathOf = (path: string): string => {
  try {
    return realpathSync(path);
  } catch {
    // What is not there is told by whoever reads it.
    return path;
  }
};
/** As long as a name may be: some versions of Node.js fill it up, and each must find the others'. */
const addressOf = (name: string): string => `\0${name}`.padEnd(108, '\0');

/** Names of this machine's abstract sockets (proc(5), /proc/net/unix). */
const openSockets = (): readonly string[] => [
  ...new Set([...readFileSync('/proc/net/unix', 'utf8').matchAll(/ @(\S+?)@*$/gm)].map(([, name = '']) => name)),
];

const introduction = (holder: Holder, since: string): string => {
  const { SUDO_USER, LOGNAME, USER } = process.env;
  return `kplay ${holder} of ${SUDO_USER ?? LOGNAME ?? USER ?? `uid ${process.getuid?.()}`}, pid ${process.pid}, since ${since}`;
};

/** Who holds it; undefined when nobody does. */
const askHolder = async (name: string): Promise<string | undefined> => {
  const socket = connect(addressOf(name));
  const late = AbortSignal.timeout(1000);
  late.addEventListener('abort', () => socket.destroy(new Error('no answer')));
  try {
    await once(socket, 'connect');
    return await text(socket);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ECONNREFUSED' ? undefined : 'a kplay that does not answer';
  }
};

const busy = (source: string, who: string): KplayError =>
  new KplayError('E_BUSY', `${source} is being worked on by ${who}`, { hint: 'wait until it is done' });
