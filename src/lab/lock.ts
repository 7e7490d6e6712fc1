import { once } from 'node:events';
import { createServer } from 'node:net';
import { KplayError } from '../model/errors.ts';

/**
 * Does the work while no other process does work under the same name, else refuses with E_LAB. The lock is an abstract socket (unix(7)):
 * the kernel drops it with its process, so nothing stale is ever left.
 */
export const withLock = async <T>(name: string, work: () => Promise<T>): Promise<T> => {
  const lock = createServer();
  try {
    await once(lock.listen(`\0kplay-lab:${name}`), 'listening');
  } catch (cause) {
    throw new KplayError('E_LAB', `another kplay lab command is at work on ${name}`, { hint: 'wait until it is done', cause });
  }
  try {
    return await work();
  } finally {
    lock.close();
  }
};
