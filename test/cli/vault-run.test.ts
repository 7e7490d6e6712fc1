import { execFileSync } from 'node:child_process';
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { encrypt } from '../../src/vault/vault.ts';
import { folder, kplay, onTerminal } from './_kplay.ts';

const sealed = (text: string, label = 'default', password = 'hunter2'): string =>
  encrypt(Buffer.from(text), { label, password: Buffer.from(password) });
const value = (text: string): string => `!vault |\n  ${sealed(text).trimEnd().replaceAll('\n', '\n  ')}\n`;
const FILES = {
  pw: 'hunter2\n',
  'pw.wrong': 'swordfish\n',
  hosts: 'h ansible_connection=local\n',
  'group_vars/all/whole.yml': sealed('whole: from a file\n'),
  'group_vars/all/inline.yml': `inline: ${value('from a value')}`,
  'site.yml': `- hosts: all
  gather_facts: false
  tasks:
    - debug: {msg: "{{ whole }}, {{ inline }}"}
`,
};
const RUN = ['run', 'site.yml', '-i', 'hosts'];
const SHOWN = expect.stringContaining('from a file, from a value');
const program = (text: string): string => `#!/bin/sh\n${text}\n`;

describe('the password of a run comes from', () => {
  test.each<[string, readonly string[], Record<string, string>, Record<string, string>]>([
    ['a file', ['--vault-password-file', 'pw'], {}, {}],
    ['a file, in the other spelling', ['--vault-pass-file', 'pw'], {}, {}],
    ['an identity', ['--vault-id', 'dev@pw'], {}, {}],
    ['an identity without a label', ['--vault-id', 'pw'], {}, {}],
    ['one of several', ['--vault-id', 'a@pw.wrong', '--vault-id', 'b@pw'], {}, {}],
    ['a program', ['--vault-password-file', 'pass.sh'], {}, { 'pass.sh': program('echo hunter2') }],
    [
      'a client, which is told the label',
      ['--vault-id', 'dev@pass-client.sh'],
      {},
      { 'pass-client.sh': program('[ "$*" = "--vault-id dev" ] && echo hunter2') },
    ],
    [
      'a file that another password opens',
      ['--vault-id', 'a@pw.wrong', '--vault-id', 'b@enc'],
      {},
      { enc: sealed('hunter2\n', 'a', 'swordfish') },
    ],
    ['ansible.cfg', [], {}, { 'ansible.cfg': '[defaults]\nvault_password_file = pw\n' }],
    ['identities of ansible.cfg', [], {}, { 'ansible.cfg': '[defaults]\nvault_identity_list = a@pw.wrong, b@pw\n' }],
    ['the environment', [], { ANSIBLE_VAULT_PASSWORD_FILE: 'pw' }, {}],
    ['identities of the environment', [], { ANSIBLE_VAULT_IDENTITY_LIST: 'a@pw' }, {}],
  ])('%s', async (_name, args, env, files) => {
    const dir = folder({ ...FILES, ...files });
    for (const name of Object.keys(files)) if (name.endsWith('.sh')) chmodSync(join(dir, name), 0o755);
    expect(await kplay(dir, [...RUN, ...args], env)).toMatchObject({ code: 0, stdout: SHOWN });
  });
  test.each([
    ['Vault password: ', ['-J']],
    ['Vault password (dev): ', ['--vault-id', 'dev@prompt']],
  ])('the user, who is asked "%s"', async (question, args) => {
    const { code, screen } = await onTerminal(folder(FILES), [...RUN, '-v', ...args], { question, answer: 'hunter2' });
    expect({ code, screen }).toMatchObject({ code: 0, screen: SHOWN });
    expect(screen).not.toContain('hunter2');
  });
});

test('a file that is not there is a warning as long as there is another password', async () => {
  const dir = folder(FILES);
  const ran = await kplay(dir, [...RUN, '--vault-password-file', 'pw', '--vault-id', 'dev@nope']);
  expect(ran).toMatchObject({ code: 0, stdout: SHOWN, stderr: '[WARNING]: the password file ./nope cannot be read\n' });
});

test('with vault_id_match only the password of the same label is tried', async () => {
  const files = { ...FILES, 'ansible.cfg': '[defaults]\nvault_id_match = yes\n' };
  expect(await kplay(folder(files), [...RUN, '--vault-id', 'dev@pw'])).toMatchObject({ code: 4 });
  expect(await kplay(folder(files), [...RUN, '--vault-id', 'pw'])).toMatchObject({ code: 0 });
});

describe('without the password', () => {
  test('nothing is done; the file is named, and what to give', async () => {
    expect(await kplay(folder(FILES), RUN)).toEqual({
      code: 4,
      stdout: '',
      stderr:
        './group_vars/all/whole.yml:1:1: ERROR! Attempting to decrypt but no vault secrets found: ./group_vars/all/whole.yml\n' +
        '  hint: give the password with --vault-password-file FILE, --vault-id default@FILE or --ask-vault-pass\n\n1 error\n',
    });
  });
  const inline = { ...FILES, 'group_vars/all/whole.yml': 'whole: plain\n' };
  test('a value fails where it is used, and nowhere else', async () => {
    const { code, stdout } = await kplay(folder(inline), RUN);
    expect(code).toBe(2);
    expect(stdout).toContain('Attempting to decrypt but no vault secrets found: ./group_vars/all/inline.yml:1:16');
    expect(await kplay(folder({ ...inline, 'site.yml': FILES['site.yml'].replace(', {{ inline }}', '') }), RUN)).toMatchObject({ code: 0 });
  });
  test('an inventory shows what is encrypted, encrypted', async () => {
    const { code, stdout } = await kplay(folder(inline), ['inventory', '-i', 'hosts', '--host', 'h']);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ inline: { __ansible_vault: expect.stringMatching(/^\$ANSIBLE_VAULT;1\.1;AES256\n/) } });
  });
});

describe('encrypted too', () => {
  const WITH = ['--vault-password-file', 'pw'];
  test('the inventory, the playbook and what is given by -e @FILE', async () => {
    const files = {
      pw: FILES.pw,
      hosts: sealed(FILES.hosts),
      'vars.yml': sealed('given: by file\n'),
      'site.yml': sealed('- hosts: h\n  gather_facts: false\n  tasks: [{debug: {msg: "{{ given }}"}}]\n'),
    };
    const ran = await kplay(folder(files), [...RUN, '-e', '@vars.yml', ...WITH]);
    expect(ran).toMatchObject({ code: 0, stdout: expect.stringContaining('by file') });
  });
  test('a role, all of it', async () => {
    const files = {
      pw: FILES.pw,
      'roles/r/tasks/main.yml': sealed('- template: {src: t.j2, dest: "{{ playbook_dir }}/out", mode: "0600"}\n  notify: told\n'),
      'roles/r/handlers/main.yml': sealed("- name: told\n  debug: {msg: \"{{ lookup('file', playbook_dir ~ '/out') }}\"}\n"),
      'roles/r/defaults/main.yml': sealed('one: first\n'),
      'roles/r/vars/main.yml': `two: ${value('second')}`,
      'roles/r/templates/t.j2': sealed('{{ one }} and {{ two }}'),
      'site.yml': '- hosts: localhost\n  gather_facts: false\n  roles: [r]\n',
    };
    const ran = await kplay(folder(files), ['run', 'site.yml', '-i', 'localhost,', '-c', 'local', ...WITH]);
    expect(ran).toMatchObject({ code: 0, stdout: expect.stringContaining('first and second') });
  });
  test('exec and render', async () => {
    const dir = folder({ ...FILES, 't.j2': sealed('{{ inline }}\n') });
    expect(await kplay(dir, ['render', 't.j2', '--host', 'h', '-i', 'hosts', ...WITH])).toMatchObject({
      code: 0,
      stdout: 'from a value\n',
    });
    const ran = await kplay(dir, ['exec', 'h', '-i', 'hosts', '-m', 'debug', '-a', 'var=inline', ...WITH]);
    expect(ran).toMatchObject({ code: 0, stdout: expect.stringContaining('from a value') });
  });
  test('a mistake in such a file is told without its line', async () => {
    const dir = folder({ ...FILES, 'site.yml': sealed('- hosts: h\n  tsaks: []\n') });
    const { code, stderr } = await kplay(dir, [...RUN, ...WITH]);
    expect(code).toBe(4);
    expect(stderr).toContain('site.yml:2:3');
    expect(stderr).not.toMatch(/[0-9a-f]{60}/);
  });
});

test.each([['-vvv'], ['--json'], ['-vvvD']])('with %s neither the password is told nor what include_vars and no_log hide', async flag => {
  const dir = folder({
    ...FILES,
    'more.yml': sealed('hidden: only for no_log\n'),
    'values.yml': `unused: ${value('only for no_log')}`,
    'site.yml': `- hosts: all
  gather_facts: false
  tasks:
    - include_vars: more.yml
    - include_vars: values.yml
    - copy: {content: "{{ hidden }}{{ unused }}", dest: "{{ playbook_dir }}/out"}
      no_log: true
    - debug: {msg: "{{ inline }}"}
`,
  });
  const { code, stdout, stderr } = await kplay(dir, [...RUN, flag, '--vault-password-file', 'pw', '--vault-id', 'other@pw.wrong']);
  expect(code).toBe(0);
  expect(stdout).toContain('from a value');
  expect(stdout + stderr).not.toMatch(/hunter2|swordfish|only for no_log/);
});

const oracle = process.env['KPLAY_ORACLE'];
test.runIf(oracle)(
  'an inventory with encrypted files and values is listed as ansible-inventory lists it',
  { timeout: 60_000 },
  async () => {
    const dir = folder({
      ...FILES,
      hosts: sealed(FILES.hosts),
      'host_vars/h.yml': `deep: {list: [1, two]}\nown: ${value('{{ not.a.template }}')}`,
    });
    const args = ['-i', 'hosts', '--list', '--vault-id', 'dev@pw'];
    const theirs = execFileSync(join(oracle ?? '', 'ansible-inventory'), args, { cwd: dir, encoding: 'utf8' });
    const { stdout } = await kplay(dir, ['inventory', ...args]);
    expect(JSON.parse(stdout)).toEqual(JSON.parse(theirs));
  },
);

test('converge refuses a password file that everybody may read', async () => {
  const dir = folder(FILES);
  const ran = await kplay(dir, ['converge', 'site.yml', '-i', 'hosts', '--vault-password-file', 'pw']);
  expect(ran).toMatchObject({ code: 1, stderr: expect.stringContaining('may be read by everybody') });
});
