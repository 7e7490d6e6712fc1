import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Inventory } from '../../src/inventory/inventory.ts';
import { loadInventory, type LoadOptions } from '../../src/inventory/load.ts';
import { laidOut } from './_oracle.ts';

const load = (files: Readonly<Record<string, string>>, options: LoadOptions = {}): Inventory =>
  loadInventory(laidOut({ files, sources: Object.keys(files) }).sources, options);
const prints = (list: string): string => `#!/bin/sh\ncat <<'EOF'\n${list}\nEOF\n`;

describe('inventory scripts', () => {
  test('are run in the current folder, and asked for each host without _meta.hostvars', () => {
    const inventory = load({
      s: '#!/bin/sh\n[ "$1" = --list ] && echo "{\\"g\\": [\\"a\\"]}" || echo "{\\"asked\\": \\"$*\\", \\"pwd\\": \\"$PWD\\"}"\n',
    });
    expect(Object.fromEntries(inventory.hosts.get('a')?.vars ?? [])).toMatchObject({ asked: '--host a', pwd: process.cwd() });
  });
  test.each([
    ['it fails', '#!/bin/sh\necho whatever; echo why >&2; exit 3\n', /s: --list ended with status 3/, 'why'],
    ['it prints no JSON', '#!/bin/sh\necho "{"; echo why >&2\n', /s: --list does not print JSON: Expecting/, 'why'],
    ['it prints a list', prints('[]'), /what --list prints must be a mapping/, undefined],
    ['hosts are no list', prints('{"g": {"hosts": "a"}}'), /the hosts of the group "g" must be a list/, undefined],
    ['a host is a number', prints('{"g": [1]}'), /the name of a host must be a text/, undefined],
    ['variables are a list', prints('{"g": {"vars": []}}'), /the variables of the group "g" must be a mapping/, undefined],
    ['children are a text', prints('{"g": {"children": "h"}}'), /the children of the group "g" must be a list/, undefined],
    ["a host's variables are null", prints('{"g": ["a"], "_meta": {"hostvars": {"a": null}}}'), /variables of the host "a"/, undefined],
    [
      '--host says nothing',
      '#!/bin/sh\n[ "$1" = --list ] && echo "{\\"g\\": [\\"a\\"]}"\nexit 0\n',
      /--host a does not print JSON/,
      undefined,
    ],
    ['its interpreter is missing', '#!/nonexistent/python\n', /--list cannot be run: .*ENOENT/, undefined],
  ])('%s', (_, script, message, detail) => {
    expect(() => load({ s: script })).toThrow(
      expect.objectContaining({ code: 'E_INVENTORY', message: expect.stringMatching(message), detail }),
    );
  });
  test('what is executable and no program is read', () => {
    const { sources } = laidOut({ files: { hosts: 'a\n' }, sources: ['hosts'] });
    chmodSync(sources[0] ?? '', 0o755);
    expect([...loadInventory(sources).hosts.keys()]).toEqual(['a']);
  });
});

describe('folders of sources', () => {
  const inventory = (options: LoadOptions): readonly string[] => {
    const files = { 'inv/a.ini': 'ini\n', 'inv/b.txt': 'txt\n', 'inv/c': 'c\n', 'inv/old-d': 'd\n', 'inv/.e': 'e\n' };
    return [...loadInventory(laidOut({ files, sources: ['inv'] }).sources, options).hosts.keys()];
  };
  test('names and ends of names are passed over as told', () => {
    expect(inventory({})).toEqual(['c', 'd']);
    expect(inventory({ ignoreExtensions: ['.txt'] })).toEqual(['ini', 'c', 'd']);
    expect(inventory({ ignoreExtensions: [], ignorePatterns: ['^(?P<o>old)-', 'ini$'] })).toEqual(['txt', 'c']);
  });
});

describe('inventory plugins', () => {
  const made = (options: string): Inventory =>
    load({ 'made.yml': `plugin: constructed\n${options}`, hosts: 'a\n' }, { evaluate: () => 'x' });
  test('constructed takes its own options only, and says where another is', () => {
    expect(() => made('groups: {}\nuse_vars_plugins: true\n')).toThrow(
      expect.objectContaining({
        code: 'E_INVENTORY',
        message: expect.stringContaining('"use_vars_plugins"'),
        at: expect.objectContaining({ line: 3 }),
      }),
    );
    expect(() => made('compose: [a]\n')).toThrow(/compose: it must be a mapping/);
    expect(() => made('strict: 1\n')).toThrow(/strict: it must be yes or no/);
  });
  test('others are refused by name', () => {
    expect(() => load({ 'aws.yml': 'plugin: amazon.aws.aws_ec2\n' })).toThrow(/"amazon\.aws\.aws_ec2" is not supported/);
    expect(() => load({ 'made.json': '{"plugin": "constructed"}' }, { evaluate: () => null })).toThrow(/must end in \.yml/);
  });
  test('files that cannot be made a source are told with their folder', () => {
    const { folder, sources } = laidOut({ files: { 'inv/x.yml': 'plugin: nmap\n' }, sources: ['inv'] });
    expect(() => loadInventory(sources)).toThrow(
      expect.objectContaining({ at: expect.objectContaining({ file: join(folder, 'inv/x.yml') }) }),
    );
  });
});
