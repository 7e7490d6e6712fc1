import type { PatternMismatch } from '../inventory/inventory.ts';
import type { SemanticsVersion } from '../model/semantics.ts';
import { count, flag, identities, list, oneOf, path, paths, plugins, type Read, seconds, word } from './setting-values.ts';

/** What config files and the environment say; the command line overrides it. Paths are absolute. */
export interface Settings {
  readonly inventory?: readonly string[];
  readonly forks?: number;
  readonly remoteUser?: string;
  readonly privateKeyFile?: string;
  readonly hostKeyChecking?: boolean;
  readonly rolesPath?: readonly string[];
  readonly modulePath?: readonly string[];
  readonly timeoutMs?: number;
  readonly become?: boolean;
  readonly becomeUser?: string;
  readonly becomeMethod?: string;
  readonly becomeAskPass?: boolean;
  readonly becomePasswordFile?: string;
  readonly askPass?: boolean;
  readonly askVaultPass?: boolean;
  readonly vaultPasswordFile?: string;
  /** `LABEL@FILE` with an absolute path, or `LABEL@prompt`. */
  readonly vaultIdentityList?: readonly string[];
  readonly vaultIdMatch?: boolean;
  readonly vaultEncryptIdentity?: string;
  readonly forceHandlers?: boolean;
  readonly inventoryEnabled?: readonly string[];
  readonly inventoryIgnoreExtensions?: readonly string[];
  readonly inventoryIgnorePatterns?: readonly string[];
  readonly inventoryExport?: boolean;
  readonly hostPatternMismatch?: PatternMismatch;
  readonly playbookDir?: string;
  readonly gathering?: Gathering;
  readonly anyErrorsFatal?: boolean;
  readonly errorOnMissingHandler?: boolean;
  readonly tags?: readonly string[];
  readonly skipTags?: readonly string[];
  readonly diff?: boolean;
  readonly verbosity?: number;
  readonly remotePort?: number;
  readonly connection?: string;
  readonly sshArgs?: string;
  readonly sshCommonArgs?: string;
  readonly sshExtraArgs?: string;
  readonly becomeFlags?: string;
  readonly connectionPasswordFile?: string;
  /** What `{{ ansible_managed }}` says; `{file}`, `{host}`, `{uid}` and strftime's `%` stand for those of the template. */
  readonly managed?: string;
  readonly noColor?: boolean;
  readonly forceColor?: boolean;
  readonly window?: number;
  /** How long connections are kept after a run; 0 is not at all, whatever ssh_args say. */
  readonly keepConnectionsMs?: number;
  readonly semantics?: SemanticsVersion;
  readonly guards?: Readonly<Record<string, string>>;
}
export type Gathering = 'implicit' | 'explicit' | 'smart';

/** Where a setting is in ansible.cfg and in the environment. */
export interface Place {
  readonly section: string;
  readonly name: string;
  readonly env?: string;
}
export interface Honoured<T> extends Place {
  /** Another place in ansible.cfg, asked if it is not at the first. */
  readonly also?: readonly [section: string, name: string];
  readonly read: Read<T>;
  /** For docs/settings.md. */
  readonly says: string;
}
const at = <T>(
  section: string,
  name: string,
  env: string | undefined,
  read: Read<T>,
  says: string,
  also?: readonly [string, string],
): Honoured<T> => ({ section, name, read, says, ...(env !== undefined && { env }), ...(also && { also }) });

/** docs.ansible.com/ansible/latest/reference_appendices/config.html: the settings of ansible-core that kplay reads. */
export const HONOURED: {
  readonly [K in Exclude<keyof Settings, 'window' | 'guards' | 'semantics' | 'keepConnectionsMs'>]-?: Honoured<NonNullable<Settings[K]>>;
} = {
  inventory: at('defaults', 'inventory', 'ANSIBLE_INVENTORY', paths(','), 'where hosts come from'),
  forks: at('defaults', 'forks', 'ANSIBLE_FORKS', count, 'hosts worked on at a time'),
  remoteUser: at('defaults', 'remote_user', 'ANSIBLE_REMOTE_USER', word, 'who logs in'),
  privateKeyFile: at('defaults', 'private_key_file', 'ANSIBLE_PRIVATE_KEY_FILE', path, 'the key to log in with'),
  hostKeyChecking: at('defaults', 'host_key_checking', 'ANSIBLE_HOST_KEY_CHECKING', flag, 'refuse hosts whose key is not known'),
  rolesPath: at('defaults', 'roles_path', 'ANSIBLE_ROLES_PATH', paths(':'), 'folders of roles'),
  modulePath: at(
    'defaults',
    'library',
    'ANSIBLE_LIBRARY',
    paths(':'),
    'folders of your own modules, which kplay knows by name but does not run',
  ),
  timeoutMs: at('defaults', 'timeout', 'ANSIBLE_TIMEOUT', seconds, 'seconds a host may take to answer'),
  become: at('privilege_escalation', 'become', 'ANSIBLE_BECOME', flag, 'run tasks as another user'),
  becomeUser: at('privilege_escalation', 'become_user', 'ANSIBLE_BECOME_USER', word, 'the user to become'),
  becomeMethod: at('privilege_escalation', 'become_method', 'ANSIBLE_BECOME_METHOD', word, '`sudo` or `su`'),
  becomeAskPass: at('privilege_escalation', 'become_ask_pass', 'ANSIBLE_BECOME_ASK_PASS', flag, 'ask for the password that becoming needs'),
  becomePasswordFile: at('defaults', 'become_password_file', 'ANSIBLE_BECOME_PASSWORD_FILE', path, 'read it from a file or a program'),
  askPass: at('defaults', 'ask_pass', 'ANSIBLE_ASK_PASS', flag, 'ask for the login password'),
  askVaultPass: at('defaults', 'ask_vault_pass', 'ANSIBLE_ASK_VAULT_PASS', flag, 'ask for the vault password'),
  vaultPasswordFile: at(
    'defaults',
    'vault_password_file',
    'ANSIBLE_VAULT_PASSWORD_FILE',
    path,
    'read the vault password from a file or a program',
  ),
  vaultIdentityList: at('defaults', 'vault_identity_list', 'ANSIBLE_VAULT_IDENTITY_LIST', identities, 'vault passwords by label'),
  vaultIdMatch: at('defaults', 'vault_id_match', 'ANSIBLE_VAULT_ID_MATCH', flag, 'try passwords of the same label only'),
  vaultEncryptIdentity: at('defaults', 'vault_encrypt_identity', 'ANSIBLE_VAULT_ENCRYPT_IDENTITY', word, 'the label to encrypt with'),
  forceHandlers: at('defaults', 'force_handlers', 'ANSIBLE_FORCE_HANDLERS', flag, 'run handlers even where a task failed'),
  noColor: at('defaults', 'nocolor', 'ANSIBLE_NOCOLOR', flag, 'no colours'),
  forceColor: at('defaults', 'force_color', 'ANSIBLE_FORCE_COLOR', flag, 'colours even without a terminal'),
  inventoryEnabled: at(
    'inventory',
    'enable_plugins',
    'ANSIBLE_INVENTORY_ENABLED',
    plugins,
    'which kinds of sources are read, of `host_list`, `script`, `auto`, `constructed`, `yaml` and `ini`; not in which order',
  ),
  inventoryIgnoreExtensions: at(
    'defaults',
    'inventory_ignore_extensions',
    'ANSIBLE_INVENTORY_IGNORE',
    list,
    'ends of names that are passed over in a folder of sources',
    ['inventory', 'ignore_extensions'],
  ),
  inventoryIgnorePatterns: at(
    'defaults',
    'inventory_ignore_patterns',
    'ANSIBLE_INVENTORY_IGNORE_REGEX',
    list,
    'regular expressions for the same',
    ['inventory', 'ignore_patterns'],
  ),
  inventoryExport: at('inventory', 'export', 'ANSIBLE_INVENTORY_EXPORT', flag, '`kplay inventory --export`'),
  hostPatternMismatch: at(
    'inventory',
    'host_pattern_mismatch',
    'ANSIBLE_HOST_PATTERN_MISMATCH',
    oneOf('warning', 'error', 'ignore'),
    'what a pattern is that names nothing',
  ),
  playbookDir: at('defaults', 'playbook_dir', 'ANSIBLE_PLAYBOOK_DIR', path, '`kplay inventory --playbook-dir`'),
  gathering: at(
    'defaults',
    'gathering',
    'ANSIBLE_GATHERING',
    oneOf('implicit', 'explicit', 'smart'),
    'whether plays gather facts that do not say so; `smart` gathers as `implicit` does',
  ),
  anyErrorsFatal: at('defaults', 'any_errors_fatal', 'ANSIBLE_ANY_ERRORS_FATAL', flag, 'one failure ends the play for all hosts'),
  errorOnMissingHandler: at(
    'defaults',
    'error_on_missing_handler',
    'ANSIBLE_ERROR_ON_MISSING_HANDLER',
    flag,
    'a handler that is not there is an error, not a warning',
  ),
  tags: at('tags', 'run', 'ANSIBLE_RUN_TAGS', list, '`--tags`'),
  skipTags: at('tags', 'skip', 'ANSIBLE_SKIP_TAGS', list, '`--skip-tags`'),
  diff: at('diff', 'always', 'ANSIBLE_DIFF_ALWAYS', flag, '`--diff`'),
  verbosity: at('defaults', 'verbosity', 'ANSIBLE_VERBOSITY', count, 'how many `-v` to add'),
  remotePort: at('defaults', 'remote_port', 'ANSIBLE_REMOTE_PORT', count, 'the port of hosts that have no other'),
  connection: at('defaults', 'transport', 'ANSIBLE_TRANSPORT', word, '`--connection`'),
  sshArgs: at(
    'ssh_connection',
    'ssh_args',
    'ANSIBLE_SSH_ARGS',
    word,
    'arguments of ssh, as `ansible_ssh_args`; ControlMaster with ControlPersist keeps connections between runs (keep.md)',
  ),
  sshCommonArgs: at('ssh_connection', 'ssh_common_args', 'ANSIBLE_SSH_COMMON_ARGS', word, 'as `ansible_ssh_common_args`'),
  sshExtraArgs: at('ssh_connection', 'ssh_extra_args', 'ANSIBLE_SSH_EXTRA_ARGS', word, 'as `ansible_ssh_extra_args`'),
  becomeFlags: at('privilege_escalation', 'become_flags', 'ANSIBLE_BECOME_FLAGS', word, 'arguments of sudo or su'),
  connectionPasswordFile: at(
    'defaults',
    'connection_password_file',
    'ANSIBLE_CONNECTION_PASSWORD_FILE',
    path,
    'read the login password from a file',
  ),
  managed: at('defaults', 'ansible_managed', undefined, word, 'what `{{ ansible_managed }}` says'),
};
