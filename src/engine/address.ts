import { userInfo } from 'node:os';
import { withoutCollection } from '../model/builtin.ts';
import { KplayError } from '../model/errors.ts';
import type { Address, Become } from '../model/session.ts';
import type { Shared } from '../playbook/types.ts';
import type { Scope } from '../value/scope.ts';
import type { Value } from '../value/value.ts';
import { sh } from '../shell/sh.ts';
import type { ConnectionDefaults } from './settings.ts';

/** A keyword's templated value, or undefined when it was not written. */
export type Keyword = <K extends keyof Shared>(name: K) => Value | undefined;

const text = (value: Value | undefined): string | undefined => (value === undefined || value === null ? undefined : String(value));
export const truthy = (value: Value | undefined): boolean => value === true || /^(1|yes|true|on|y|t)$/i.test(text(value) ?? '');

/** The first of several variables that is defined; Ansible keeps old spellings alive. */
const first = (scope: Scope, ...names: readonly string[]): Value | undefined => {
  for (const name of names) {
    const value = scope.lookup(name);
    if (value !== undefined && value !== null) return value;
  }
  return undefined;
};

/** Where hosts are reached: variables beat keywords beat the command line's defaults (Ansible, "Controlling how Ansible behaves"). */
export class Addresses {
  readonly defaults: ConnectionDefaults;
  /** Each place is one object, whoever asks for it: most tasks of a host ask for the same. */
  readonly #known = new Map<string, Address>();
  constructor(defaults: ConnectionDefaults) {
    this.defaults = defaults;
  }

  of(host: string, scope: Scope, keyword: Keyword, delegated: boolean): Address {
    const { sshArgs, ...stated } = statedOf(host, scope, keyword, this.defaults, delegated);
    const key = JSON.stringify([stated, sshArgs]);
    let address = this.#known.get(key);
    if (!address) this.#known.set(key, (address = { ...stated, sshOptions: sshOptions(sshArgs) }));
    return address;
  }
}

type Stated = Omit<Address, 'sshOptions'> & { readonly sshArgs: string };
const statedOf = (host: string, scope: Scope, keyword: Keyword, defaults: ConnectionDefaults, delegated: boolean): Stated => {
  const named = text(first(scope, 'ansible_connection') ?? (delegated ? undefined : keyword('connection')) ?? defaults.connection);
  // Only implicit localhost is local by itself, and says so in its variables.
  const connection = connectionOf(named ?? 'ssh');
  const port = text(first(scope, 'ansible_port', 'ansible_ssh_port') ?? keyword('port') ?? defaults.port);
  const user = text(first(scope, 'ansible_user', 'ansible_ssh_user') ?? keyword('remoteUser') ?? defaults.user);
  const password = text(first(scope, 'ansible_password', 'ansible_ssh_pass', 'ansible_ssh_password') ?? defaults.password);
  const privateKeyFile = text(first(scope, 'ansible_ssh_private_key_file', 'ansible_private_key_file') ?? defaults.privateKeyFile);
  const passphrase = text(first(scope, 'ansible_ssh_private_key_passphrase'));
  const args = ['ansible_ssh_args', 'ansible_ssh_common_args', 'ansible_ssh_extra_args'].map(
    (name, index) => text(first(scope, name)) ?? defaults.sshArgs?.[index] ?? '',
  );
  return {
    name: host,
    connection,
    host: text(first(scope, 'ansible_host', 'ansible_ssh_host')) ?? host,
    timeoutMs: defaults.timeoutMs,
    ...(port !== undefined && { port: Number(port) }),
    ...(user !== undefined && { user }),
    ...(password !== undefined && { password }),
    ...(privateKeyFile !== undefined && { privateKeyFile }),
    ...(passphrase !== undefined && { passphrase }),
    sshArgs: args.join(' '),
  };
};
/** By the names of Ansible's plugins; `smart` and `paramiko` are old ones. */
const CONNECTIONS: ReadonlyMap<string, Address['connection']> = new Map([
  ...(['ssh', 'smart', 'paramiko', 'paramiko_ssh'] as const).map(name => [name, 'ssh'] as const),
  ['openssh', 'openssh'],
  ['local', 'local'],
]);
const connectionOf = (name: string): Address['connection'] => {
  const known = CONNECTIONS.get(withoutCollection(name));
  if (known !== undefined) return known;
  throw new KplayError('E_USAGE', `kplay has no connection '${name}'`, { hint: `it has ${[...CONNECTIONS.keys()].join(', ')}` });
};
const METHODS = ['sudo', 'su'] as const;
const methodOf = (name: string): Become['method'] => {
  const known = METHODS.find(method => method === withoutCollection(name));
  if (known !== undefined) return known;
  throw new KplayError('E_USAGE', `kplay has no become_method '${name}'`, { hint: `it has ${METHODS.join(', ')}` });
};
/** The arguments of `ssh` that say how to get there; others steer Ansible's own use of ssh (ControlMaster …). */
const LETTERS: Readonly<Record<string, string>> = { J: 'proxyjump', i: 'identityfile', p: 'port', l: 'user' };
export const sshOptions = (args: string): Readonly<Record<string, string>> => {
  const options: Record<string, string> = {};
  if (args.trim() === '') return options;
  for (const [, letter = '', quoted, bare = ''] of args.matchAll(/(?:^|\s)["']?-([oJipl])\s*(?:"([^"]*)"|'[^']*'|([^\s"']+))/g)) {
    const value = quoted ?? bare;
    const [keyword = '', rest] = letter === 'o' ? value.split(/\s*=\s*|\s+/, 2) : [LETTERS[letter]!, value];
    if (rest !== undefined) options[keyword.toLowerCase()] ??= rest;
  }
  return options;
};

/** Is a task to become another user, be it the one that logged in? */
export const becomes = (scope: Scope, keyword: Keyword, defaults: ConnectionDefaults): boolean =>
  truthy(first(scope, 'ansible_become') ?? keyword('become') ?? defaults.become);

/** The user a task becomes, if it is another than the one that logged in (Ansible skips sudo to oneself). */
export const becomeOf = (scope: Scope, keyword: Keyword, defaults: ConnectionDefaults, address: Address): Become | undefined => {
  if (!becomes(scope, keyword, defaults)) return undefined;
  const user = text(first(scope, 'ansible_become_user', 'ansible_sudo_user') ?? keyword('becomeUser') ?? defaults.becomeUser) ?? 'root';
  const method = text(first(scope, 'ansible_become_method') ?? keyword('becomeMethod') ?? defaults.becomeMethod) ?? 'sudo';
  const login = address.connection === 'local' ? userInfo().username : address.user;
  if (user === login) return undefined;
  const password = text(first(scope, 'ansible_become_password', 'ansible_become_pass', 'ansible_sudo_pass') ?? defaults.becomePassword);
  const flags = text(first(scope, 'ansible_become_flags') ?? keyword('becomeFlags') ?? defaults.becomeFlags);
  return {
    method: methodOf(method),
    user,
    ...(password !== undefined && { password }),
    ...(flags !== undefined && flags !== '' && { flags }),
  };
};

/** `export` lines for a task's environment, in the order Ansible merges them (outermost first). */
export const exportsOf = (environment: ReadonlyMap<string, Value>): string =>
  [...environment].map(([name, value]) => `export ${name}=${sh`${text(value) ?? ''}`}\n`).join('');
