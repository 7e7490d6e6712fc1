import { expect, test } from 'vitest';
import { Horizon } from '../../src/engine/horizon.ts';

test('all is looked at until something acts, then one execution, then four times as many each time', () => {
  const horizon = new Horizon();
  expect([horizon.next(), horizon.next()]).toEqual([Infinity, Infinity]);
  horizon.acted();
  expect([horizon.next(), horizon.next(), horizon.next()]).toEqual([1, 4, 16]);
  horizon.acted();
  expect(horizon.next()).toBe(1);
});
