import fc from 'fast-check';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { graphInventory, inventoryJson, listInventory } from '../../src/inventory/list.ts';
import { loadInventory } from '../../src/inventory/load.ts';
import { HostVariables } from '../../src/vars/host.ts';
import type { Case } from '../inventory/_cases.ts';
import { GOOD } from '../inventory/_cases.ts';
import { askInventories, laidOut } from '../inventory/_oracle.ts';
import { oracleBin } from '../yaml/_oracle.ts';

const variables = (one: Case, host = 'h'): object => {
  const { folder, sources } = laidOut(one);
  const inventory = loadInventory(sources);
  const found = inventory.host(host);
  return Object.fromEntries(found ? new HostVariables(inventory, join(folder, 'play')).merged(found) : []);
};

describe('group_vars and host_vars', () => {
  test('the first of NAME, NAME.yml, NAME.yaml, NAME.json counts; folders are read in order', () => {
    const files = {
      'inv/hosts': '[g]\nh\n',
      'inv/group_vars/g.json': '{"a": "json"}',
      'inv/group_vars/g.yaml': 'a: yaml\nb: yaml\n',
      'inv/group_vars/all/20.yml': 'c: 20\nd: 20\n',
      'inv/group_vars/all/10': 'c: 10\n',
      'inv/group_vars/all/sub/x.yml': 'd: sub\n',
      'inv/group_vars/all/.hidden.yml': 'e: no\n',
      'inv/group_vars/all/x.txt': 'e: no\n',
      'inv/group_vars/all/x.yml~': 'e: no\n',
      'inv/host_vars/h': 'f: 1\n',
      'inv/host_vars/h.yml': 'f: 2\n',
    };
    expect(variables({ files, sources: ['inv/hosts'] })).toMatchObject({ a: 'yaml', b: 'yaml', c: 20, d: 'sub', f: 1, group_names: ['g'] });
  });
  test('the playbook beats the inventory, even from an earlier group', () => {
    const files = { hosts: '[a]\nh\n[z]\nh\n', 'group_vars/z.yml': 'x: inventory', 'play/group_vars/a.yml': 'x: playbook' };
    expect(variables({ files, sources: ['hosts'] })).toMatchObject({ x: 'playbook' });
  });
  test('a host may be told other names for itself', () => {
    const files = { hosts: 'h.example.com\n', 'host_vars/h.example.com.yml': 'inventory_hostname_short: other\n' };
    expect(variables({ files, sources: ['hosts'] }, 'h.example.com')).toMatchObject({
      inventory_hostname: 'h.example.com',
      inventory_hostname_short: 'other',
    });
  });
  test('implicit localhost has the variables of all', () => {
    const files = { hosts: 'h\n[all:vars]\ny=1\n', 'group_vars/all.yml': 'x: 1\n' };
    expect(variables({ files, sources: ['hosts'] }, 'localhost')).toMatchObject({
      x: 1,
      y: 1,
      ansible_connection: 'local',
      group_names: [],
    });
  });
  test('a file that is no mapping is refused', () => {
    expect(() => variables({ files: { hosts: 'h\n', 'group_vars/all.yml': '- a\n' }, sources: ['hosts'] })).toThrow(
      expect.objectContaining({ code: 'E_YAML', at: expect.objectContaining({ line: 1 }) }),
    );
  });
  test('what a play adds is seen', () => {
    const inventory = loadInventory(laidOut({ files: { hosts: 'h\n', 'group_vars/late.yml': 'x: 1\n' }, sources: ['hosts'] }).sources);
    const known = new HostVariables(inventory, undefined);
    const host = inventory.addHost('h');
    expect(known.merged(host).get('x')).toBeUndefined();
    inventory.addGroup('late');
    inventory.addHost('h', { group: 'late' });
    inventory.reconcile();
    expect([known.merged(host).get('x'), known.merged(host).get('group_names')]).toEqual([1, ['late']]);
  });
});

const GROUPS = ['a', 'b', 'c', 'd'];
const group = fc.constantFrom(...GROUPS);
const host = fc.constantFrom('h1', 'h2', 'h3');
const variable = fc.constantFrom('x', 'y', 'z');
/** Children only point further down the alphabet, so there are no circles; declared last, since Ansible orders deep groups at random. */
const child = fc
  .tuple(group, group)
  .filter(([parent, below]) => parent < below)
  .map(([parent, below]) => `[${parent}:children]\n${below}\n`);
const member = fc
  .tuple(group, host, fc.option(variable))
  .map(([name, one, set]) => `[${name}]\n${one}${set === null ? '' : ` ${set}=${one}`}\n`);
const groupVar = fc.tuple(group, variable).map(([name, set]) => `[${name}:vars]\n${set}=ini-${name}\n`);
const priority = fc
  .tuple(group, fc.integer({ min: -2, max: 5 }))
  .map(([name, value]) => `[${name}:vars]\nansible_group_priority=${value}\n`);
const ini = fc
  .array(fc.oneof(member, child, groupVar, priority), { maxLength: 12 })
  .map(parts => `h1\n${GROUPS.map(name => `[${name}]\n`).join('')}${parts.join('')}`);
const varsFile = fc
  .tuple(
    fc.constantFrom('', 'play/'),
    fc.oneof(
      fc.constantFrom('all', ...GROUPS).map(name => `group_vars/${name}`),
      host.map(name => `host_vars/${name}`),
    ),
    fc.constantFrom('', '.yml', '/1.yml', '/2'),
    variable,
  )
  .map(([where, owner, extension, set]): [string, string] => [`${where}${owner}${extension}`, `${set}: "${where}${owner}${extension}"\n`]);
/** A name cannot be a file and a folder. */
const filesOf = (pairs: readonly [string, string][]): Record<string, string> => {
  const files: Record<string, string> = {};
  for (const [path, text] of pairs) {
    const clash = Object.keys(files).some(known => known.startsWith(`${path}/`) || path.startsWith(`${known}/`));
    if (!clash) files[path] = text;
  }
  return files;
};
const anyCase = fc
  .tuple(ini, ini, fc.array(varsFile, { maxLength: 8 }))
  .map(([one, two, pairs]): Case => ({ files: { ...filesOf(pairs), one, 'sub/two': two }, sources: ['one', 'sub/two'] }));

const agree = (named: readonly (readonly [name: string, one: Case])[]): void => {
  const cases = named.map(([, one]) => laidOut(one));
  const answers = askInventories(cases.map(({ folder, sources }) => ({ sources, playbookDir: join(folder, 'play'), patterns: [] })));
  for (const [index, [name, one]] of named.entries()) {
    const { folder = '', sources = [] } = cases[index] ?? {};
    const inventory = loadInventory(sources);
    const known = new HostVariables(inventory, join(folder, 'play'));
    expect({ name, one, list: inventoryJson(listInventory(inventory, { ofHost: found => known.merged(found) })) }).toEqual({
      name,
      one,
      list: answers[index]?.list,
    });
    expect({ name, one, graph: graphInventory(inventory) }).toEqual({ name, one, graph: answers[index]?.graph });
  }
};

const GROUPS_OF_H = '[a]\nh\n[z]\nh\n[deep]\nh\n[top:children]\ndeep\n';
const WINNERS: Readonly<Record<string, Case>> = {
  'the playbook beats the inventory, even from an earlier group': {
    files: { hosts: GROUPS_OF_H, 'group_vars/z.yml': 'x: inventory', 'play/group_vars/a.yml': 'x: playbook' },
    sources: ['hosts'],
  },
  'a group of the inventory beats all of the playbook': {
    files: { hosts: GROUPS_OF_H, 'group_vars/a.yml': 'x: inventory', 'play/group_vars/all.yml': 'x: playbook' },
    sources: ['hosts'],
  },
  'a file of a group beats its variables in the inventory': {
    files: { hosts: `${GROUPS_OF_H}[z:vars]\nx=inventory\n`, 'group_vars/all.yml': 'x: all', 'group_vars/a.yml': 'x: file' },
    sources: ['hosts'],
  },
  'depth beats priority': {
    files: { hosts: GROUPS_OF_H, 'group_vars/deep.yml': 'x: deep', 'group_vars/a.yml': 'x: a\nansible_group_priority: 50' },
    sources: ['hosts'],
  },
  'host_vars beat everything of groups': {
    files: { hosts: GROUPS_OF_H, 'host_vars/h.yml': 'x: host', 'play/group_vars/z.yml': 'x: playbook' },
    sources: ['hosts'],
  },
};

describe.runIf(oracleBin)('against ansible-inventory', () => {
  test('hand-written inventories', () => agree(Object.entries(GOOD)));
  test('whose group_vars and host_vars win', () => agree(Object.entries(WINNERS)));
  test('generated inventories with group_vars and host_vars', () => {
    agree(fc.sample(anyCase, 300).map((one, index): [string, Case] => [String(index), one]));
  });
});
