import { describe, expect, test } from 'vitest';
import { Inventory } from '../../src/inventory/inventory.ts';
import type { Scope } from '../../src/value/scope.ts';
import type { Value } from '../../src/value/value.ts';
import { factVars } from '../../src/vars/facts.ts';
import { VarsView } from '../../src/vars/layered.ts';
import { HostVars, magic } from '../../src/vars/magic.ts';

const inventory = new Inventory();
inventory.addGroup('g');
inventory.addHost('a', { group: 'g' });
inventory.addHost('b');
inventory.reconcile();
const context = {
  inventory,
  playbookDir: '/play',
  omit: 'omitted',
  ansibleVersion: '2.18.4',
  checkMode: true,
  diffMode: false,
  forks: 5,
  verbosity: 0,
  sources: ['/inv'],
  runTags: ['all'],
  skipTags: [],
};

describe('magic', () => {
  test('of the run', () => {
    const scope = magic(context);
    expect(scope.lookup('groups')).toEqual(
      new Map([
        ['all', ['b', 'a']],
        ['ungrouped', ['b']],
        ['g', ['a']],
      ]),
    );
    expect(scope.lookup('ansible_check_mode')).toBe(true);
    expect(scope.lookup('ansible_playbook_python')).toBe('/usr/bin/python3');
    expect(scope.lookup('ansible_version')).toEqual(
      new Map<string, Value>(Object.entries({ string: '2.18.4', full: '2.18.4', major: 2, minor: 18, revision: 4 })),
    );
    expect([scope.lookup('ansible_limit'), scope.lookup('role_path'), scope.lookup('play_hosts')]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });
  test('of a play and a role', () => {
    const play = { name: 'p', allHosts: ['a', 'b'], hosts: ['a'], failed: ['b'], batch: ['a'], roles: ['r'], dependencies: ['d'] };
    const scope = magic({
      ...context,
      limit: 'a',
      play,
      role: { name: 'r', path: '/roles/r', parents: [{ name: 'q', path: '/roles/q' }] },
    });
    expect(
      ['ansible_play_hosts_all', 'ansible_play_hosts', 'play_hosts', 'ansible_limit', 'role_path'].map(name => scope.lookup(name)),
    ).toEqual([['a', 'b'], ['a'], ['a'], 'a', '/roles/r']);
    expect(['ansible_failed_hosts', 'ansible_parent_role_names', 'ansible_collection_name'].map(name => scope.lookup(name))).toEqual([
      ['b'],
      ['q'],
      null,
    ]);
    expect([...scope.names()]).toContain('ansible_role_names');
  });
});

test('what a role of a collection is called', () => {
  const path = '/c/ansible_collections/my/tools/roles/web';
  const scope = magic({ ...context, role: { name: 'my.tools.web', path, parents: [] } });
  const names = ['role_name', 'ansible_role_name', 'ansible_collection_name', 'ansible_parent_role_names'];
  expect(names.map(name => scope.lookup(name))).toEqual(['web', 'my.tools.web', 'my.tools', undefined]);
});

test('hostvars gives any host of the inventory, and localhost', () => {
  const scopes = (host: string): Scope => ({ lookup: name => (name === 'me' ? host : undefined), names: () => ['me'] });
  const hostvars = new HostVars(inventory, scopes);
  const a = hostvars.item('a');
  expect(a instanceof VarsView && [a.item('me'), a.item('other'), a.keys()]).toEqual(['a', undefined, ['me']]);
  expect([hostvars.item('nobody'), hostvars.item(1)]).toEqual([undefined, undefined]);
  expect(hostvars.keys()).toEqual(['a', 'b', 'localhost']);
});

test('facts appear twice, but not what would redirect the connection', () => {
  const facts = factVars(
    new Map<string, Value>(
      Object.entries({
        ansible_os_family: 'Debian',
        ansible_local: 1,
        ansible_user: 'x',
        ansible_ssh_host_key_rsa: 'k',
        ansible_python_interpreter: 'p',
        discovered: 1,
      }),
    ),
  );
  expect(facts.get('ansible_facts')).toEqual(
    new Map(
      Object.entries({ os_family: 'Debian', ansible_local: 1, user: 'x', ssh_host_key_rsa: 'k', python_interpreter: 'p', discovered: 1 }),
    ),
  );
  expect([...facts.keys()]).toEqual(['ansible_facts', 'ansible_os_family', 'ansible_local', 'ansible_ssh_host_key_rsa', 'discovered']);
});
