import { randomBytes } from 'node:crypto';
import type { Clock } from '../model/clock.ts';
import type { Become, Connection, Request, Response } from '../model/session.ts';
import { type Opening, openLoop } from './handshake.ts';
import { LinkLost } from './link-lost.ts';
import { interrupted, Shell } from './shell.ts';

/** The transport under a connection: it starts programs on the target, opens TCP streams from there, and ends. */
export interface Link extends Opening {
  forward(host: string, port: number): Promise<NodeJS.ReadWriteStream>;
  /** `keep`: another run may go on with it, for nothing runs over it and nothing was given up. */
  end(keep: boolean): void;
  /** Why nothing can be started any more. */
  lost(): string | undefined;
}

const keyOf = (become: Become | undefined): string => JSON.stringify([become?.method, become?.user, become?.password, become?.flags]);
/** The login user's own shell. */
const OWN = keyOf(undefined);

interface Slot {
  readonly opening: Promise<Shell>;
  shell?: Shell;
}

/** A connection that may serve one run after another. */
export interface Lasting extends Connection {
  /** Ends what is one run's own: the shells of users that were become. Says whether another run may go on with the rest. */
  settle(): Promise<boolean>;
  /** Ends all shells, and leaves the link. */
  leave(): Promise<void>;
}

/** A connection over a link. The login user's shell is opened at once, because it tells which target this is; others when first needed. */
export const connectionOver = async (link: Link): Promise<Lasting> => {
  const { host, clock } = link;
  const slots = new Map<string, Slot>();
  let target = '';
  let closed: string | undefined;
  let gaveUp = false;

  const start = async (become: Become | undefined): Promise<Shell> => {
    const { channel, ready } = await openLoop(link, become).catch((error: unknown) => {
      const why = target === '' ? undefined : link.lost();
      throw why === undefined ? error : new LinkLost(host, why, false);
    });
    target ||= ready.target;
    const beside = async (script: () => string): Promise<string> => {
      const shell = await start(become);
      try {
        const { stdout, stderr } = await shell.run({ script: script() });
        return Buffer.concat([stdout, stderr]).toString();
      } finally {
        await shell.close();
      }
    };
    return new Shell({ host, clock, channel, ready, nonce: randomBytes(16).toString('hex'), beside });
  };

  const shellOf = async (become: Become | undefined): Promise<Shell> => {
    const key = keyOf(become);
    const known = slots.get(key);
    if (known && !known.shell?.lost) return known.opening;
    gaveUp ||= known !== undefined;
    const gone = closed ?? link.lost();
    if (gone !== undefined) throw new LinkLost(host, gone, false);
    const slot: Slot = {
      opening: start(become).then(
        shell => (slot.shell = shell),
        (error: unknown) => {
          if (slots.get(key) === slot) slots.delete(key);
          throw error;
        },
      ),
    };
    slots.set(key, slot);
    return slot.opening;
  };

  const run = async (request: Request): Promise<Response> => {
    const shell = await unlessAborted(shellOf(request.become), host, request.signal);
    try {
      return await shell.run(request);
    } catch (error) {
      // Only the loop is gone, and nothing of this request was sent: another loop does it.
      if (error instanceof LinkLost && !error.started && (closed ?? link.lost()) === undefined) return run(request);
      throw error;
    }
  };

  try {
    await shellOf(undefined);
  } catch (error) {
    link.end(false);
    throw error;
  }

  const isSound = (): boolean => !gaveUp && [...slots.values()].every(({ shell }) => shell?.lost === false);
  const end = async (keys: readonly string[]): Promise<void> => {
    const ending = keys.map(key => slots.get(key)!.opening);
    for (const key of keys) slots.delete(key);
    await Promise.allSettled(ending.map(async opening => (await opening).close()));
  };

  return {
    target,
    forward: (to, port) => link.forward(to, port),
    run,
    async settle() {
      const sound = isSound();
      await end([...slots.keys()].filter(key => key !== OWN));
      return sound && link.lost() === undefined;
    },
    async leave() {
      closed = 'closed';
      await end([...slots.keys()]);
    },
    async close(keep = false) {
      closed = 'closed';
      const sound = isSound();
      await end([...slots.keys()]);
      link.end(keep && sound);
    },
  };
};

/** The host of a kept login may have gone without a word: unless the work proves in this time that it has not, the login is given up. */
export const provenWithin = async <T>(clock: Clock, timeoutMs: number, giveUp: () => void, work: () => Promise<T>): Promise<T> => {
  const proven = new AbortController();
  clock.wait(timeoutMs, proven.signal).then(giveUp, () => undefined);
  try {
    return await work();
  } finally {
    proven.abort();
  }
};

/** Does not wait for a password dialogue when the user wants out. */
export const unlessAborted = async <T>(promise: Promise<T>, host: string, signal: AbortSignal | undefined): Promise<T> => {
  if (!signal) return promise;
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const onAbort = (): void => reject(interrupted(host));
  if (signal.aborted) onAbort();
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
};
