import type { Place } from './ansible-settings.ts';

/** A setting that would change what a run does, and that kplay has not. */
export interface Unsupported extends Place {
  /** Values that change nothing, in lower case. */
  readonly harmless: readonly string[];
  /** It would do something else than was asked for: nothing is done at all. Otherwise it is told, and has no effect. */
  readonly refused: boolean;
  readonly says: string;
}
const NO: readonly string[] = ['no', 'false', 'off', 'n', 'f', '0'];
const YES: readonly string[] = ['yes', 'true', 'on', 'y', 't', '1'];
const refused = (section: string, name: string, env: string, harmless: readonly string[], says: string): Unsupported => ({
  section,
  name,
  env,
  harmless,
  refused: true,
  says,
});
const told = (section: string, name: string, env: string, harmless: readonly string[], says: string): Unsupported => ({
  section,
  name,
  env,
  harmless,
  refused: false,
  says,
});

export const UNSUPPORTED: readonly Unsupported[] = [
  refused('defaults', 'hash_behaviour', 'ANSIBLE_HASH_BEHAVIOUR', ['replace'], 'a variable replaces another, it is never merged into it'),
  refused('defaults', 'precedence', 'ANSIBLE_PRECEDENCE', [], 'the precedence of group variables is fixed'),
  refused(
    'defaults',
    'playbook_vars_root',
    'ANSIBLE_PLAYBOOK_VARS_ROOT',
    ['top'],
    'group_vars and host_vars are those beside the playbook',
  ),
  refused('defaults', 'private_role_vars', 'ANSIBLE_PRIVATE_ROLE_VARS', NO, "a role's variables are seen by the whole play"),
  refused('defaults', 'error_on_undefined_vars', 'ANSIBLE_ERROR_ON_UNDEFINED_VARS', YES, 'an undefined variable is an error'),
  refused('defaults', 'jinja2_native', 'ANSIBLE_JINJA2_NATIVE', NO, 'templates make text'),
  refused('defaults', 'jinja2_extensions', 'ANSIBLE_JINJA2_EXTENSIONS', ['[]'], 'templates have no extensions'),
  refused(
    'defaults',
    'force_valid_group_names',
    'ANSIBLE_TRANSFORM_INVALID_GROUP_CHARS',
    ['never', 'ignore'],
    'group names stay as they are',
  ),
  refused('defaults', 'yaml_valid_extensions', 'ANSIBLE_YAML_FILENAME_EXT', [], 'YAML files end in .yml, .yaml or .json'),
  told('defaults', 'strategy', 'ANSIBLE_STRATEGY', ['linear', 'ansible.builtin.linear'], 'tasks are done in order, hosts together'),
  told(
    'defaults',
    'stdout_callback',
    'ANSIBLE_STDOUT_CALLBACK',
    ['default', 'ansible.builtin.default'],
    'output is that of the default callback, or --json',
  ),
  told('defaults', 'callbacks_enabled', 'ANSIBLE_CALLBACKS_ENABLED', [], 'there are no callback plugins'),
  told('defaults', 'callback_whitelist', 'ANSIBLE_CALLBACK_WHITELIST', [], 'there are no callback plugins'),
  told('defaults', 'vars_plugins_enabled', 'ANSIBLE_VARS_ENABLED', ['host_group_vars'], 'variables come from group_vars and host_vars'),
  told('defaults', 'fact_caching', 'ANSIBLE_CACHE_PLUGIN', ['memory', 'ansible.builtin.memory'], 'facts are kept for one run'),
  told('defaults', 'inject_facts_as_vars', 'ANSIBLE_INJECT_FACT_VARS', YES, 'facts are variables too'),
  told('defaults', 'retry_files_enabled', 'ANSIBLE_RETRY_FILES_ENABLED', NO, 'there are no retry files'),
  told('defaults', 'log_path', 'ANSIBLE_LOG_PATH', [], 'logs are kept with kplay converge --log-dir'),
  told('defaults', 'task_timeout', 'ANSIBLE_TASK_TIMEOUT', ['0'], 'tasks have the `timeout` they say'),
  told('defaults', 'poll_interval', 'ANSIBLE_POLL_INTERVAL', ['15'], '`poll` is 15 seconds unless a task says more'),
  told('defaults', 'executable', 'ANSIBLE_EXECUTABLE', ['/bin/sh'], 'the shell is /bin/sh'),
  told('privilege_escalation', 'become_exe', 'ANSIBLE_BECOME_EXE', ['sudo'], 'sudo and su are looked up in PATH'),
  told(
    'privilege_escalation',
    'become_allow_same_user',
    'ANSIBLE_BECOME_ALLOW_SAME_USER',
    NO,
    'who is logged in as a user does not become that user',
  ),
];
