import { expect, test } from 'vitest';
import { comeBack, hasLeft } from '../../src/engine/comeback.ts';
import type { Seat } from '../../src/engine/targets.ts';
import { untimed } from '../../src/engine/timed.ts';
import { type ErrorCode, KplayError } from '../../src/model/errors.ts';
import type { Comeback, Output } from '../../src/model/module.ts';
import type { Connection } from '../../src/model/session.ts';
import { World } from './_fake.ts';

/** A host that gives one answer for each connection: what it prints, or why there is none. */
const visit = async (answers: readonly (string | ErrorCode)[], more: Partial<Comeback> = {}) => {
  const { clock } = new World(1);
  const startedAt = clock.tick();
  const left = [...answers];
  const connects: (number | undefined)[] = [];
  const seatOf = (connection: Connection): Seat =>
    ({ identity: '', prelude: '', timed: untimed, target: { connection, opened: new Set() } }) as unknown as Seat;
  const reconnect = async (_from: Seat, timeoutMs: number | undefined): Promise<Seat> => {
    connects.push(timeoutMs);
    const answer = left.shift() ?? 'old';
    if (answer.startsWith('E_')) throw new KplayError(answer as ErrorCode, answer);
    const run = () => Promise.resolve({ rc: 0, stdout: Buffer.from(answer), stderr: Buffer.alloc(0) });
    return seatOf({ run } as unknown as Connection);
  };
  const comeback: Comeback = {
    timeoutMs: 60_000,
    delayMs: 5000,
    look: { script: 'boot' },
    isBack: ({ stdout }) => stdout.toString() === 'new',
    ...more,
  };
  const waiter = {
    off: new Set<never>(),
    signal: new AbortController().signal,
    now: () => clock.now(),
    wait: (durationMs: number) => clock.wait(durationMs),
    reconnect,
  };
  const done = comeBack(comeback, seatOf({} as Connection), waiter);
  const output = await done.catch((error: unknown) => error);
  return { output, connects, elapsedMs: clock.tick() - startedAt };
};

test('a host on its way down, gone, on its way up, and back', async () => {
  const { output, connects, elapsedMs } = await visit(['old', 'E_LINK_LOST', 'E_CONNECT', 'E_AUTH', 'new'], { connectTimeoutMs: 3000 });
  expect((output as Output).stdout.toString()).toBe('new');
  expect(connects).toEqual([3000, 3000, 3000, 3000, 3000]);
  expect(elapsedMs).toBeGreaterThanOrEqual(5000 + 1000 + 2000 + 4000 + 8000);
});

test('a host that does not come back', async () => {
  const { output } = await visit(Array<ErrorCode>(20).fill('E_CONNECT'));
  expect(output).toMatchObject({ code: 'E_TIMEOUT', detail: 'E_CONNECT' });
});
test('a host that does not go', async () => {
  expect((await visit([])).output).toMatchObject({ code: 'E_TIMEOUT', detail: 'it still is as it was before' });
});
test('another host in its place', async () => {
  expect((await visit(['E_CONNECT', 'E_HOST_KEY'])).output).toMatchObject({ code: 'E_HOST_KEY' });
});

test('a broken link is an answer only if the request had been sent', () => {
  const lost = new KplayError('E_LINK_LOST', 'gone');
  expect(hasLeft(lost, new Date())).toMatchObject({ rc: 0 });
  expect(() => hasLeft(Object.assign(new KplayError('E_LINK_LOST', 'gone'), { started: false }), new Date())).toThrow('gone');
  expect(() => hasLeft(new KplayError('E_ACT', 'no'), new Date())).toThrow('no');
});
