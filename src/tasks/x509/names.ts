import { isIP } from 'node:net';

/** Subject alternative names as arguments write them: `DNS:kubernetes.default`, `IP:10.96.0.1`, or without their kind. */

/** The bytes of an IP address: 4 or 16. */
export const addressBytes = (address: string): Buffer =>
  isIP(address) === 4 ? Buffer.from(address.split('.').map(Number)) : Buffer.from(hextets(address).join(''), 'hex');

/** Eight groups of four hex digits. */
const hextets = (address: string): readonly string[] => {
  // URLs have one form for each address, with no IPv4 part in it.
  const [head = [], tail = []] = new URL(`http://[${address}]/`).hostname
    .slice(1, -1)
    .split('::')
    .map(side => side.split(':').filter(group => group !== ''));
  const zeros = Array.from({ length: 8 - head.length - tail.length }, () => '0');
  return [...head, ...zeros, ...tail].map(group => group.padStart(4, '0'));
};

/** One form for each name; what is not said to be an address and reads as none is a DNS name. Undefined where it is neither. */
export const canonical = (name: string): string | undefined => {
  const [, kind = '', value = ''] = /^\s*(?:(DNS|IP):)?\s*(\S+)\s*$/i.exec(name) ?? [];
  const family = kind.toUpperCase() === 'DNS' ? 0 : isIP(value);
  if (family === 4) return `IP:${value}`;
  if (family === 6) return `IP:${hextets(value).join(':')}`;
  return kind.toUpperCase() !== 'IP' && /^[\w*.-]+$/.test(value) ? `DNS:${value.toLowerCase()}` : undefined;
};

/** Sets of names: each once, in order, so that equal sets are equal lists. */
export const canonicalSet = (names: readonly string[]): readonly string[] =>
  [...new Set(names.map(name => canonical(name) ?? name))].toSorted();

/** What Node's X509Certificate says: `DNS:a, IP Address:10.0.0.1`, with quotes around what holds a comma. */
export const namesIn = (said: string | undefined): readonly string[] =>
  canonicalSet((said?.match(/(?:"(?:\\.|[^"])*"|[^,"])+/g) ?? []).map(name => name.trim().replace(/^IP Address:/, 'IP:')));
