import type { Shared } from '../playbook/types.ts';
import type { Value } from '../value/value.ts';
import type { Vars } from '../vars/layered.ts';
import type { ConnectionDefaults } from './settings.ts';

/** Of a delegated task, how its delegate is reached. */
const delegated = (delegate: Value): string =>
  `{% set delegate %}${String(delegate)}{% endset %}` +
  "{% set host = inventory_hostname if delegate in ['', omit] else delegate %}{% set known = hostvars[host] | default({}) %}" +
  '{{ known.ansible_host | default(known.ansible_ssh_host) | default(host) }}';

/** The same for all tasks of a run. */
export const reachedAnyway = ({ connection = 'ssh', timeoutMs }: ConnectionDefaults): Vars =>
  new Map<string, Value>([
    ['ansible_connection', connection],
    ['ansible_timeout', timeoutMs / 1000],
    ['ansible_shell_executable', '/bin/sh'],
    ['ansible_pipelining', false],
    ['ansible_module_compression', 'ZIP_DEFLATED'],
  ]);

/**
 * What Ansible puts among a task's variables where nothing else says so: how its host is reached (PlayContext.update_vars). Of two spellings the one
 * that is given means the other, too.
 */
export const reachedBy = (
  host: string,
  { delegateTo, remoteUser, connection }: Shared,
  defaults: ConnectionDefaults,
  isGiven: (name: string) => boolean,
): Vars => {
  const vars = new Map<string, Value>();
  if (connection) vars.set('ansible_connection', connection.value);
  const pair = (one: string, other: string, value: Value): void => {
    vars.set(one, isGiven(other) ? `{{ ${other} }}` : value).set(other, isGiven(one) ? `{{ ${one} }}` : value);
  };
  if (delegateTo) for (const name of ['ansible_host', 'ansible_ssh_host']) vars.set(name, delegated(delegateTo.value));
  else pair('ansible_host', 'ansible_ssh_host', host);
  const user = remoteUser?.value ?? defaults.user;
  if (user !== undefined) pair('ansible_user', 'ansible_ssh_user', user);
  return vars;
};
