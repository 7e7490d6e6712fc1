import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadInventory } from '../../src/inventory/load.ts';
import type { Value } from '../../src/value/value.ts';
import { HostVariables } from '../../src/vars/host.ts';
import { layered } from '../../src/vars/layered.ts';
import { layers } from '../../src/vars/parts.ts';
import { laidOut } from '../inventory/_oracle.ts';
import { oracleBin } from '../yaml/_oracle.ts';

const LEVELS =
  'role-defaults inventory-all inventory-group group_vars-all play-group_vars-all group_vars-g play-group_vars-g inventory-host host_vars play-host_vars play-vars vars_files role-vars block-vars task-vars include_vars set_fact role-params extra-vars'.split(
    ' ',
  );
/** The variable xN is set at each level up to the Nth: so its value must be that level's. */
const at = (level: string): Map<string, Value> =>
  new Map(LEVELS.slice(LEVELS.indexOf(level)).map((_, index) => [`x${LEVELS.indexOf(level) + index}`, level]));
const lines = (level: string, indent: string, sign = ': '): string =>
  [...at(level)].map(([name, value]) => `${indent}${name}${sign}${String(value)}\n`).join('');
const pairs = (level: string, sign: string, by: string): string =>
  [...at(level)].map(([name, value]) => `${name}${sign}${String(value)}`).join(by);

const files = {
  'inventory/hosts': `[all:vars]\n${lines('inventory-all', '', '=')}[g:vars]\n${lines('inventory-group', '', '=')}[g]\nh ansible_connection=local ${pairs('inventory-host', '=', ' ')}\n`,
  'inventory/group_vars/all.yml': lines('group_vars-all', ''),
  'inventory/group_vars/g.yml': lines('group_vars-g', ''),
  'inventory/host_vars/h.yml': lines('host_vars', ''),
  'group_vars/all.yml': lines('play-group_vars-all', ''),
  'group_vars/g.yml': lines('play-group_vars-g', ''),
  'host_vars/h.yml': lines('play-host_vars', ''),
  'files.yml': lines('vars_files', ''),
  'included.yml': lines('include_vars', ''),
  'roles/r/defaults/main.yml': lines('role-defaults', ''),
  'roles/r/vars/main.yml': lines('role-vars', ''),
  'roles/r/tasks/main.yml': `- block:\n    - debug: {msg: "${LEVELS.map((_, index) => `{{ x${index} }}`).join(' ')}"}\n      vars:\n${lines('task-vars', '        ')}  vars:\n${lines('block-vars', '    ')}`,
  'play.yml': `- hosts: h\n  gather_facts: false\n  vars:\n${lines('play-vars', '    ')}  vars_files: [files.yml]\n  pre_tasks:\n    - include_vars: included.yml\n    - set_fact:\n${lines('set_fact', '        ')}  roles:\n    - {role: r, ${pairs('role-params', ': ', ', ')}}\n`,
};

test('every level beats the ones before', () => {
  const { folder, sources } = laidOut({ files, sources: ['inventory'] });
  const inventory = loadInventory(sources);
  const host = inventory.addHost('h');
  const parts = {
    roleDefaults: [at('role-defaults')],
    host: new HostVariables(inventory, folder).layers(host),
    playVars: [at('play-vars')],
    varsFiles: [at('vars_files')],
    roleVars: [at('role-vars')],
    blockVars: [at('block-vars')],
    taskVars: at('task-vars'),
    includeVars: at('include_vars'),
    setFacts: at('set_fact'),
    roleParams: [at('role-params')],
    extraVars: at('extra-vars'),
  };
  const scope = layered(layers(parts), value => value, { lookup: () => undefined, names: () => [] });
  expect(LEVELS.map((_, index) => scope.lookup(`x${index}`))).toEqual(LEVELS);
});

test.runIf(oracleBin)('ansible-playbook agrees', () => {
  const { folder } = laidOut({ files, sources: [] });
  const extra = [...at('extra-vars')].flatMap(([name, value]) => ['-e', `${name}=${String(value)}`]);
  const run = spawnSync(join(oracleBin ?? '', 'ansible-playbook'), ['-i', 'inventory', 'play.yml', ...extra], {
    cwd: folder,
    encoding: 'utf8',
  });
  expect(run.stdout).toContain(`"msg": "${LEVELS.join(' ')}"`);
});
