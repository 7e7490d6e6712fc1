import type { Socket } from 'node:net';
import { callKeeper } from '../transport/keeper-place.ts';
import { FRAMES, line, unframe } from '../transport/keeper-wire.ts';
import { type End, type Handed, type Happened, type Question, screenOf, standing, TOLD } from './handed.ts';
import { keeperPlace } from './keeper-place.ts';
import { NAMES } from './signals.ts';
import type { System } from './system.ts';

type Handing = Pick<System, 'env' | 'cwd' | 'stdout' | 'stderr' | 'terminal'>;

/** Where nobody reads any more there is nothing to wait for. */
const GOES_ON = ['drain', 'error', 'close'] as const;

/** Files that mean another one in another process. */
const OWN_FILE = /\/(?:dev|proc)\//;

/**
 * Has the keeper run a command, where there is one that keeps logins for it: it has loaded and compiled what this process would have to. Resolves with the
 * exit code; with undefined where this process has to run it itself, and nothing has been done yet.
 */
export const handOver = async (argv: readonly string[], from: Handing): Promise<number | undefined> => {
  if (argv.some(arg => OWN_FILE.test(arg))) return undefined;
  const keeper = await callKeeper(keeperPlace(from.env));
  return keeper && (await relay(keeper.socket, argv, from));
};

const relay = async (socket: Socket, argv: readonly string[], from: Handing): Promise<number | undefined> => {
  const { env, cwd, stdout, stderr, terminal } = from;
  const { promise, resolve } = Promise.withResolvers<number | undefined>();
  const say = (message: Happened | { readonly handed: Handed }): void => void socket.write(line(message));
  const hear = (signal: NodeJS.Signals): void => say({ signal });
  const resized = (): void => say({ resized: screenOf(stdout) });
  let begun = false;

  const ask = async ({ question, hidden }: Question): Promise<void> =>
    terminal.ask(question, hidden).then(
      answer => say({ answer }),
      (error: Error) => say({ failed: error.message }),
    );
  const print = (stream: NodeJS.WriteStream, bytes: Buffer): void => {
    if (stream.write(bytes)) return;
    socket.pause();
    const goOn = (): void => {
      for (const event of GOES_ON) stream.off(event, goOn);
      socket.resume();
    };
    for (const event of GOES_ON) stream.on(event, goOn);
  };
  socket.on(
    'data',
    unframe((kind, bytes) => {
      if (kind === FRAMES.stdout) print(stdout, bytes);
      else if (kind === FRAMES.stderr) print(stderr, bytes);
      else if (kind === TOLD.begun) begun = true;
      else if (kind === TOLD.question) void ask(JSON.parse(bytes.toString()) as Question);
      else resolve((JSON.parse(bytes.toString()) as End).code);
    }),
  );
  socket
    .on('error', () => undefined)
    .on('end', () => socket.destroy())
    .on('close', () => {
      if (begun) stderr.write(GONE);
      resolve(begun ? 1 : undefined);
    });
  for (const name of NAMES) process.on(name, hear);
  stdout.on('resize', resized);
  const screens = { stdin: terminal.stdin, stdout: screenOf(stdout), stderr: screenOf(stderr) };
  say({ handed: { argv, cwd, env, umask: process.umask(), standing: standing(), ...screens } });
  try {
    return await promise;
  } finally {
    for (const name of NAMES) process.off(name, hear);
    stdout.off('resize', resized);
    socket.removeAllListeners('close').destroy();
  }
};

const GONE = `kplay: the keeper of connections ended while it ran this command; what it was at on the hosts was cut off.
Run it again; with --keep-connections 0s it runs in a process of its own.
`;
