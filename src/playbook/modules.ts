import type { Catalog } from '../model/module.ts';
import { isMoved } from './moved.ts';

/** Statements of the language itself, which look like modules. */
const STATEMENTS = ['include_tasks', 'import_tasks', 'include_role', 'import_role', 'meta'] as const;

/** ansible.builtin's modules: a playbook may name one that kplay has not got. */
const BUILTIN: readonly string[] = (
  'add_host apt apt_key apt_repository assemble assert async_status blockinfile command copy cron deb822_repository debconf debug dnf dnf5 ' +
  'dpkg_selections expect fail fetch file find gather_facts get_url getent git group group_by hostname include_vars iptables known_hosts ' +
  'lineinfile mount_facts package package_facts pause ping pip raw reboot replace rpm_key script service service_facts set_fact set_stats ' +
  'setup shell slurp stat subversion systemd systemd_service sysvinit tempfile template unarchive uri user validate_argument_spec wait_for ' +
  'wait_for_connection yum yum_repository'
).split(' ');

export const withoutCollection = (name: string): string => name.slice(name.lastIndexOf('.') + 1);
const isBuiltin = (name: string): boolean => /^(?:ansible\.(?:builtin|legacy)\.)?[^.]+$/.test(name);

export const isStatement = (name: string, ...which: readonly (typeof STATEMENTS)[number][]): boolean =>
  isBuiltin(name) && (which.length === 0 ? STATEMENTS : which).some(statement => statement === withoutCollection(name));

export const isKnown = (name: string, catalog: Catalog): boolean => isStatement(name) || catalog.get(name) !== undefined;

/** A name that Ansible may know: one of ansible.builtin, one that moved to a collection, or any that names a collection. */
export const isForeign = (name: string): boolean =>
  isBuiltin(name) ? BUILTIN.includes(withoutCollection(name)) || isMoved(withoutCollection(name)) : /^\w+(?:\.\w+){2,}$/.test(name);

export const knownNames = (catalog: Catalog): readonly string[] => [...new Set([...STATEMENTS, ...BUILTIN, ...catalog.names()])];
