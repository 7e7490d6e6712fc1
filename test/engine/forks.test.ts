import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { World } from './_fake.ts';
import { runOn } from './_run.ts';

test.for<[forks: number, most: number]>([
  [1, 1],
  [2, 2],
])('with %i forks %i hosts are worked on at a time', async ([forks, most]) => {
  const world = new World(1);
  const tasks = [{ put: { cell: 'x', value: '1' } }, { bump: { cell: 'y' } }, { look: { cell: 'x' } }];
  await runOn(world, [{ hosts: 'all', gather_facts: false, tasks }], { forks });
  expect(world.mostAtOnce).toBe(most);
});

const SIX = Object.fromEntries(['h1', 'h2', 'h3', 'h4', 'h5', 'h6'].map(name => [name, name]));

test.for<[throttle: unknown, strategy: string, most: number]>([
  [1, 'linear', 1],
  ['{{ 1 + 1 }}', 'linear', 2],
  [0, 'linear', 6],
  [2, 'free', 2],
])('a throttle of %j (%s): %i hosts at a time', async ([throttle, strategy, most]) => {
  const world = new World(1);
  await runOn(world, [{ hosts: 'all', gather_facts: false, strategy, tasks: [{ throttle, bump: { cell: 'y' } }] }], {
    hosts: SIX,
    forks: 6,
  });
  expect(world.mostAtOnce).toBe(most);
});

/** A healthy member of three, as each host sees its own. */
const membersOn = async (world: World): Promise<void> => {
  const names = ['h1', 'h2', 'h3'];
  const members = names.map(name => ({ ID: name, name, clientURLs: [`http://${name}:2379`] }));
  const ports = new Map<string, number>();
  for (const name of names) {
    const server = createServer((request, response) =>
      response.end(JSON.stringify(request.url === '/health' ? { health: 'true' } : { header: { member_id: name }, leader: 'h2', members })),
    ).listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    ports.set(name, (server.address() as AddressInfo).port);
  }
  const { connect: reach } = world.connector;
  world.connector.connect = async (address, signal) => {
    const connection = await reach(address, signal);
    return { ...connection, forward: async () => connect(ports.get(connection.target)!, '127.0.0.1') };
  };
};

test.for([{ forks: 1 }, { forks: 6, throttle: 1 }])(
  'who waits for a permit keeps nobody who has it from going on: %j',
  async ({ forks, ...keywords }) => {
    const world = new World(1);
    await membersOn(world);
    const down = { guard: 'etcd_quorum', block: ['x', 'y'].map(cell => ({ ...keywords, put: { cell, value: '1' } })) };
    const hosts = { h1: 'h1', h2: 'h2', h3: 'h3' };
    const { exitCode, outcomes } = await runOn(world, [{ hosts: 'all', gather_facts: false, tasks: [down] }], { hosts, forks });
    expect([exitCode, outcomes.filter(line => line.includes(' changed '))]).toEqual([0, expect.objectContaining({ length: 6 })]);
  },
);

test('what needs a permit is waited for, whatever poll says', async () => {
  const world = new World(1);
  await membersOn(world);
  const task = { guard: 'etcd_quorum', async: 60, poll: 0, put: { cell: 'x', value: '1' } };
  const hosts = { h1: 'h1', h2: 'h2', h3: 'h3' };
  const { exitCode } = await runOn(world, [{ hosts: 'all', gather_facts: false, tasks: [task] }], { hosts });
  expect([exitCode, ...Object.keys(hosts).map(host => world.machine(host).cells.get('x'))]).toEqual([0, '1', '1', '1']);
});
