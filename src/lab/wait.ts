import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { KplayError } from '../model/errors.ts';

/** Looks again every 50 ms until `done` says yes; fails with E_LAB after the time. */
export const until = async (what: string, timeoutMs: number, done: () => Promise<boolean>, hint?: string): Promise<void> => {
  const deadline = performance.now() + timeoutMs;
  while (!(await done())) {
    if (performance.now() > deadline)
      throw new KplayError('E_LAB', `${what}: not within ${timeoutMs / 1000} s`, hint === undefined ? {} : { hint });
    await wait(50);
  }
};

/** Whether something listens there, within a second. */
export const answers = async (host: string, port: number): Promise<boolean> => {
  const socket = connect({ host, port });
  try {
    await once(socket, 'connect', { signal: AbortSignal.timeout(1000) });
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
};
