import type { Input } from './module.ts';

/** How to reach a host: the outcome of inventory variables, command line and ~/.ssh/config. Secrets are never logged. */
export interface Address {
  /** inventory_hostname: what messages call it. */
  readonly name: string;
  readonly connection: 'ssh' | 'local' | 'openssh';
  readonly host: string;
  readonly port?: number;
  readonly user?: string;
  readonly password?: string;
  readonly privateKeyFile?: string;
  readonly passphrase?: string;
  /** `[user@]host[:port]`, several separated by commas; `none` switches ~/.ssh/config's off. */
  readonly proxyJump?: string;
  /** ssh_config(5) options by lower-case keyword, as `ssh -o` gives them: they beat ~/.ssh/config. */
  readonly sshOptions?: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
}

/** Another user on the same target. Password is for sudo (the caller's) or su (the other user's). */
export interface Become {
  readonly method: 'sudo' | 'su';
  readonly user: string;
  readonly password?: string;
  readonly flags?: string;
}

/** One program for a shell: read on stdin, answered with stdout, stderr and status apart. `$$` is not its own process but the shell's that runs them all. */
export type Request = Script & (Fed | Quiet);
interface Script {
  readonly script: string;
  readonly become?: Become;
  /** At the limit it is killed on the host, with all that it began, and the request fails with E_TIMEOUT. */
  readonly timeoutMs?: number;
  /** On abort it is killed on the host, with all that it began, and the request fails with E_INTERRUPTED. */
  readonly signal?: AbortSignal;
}
interface Fed {
  readonly stdin?: Input;
  readonly quiet?: false;
}
/** Nobody wants its stderr, which is dropped on the host; it has no stdin. */
interface Quiet {
  readonly stdin?: never;
  readonly quiet: true;
}
export interface Response {
  readonly rc: number;
  readonly stdout: Buffer;
  readonly stderr: Buffer;
}

/**
 * One connection to a target. Requests of one identity run in the order they were given, the next one already on the wire; shells for
 * other identities open when first needed. Fails with E_LINK_LOST (outcome unknown), E_BECOME, E_TIMEOUT, E_INTERRUPTED.
 */
export interface Connection {
  /** The machine at the other end, whatever name leads there: machine-id, boot id, and which file system is its root. */
  readonly target: string;
  run(request: Request): Promise<Response>;
  /** A TCP stream opened from the target (ssh's direct-tcpip). */
  forward(host: string, port: number): Promise<NodeJS.ReadWriteStream>;
  /** With `keep` the next run may go on with it, where the user wants connections kept; else the next connect is a new login. */
  close(keep?: boolean): Promise<void>;
}

/** Fails with E_CONNECT, E_AUTH or E_HOST_KEY. */
export interface Connector {
  connect(address: Address, signal?: AbortSignal): Promise<Connection>;
}
