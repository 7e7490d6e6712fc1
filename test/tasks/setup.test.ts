import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import type { Fields } from '../../src/model/module.ts';
import { gatherFacts, setup } from '../../src/tasks/setup.ts';
import { converge, runOnce, shells } from './_converge.ts';

const gather = async (args: object): Promise<Fields> => (await runOnce(setup, args)).result['ansible_facts'] as Fields;

test.for(shells)('facts are gathered in $name, and nothing changes', async shell => {
  const { first, second } = await converge(gatherFacts, {}, { shell });
  expect([first.changes, second.changes]).toEqual([[], []]);
  expect(first.result['ansible_facts']).toMatchObject({
    ansible_system: 'Linux',
    ansible_distribution: expect.any(String),
    ansible_hostname: expect.any(String),
    ansible_processor_vcpus: expect.any(Number),
    ansible_local: {},
    gather_subset: ['all'],
    module_setup: true,
  });
});

test('gather_subset chooses collectors, with what they stand on', async () => {
  const least = await gather({ gather_subset: ['!all'] });
  expect(least).toHaveProperty('ansible_distribution');
  expect(least).not.toHaveProperty('ansible_memtotal_mb');
  const only = Object.keys(await gather({ gather_subset: '!all,!min,network' }));
  expect(only).toEqual(expect.arrayContaining(['ansible_interfaces', 'ansible_distribution', 'ansible_kernel']));
  expect(only).not.toContain('ansible_env');
  const without = Object.keys(await gather({ gather_subset: ['all', '!hardware', '!network'] }));
  expect(without).toContain('ansible_virtualization_type');
  expect(without).not.toContain('ansible_mounts');
  expect(Object.keys(await gather({ gather_subset: ['!all', 'mounts'] }))).toContain('ansible_mounts');
});

test('a filter keeps names that match', async () => {
  expect(Object.keys(await gather({ filter: ['ansible_user_*', 'kernel', 'module_[rst]etup'] })).toSorted()).toEqual([
    'ansible_kernel',
    'ansible_user_dir',
    'ansible_user_gecos',
    'ansible_user_gid',
    'ansible_user_id',
    'ansible_user_shell',
    'ansible_user_uid',
    'module_setup',
  ]);
});

test('an unknown subset is refused', async () => {
  await expect(gather({ gather_subset: ['nonsense'] })).rejects.toMatchObject({ code: 'E_ARGS' });
  expect(setup.args.safeParse({ filters: '*' }).success).toBe(false);
});

/** These move while one looks, belong to Python, or come from programs that kplay does not run. */
const APART = /^ansible_(date_time|loadavg|uptime_seconds|mem.*|swapfree_mb|mounts|python.*|env)$|^(gather_subset|module_setup)$/;
const ordered = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(ordered).toSorted((a, b) => JSON.stringify(a).localeCompare(JSON.stringify(b)));
  if (value === null || typeof value !== 'object') return value;
  const { features: _, timestamping: _t, hw_timestamp_filters: _h, phc_index: _p, ...rest } = value as Record<string, unknown>;
  return Object.fromEntries(Object.entries(rest).map(([key, item]) => [key, ordered(item)]));
};

test.runIf(process.env['KPLAY_ORACLE'])('ansible gathers the same', { timeout: 60_000 }, async () => {
  const bin = process.env['KPLAY_ORACLE'] ?? '';
  const { stdout } = spawnSync(`${bin}/ansible`, ['localhost', '-m', 'setup', '-e', `ansible_python_interpreter=${bin}/python3`], {
    encoding: 'utf8',
  });
  const theirs = (JSON.parse(stdout.slice(stdout.indexOf('{'), stdout.lastIndexOf('}') + 1)) as { ansible_facts: Fields }).ansible_facts;
  const mine = await gather({});
  const names = [...new Set([...Object.keys(mine), ...Object.keys(theirs)])].filter(name => !APART.test(name));
  const of = (facts: Fields): unknown => ordered(Object.fromEntries(names.map(name => [name, facts[name]])));
  expect(of(mine)).toEqual(of(theirs));
  const keys = (facts: Fields, name: string): readonly string[] => Object.keys(facts[name] ?? {}).toSorted();
  expect(keys(mine, 'ansible_date_time')).toEqual(keys(theirs, 'ansible_date_time'));
  expect(keys(mine, 'ansible_memory_mb')).toEqual(keys(theirs, 'ansible_memory_mb'));
});
