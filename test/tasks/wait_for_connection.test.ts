import { expect, test } from 'vitest';
import { KplayError } from '../../src/model/errors.ts';
import type { Fields } from '../../src/model/module.ts';
import { waitForConnection } from '../../src/tasks/wait_for_connection.ts';
import { runAction } from './_converge.ts';

/** A host that gives one answer for each look, each of which takes a second; in the end it answers for good. */
const waited = async (answers: readonly (string | Error)[], raw: object = {}, check = false) => {
  let nowMs = 0;
  const left = [...answers];
  const waits: number[] = [];
  const looks: (number | undefined)[] = [];
  const context = {
    now: () => new Date(nowMs),
    wait: async (durationMs: number) => {
      waits.push(durationMs);
      nowMs += durationMs;
    },
    reach: async (timeoutMs?: number) => {
      looks.push(timeoutMs);
      nowMs += 1000;
      const answer = left.shift();
      if (answer instanceof Error) throw answer;
      return answer;
    },
  };
  const result: Fields = await runAction(waitForConnection, raw, { context, mode: { check, diff: false } });
  return { result, waits, looks };
};

test('a host that is there', async () => {
  expect(await waited([])).toEqual({ result: { changed: false, elapsed: 1 }, waits: [], looks: [undefined] });
});
test('a host that comes', async () => {
  const given = { delay: '5', sleep: 2, connect_timeout: 3 };
  const { result, waits, looks } = await waited(['refused', 'no login yet'], given);
  expect(result).toEqual({ changed: false, elapsed: 5 + 3 + 2 * 2 });
  expect(waits).toEqual([5000, 2000, 2000]);
  expect(looks).toEqual([3000, 3000, 3000]);
});
test('a host that does not come', async () => {
  const { result, looks } = await waited(Array<string>(20).fill('refused'), { timeout: 4, delay: 10 });
  expect(result).toEqual({ failed: true, msg: 'timed out waiting for ping module test: refused', elapsed: 14 });
  expect(looks).toHaveLength(2);
});
test('what no waiting mends is thrown', async () => {
  await expect(waited([new KplayError('E_HOST_KEY', 'another')])).rejects.toMatchObject({ code: 'E_HOST_KEY' });
});
test('check mode skips', async () => {
  expect(await waited([], {}, true)).toEqual({ result: { skipped: true, failed: false }, waits: [], looks: [] });
});
