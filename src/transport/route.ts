import { userInfo } from 'node:os';
import { join } from 'node:path';
import { glob } from 'ssh-config';
import { KplayError } from '../model/errors.ts';
import type { Address } from '../model/session.ts';
import type { HostIdentity, HostKeyPolicy } from './host-keys.ts';
import type { HostConfig } from './ssh-config.ts';

/** Everything there is to know to log in to one host on the way. */
export interface Hop {
  readonly identity: HostIdentity;
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password?: string;
  readonly passphrase?: string;
  /** The key the inventory or command line names; it is tried first. */
  readonly keyFile?: string;
  /** Keys of ~/.ssh/config, or ssh's default ones. */
  readonly keyFiles: readonly string[];
  readonly identitiesOnly: boolean;
  readonly agentSocket?: string;
  readonly timeoutMs: number;
  readonly keepaliveMs: number;
  readonly keepaliveCountMax: number;
}

/** The target and how to get there: hosts to jump over in order, or a command whose stdio leads there. */
export interface Route {
  readonly target: Hop;
  readonly jumps: readonly Hop[];
  readonly proxyCommand?: string;
  /** Variables that ssh_config's SendEnv and SetEnv give to programs on the target, where its sshd accepts them. */
  readonly env: Readonly<Record<string, string>>;
}

export interface RouteOptions {
  readonly config: (host: string, user?: string) => HostConfig;
  readonly home: string;
  /** The controller's environment, for SendEnv. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** What of it was sent, by SendEnv: mostly the same for all hosts. */
  readonly sent?: Map<string, readonly (readonly [name: string, value: string | undefined])[]>;
  readonly hostKeyPolicy: HostKeyPolicy;
  readonly knownHostsFiles?: readonly string[];
  readonly agentSocket?: string;
  readonly keepaliveMs: number;
}

const DEFAULT_KEYS = ['id_rsa', 'id_ecdsa', 'id_ed25519'];

/** An address completed by ssh_config(5); what the address says wins. */
export const routeTo = (address: Address, options: RouteOptions): Route => {
  const { sshOptions = {} } = address;
  const config = { ...options.config(address.host, address.user), ...sshOptions };
  const target = hopTo(address, config, options);
  const { jump, command } = proxyOf(address.proxyJump === undefined ? [sshOptions, config] : [{ proxyjump: address.proxyJump }]);
  const env = envOf(config, options);
  if (jump !== undefined) return { target, env, jumps: jumpsOf(jump, address, options, [nameOf(target)]) };
  if (command === undefined) return { target, env, jumps: [] };
  return { target, env, jumps: [], proxyCommand: expand(command, target, options.home, address.host) };
};

/** Debian sends LANG and LC_* by default, and Ansible's commands see them. */
const envOf = (config: HostConfig, { env, sent: known }: RouteOptions): Record<string, string> => {
  const patterns = all(config['sendenv']);
  const key = patterns.join(' ');
  const sent = known?.get(key) ?? Object.entries(env).filter(([name]) => patterns.length > 0 && glob([...patterns], name));
  known?.set(key, sent);
  const set = all(config['setenv']).map(pair => [pair.replace(/=.*/s, ''), pair.replace(/^[^=]*=/, '')]);
  return Object.fromEntries([...sent, ...set]) as Record<string, string>;
};

/** The proxy that the first source with one names; `none` there means none at all. */
const proxyOf = (sources: readonly HostConfig[]): { jump?: string; command?: string } => {
  for (const { proxyjump, proxycommand } of sources) {
    const [jump, command] = [one(proxyjump), one(proxycommand)];
    if (jump === undefined && command === undefined) continue;
    return jump === undefined ? named('command', command) : named('jump', jump);
  }
  return {};
};
const named = <K extends string>(key: K, value: string | undefined): { [P in K]?: string } =>
  (value === undefined || value === 'none' ? {} : { [key]: value }) as { [P in K]?: string };

/** `user@host:port,…`; each may itself be reached by a ProxyJump of its own. */
const jumpsOf = (list: string, via: Address, options: RouteOptions, seen: readonly string[]): readonly Hop[] =>
  list.split(',').flatMap((spec, index): readonly Hop[] => {
    const { user, host, port } = parseJump(spec.trim());
    const config = options.config(host, user);
    const { timeoutMs } = via;
    const address = { name: host, host, connection: 'ssh' as const, timeoutMs, ...defined({ user, port }) };
    const hop = hopTo(address, config, options);
    const path = [...seen, nameOf(hop)];
    if (seen.includes(nameOf(hop))) throw new KplayError('E_USAGE', `ProxyJump goes in a circle: ${path.join(' → ')}`);
    const own = index === 0 ? one(config['proxyjump']) : undefined;
    const before = own === undefined || own === 'none' ? [] : jumpsOf(own, via, options, path);
    return [...before, hop];
  });

const nameOf = ({ host, port }: Hop): string => `${host}:${port}`;

const parseJump = (spec: string): { user: string | undefined; host: string; port: number | undefined } => {
  const [, user, bracketed, plain, port] = /^(?:ssh:\/\/)?(?:(.+)@)?(?:\[([^\]]+)\]|([^:@]+))(?::(\d+))?$/.exec(spec) ?? [];
  const host = bracketed ?? plain;
  if (host === undefined) throw new KplayError('E_USAGE', `ProxyJump wants [user@]host[:port], not '${spec}'.`);
  return { user, host, port: port === undefined ? undefined : Number(port) };
};

const hopTo = (address: Address, config: HostConfig, options: RouteOptions): Hop => {
  const { home } = options;
  const host = one(config['hostname'])?.replaceAll('%h', address.host) ?? address.host;
  const port = address.port ?? Number(one(config['port']) ?? 22);
  const user = address.user ?? one(config['user']) ?? userInfo().username;
  const tokens = { host, port, user };
  const files = (key: string): readonly string[] => all(config[key]).map(file => expand(file, tokens, home, address.host));
  const aliveSeconds = Number(one(config['serveraliveinterval']) ?? 0);
  const keyFiles = files('identityfile').filter(file => file !== 'none');
  return {
    host,
    port,
    user,
    identity: identityOf(address, tokens, config, options, files),
    keyFiles: config['identityfile'] === undefined ? DEFAULT_KEYS.map(name => join(home, '.ssh', name)) : keyFiles,
    identitiesOnly: yes(config['identitiesonly']),
    timeoutMs: address.timeoutMs,
    keepaliveMs: aliveSeconds > 0 ? aliveSeconds * 1000 : options.keepaliveMs,
    keepaliveCountMax: Number(one(config['serveralivecountmax']) ?? 3),
    ...defined({
      password: address.password,
      passphrase: address.passphrase,
      keyFile: address.privateKeyFile === undefined ? undefined : expand(address.privateKeyFile, tokens, home, address.host),
      agentSocket: agentOf(one(config['identityagent']), options.agentSocket, home),
    }),
  };
};

const identityOf = (
  { name }: Address,
  { host, port }: Pick<Hop, 'host' | 'port'>,
  config: HostConfig,
  { home, hostKeyPolicy, knownHostsFiles }: RouteOptions,
  files: (key: string) => readonly string[],
): HostIdentity => {
  const or = (configured: readonly string[], usual: readonly string[]): readonly string[] => (configured.length > 0 ? configured : usual);
  const own = or(files('userknownhostsfile'), [join(home, '.ssh/known_hosts'), join(home, '.ssh/known_hosts2')]);
  const global = or(files('globalknownhostsfile'), ['/etc/ssh/ssh_known_hosts', '/etc/ssh/ssh_known_hosts2']);
  // ssh's `no` also lets changed keys pass; here it only records new ones.
  const lenient = /^(accept-new|no|off)$/i.test(one(config['stricthostkeychecking']) ?? '');
  return {
    inventoryName: name,
    host,
    port,
    policy: hostKeyPolicy === 'strict' && lenient ? 'accept-new' : hostKeyPolicy,
    files: knownHostsFiles ?? [...own, ...global].filter(file => file !== 'none'),
    hashed: yes(config['hashknownhosts']),
    ...defined({ alias: one(config['hostkeyalias']) }),
  };
};

const agentOf = (configured: string | undefined, usual: string | undefined, home: string): string | undefined => {
  if (configured === undefined || configured === 'SSH_AUTH_SOCK') return usual;
  return configured === 'none' ? undefined : configured.replace(/^~(?=\/)/, home);
};

/** The tokens of ssh_config(5) that make sense here. */
const expand = (text: string, { host, port, user }: Pick<Hop, 'host' | 'port' | 'user'>, home: string, original: string): string => {
  const tokens: Readonly<Record<string, string>> = {
    '%': '%',
    h: host,
    p: String(port),
    r: user,
    n: original,
    d: home,
    u: userInfo().username,
  };
  return text.replace(/^~(?=\/)/, home).replaceAll(/%([%hprndu])/g, (whole, token: string) => tokens[token] ?? whole);
};

const one = (value: string | readonly string[] | undefined): string | undefined => (typeof value === 'object' ? value[0] : value);
const all = (value: string | readonly string[] | undefined): readonly string[] =>
  value === undefined ? [] : typeof value === 'object' ? value : value.split(/\s+/);
const yes = (value: string | readonly string[] | undefined): boolean => one(value)?.toLowerCase() === 'yes';

/** Without the keys whose value is undefined, as exact optional properties want it. */
const defined = <T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as { [K in keyof T]?: Exclude<T[K], undefined> };
