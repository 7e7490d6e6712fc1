import { homedir } from 'node:os';
import { setImmediate } from 'node:timers/promises';
import type { Clock } from '../model/clock.ts';
import type { Address, Connection, Connector } from '../model/session.ts';
import { unlessAborted } from './connection.ts';
import { type AskPassphrase, KeyRing } from './credentials.ts';
import { type HostKeyPolicy, HostKeys } from './host-keys.ts';
import type { KeeperPlace } from './keeper-place.ts';
import { Keeping, type Keeps } from './keeping.ts';
import { connectLocal } from './local.ts';
import { dialAhead } from './dial.ts';
import type { LoginParts } from './login.ts';
import { connectOpenssh } from './openssh.ts';
import { persistMs } from './persist.ts';
import { type RouteOptions, routeTo } from './route.ts';
import { readSshConfig } from './ssh-config.ts';
import { connectSsh, Jumps } from './ssh.ts';

export interface ConnectorOptions {
  readonly clock: Clock;
  readonly hostKeyPolicy: HostKeyPolicy;
  /** Instead of ssh's own known_hosts files; the first is the one that new keys are written to. */
  readonly knownHostsFiles?: readonly string[];
  /** Instead of ~/.ssh/config and /etc/ssh/ssh_config; `none` reads nothing. */
  readonly sshConfigFile?: string;
  /** The agent's socket, usually SSH_AUTH_SOCK. */
  readonly agentSocket?: string;
  /** Between signs of life; three unanswered ones end the connection. 0 sends none. ServerAliveInterval wins. */
  readonly keepaliveMs: number;
  readonly askPassphrase?: AskPassphrase;
  readonly keeper?: KeeperOptions;
  /** Where `~` is. */
  readonly home?: string;
  /** The controller's environment, of which ssh_config's SendEnv passes a part on. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** Connections that outlive the run, in a process of their own. */
export interface KeeperOptions {
  readonly place: () => KeeperPlace;
  /** How long after their last use; 0 keeps none. Without it, as long as an address's ControlPersist says. */
  readonly keepMs?: number;
  /** Told once when they cannot be kept. */
  readonly warn: (message: string) => void;
  /** In the keeper itself: what to keep with. */
  readonly here?: (askPassphrase: AskPassphrase | undefined) => Keeps;
}

/** The way to every host of a run: what connections share (keys, known_hosts, jump hosts) lives here. */
export const connector = (options: ConnectorOptions): Connector => {
  const { clock, home = homedir(), env = process.env, sshConfigFile, askPassphrase } = options;
  const hostKeys = new HostKeys();
  const jumps = new Jumps();
  let routeOptions: RouteOptions | undefined;
  let parts: Promise<LoginParts> | undefined;
  const keeping: Keeps | undefined =
    options.keeper &&
    (options.keeper.here?.(askPassphrase) ?? new Keeping({ clock, ...options.keeper, ...(askPassphrase && { askPassphrase }) }));

  // ssh2 is heavy: loaded when the first host is about to be reached, never for --help, and not before all that are reached first were called.
  const load = async (): Promise<LoginParts> => {
    await setImmediate();
    const { ssh2 } = await import('./ssh2.ts');
    return { ssh2, hostKeys, clock, ring: new KeyRing(ssh2, askPassphrase) };
  };

  const open = async (address: Address, signal: AbortSignal | undefined): Promise<Connection> => {
    if (address.connection === 'local') return connectLocal(address, clock);
    if (address.connection === 'openssh') return connectOpenssh(address, options);
    routeOptions ??= { ...options, home, env, sent: new Map(), config: readSshConfig(sshConfigFile, home) };
    const route = routeTo(address, routeOptions);
    const hops = [...route.jumps, route.target];
    const certified = await Promise.all(hops.map(hop => hostKeys.needsCertificate(hop.identity)));
    // ssh2 cannot check host certificates; the system's ssh can.
    if (certified.includes(true)) return connectOpenssh(address, options);
    const keepMs = options.keeper?.keepMs ?? persistMs(address.sshOptions);
    // A ProxyCommand may depend on this run's environment, which a keeper does not have.
    const kept = keepMs > 0 && route.proxyCommand === undefined ? await keeping?.connect(route, keepMs, signal) : undefined;
    if (kept) return kept;
    using dialled = dialAhead(route);
    return await connectSsh(route, jumps, await (parts ??= load()), signal, dialled?.dial);
  };

  return {
    async connect(address, signal) {
      const opening = open(address, signal);
      return unlessAborted(opening, address.name, signal).catch((error: unknown) => {
        // Nobody waits for it any more: should it come up yet, it goes down again.
        if (signal?.aborted) opening.then(connection => connection.close()).catch(() => undefined);
        throw error;
      });
    },
  };
};
