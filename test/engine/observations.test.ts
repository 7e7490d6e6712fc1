import { expect, test } from 'vitest';
import { Observations } from '../../src/engine/observations.ts';
import { ALL_RULES } from '../../src/engine/rules.ts';
import { stat } from '../../src/probes/stat.ts';
import { FakeClock } from './_fake.ts';

const PROBE = { kind: stat, subject: '/etc/motd' };
const VIEWPOINT = { target: 'm1', identity: 'root' };

/** Does what was seen in a batch of so many hosts still count after this long? */
const holds = async (hosts: number, afterMs: number): Promise<boolean> => {
  const clock = new FakeClock();
  const observations = new Observations(clock, ALL_RULES);
  observations.enter(hosts);
  observations.put(VIEWPOINT, PROBE, observations.stamp('m1'), 'seen');
  await clock.wait(afterMs);
  return observations.get(VIEWPOINT, PROBE) !== undefined;
};

test.for([
  [1, 5_000],
  [50, 5_000],
  [400, 40_000],
  [5_000, 60_000],
])('of %i hosts what was seen counts for %i ms', async ([hosts = 0, ageMs = 0]) => {
  expect([await holds(hosts, ageMs), await holds(hosts, ageMs + 1)]).toEqual([true, false]);
});
