import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { describe, expect, test } from 'vitest';
import { connectOptions, inventoryOptions, outputOptions, runOptions, targetOptions } from '../../src/cli/flags.ts';
import { KplayError } from '../../src/model/errors.ts';
import { Addresses, becomeOf, type Keyword } from '../../src/engine/address.ts';
import { KEYWORDS } from '../../src/playbook/keywords.ts';
import { isStatement } from '../../src/playbook/modules.ts';
import { catalog } from '../../src/tasks/index.ts';
import { filterNames } from '../../src/template/filters/index.ts';
import { lookupNames } from '../../src/template/lookups/index.ts';
import { testNames } from '../../src/template/tests.ts';
import { askOracle, oracleBin } from '../yaml/_oracle.ts';

/** The rows of docs/ansible-differences.md's list: a kind and the names that kplay has not. */
const lines = readFileSync(new URL('../../docs/ansible-differences.md', import.meta.url), 'utf8')
  .split('## Refused\n')[1]!
  .split('\n')
  .filter(line => line.startsWith('| '))
  .slice(2);
const refused = (kind: string): readonly string[] =>
  lines
    .map(line => line.split(' | '))
    .filter(([one]) => one === `| ${kind}`)
    .flatMap(([, names = '']) => [...names.matchAll(/(?<!\()`([\w-]+)`/g)].map(([, name = '']) => name))
    .toSorted();

const long = (command: Command): readonly string[] => [
  ...command.options.flatMap(({ short, long: second }) => [short, second]).filter(name => name?.startsWith('--') === true),
  '--help',
  '--version',
] as string[]; // prettier-ignore

/** What kplay has, by kind. */
const OURS: Readonly<Record<string, readonly string[]>> = {
  keyword: Object.values(KEYWORDS).flat(),
  strategy: ['linear', 'free', 'host_pinned'],
  connection: ['ssh', 'paramiko_ssh', 'local'],
  become: ['sudo', 'su'],
  shell: ['sh'],
  lookup: [...lookupNames()],
  filter: [...filterNames()],
  test: [...testNames()],
  inventory: ['constructed', 'host_list', 'ini', 'script', 'yaml'],
  cache: [],
  callback: ['default'],
  module: [...catalog().names(), 'import_playbook'],
  'option of ansible-playbook': long(outputOptions(connectOptions(runOptions(targetOptions(new Command()))))),
  'option of ansible': [...long(outputOptions(connectOptions(targetOptions(new Command())))), '--module-name', '--args', '--check'],
  'option of ansible-inventory': [...long(inventoryOptions(new Command())), '--verbose'],
};
/** Keywords that are read and have no effect. */
const WITHOUT_EFFECT = ['async_val', 'become_exe', 'collections', 'debugger', 'loop_with'];
/** Told in full elsewhere, and the same for all of Ansible's programs. */
const KNOWN = ['--toml', '--inventory-file', '--ask-vault-password', '--module-path', '--ssh-common-args', '--ssh-extra-args', '--scp-extra-args', '--sftp-extra-args']; // prettier-ignore

const PROGRAM = `
import json, os, sys, ansible
from ansible.cli.adhoc import AdHocCLI
from ansible.cli.inventory import InventoryCLI
from ansible.cli.playbook import PlaybookCLI
from ansible.playbook import block, handler, handler_task_include, loop_control, play, playbook_include, role_include, task, task_include
from ansible.playbook.role import include, metadata
from ansible.plugins.loader import filter_loader, init_plugin_loader, test_loader
init_plugin_loader()
home = os.path.dirname(ansible.__file__)
def files(*parts):
    found = (os.path.splitext(name) for name in os.listdir(os.path.join(home, *parts)))
    return sorted(name for name, kind in found if kind == '.py' and name not in ('__init__', 'base', 'async_wrapper'))
def builtin(loader):
    names = (one.ansible_name for one in loader.all())
    return sorted({name.split('.')[-1] for name in names if name.startswith('ansible.builtin.')})
def options(cli, name):
    one = cli([name, 'x'])
    one.init_parser()
    return sorted({option for action in one.parser._actions for option in action.option_strings if option.startswith('--')})
classes = [play.Play, block.Block, task.Task, handler.Handler, task_include.TaskInclude, handler_task_include.HandlerTaskInclude,
    role_include.IncludeRole, include.RoleInclude, playbook_include.PlaybookInclude, metadata.RoleMetadata, loop_control.LoopControl]
kinds = 'strategy connection become shell lookup inventory cache callback'.split()
print(json.dumps({
    # two of these are arguments of include_role
    'keyword': sorted({name for one in classes for name in one.fattributes} - {'public', 'rolespec_validate'}),
    **{kind: files('plugins', kind) for kind in kinds},
    'filter': builtin(filter_loader), 'test': builtin(test_loader), 'module': files('modules'),
    'option of ansible-playbook': options(PlaybookCLI, 'ansible-playbook'),
    'option of ansible': options(AdHocCLI, 'ansible'),
    'option of ansible-inventory': options(InventoryCLI, 'ansible-inventory'),
}))
`;

test('the list is short', () => {
  expect(lines.length).toBeLessThanOrEqual(40);
  expect(lines.filter(line => line.split(' | ').length !== 4)).toEqual([]);
});

describe.runIf(oracleBin)('of what ansible-core has', () => {
  const theirs = oracleBin === undefined ? {} : (askOracle(PROGRAM, null) as Readonly<Record<string, readonly string[]>>);
  test.each(Object.keys(OURS))('each %s is honoured or on the list', kind => {
    const ours = new Set(OURS[kind]!.filter(name => !WITHOUT_EFFECT.includes(name) || kind !== 'keyword'));
    const missing = theirs[kind]!.filter(name => !ours.has(name) && !(kind === 'module' && isStatement(name)));
    const listed = kind.startsWith('option') && kind !== 'option of ansible-playbook' ? [...refused(kind), ...KNOWN] : refused(kind);
    expect(missing.filter(name => !listed.includes(name))).toEqual([]);
    expect(refused(kind).filter(name => !missing.includes(name))).toEqual([]);
  });
});

describe('another way to a host or to another user is refused by name', () => {
  const nothing = { lookup: () => undefined, names: () => [] };
  const defaults = { timeoutMs: 1000, become: false };
  const keyword =
    (values: Readonly<Record<string, string>>): Keyword =>
    name =>
      values[name];
  const address = (connection: string): string => new Addresses(defaults).of('h', nothing, keyword({ connection }), false).connection;
  const become = (becomeMethod: string): string | undefined =>
    becomeOf(
      nothing,
      keyword({ become: 'yes', becomeMethod, becomeUser: 'nobody' }),
      defaults,
      new Addresses(defaults).of('h', nothing, keyword({}), false),
    )?.method;

  test('connections', () => {
    expect(['ssh', 'smart', 'paramiko', 'ansible.builtin.ssh', 'local', 'openssh'].map(address)).toEqual(
      ['ssh', 'ssh', 'ssh', 'ssh', 'local', 'openssh'],
    ); // prettier-ignore
    for (const name of ['winrm', 'community.docker.docker', 'shh']) expect(() => address(name)).toThrow(KplayError);
  });
  test('become methods', () => {
    expect(['sudo', 'ansible.builtin.sudo', 'su'].map(become)).toEqual(['sudo', 'sudo', 'su']);
    for (const name of ['runas', 'community.general.doas', 'sduo']) expect(() => become(name)).toThrow(KplayError);
  });
});
