import { expect, test } from 'vitest';
import { dockerContainer } from '../../../src/tasks/docker_container.ts';

const prepare = async (args: object) =>
  dockerContainer.prepare(dockerContainer.args.parse({ name: 'a', image: 'b', ...args }), { check: false, diff: false } as never);

test.for([
  [{}, 'ignore'],
  [{ comparisons: { '*': 'strict' } }, 'strict'],
  [{ comparisons: { stop_timeout: 'strict' } }, 'strict'],
] as const)('a new container keeps its stop_timeout, one that is there is compared as %o says', async ([args, how]) => {
  const { line, how: comparison, stopTimeoutSeconds } = await prepare({ stop_timeout: 3, ...args });
  expect([line.options.get('--stop-timeout'), stopTimeoutSeconds, comparison?.('--stop-timeout', true)]).toEqual([['3'], 3, how]);
});

test('numbers and booleans in env are taken as text', async () => {
  const { line } = await prepare({ env: { A: 1, B: true } });
  expect(line.options.get('--env')).toEqual(['A=1', 'B=true']);
});
