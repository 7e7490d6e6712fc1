import type { Value } from '../value/value.ts';
import type { Vars } from './layered.ts';

/** Facts that would change how a host is reached or what Ansible runs there are dropped (ansible.vars.clean.clean_facts). */
const REFUSED = new RegExp(
  '^(?:' +
    'ansible_(?:connection|module_compression|shell_type|shell_executable|host|user|password|port|pipelining|timeout|private_key_file)|' +
    'ansible_(?:network_os|connection_user|docker_extra_args|become|playbook_python|facts|rsync_path)|' +
    'ansible_(?:become|local|paramiko_ssh|psrp|ssh|winrm)_.*|' +
    'ansible_.*_interpreter|add_host|add_group|_ansible_.*)$',
);
/** Networks of light-weight machines are named like connection plugins. */
const KEPT = /^ansible_ssh_host_key_|^ansible_(?!become_).*_(?:bridge|gwbridge)$/;

/**
 * Gathered facts as variables: `ansible_facts`, whose keys have no `ansible_`, and each fact by its full name. Their texts are final.
 */
export const factVars = (facts: Vars): Vars => {
  const names = new Map<Value, Value>(
    [...facts].map(([name, value]) => [name === 'ansible_local' ? name : name.replace(/^ansible_/, ''), value]),
  );
  const injected = [...facts].filter(([name]) => !REFUSED.test(name) || KEPT.test(name));
  return new Map<string, Value>([['ansible_facts', names], ...injected]);
};
