import { describe, expect, test } from 'vitest';
import { KplayError } from '../../src/model/errors.ts';
import type { Host } from '../../src/inventory/group.ts';
import type { Inventory } from '../../src/inventory/inventory.ts';
import { graphInventory, listInventory } from '../../src/inventory/list.ts';
import { loadInventory } from '../../src/inventory/load.ts';
import { readLimit } from '../../src/inventory/pattern.ts';
import type { Value } from '../../src/value/value.ts';
import { oracleBin } from '../yaml/_oracle.ts';
import { BAD, GOOD } from './_cases.ts';
import { askInventories, laidOut } from './_oracle.ts';

/** Inventory files alone: group_vars and host_vars are another room's. */
const variables =
  (inventory: Inventory) =>
  (host: Host): Map<Value, Value> =>
    new Map([...inventory.groupsOf(host).flatMap(group => [...group.vars]), ...host.vars]);

const match = (inventory: Inventory, pattern: string, limit: string | null): readonly string[] | null => {
  try {
    return inventory.match(pattern, limit === null ? [] : readLimit(limit)).hosts.map(host => host.name);
  } catch (error) {
    if (error instanceof KplayError) return null;
    throw error;
  }
};
const PATTERNS =
  'all * a b g web ~w ~.*[ab] w* g*[0] all[0] all[-1] all[1:] all[0:1] all[5] !a all:!a all,&g !g:&web a:b b,a localhost ::1 w0[12] [ab] x? none'.split(
    ' ',
  );
const QUESTIONS = [
  ...PATTERNS.map(pattern => [pattern, null] as const),
  ...['a', '!a', 'b,g', ',', '&g', 'none'].map(limit => ['all', limit] as const),
];

describe.runIf(oracleBin)('against ansible-inventory', () => {
  test('good inventories', () => {
    const names = Object.keys(GOOD);
    const cases = names.map(name => laidOut(GOOD[name] ?? { files: {}, sources: [] }));
    const answers = askInventories(cases.map(({ sources }) => ({ sources, patterns: QUESTIONS })));
    for (const [index, name] of names.entries()) {
      const inventory = loadInventory(cases[index]?.sources ?? []);
      const answer = answers[index];
      expect({ name, list: listInventory(inventory, variables(inventory)) }).toEqual({ name, list: answer?.list });
      expect({ name, graph: graphInventory(inventory) }).toEqual({ name, graph: answer?.graph });
      const groups = Object.fromEntries(
        [...inventory.groups.values()].map(group => [group.name, inventory.hostsOf(group).map(host => host.name)]),
      );
      expect({ name, groups }).toEqual({ name, groups: answer?.groups });
      const matches = Object.fromEntries(
        QUESTIONS.map(([pattern, limit]) => [`${pattern} limited to ${limit ?? 'None'}`, match(inventory, pattern, limit)]),
      );
      expect({ name, matches }).toEqual({ name, matches: answer?.matches });
    }
  });
  test('bad inventories', () => {
    const answers = askInventories(Object.values(BAD).map(bad => ({ sources: laidOut(bad).sources, patterns: [] })));
    expect(Object.fromEntries(Object.keys(BAD).map((name, index) => [name, answers[index]]))).toEqual(
      Object.fromEntries(Object.keys(BAD).map(name => [name, null])),
    );
  });
});
