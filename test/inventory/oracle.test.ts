import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { KplayError } from '../../src/model/errors.ts';
import type { Host } from '../../src/inventory/group.ts';
import type { Inventory } from '../../src/inventory/inventory.ts';
import { graphInventory, inventoryJson, listInventory } from '../../src/inventory/list.ts';
import { loadInventory } from '../../src/inventory/load.ts';
import { readLimit } from '../../src/inventory/pattern.ts';
import type { Value } from '../../src/value/value.ts';
import { oracleBin } from '../yaml/_oracle.ts';
import { BAD, GOOD } from './_cases.ts';
import { askInventories, laidOut } from './_oracle.ts';

/** Inventory files alone: group_vars and host_vars are another room's. */
const listed = (inventory: Inventory): string => {
  const ofHost = (host: Host): Map<Value, Value> => new Map([...inventory.groupsOf(host).flatMap(group => [...group.vars]), ...host.vars]);
  return inventoryJson(listInventory(inventory, { ofHost }));
};

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

const PIECES =
  `a|b|h1|[|[g]|[g:vars]|[h:children]|g|h|x=1|y="a b"|z='q'|=|"|'|#| # c|;|[1:3]|[a:c]|[01:10:4]|:22|::1|10.0.0.1|\\|k=[1,2]|k={"a":1}|k=True|k=foo#bar|.|-|_|[1:|ö|---|x = 1|k=0x1f|k=1.5|,|k=1,2|\t|!|[3:1]`.split(
    '|',
  );
const oddLine = fc
  .array(fc.tuple(fc.constantFrom(...PIECES), fc.constantFrom('', ' ', ' ')), { minLength: 1, maxLength: 3 })
  .map(parts => parts.flat().join(''));
const plainLine = fc.constantFrom('[g]', '[g:vars]', '[h:children]', '[h]', 'a x=1', 'b', 'g');
const ini = fc.array(fc.oneof(oddLine, plainLine), { minLength: 1, maxLength: 3 }).map(lines => `${lines.join('\n')}\n`);

const word = fc.constantFrom(
  'all',
  'web',
  'db',
  'w1',
  'w2',
  'd1',
  'x',
  'w*',
  '*',
  'w?',
  '[wd]1',
  '[!w]*',
  '~w',
  '~.*1$',
  '~(?i)W',
  'ungrouped',
  'localhost',
  '::1',
  'none',
);
const part = fc
  .tuple(fc.constantFrom('', '', '!', '&'), word, fc.constantFrom('', '', '[0]', '[-1]', '[0:1]', '[1:]', '[1-2]', '[2:0]', '[9]', '[5:9]'))
  .map(pieces => pieces.join(''));
const pattern = fc
  .tuple(fc.array(part, { minLength: 1, maxLength: 4 }), fc.constantFrom(':', ',', ', '))
  .map(([parts, by]) => parts.join(by));

const HOSTS = 'x\n[web]\nw1\nw2\nw10\n[db]\nd1\nw2\n[both:children]\nweb\ndb\n[odd]\nw0[1:3]\n';
const READ = { files: { hosts: HOSTS, limit: 'w10\n\nd1\n' }, sources: ['hosts'] };
/** What patterns and limits mean, and how many hosts that is. `limit` is a file with w10 and d1. */
const MEANT: readonly (readonly [fact: string, hosts: string, limit: string | null, count: number])[] = [
  ['a subscript takes both its ends', 'web[0:2]', null, 3],
  ['a subscript counts from the end', 'web[-1]', null, 1],
  ['a subscript without an end goes to the last', 'web[1:]', null, 2],
  ['a number in brackets is a subscript and no glob', 'w0[12]', null, 0],
  ['exclusions come last wherever they are written', '!db:web', null, 2],
  ['intersections come after unions', '&db:web:x', null, 1],
  ['exclusions come after intersections', '!w2:&db:both', null, 1],
  ['a lone exclusion is one of all', '!web', null, 5],
  ['a tilde begins a regular expression', '~w\\d$', null, 2],
  ['colons separate', 'w*:d1:x', null, 8],
  ['commas separate', 'w*,d1,x', null, 8],
  ['beside a comma a colon does not', 'w*,d1:x', null, 6],
  ['a limit that is a file', 'all', '@limit', 2],
  ['an empty limit leaves all', 'all', '', 8],
  ['a lone comma leaves all', 'all', ',', 8],
  ['implicit localhost is there by its name', 'localhost', null, 1],
  ['implicit localhost is not in all', 'all:&localhost', null, 0],
];

describe.runIf(oracleBin)('against ansible-inventory', () => {
  test('what patterns mean', () => {
    const { folder, sources } = laidOut(READ);
    const limitOf = (limit: string | null): string | null => limit?.replace('@', `@${folder}/`) ?? null;
    const patterns = MEANT.map(([, hosts, limit]) => [hosts, limitOf(limit)] as const);
    const [answer] = askInventories([{ sources, patterns }]);
    const inventory = loadInventory(sources);
    for (const [fact, hosts, limit, count] of MEANT) {
      const theirs = answer?.matches[`${hosts} limited to ${limitOf(limit) ?? 'None'}`];
      expect({ fact, matched: match(inventory, hosts, limitOf(limit)) }).toEqual({ fact, matched: theirs });
      expect({ fact, count: theirs?.length }).toEqual({ fact, count });
    }
  });
  test('good inventories', () => {
    const names = Object.keys(GOOD);
    const cases = names.map(name => laidOut(GOOD[name] ?? { files: {}, sources: [] }));
    const answers = askInventories(cases.map(({ sources }) => ({ sources, patterns: QUESTIONS })));
    for (const [index, name] of names.entries()) {
      const inventory = loadInventory(cases[index]?.sources ?? []);
      const answer = answers[index];
      expect({ name, list: listed(inventory) }).toEqual({ name, list: answer?.list });
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
  test('generated INI lines', () => {
    const texts = [...new Set(fc.sample(ini, 800))];
    const cases = texts.map(text => laidOut({ files: { hosts: text }, sources: ['hosts'] }));
    const answers = askInventories(cases.map(({ sources }) => ({ sources, patterns: [] })));
    const list = (sources: readonly string[]): string | null => {
      try {
        return listed(loadInventory(sources));
      } catch (error) {
        if (error instanceof KplayError) return null;
        throw error;
      }
    };
    for (const [index, text] of texts.entries())
      expect({ text, list: list(cases[index]?.sources ?? []) }).toEqual({ text, list: answers[index]?.list ?? null });
  });
  test('generated patterns', () => {
    const { sources } = laidOut({
      files: { hosts: 'x\n[web]\nw1\nw2\nw10\n[db]\nd1\nw2\n[both:children]\nweb\ndb\n' },
      sources: ['hosts'],
    });
    const patterns = fc.sample(fc.tuple(pattern, fc.option(pattern)), 2000);
    const [answer] = askInventories([{ sources, patterns }]);
    const inventory = loadInventory(sources);
    for (const [hosts, limit] of patterns) {
      const name = `${hosts} limited to ${limit ?? 'None'}`;
      expect({ name, matched: match(inventory, hosts, limit) }).toEqual({ name, matched: answer?.matches[name] });
    }
  });
});
