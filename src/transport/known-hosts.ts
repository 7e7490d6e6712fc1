import { createHash, createHmac, randomBytes } from 'node:crypto';

/** One line of a known_hosts file (sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT"). */
export interface KnownHost {
  readonly file: string;
  /** 1-based. */
  readonly line: number;
  readonly marker?: '@revoked' | '@cert-authority';
  readonly hosts: string;
  readonly type: string;
  /** The key in wire format. */
  readonly key: Buffer;
}

/** Lines that are no entries (comments, damage) are skipped, as OpenSSH does. */
export const parseKnownHosts = (text: string, file: string): readonly KnownHost[] =>
  text.split('\n').flatMap((raw, index): KnownHost[] => {
    const words = raw.trim().split(/\s+/);
    const marker = words[0]?.startsWith('@') ? words.shift() : undefined;
    const [hosts = '', type, key] = words;
    if (hosts === '' || hosts.startsWith('#') || type === undefined || key === undefined) return [];
    const entry = { file, line: index + 1, hosts, type, key: Buffer.from(key, 'base64') };
    if (marker === undefined) return [entry];
    return marker === '@revoked' || marker === '@cert-authority' ? [{ ...entry, marker }] : [];
  });

/** How known_hosts names a host: `[host]:port` unless the port is ssh's own. */
export const hostName = (host: string, port: number): string => (port === 22 ? host.toLowerCase() : `[${host.toLowerCase()}]:${port}`);

/** Whether an entry's host field means `name`: hashed, or patterns with `*`, `?` and `!`. */
export const matchesHost = (hosts: string, name: string): boolean => {
  const [, salt, hash] = /^\|1\|([^|]+)\|(.+)$/.exec(hosts) ?? [];
  if (salt !== undefined && hash !== undefined)
    return createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest().equals(Buffer.from(hash, 'base64'));
  const patterns = hosts.toLowerCase().split(',');
  const matching = patterns.filter(pattern => globs(pattern.replace(/^!/, ''), name));
  return matching.length > 0 && matching.every(pattern => !pattern.startsWith('!'));
};

const globs = (pattern: string, name: string): boolean => {
  if (!/[*?]/.test(pattern)) return pattern === name;
  const source = pattern
    .replaceAll(/[^\w*?]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`, 's').test(name);
};

/** `name` as HashKnownHosts writes it. */
export const hashName = (name: string): string => {
  const salt = randomBytes(20);
  return `|1|${salt.toString('base64')}|${createHmac('sha1', salt).update(name).digest('base64')}`;
};

/** The fingerprint that `ssh-keygen -l` prints. */
export const fingerprint = (key: Buffer): string => `SHA256:${createHash('sha256').update(key).digest('base64').replaceAll('=', '')}`;

/** The type named in a key's wire format: `ssh-ed25519`. */
export const keyType = (key: Buffer): string => (key.length < 4 ? '' : key.toString('latin1', 4, 4 + key.readUInt32BE(0)));

/** What known_hosts says of a key that a host shows. */
export type Verdict =
  | { readonly is: 'known' | 'unknown' }
  | { readonly is: 'revoked' | 'changed'; readonly entry: KnownHost }
  /** Only a certificate authority is on record: the plain key says nothing. */
  | { readonly is: 'certified'; readonly entry: KnownHost };

export const judge = (entries: readonly KnownHost[], name: string, key: Buffer): Verdict => {
  const mine = entries.filter(entry => matchesHost(entry.hosts, name));
  const revoked = entries.find(entry => entry.marker === '@revoked' && entry.key.equals(key) && concerns(entry, name));
  if (revoked) return { is: 'revoked', entry: revoked };
  const plain = mine.filter(entry => entry.marker === undefined);
  if (plain.some(entry => entry.key.equals(key))) return { is: 'known' };
  const [changed] = plain.toSorted((a, b) => Number(b.type === keyType(key)) - Number(a.type === keyType(key)));
  if (changed) return { is: 'changed', entry: changed };
  // As OpenSSH: a key on record for the host without its port is good on every port.
  const bare = bareName(name);
  if (bare !== name && entries.some(entry => !entry.marker && matchesHost(entry.hosts, bare) && entry.key.equals(key)))
    return { is: 'known' };
  const authority = mine.find(entry => entry.marker === '@cert-authority');
  return authority ? { is: 'certified', entry: authority } : { is: 'unknown' };
};

const bareName = (name: string): string => name.replace(/^\[(.*)\]:\d+$/, '$1');

/** Whether an entry may have a say about `name`: it means the host, with or without its port. */
export const concerns = ({ hosts }: KnownHost, name: string): boolean => {
  const bare = bareName(name);
  return matchesHost(hosts, name) || (bare !== name && matchesHost(hosts, bare));
};

/** Key types on record for a host, to be asked for first, or a host with several keys would show one nobody knows. */
export const knownTypes = (entries: readonly KnownHost[], name: string): readonly string[] =>
  entries.filter(entry => entry.marker === undefined && matchesHost(entry.hosts, name)).map(entry => entry.type);

/** Whether only a certificate authority vouches for the host. */
export const needsCertificate = (entries: readonly KnownHost[], name: string): boolean => {
  const mine = entries.filter(entry => matchesHost(entry.hosts, name));
  return mine.some(entry => entry.marker === '@cert-authority') && !mine.some(entry => entry.marker === undefined);
};
