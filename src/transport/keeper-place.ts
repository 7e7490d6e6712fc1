import { spawn } from 'node:child_process';
import { lstatSync, mkdirSync } from 'node:fs';
import { lstat, readlink, rm } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { basename, join } from 'node:path';
import { KplayError } from '../model/errors.ts';
import { sh } from '../shell/sh.ts';

/** Where keepers of this user are, and how one is started. */
export interface KeeperPlace {
  /** Absolute. */
  readonly folder: string;
  /** The version: a keeper of another one is not spoken to. */
  readonly stamp: string;
  /** Starts a keeper, given the folder and the stamp as its last arguments; it prints its socket's name once it listens. */
  readonly command: readonly string[];
  /** Its whole environment. */
  readonly env: Readonly<Record<string, string>>;
}

/** sockaddr_un holds 108 bytes, the last one zero (unix(7)). */
const MAX_PATH_BYTES = 107;
/** `/` and a keeper's name. */
const NAME_BYTES = 32;

/** Makes the folder where there is none. Fails with E_USAGE unless it is this user's own and closed to everyone else. */
export const privateFolder = (folder: string): void => {
  if (Buffer.byteLength(folder) + NAME_BYTES > MAX_PATH_BYTES)
    throw new KplayError('E_USAGE', `The folder for kept connections has too long a name for a socket: ${folder}.`, {
      hint: 'Set XDG_RUNTIME_DIR to a private folder with a shorter name.',
    });
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw new KplayError('E_USAGE', `The folder for kept connections cannot be made: ${(cause as Error).message}.`, { cause });
  }
  const stat = lstatSync(folder);
  if (stat.isDirectory() && stat.uid === process.getuid?.() && (stat.mode & 0o077) === 0) return;
  const message = `Connections are not kept in ${folder}: whoever can enter it could use them.`;
  throw new KplayError('E_USAGE', message, { hint: `It must be a folder of your own: ${sh`chmod 700 ${folder}`}` });
};

/** The link that names the socket of the keeper of one version. */
export const currentIn = (folder: string, stamp: string): string => join(folder, `current-${stamp}`);

/** Opens a socket to the keeper that is there; undefined when there is none. */
export const callKeeper = async ({ folder, stamp }: KeeperPlace): Promise<{ socket: Socket; path: string } | undefined> => {
  const name = await readlink(currentIn(folder, stamp)).catch(() => undefined);
  if (name === undefined) return undefined;
  const path = join(folder, basename(name));
  const stat = await lstat(path).catch(() => undefined);
  if (!stat?.isSocket() || stat.uid !== process.getuid?.()) return undefined;
  try {
    return { socket: await openSocket(path), path };
  } catch {
    // It was killed: what it left behind leads nowhere any more.
    await rm(path, { force: true });
    return undefined;
  }
};

export const openSocket = (path: string): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const socket = connect({ path, allowHalfOpen: true });
    socket.once('error', reject).once('connect', () => {
      socket.off('error', reject);
      resolve(socket);
    });
  });

/** Starts a keeper that outlives this process. Resolves when it listens, or when it is clear that it never will. */
export const startKeeper = ({ command, folder, stamp, env }: KeeperPlace): Promise<void> =>
  new Promise(resolve => {
    const [file = '', ...args] = command;
    const child = spawn(file, [...args, folder, stamp], { detached: true, stdio: ['ignore', 'pipe', 'ignore'], cwd: '/', env });
    const done = (): void => {
      child.stdout.destroy();
      child.unref();
      resolve();
    };
    child.stdout.once('data', done);
    child.once('error', done).once('exit', done);
  });
