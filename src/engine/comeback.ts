import { KplayError } from '../model/errors.ts';
import type { Comeback, Output } from '../model/module.ts';
import { send, type Sender } from './send.ts';
import type { Seat } from './targets.ts';

interface Waiter extends Sender {
  wait(durationMs: number): Promise<void>;
  reconnect(seat: Seat, timeoutMs: number | undefined): Promise<Seat>;
}

const FIRST_PAUSE_MS = 1000;
const MAX_PAUSE_MS = 12_000;
const ANSWER_MS = 60_000;
/** What a host says on its way down or up: a login is refused while /run/nologin exists. */
const PASSING: ReadonlySet<string> = new Set(['E_CONNECT', 'E_LINK_LOST', 'E_AUTH', 'E_TIMEOUT', 'E_BECOME']);

/** The answer of a host that went away as it was told to. Any other error is thrown on, also that of a link that had broken before. */
export const hasLeft = (error: unknown, now: Date): Output => {
  const isLost = error instanceof KplayError && error.code === 'E_LINK_LOST';
  if (!isLost || ('started' in error && error.started === false)) throw error;
  return { rc: 0, stdout: Buffer.alloc(0), stderr: Buffer.alloc(0), startedAt: now, endedAt: now };
};

/** Why a shell does not answer on a new connection, if time may mend that; undefined where it answers. Any other error is thrown on. */
export const whyAway = async (connect: () => Promise<Seat>, sender: Sender): Promise<string | undefined> => {
  try {
    await send({ script: 'true', timeoutMs: ANSWER_MS }, await connect(), sender, undefined, () => undefined);
    return undefined;
  } catch (error) {
    if (error instanceof KplayError && PASSING.has(error.code)) return error.message;
    throw error;
  }
};

/** Connects again, at growing intervals, until the host is back. E_TIMEOUT when it takes too long. */
export const comeBack = async (comeback: Comeback, seat: Seat, waiter: Waiter): Promise<Output> => {
  const startedAt = waiter.now().getTime();
  await waiter.wait(comeback.delayMs);
  let at = seat;
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, MAX_PAUSE_MS)) {
    let detail = 'it still is as it was before';
    try {
      at = await waiter.reconnect(at, comeback.connectTimeoutMs);
      const output = await send({ exit: 'any', ...comeback.look }, at, waiter, undefined, () => undefined);
      if (comeback.isBack(output)) return output;
      if (output.stderr.length > 0) detail = output.stderr.toString();
    } catch (error) {
      if (!(error instanceof KplayError) || !PASSING.has(error.code)) throw error;
      detail = error.message;
    }
    if (waiter.now().getTime() - startedAt > comeback.timeoutMs)
      throw new KplayError('E_TIMEOUT', `Timed out waiting for the host to come back (timeout=${comeback.timeoutMs / 1000})`, { detail });
    await waiter.wait(pauseMs);
  }
};
