import { appendFile, mkdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { KplayError } from '../model/errors.ts';
import { quote, sh } from '../shell/sh.ts';
import {
  concerns,
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

/** One known_hosts file as it was read, and what was added to it since. */
interface Ledger {
  readonly file: string;
  readonly entries: KnownHost[];
  lines: number;
  /** Whether the last line is ended, so that another may follow. */
  ended: boolean;
}

/**
 * The host keys on record. Judging and recording pass through one queue, so parallel connects never race: the second host to show up under
 * a name is judged by what the first one left.
 */
export class HostKeys {
  readonly #ledgers = new Map<string, Promise<Ledger>>();
  readonly #about = new Map<string, Promise<readonly KnownHost[]>>();
  #queue: Promise<unknown> = Promise.resolve();

  /** Fails with E_HOST_KEY unless the key may be trusted. */
  verify(identity: HostIdentity, key: Buffer): Promise<void> {
    const turn = this.#queue.then(() => this.#verify(identity, key));
    this.#queue = turn.catch(() => undefined);
    return turn;
  }

  /** serverHostKey algorithms by preference: those of the keys on record first. */
  async algorithms(identity: HostIdentity): Promise<readonly string[]> {
    const known = new Set(knownTypes(await this.#entries(identity), nameOf(identity)).map(family));
    return ALGORITHMS.toSorted((a, b) => Number(known.has(family(b))) - Number(known.has(family(a))));
  }

  /** Only a @cert-authority line vouches for this host: a matter for the system's ssh. */
  async needsCertificate(identity: HostIdentity): Promise<boolean> {
    return identity.policy !== 'off' && needsCertificate(await this.#entries(identity), nameOf(identity));
  }

  async #verify(identity: HostIdentity, key: Buffer): Promise<void> {
    if (identity.policy === 'off') return;
    const verdict = judge(await this.#entries(identity), nameOf(identity), key);
    if (verdict.is === 'known') return;
    if (verdict.is === 'revoked') throw revoked(identity, key, verdict.entry);
    if (verdict.is === 'changed') throw changed(identity, key, verdict.entry);
    if (verdict.is === 'certified') throw certified(identity, verdict.entry);
    if (identity.policy !== 'accept-new') throw unknown(identity, key);
    await this.#record(identity, key);
  }

  async #record(identity: HostIdentity, key: Buffer): Promise<void> {
    const [file] = identity.files;
    if (file === undefined) return;
    const ledger = await this.#ledger(file);
    const name = nameOf(identity);
    const line = `${identity.hashed ? hashName(name) : name} ${keyType(key)} ${key.toString('base64')}\n`;
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    // One write in append mode: whole, whoever else appends at the same time.
    await appendFile(file, ledger.ended ? line : `\n${line}`, { mode: 0o600 });
    ledger.entries.push(...parseKnownHosts(line, file).map(entry => ({ ...entry, line: ledger.lines + 1 })));
    ledger.lines += 1;
    ledger.ended = true;
    this.#about.clear();
  }

  /** What concerns a host: asked for several times in a login, and hashed names are slow to compare. */
  #entries(identity: HostIdentity): Promise<readonly KnownHost[]> {
    const { files } = identity;
    const name = nameOf(identity);
    const key = JSON.stringify([name, files]);
    const known = this.#about.get(key) ?? this.#select(files, name);
    this.#about.set(key, known);
    return known;
  }

  async #select(files: readonly string[], name: string): Promise<readonly KnownHost[]> {
    const ledgers = await Promise.all(files.map(file => this.#ledger(file)));
    return ledgers.flatMap(({ entries }) => entries.filter(entry => concerns(entry, name)));
  }

  #ledger(file: string): Promise<Ledger> {
    const known = this.#ledgers.get(file) ?? readLedger(file);
    this.#ledgers.set(file, known);
    return known;
  }
}

const readLedger = async (file: string): Promise<Ledger> => {
  const text = await readIfThere(file);
  const ended = text === '' || text.endsWith('\n');
  return { file, entries: [...parseKnownHosts(text, file)], lines: text.split('\n').length - (ended ? 1 : 0), ended };
};

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
  new KplayError('E_HOST_KEY', `The host key of ${about(identity)} is not known yet; it shows ${kind(key)} ${fingerprint(key)}.`, {
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
