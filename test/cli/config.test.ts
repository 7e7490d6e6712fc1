import { chmodSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readIni } from '../../src/cli/ansible-cfg.ts';
import { loadConfig } from '../../src/cli/config.ts';

const folder = (files: Record<string, string>): string => {
  const dir = mkdtempSync(join(tmpdir(), 'kplay-config-'));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(dir, name)), { recursive: true });
    writeFileSync(join(dir, name), text);
  }
  return dir;
};
const NOWHERE = { ANSIBLE_CONFIG: '' };

test('ini as configparser reads it', () => {
  const sections = readIni(
    '; c\n[defaults]\nForks = 5 ; five\nroles_path=a:b\n  :c\n# c\nempty =\nurl: http://x;y\n[other]\nforks=6\n[defaults]\nz=1\n',
  );
  expect(Object.fromEntries(sections.get('defaults') ?? [])).toEqual({
    forks: '5',
    roles_path: 'a:b\n:c',
    empty: '',
    url: 'http://x;y',
    z: '1',
  });
  expect(sections.get('other')?.get('forks')).toBe('6');
});

describe('ansible.cfg', () => {
  test('is found above the current folder; its paths are relative to it', async () => {
    const dir = folder({
      'ansible.cfg':
        '[defaults]\ninventory = hosts, ../other\nforks=7\nremote_user = "ops"\nprivate_key_file=~/key\nhost_key_checking = False\nroles_path = roles:/r\ntimeout=30\n' +
        '[privilege_escalation]\nbecome=yes\nbecome_user=root\nbecome_method=su\nbecome_ask_pass=true\n',
      'a/b/site.yml': '',
    });
    expect(await loadConfig(join(dir, 'a/b'), {})).toEqual({
      dir,
      inventory: [join(dir, 'hosts'), join(dirname(dir), 'other')],
      forks: 7,
      remoteUser: 'ops',
      privateKeyFile: join(homedir(), 'key'),
      hostKeyChecking: false,
      rolesPath: [join(dir, 'roles'), '/r'],
      timeoutMs: 30_000,
      become: true,
      becomeUser: 'root',
      becomeMethod: 'su',
      becomeAskPass: true,
      warnings: [],
    });
  });

  test('says where password files are, too', async () => {
    const dir = folder({ 'ansible.cfg': '[defaults]\nvault_identity_list = dev@pw, prod@sub/pw\n', 'a/b': '' });
    expect(await loadConfig(join(dir, 'a'), {})).toMatchObject({
      vaultIdentityList: [`dev@${join(dir, 'pw')}`, `prod@${join(dir, 'sub/pw')}`],
    });
  });

  test('is ignored, with a word, where everyone may write', async () => {
    const dir = folder({ 'ansible.cfg': '[defaults]\nforks=7\n' });
    chmodSync(dir, 0o777);
    const config = await loadConfig(dir, {});
    expect(config.forks).toBeUndefined();
    expect(config.warnings).toEqual([expect.stringContaining('writable by everyone')]);
    expect((await loadConfig(dir, { ANSIBLE_CONFIG: 'ansible.cfg' })).forks).toBe(7);
  });

  test('a wrong value is refused and named', async () => {
    const dir = folder({ 'ansible.cfg': '[defaults]\nforks=many\n' });
    await expect(loadConfig(dir, NOWHERE)).rejects.toMatchObject({ code: 'E_USAGE', message: expect.stringContaining('forks') });
  });
});

test('environment over kplay.config.yaml over ansible.cfg', async () => {
  const dir = folder({
    'ansible.cfg': '[defaults]\nforks=1\nremote_user=cfg\ninventory=cfg\n',
    'kplay.config.yaml': 'forks: 2\ninventory: own\nguards: {etcds: etcd_quorum}\nwindow: 1\nroles_path: [r]\n',
  });
  expect(await loadConfig(dir, { ANSIBLE_FORKS: '3', ANSIBLE_BECOME: 'no' })).toMatchObject({
    dir,
    forks: 3,
    inventory: [join(dir, 'own')],
    remoteUser: 'cfg',
    become: false,
    guards: { etcds: 'etcd_quorum' },
    window: 1,
    rolesPath: [join(dir, 'r')],
  });
});

describe('kplay.config.yaml', () => {
  test.each([
    ['an unknown key', 'forks: 1\nfrks: 2\n', 'E_USAGE', 2],
    ['a wrong type', '\nforks: many\n', 'E_USAGE', 2],
    ['no YAML', 'a: [\n', 'E_YAML', 2],
  ])('%s is refused at its place', async (_name, text, code, line) => {
    const dir = folder({ 'kplay.config.yaml': text });
    await expect(loadConfig(dir, {})).rejects.toMatchObject({ code, at: { file: join(dir, 'kplay.config.yaml'), line } });
  });

  test('may be empty', async () => {
    const dir = folder({ 'kplay.config.yaml': '# nothing yet\n' });
    expect(await loadConfig(dir, {})).toEqual({ dir, warnings: [] });
  });
});

describe("Ansible's other settings", () => {
  const warningsOf = async (cfg: string, env = {}): Promise<readonly string[]> =>
    (await loadConfig(folder({ 'ansible.cfg': cfg }), env)).warnings;

  test('are read where they change what a run does', async () => {
    const dir = folder({
      'ansible.cfg':
        '[defaults]\ngathering=explicit\nany_errors_fatal=yes\nerror_on_missing_handler=no\nremote_port=2222\ninventory_ignore_extensions=.a, .b\nansible_managed={file} %Y\n' +
        '[inventory]\nenable_plugins = host_list, ansible.builtin.ini\nignore_patterns=^x\nhost_pattern_mismatch=error\n' +
        '[ssh_connection]\nssh_args=-J jump\n[tags]\nskip=slow,dull\n[diff]\nalways=true\n',
    });
    expect(await loadConfig(dir, { ANSIBLE_INVENTORY_EXPORT: '1' })).toMatchObject({
      gathering: 'explicit',
      anyErrorsFatal: true,
      errorOnMissingHandler: false,
      remotePort: 2222,
      inventoryIgnoreExtensions: ['.a', '.b'],
      inventoryIgnorePatterns: ['^x'],
      inventoryEnabled: ['host_list', 'ini'],
      inventoryExport: true,
      hostPatternMismatch: 'error',
      sshArgs: '-J jump',
      skipTags: ['slow', 'dull'],
      diff: true,
      managed: '{file} %Y',
      warnings: [],
    });
  });
  test('are refused where kplay would do something else', async () => {
    await expect(loadConfig(folder({ 'ansible.cfg': '[defaults]\nhash_behaviour = merge\n' }), {})).rejects.toMatchObject({
      code: 'E_USAGE',
      message: expect.stringMatching(/hash_behaviour in .* cannot be "merge"/),
    });
    await expect(loadConfig(folder({}), { ...NOWHERE, ANSIBLE_JINJA2_NATIVE: 'True' })).rejects.toMatchObject({ code: 'E_USAGE' });
    expect(await warningsOf('[defaults]\nhash_behaviour = merge\n', { ANSIBLE_HASH_BEHAVIOUR: 'replace' })).toEqual([]);
    await expect(loadConfig(folder({}), { ...NOWHERE, ANSIBLE_GATHERING: 'never' })).rejects.toThrow(/one of implicit, explicit, smart/);
  });
  test('are told in one line where they have no effect', async () => {
    const cfg = '[defaults]\nstdout_callback=yaml\nfact_caching=jsonfile\nnocows=1\nretry_files_enabled=False\npipelining=True\n';
    expect(await warningsOf(cfg, { ANSIBLE_STRATEGY: 'free' })).toEqual([
      expect.stringMatching(/^without effect .*: ANSIBLE_STRATEGY, stdout_callback in .*, fact_caching in [^,]*$/),
    ]);
    expect(await warningsOf('[defaults]\nstdout_callback=default\nstrategy=linear\n')).toEqual([]);
  });
});
