import { connect } from 'node:net';
import type { Clock } from '../model/clock.ts';
import type { Address, Connection } from '../model/session.ts';
import { connectionOver } from './connection.ts';
import { processChannel } from './process.ts';

/**
 * The controller itself. Node gives children sockets, which cannot be reopened as /dev/stdout or /dev/stderr; Ansible gives pipes, so
 * two `cat`s stand between.
 */
const PIPES = '{ { eval "$1" 2>&1 >&3 3>&- | cat >&2; } 3>&1 | cat; }';

export const connectLocal = ({ name, timeoutMs }: Address, clock: Clock): Promise<Connection> =>
  connectionOver({
    host: name,
    clock,
    timeoutMs,
    start: command => processChannel(['/bin/sh', '-c', PIPES, '/bin/sh', command]),
    forward: (host, port) =>
      new Promise((resolve, reject) => {
        const socket = connect({ host, port });
        socket.once('connect', () => resolve(socket)).once('error', reject);
      }),
    end: () => undefined,
    lost: () => undefined,
  });
