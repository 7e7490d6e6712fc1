import { expect, test } from 'vitest';
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
