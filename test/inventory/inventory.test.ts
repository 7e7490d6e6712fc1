import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Inventory, shortName } from '../../src/inventory/inventory.ts';
import { inventoryJson, listHost, listInventory } from '../../src/inventory/list.ts';
import { loadInventory } from '../../src/inventory/load.ts';
import { readLimit, splitPattern } from '../../src/inventory/pattern.ts';
import { KplayError } from '../../src/model/errors.ts';
import { Unsafe } from '../../src/value/unsafe.ts';
import { Float } from '../../src/value/value.ts';
import { BAD, GOOD } from './_cases.ts';
import { laidOut } from './_oracle.ts';

const load = (text: string, name = 'hosts'): Inventory => loadInventory(laidOut({ files: { [name]: text }, sources: [name] }).sources);
const names = (hosts: Iterable<{ readonly name: string }>): string[] => [...hosts].map(({ name }) => name);
const vars = (inventory: Inventory, host: string): object =>
  Object.fromEntries([...(inventory.hosts.get(host)?.vars ?? [])].filter(([name]) => !name.startsWith('inventory_')));

describe('INI', () => {
  test('host lines are split like a shell does, then read as Python literals', () => {
    const inventory = load(`a n=1 q="1" s='two words' f=1.0 o=0644 y=yes l=[1,2] j=foo#bar k=1\n`);
    expect(vars(inventory, 'a')).toEqual({ n: 1, q: 1, s: 'two words', f: new Float(1), o: '0644', y: 'yes', l: [1, 2], j: 'foo' });
  });
  test('group variables keep # and quotes', () => {
    const group = load('[g]\n[g:vars]\nq="1"\nh=foo#bar\nt=True\nu=true\n').groups.get('g');
    expect(Object.fromEntries(group?.vars ?? [])).toEqual({ q: '1', h: 'foo#bar', t: true, u: 'true' });
  });
  test('ranges are inclusive and padded', () => {
    expect(names(load('w[01:03]\nx[a:c]\ny[0:10:5]\n').hosts.values())).toEqual(['w01', 'w02', 'w03', 'xa', 'xb', 'xc', 'y0', 'y5', 'y10']);
  });
  test('ports', () => {
    const inventory = load('a:22\n[::1]:23\n');
    expect([vars(inventory, 'a'), vars(inventory, '::1')]).toEqual([{ ansible_port: 22 }, { ansible_port: 23 }]);
  });
});

describe('structure', () => {
  test('every group is below all; hosts without a group are ungrouped', () => {
    const inventory = load('a\n[g]\nb\n[p:children]\ng\n');
    const b = inventory.hosts.get('b');
    expect(names(inventory.groups.get('all')?.children ?? [])).toEqual(['ungrouped', 'p']);
    expect(names(inventory.groups.get('ungrouped')?.hosts ?? [])).toEqual(['a']);
    expect(b && inventory.groupNames(b)).toEqual(['g', 'p']);
  });
  test('groups sort by depth, priority, name', () => {
    const inventory = load(
      '[z]\nh\n[b]\nh\n[a]\nh\n[p:children]\nz\n[a:vars]\nansible_group_priority=2\n[p:vars]\nansible_group_priority=9\n',
    );
    const host = inventory.hosts.get('h');
    expect(host && names(inventory.groupsOf(host))).toEqual(['all', 'b', 'a', 'p', 'z']);
  });
  test('implicit localhost is in no group', () => {
    const inventory = load('a\n');
    const localhost = inventory.host('localhost');
    expect(localhost).toMatchObject({ implicit: true });
    expect(localhost?.vars.get('ansible_connection')).toBe('local');
    expect(names(inventory.match('all').hosts)).toEqual(['a']);
    expect(names(inventory.match('localhost').hosts)).toEqual(['localhost']);
    expect(inventory.host('b')).toBeUndefined();
  });
  test('it grows while a play runs', () => {
    const inventory = load('a\n');
    inventory.addGroup('new');
    inventory.addHost('b', { group: 'new' });
    inventory.addChild('new', 'a');
    inventory.reconcile();
    expect(names(inventory.match('new').hosts)).toEqual(['b', 'a']);
    expect(names(inventory.match('ungrouped').hosts)).toEqual([]);
    expect(inventory.hosts.get('b')?.vars.get('inventory_file')).toBeNull();
  });
  test('where a host was first heard of', () => {
    const { folder, sources } = laidOut({ files: { 'inv/one': 'a\n', 'inv/two': 'a\nb\n' }, sources: ['inv'] });
    const inventory = loadInventory(sources);
    expect(inventory.hosts.get('a')?.vars.get('inventory_file')).toBe(join(folder, 'inv/one'));
    expect(inventory.hosts.get('b')?.vars.get('inventory_dir')).toBe(join(folder, 'inv'));
    expect(inventory.folders).toEqual([join(folder, 'inv')]);
  });
  test('short names', () => {
    expect(['web.example.com', '10.0.0.1', 'fe80::1', 'web'].map(shortName)).toEqual(['web', '10.0.0.1', 'fe80::1', 'web']);
  });
});

describe('patterns', () => {
  const machines = (): Inventory => load('x\n[web]\nw01\nw02\nw03\n[db]\nd1\nw03\n');
  test.each([
    ['all', ['x', 'w01', 'w02', 'w03', 'd1']],
    ['web:db', ['w01', 'w02', 'w03', 'd1']],
    ['db,web', ['d1', 'w03', 'w01', 'w02']],
    ['!web,db', ['d1']],
    ['!web', ['x', 'd1']],
    ['&db,web', ['w03']],
    ['all,&db', ['w03', 'd1']],
    ['web[0:1]', ['w01', 'w02']],
    ['web[1:]', ['w02', 'w03']],
    ['web[-1]', ['w03']],
    ['w0[12]', []],
    ['w0[12]*', ['w01', 'w02']],
    ['w?3', ['w03']],
    ['~(w|d)\\d*1$', ['w01', 'd1']],
    ['*', ['x', 'w01', 'w02', 'w03', 'd1']],
  ])('%s', (pattern, hosts) => {
    expect(names(machines().match(pattern).hosts)).toEqual(hosts);
  });
  test('a limit keeps the order of the pattern', () => {
    const file = join(mkdtempSync(join(tmpdir(), 'kplay-limit-')), 'retry');
    writeFileSync(file, 'w03\nx\n');
    expect(names(machines().match('all', readLimit(`@${file}`)).hosts)).toEqual(['x', 'w03']);
    expect(names(machines().match('web', readLimit('!w02')).hosts)).toEqual(['w01', 'w03']);
    expect(names(machines().match('web', readLimit(',')).hosts)).toEqual(['w01', 'w02', 'w03']);
    expect(() => readLimit('@/nonexistent')).toThrow(expect.objectContaining({ code: 'E_FILE' }));
  });
  test('what matches nothing is a warning with a near name', () => {
    expect(machines().match('webb,db')).toMatchObject({ warnings: [expect.stringMatching(/webb.*did you mean "web"/)] });
    expect(machines().match('web').warnings).toEqual([]);
  });
  test('a position that no host is at', () => {
    expect(() => machines().match('web[7]')).toThrow(expect.objectContaining({ code: 'E_INVENTORY' }));
  });
  test('colons of addresses and ranges separate nothing', () => {
    expect(splitPattern('fe80::1')).toEqual(['fe80::1']);
    expect(splitPattern('web[0:2]')).toEqual(['web[0:2]']);
    expect(splitPattern('web[0:2]:&db:!x')).toEqual(['web[0:2]', '&db', '!x']);
    expect(splitPattern(' a , b[1:2],')).toEqual(['a', 'b[1:2]']);
  });
});

describe('what is wrong has a place', () => {
  test.each(Object.entries(BAD))('%s', (_, bad) => {
    const { sources } = laidOut(bad);
    const error = ((): unknown => {
      try {
        return loadInventory(sources);
      } catch (thrown) {
        return thrown;
      }
    })();
    expect(error).toBeInstanceOf(KplayError);
    expect(error).toMatchObject({ code: 'E_INVENTORY', at: { file: sources[0], line: bad.line } });
  });
  test('a broken YAML file is told as YAML', () => {
    expect(() => load('all:\n  hosts:\n    a: b: c\n', 'hosts.yml')).toThrow(expect.objectContaining({ code: 'E_YAML' }));
  });
  test('plugins are refused by name, not ignored', () => {
    expect(() => load('plugin: aws_ec2\n', 'aws.yml')).toThrow(/"aws_ec2"/);
  });
  test('what does not exist', () => {
    expect(() => loadInventory(['/nonexistent/hosts'])).toThrow(expect.objectContaining({ code: 'E_FILE' }));
  });
  test('warnings', () => {
    const { warnings } = load('[x]\nx\n[g-1]\n');
    expect(warnings.map(({ message }) => message)).toEqual([expect.stringMatching(/both/), expect.stringMatching(/g-1/)]);
  });
});

describe('listing', () => {
  test('--host', () => {
    expect(
      inventoryJson(
        listHost(
          new Map<string, never>([
            ['b', [1, new Float(2)]],
            ['a', new Unsafe('{{ x }}')],
            ['groups', 1],
          ] as never),
        ),
      ),
    ).toBe('{\n    "a": {\n        "__ansible_unsafe": "{{ x }}"\n    },\n    "b": [\n        1,\n        2.0\n    ]\n}');
  });
  test('--list keeps to the limit', () => {
    const inventory = load('[g]\na\nb\n');
    expect(JSON.parse(inventoryJson(listInventory(inventory, { ofHost: host => host.vars }, ['b'])))).toEqual({
      _meta: { hostvars: {} },
      all: { children: ['ungrouped', 'g'] },
      g: { hosts: ['b'] },
    });
  });
});

test.each(Object.keys(GOOD))('takes %s', name => {
  const good = GOOD[name];
  if (good) expect(() => loadInventory(laidOut(good).sources)).not.toThrow();
});
