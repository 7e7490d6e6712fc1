import { expect, test } from 'vitest';
import { ping } from '../../src/tasks/ping.ts';
import { converge, runOnce, shells } from './_converge.ts';

test.for(shells)('ping answers in $name and changes nothing', async shell => {
  const { first, second } = await converge(ping, {}, { shell });
  expect([first, second]).toEqual([
    { changes: [], result: { ping: 'pong' } },
    { changes: [], result: { ping: 'pong' } },
  ]);
  expect((await runOnce(ping, { data: "it's\n$HOME" }, { shell })).result).toEqual({ ping: "it's\n$HOME" });
});

test('ping can be made to fail', async () => {
  await expect(runOnce(ping, { data: 'crash' })).rejects.toMatchObject({ code: 'E_STATE' });
  expect(ping.args.safeParse({ dta: 'x' }).success).toBe(false);
});
