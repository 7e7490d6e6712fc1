import { spawn } from 'node:child_process';
import { Duplex } from 'node:stream';
import type { Channel } from '../shell/channel.ts';

/** A child process of the controller as a channel. It leads its own session, so that Ctrl-C reaches it only through us. */
export const processChannel = (argv: readonly string[]): Promise<Channel> => {
  const [file = '', ...args] = argv;
  const child = spawn(file, args, { stdio: ['pipe', 'pipe', 'pipe'], detached: true });
  const closed = new Promise<string>(resolve => {
    child.once('error', error => resolve(error.message));
    child.once('close', (code, signal) => resolve(signal ? `ended by ${signal}` : `exit status ${code}`));
  });
  const close = (): void => {
    child.stdin.end();
    child.stdout.destroy();
    child.stderr.destroy();
    child.unref();
  };
  return Promise.resolve({ stdin: child.stdin, stdout: child.stdout, stderr: child.stderr, closed, close });
};

/** A child process's stdin and stdout as one stream, as ProxyCommand has it. */
export const processStream = ([file = '', ...args]: readonly string[]): Duplex => {
  const child = spawn(file, args, { stdio: ['pipe', 'pipe', 'ignore'] });
  const { stdin, stdout } = child.on('error', () => stdout.destroy());
  // When the program ends first, that is the stream's end and no reason to end ours.
  return Duplex.from({ writable: stdin, readable: stdout }).on('error', () => undefined);
};
