import fc from 'fast-check';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { describe, expect, test } from 'vitest';
import type { Host } from '../../src/inventory/group.ts';
import { graphInventory, inventoryJson, listInventory, treeInventory } from '../../src/inventory/list.ts';
import { loadInventory } from '../../src/inventory/load.ts';
import { readLimit } from '../../src/inventory/pattern.ts';
import { KplayError } from '../../src/model/errors.ts';
import type { Value } from '../../src/value/value.ts';
import { oracleBin } from '../yaml/_oracle.ts';
import { type Answer, askInventories, type Question } from './_oracle.ts';

/** Inventories to compare; a long run is asked for with KPLAY_INVENTORY_CASES=10000. */
const CASES = Number(process.env['KPLAY_INVENTORY_CASES'] ?? 200);
const BATCH = 500;

const group = fc.constantFrom('web', 'db', 'g1', 'g-2', 'all', 'ungrouped');
/** Ansible forgets half of what a host is in when `ungrouped` is below another group. */
const child = fc.constantFrom('web', 'db', 'g1', 'g-2', 'all');
const host = fc.constantFrom(
  'a',
  'b',
  'w1',
  'w[1:3]',
  'w[01:10:4]',
  'x[a:c].net',
  'localhost',
  '10.0.0.[1:2]',
  '::1',
  'a:22',
  'web',
  'ü',
  'n_[1:2]-[a:b]',
);
const name = fc.constantFrom('x', 'y', 'ansible_host', 'ansible_group_priority', 'ansible_port');
const iniText = fc.constantFrom(
  '1',
  '-7',
  '1.50',
  'True',
  'true',
  'None',
  '"q"',
  "'s'",
  '[1,2]',
  "{'k':[1]}",
  '0644',
  'foo#bar',
  '1e3',
  '10',
  'a=b',
  '0x1F',
  '1_0',
  '',
);
const pairs = fc
  .array(
    fc.tuple(name, iniText).map(pair => pair.join('=')),
    { maxLength: 2 },
  )
  .map(all => all.join(' '));
const iniLines = fc.oneof(
  { weight: 4, arbitrary: fc.tuple(host, pairs).map(parts => parts.join(' ')) },
  { weight: 2, arbitrary: group.map(one => `[${one}]`) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(group, fc.array(fc.tuple(name, iniText), { maxLength: 3 }))
      .map(([one, vars]) => [`[${one}:vars]`, ...vars.map(pair => pair.join(' = '))].join('\n')),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(group, fc.array(child, { maxLength: 2 })).map(([one, below]) => [`[${one}:children]`, ...below].join('\n')),
  },
  { weight: 1, arbitrary: fc.constantFrom('# no', '', '; no') },
);
const ini = fc.array(iniLines, { maxLength: 8 }).map(lines => `${lines.join('\n')}\n`);

const yamlValue = fc.constantFrom(
  '1',
  'yes',
  'text',
  '"1"',
  '[1, {k: v}]',
  '{a: 0644}',
  '',
  '1.0',
  '0o7',
  '!unsafe "{{ x }}"',
  '~',
  '5',
  "'*'",
);
const yamlVars = fc
  .array(fc.tuple(name, yamlValue), { maxLength: 2 })
  .map(all => `{${all.map(([key, value]) => `${key}: ${value}`).join(', ')}}`);
const yamlHosts = fc
  .array(fc.tuple(host, fc.oneof(yamlVars, fc.constant(''))), { maxLength: 3 })
  .map(all => `{${all.map(([key, vars]) => `"${key}": ${vars}`).join(', ')}}`);
const { body } = fc.letrec<{ readonly body: string }>(tie => ({
  body: fc
    .record(
      {
        hosts: fc.oneof({ weight: 5, arbitrary: yamlHosts }, { weight: 1, arbitrary: fc.constantFrom('a', '', '5', '[a]') }),
        vars: yamlVars,
        children: fc
          .array(fc.tuple(child, fc.oneof({ weight: 2, arbitrary: fc.constant('') }, { weight: 1, arbitrary: tie('body') })), {
            maxLength: 2,
          })
          .map(all => `{${all.map(([key, one]) => `${key}: ${one}`).join(', ')}}`),
        stray: fc.constantFrom('1', '{}'),
      },
      { requiredKeys: [] },
    )
    .map(
      parts =>
        `{${Object.entries(parts)
          .map(([key, part]) => `${key}: ${part}`)
          .join(', ')}}`,
    ),
}));
const yaml = fc
  .array(fc.tuple(group, body), { minLength: 1, maxLength: 3 })
  .map(all => `${all.map(([key, one]) => `${key}: ${one}`).join('\n')}\n`);

const words = fc.constantFrom(
  'all',
  '*',
  'web',
  'db',
  'g1',
  'g*',
  'w*',
  'w?',
  '[wx]*',
  '~w',
  '~.*[12]$',
  'a',
  'localhost',
  '::1',
  'none',
  'w[1:3]',
  '10.0.0.1',
  'ungrouped',
  'g-2',
);
const part = fc
  .tuple(fc.constantFrom('', '', '!', '&'), words, fc.constantFrom('', '', '', '[0]', '[-1]', '[0:1]', '[1:]', '[2-3]', '[9]'))
  .map(pieces => pieces.join(''));
const pattern = fc.tuple(fc.array(part, { minLength: 1, maxLength: 3 }), fc.constantFrom(':', ',')).map(([parts, by]) => parts.join(by));

/** Files in the order in which they are sources, and what is asked of them. */
const inventory = fc.record({
  files: fc.array(
    fc.oneof(
      ini.map(text => ['hosts', text] as const),
      yaml.map(text => ['hosts.yml', text] as const),
    ),
    { minLength: 1, maxLength: 2 },
  ),
  patterns: fc.array(fc.tuple(pattern, fc.option(pattern)), { minLength: 2, maxLength: 2 }),
});
type Generated = typeof inventory extends fc.Arbitrary<infer T> ? T : never;

const orNull = <T>(work: () => T): T | null => {
  try {
    return work();
  } catch (error) {
    if (error instanceof KplayError) return null;
    throw error;
  }
};
const NOT_ASKED = null as Answer | null;
const answerTo = ({ sources, patterns }: Question): Answer | null =>
  orNull(() => {
    const loaded = loadInventory(sources);
    const ofHost = (one: Host): Map<Value, Value> => new Map([...loaded.groupsOf(one).flatMap(of => [...of.vars]), ...one.vars]);
    treeInventory(loaded, { ofHost });
    const matched = (hosts: string, limit: string | null): readonly string[] | null =>
      orNull(() => loaded.match(hosts, limit === null ? [] : readLimit(limit)).hosts.map(one => one.name));
    return {
      list: inventoryJson(listInventory(loaded, { ofHost })),
      graph: graphInventory(loaded),
      groups: Object.fromEntries([...loaded.groups.values()].map(of => [of.name, loaded.hostsOf(of).map(one => one.name)])),
      matches: Object.fromEntries(patterns.map(([hosts, limit]) => [`${hosts} limited to ${limit ?? 'None'}`, matched(hosts, limit)])),
    };
  });

const differing = (kplay: Answer | null, ansible: Answer | null): object =>
  kplay && ansible
    ? Object.fromEntries(
        Object.entries(kplay)
          .map(([key, ours]) => [key, { kplay: ours, ansible: ansible[key as keyof Answer] }] as const)
          .filter(([, both]) => !isDeepStrictEqual(both.kplay, both.ansible)),
      )
    : { refusedBy: kplay ? 'ansible' : 'kplay' };

/** What both make of each inventory, where that is not the same. */
const disagreements = (generated: readonly Generated[]): readonly object[] => {
  const folder = mkdtempSync(join(tmpdir(), 'kplay-inventories-'));
  try {
    const questions = generated.map(({ files, patterns }, index) => {
      const sources = files.map(([file, text], at) => {
        const path = join(folder, String(index), String(at), file);
        mkdirSync(join(path, '..'), { recursive: true });
        writeFileSync(path, text);
        return path;
      });
      return { sources, patterns };
    });
    let suspects = questions.map((question, index) => ({
      question,
      files: generated[index]?.files,
      kplay: answerTo(question),
      ansible: NOT_ASKED,
    }));
    // Which of a level's groups comes first changes with the process in Ansible: one process that agrees is enough.
    for (let asked = 0; asked < 8 && suspects.length > 0; asked += 1) {
      const answers = askInventories(suspects.map(({ question }) => question));
      suspects = suspects
        .map((suspect, index) => ({ ...suspect, ansible: answers[index] ?? null }))
        .filter(({ kplay, ansible }) => !isDeepStrictEqual(kplay, ansible));
    }
    return suspects.map(({ files, kplay, ansible }) => ({ files, ...differing(kplay, ansible) }));
  } finally {
    rmSync(folder, { recursive: true });
  }
};

describe.runIf(oracleBin)('generated inventories and patterns', () => {
  test('are understood as Ansible understands them', { timeout: 180_000 + CASES * 100 }, () => {
    for (let done = 0; done < CASES; done += BATCH) {
      const found = disagreements(fc.sample(inventory, Math.min(BATCH, CASES - done)));
      expect(found.slice(0, 2), `${found.length} of ${BATCH}, after ${done}`).toEqual([]);
    }
  });
});
