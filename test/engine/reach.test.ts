import { expect, test } from 'vitest';
import { type ErrorCode, KplayError } from '../../src/model/errors.ts';
import type { Address, Connection, Connector } from '../../src/model/session.ts';
import { World } from './_fake.ts';
import { runOn } from './_run.ts';

/** Waits for a host: one connection after the other fails with these, then all go well. */
const waiting = async (left: ErrorCode[], args: object = {}, before: readonly object[] = []) => {
  const world = new World(1);
  const timeouts: (number | undefined)[] = [];
  let closed = 0;
  const connector: Connector = {
    connect: async (address: Address, signal): Promise<Connection> => {
      timeouts.push(address.timeoutMs);
      const code = left.shift();
      if (code) throw new KplayError(code, `it said ${code}`);
      const connection = await world.connector.connect(address, signal);
      return { ...connection, close: async () => void (closed += 1) };
    },
  };
  const tasks = [...before, { name: 'wait', wait_for_connection: args }, { name: 'then', bump: { cell: 'y' } }];
  const ran = await runOn({ clock: world.clock, connector }, [{ hosts: 'b', gather_facts: false, tasks }]);
  return { ...ran, timeouts, closed };
};

test('a host that is not there before the play is waited for', async () => {
  const away: ErrorCode[] = ['E_CONNECT', 'E_AUTH', 'E_BECOME', 'E_LINK_LOST', 'E_TIMEOUT'];
  const { exitCode, outcomes, timeouts } = await waiting(away, { sleep: 2, delay: 7, connect_timeout: 3 });
  expect(exitCode).toBe(0);
  expect(outcomes[0]).toMatch(/^b wait ok .*"elapsed":17/);
  expect(outcomes[1]).toMatch(/^b then changed/);
  expect(timeouts).toEqual(Array(6).fill(3000));
});
test('one that stays away fails the task', async () => {
  const { exitCode, outcomes } = await waiting(Array<ErrorCode>(9).fill('E_CONNECT'), { timeout: 4, sleep: 2 });
  expect(exitCode).toBe(2);
  expect(outcomes[0]).toMatch(/^b wait failed .*timed out waiting for ping module test: it said E_CONNECT/);
});
test('a connection that stands is no answer: a new one is opened', async () => {
  const { exitCode, timeouts, closed } = await waiting([], {}, [{ bump: { cell: 'x' } }]);
  expect(exitCode).toBe(0);
  expect(timeouts).toHaveLength(2);
  expect(closed).toBeGreaterThanOrEqual(1);
});
test('another host in its place is not waited for', async () => {
  const { outcomes } = await waiting(['E_HOST_KEY']);
  expect(outcomes[0]).toMatch(/^b wait unreachable/);
});
