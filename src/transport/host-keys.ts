import { appendFile, mkdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { KplayError } from '../model/errors.ts';
import { quote, sh } from '../shell/sh.ts';
import {
  fingerprint,
  hashName,
  hostName,
  judge,
  keyType,
  type KnownHost,
  knownTypes,
  needsCertificate,
  parseKnownHosts,
} from './known-hosts.ts';

/** `off` only where Ansible's own host_key_checking=False says so. */
export type HostKeyPolicy = 'strict' | 'accept-new' | 'off';

/** The host as known_hosts and messages know it. */
export interface HostIdentity {
  readonly inventoryName: string;
  readonly host: string;
  readonly port: number;
  /** HostKeyAlias: the name to look for instead. */
  readonly alias?: string;
  readonly policy: HostKeyPolicy;
  /** Files to read; the first is the one to write. */
  readonly files: readonly string[];
  readonly hashed: boolean;
}

/**
 * The host keys on record. Judging and recording pass through one queue, so parallel connects never race: the second host to show up under
 * a name is judged by what the first one left.
 */
export class HostKeys {
  readonly #entries = new Map<string, Promise<KnownHost[]>>();
  #queue: Promise<unknown> = Promise.resolve();

  /** Fails with E_HOST_KEY unless the key may be trusted. */
  verify(identity: HostIdentity, key: Buffer): Promise<void> {
    const turn = this.#queue.then(() => this.#verify(identity, key));
    this.#queue = turn.catch(() => undefined);
    return turn;
  }

  /** serverHostKey algorithms by preference: those of the keys on record first. */
  async algorithms(identity: HostIdentity): Promise<readonly string[]> {
    const known = new Set(knownTypes(await this.#read(identity.files), nameOf(identity)).map(family));
    return ALGORITHMS.toSorted((a, b) => Number(known.has(family(b))) - Number(known.has(family(a))));
  }

  /** Only a @cert-authority line vouches for this host: a matter for the system's ssh. */
  async needsCertificate(identity: HostIdentity): Promise<boolean> {
    return identity.policy !== 'off' && needsCertificate(await this.#read(identity.files), nameOf(identity));
  }

  async #verify(identity: HostIdentity, key: Buffer): Promise<void> {
    if (identity.policy === 'off') return;
    const verdict = judge(await this.#read(identity.files), nameOf(identity), key);
    if (verdict.is === 'known') return;
    if (verdict.is === 'revoked') throw revoked(identity, key, verdict.entry);
    if (verdict.is === 'changed') throw changed(identity, key, verdict.entry);
    if (verdict.is === 'certified') throw certified(identity, verdict.entry);
    if (identity.policy !== 'accept-new') throw unknown(identity, key);
    await this.#record(identity, key);
  }

  async #record({ files: [file], hashed, ...identity }: HostIdentity, key: Buffer): Promise<void> {
    if (file === undefined) return;
    const name = nameOf(identity);
    const line = `${hashed ? hashName(name) : name} ${keyType(key)} ${key.toString('base64')}\n`;
    const text = await readIfThere(file);
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    // One write in append mode: whole, whoever else appends at the same time.
    await appendFile(file, text === '' || text.endsWith('\n') ? line : `\n${line}`, { mode: 0o600 });
    const entries = await this.#file(file);
    entries.push(...parseKnownHosts(line, file).map(entry => ({ ...entry, line: text.split('\n').length })));
  }

  async #read(files: readonly string[]): Promise<readonly KnownHost[]> {
    return (await Promise.all(files.map(file => this.#file(file)))).flat();
  }

  #file(file: string): Promise<KnownHost[]> {
    const known = this.#entries.get(file) ?? readIfThere(file).then(text => [...parseKnownHosts(text, file)]);
    this.#entries.set(file, known);
    return known;
  }
}

const nameOf = ({ alias, host, port }: Pick<HostIdentity, 'alias' | 'host' | 'port'>): string =>
  alias?.toLowerCase() ?? hostName(host, port);

/** What ssh2 can check, OpenSSH's preference. */
const ALGORITHMS = 'ssh-ed25519 ecdsa-sha2-nistp256 ecdsa-sha2-nistp384 ecdsa-sha2-nistp521 rsa-sha2-512 rsa-sha2-256 ssh-rsa'.split(' ');

/** Signature algorithms of one key type: an ssh-rsa key signs as rsa-sha2-512 too. */
const family = (algorithm: string): string => (/^(ssh-rsa|rsa-sha2-\d+)$/.test(algorithm) ? 'ssh-rsa' : algorithm);

const readIfThere = async (file: string): Promise<string> => {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw new KplayError('E_FILE', `${file} cannot be read: ${(cause as Error).message}`, { cause });
  }
};

const about = ({ inventoryName, host, port }: HostIdentity): string => `${inventoryName} (${host} port ${port})`;
const kind = (key: Buffer): string => keyType(key).replace(/^ssh-/, '');
const at = ({ file, line }: KnownHost): { at: { file: string; line: number; col: number } } => ({ at: { file, line, col: 1 } });

const unknown = (identity: HostIdentity, key: Buffer): KplayError =>
  new KplayError('E_HOST_KEY', `Nobody has vouched for ${about(identity)} yet: its ${kind(key)} key is ${fingerprint(key)}.`, {
    hint:
      `Compare it with what \`ssh-keygen -lf /etc/ssh/ssh_host_${kind(key).replace(/-.*/, '')}_key.pub\` prints on the host, then run again ` +
      `with --accept-new, which records the keys of new hosts (and never replaces one).`,
  });

const changed = (identity: HostIdentity, key: Buffer, entry: KnownHost): KplayError =>
  new KplayError('E_HOST_KEY', `${about(identity)} shows another host key than the one on record. Someone may be in between.`, {
    ...at(entry),
    detail: `on record: ${entry.type} ${fingerprint(entry.key)}\nshown:     ${keyType(key)} ${fingerprint(key)}`,
    hint: `If the host was reinstalled: ${sh`ssh-keygen -f ${entry.file} -R ${nameOf(identity)}`}, then run again with --accept-new.`,
  });

const revoked = (identity: HostIdentity, key: Buffer, entry: KnownHost): KplayError =>
  new KplayError('E_HOST_KEY', `${about(identity)} shows a revoked host key: ${keyType(key)} ${fingerprint(key)}.`, {
    ...at(entry),
    hint: `Give the host a new key; do not connect before that is done. The line is in ${quote(entry.file)}.`,
  });

const certified = (identity: HostIdentity, entry: KnownHost): KplayError =>
  new KplayError('E_HOST_KEY', `${about(identity)} is vouched for by a certificate authority only, which ssh2 cannot check.`, {
    ...at(entry),
    hint: "Set ansible_connection=openssh for it: that runs the system's ssh.",
  });
