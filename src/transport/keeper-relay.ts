import type { Socket } from 'node:net';
import type { Duplex, Readable } from 'node:stream';
import type { Channel } from '../shell/channel.ts';
import type { Lease } from './keeper-run.ts';
import { type Closed, frameHead, FRAMES, line, type Opening, told } from './keeper-wire.ts';
import { LinkLost } from './link-lost.ts';
import { execute, forward } from './ssh.ts';

/** Opens a program or a TCP stream over a run's login, and carries its bytes for as long as it and the socket last. */
export const relay = async (socket: Socket, opening: Opening, lease: Lease | undefined): Promise<void> => {
  const login = lease?.reached?.login;
  if (!lease || !login) return void socket.end(line({ error: told(new LinkLost('the host', 'closed', false)), lost: 'closed' }));
  const { target } = lease.route;
  lease.sockets.add(socket);
  socket.on('close', () => lease.sockets.delete(socket));
  try {
    if ('command' in opening) relayProgram(socket, await execute(login, target, opening.command, opening.env), login.lost);
    else relayStream(socket, await forward(login, target, opening.host, opening.port));
  } catch (error) {
    socket.end(line({ error: told(error), ...why(login.lost()) }));
  }
};

const why = (lost: string | undefined): { lost?: string } => (lost === undefined ? {} : { lost });

const relayProgram = (socket: Socket, channel: Channel, lost: () => string | undefined): void => {
  if (socket.destroyed) return channel.close();
  socket.write(line({}));
  const frames = (kind: number, from: Readable): void => {
    from.on('data', (bytes: Buffer) => {
      socket.cork();
      socket.write(frameHead(kind, bytes.length));
      const hasRoom = socket.write(bytes);
      socket.uncork();
      if (hasRoom || socket.destroyed) return;
      from.pause();
      socket.once('drain', () => from.resume());
    });
  };
  frames(FRAMES.stdout, channel.stdout);
  frames(FRAMES.stderr, channel.stderr);
  channel.stdin.on('error', () => undefined);
  socket.pipe(channel.stdin);
  socket.on('close', () => channel.close());
  void channel.closed.then(ending => {
    const said = Buffer.from(JSON.stringify({ why: ending, ...why(lost()) } satisfies Closed));
    if (socket.writable) socket.end(Buffer.concat([frameHead(FRAMES.closed, said.length), said]));
  });
};

const relayStream = (socket: Socket, stream: Duplex): void => {
  if (socket.destroyed) return void stream.destroy();
  socket.write(line({}));
  stream.on('error', () => socket.destroy()).on('close', () => socket.end());
  socket.on('close', () => stream.destroy());
  socket.pipe(stream).pipe(socket);
};
