import { KplayError } from '../model/errors.ts';

// The grammar of ansible.parsing.utils.addresses, ranges like [1:9:2] included.
const NUMERIC = String.raw`\[[0-9]+:[0-9]+(?::[0-9]+)?\]`;
const HEXADECIMAL = String.raw`\[[0-9a-f]+:[0-9a-f]+(?::[0-9]+)?\]`;
const ALPHANUMERIC = String.raw`\[(?:[a-z]:[a-z]|[0-9]+:[0-9]+)(?::[0-9]+)?\]`;
const H = `(?:[0-9a-f]{1,4}|${HEXADECIMAL})`;
const D = `(?:[01]?[0-9]{1,2}|2[0-4][0-9]|25[0-5]|${NUMERIC})`;
const WORD = String.raw`[\p{L}\p{N}_]`;
const LABEL = `(?:${WORD}|${ALPHANUMERIC})(?:${WORD}|[_\\-]|${ALPHANUMERIC})*(?<![_\\-])`;

const BRACKETED_PORT = /^\[(.+)\]:([0-9]+)$/;
const PORT = /^((?:[^:[\]]|\[[^\]]*\])*):([0-9]+)$/;
const IPV4 = new RegExp(`^(?:${D}\\.){3}${D}$`, 'i');
// As in Ansible, only the last alternative reaches to the end: whatever starts like an IPv6 address is one.
const IPV6_FORMS = [
  `(?:${H}:){7}${H}`,
  `(?:${H}:){1,6}:`,
  `(?:${H}:)(?::${H}){1,6}`,
  `(?:${H}:){2}(?::${H}){1,5}`,
  `(?:${H}:){3}(?::${H}){1,4}`,
  `(?:${H}:){4}(?::${H}){1,3}`,
  `(?:${H}:){5}(?::${H}){1,2}`,
  `(?:${H}:){6}(?::${H})`,
  `:(?::${H}){1,6}`,
  `${H}?::`,
  `(?:0:){6}(?:${H}\\.){3}${H}`,
  `::(?:ffff:)?(?:${H}\\.){3}${H}`,
  `(?:0:){5}ffff:(?:${H}\\.){3}${H}$`,
];
const IPV6 = new RegExp(`^(?:${IPV6_FORMS.join('|')})`, 'i');
const HOSTNAME = new RegExp(`^${LABEL}(?:\\.${LABEL})*$`, 'iu');

export interface HostAndPort {
  readonly host: string;
  readonly port?: number;
}

/** Most names are plain: the patterns, which take long to compile, are then not even tried. */
export const isIpAddress = (name: string): boolean => (name.includes('.') && IPV4.test(name)) || (name.includes(':') && IPV6.test(name));

/** `host`, `host:22` or `[::1]:22`, each possibly with ranges; undefined when it is nothing of the kind. */
export const parseAddress = (address: string): HostAndPort | undefined => {
  let host = address;
  let port: number | undefined;
  for (const pattern of [BRACKETED_PORT, PORT]) {
    const match = pattern.exec(host);
    if (match) [host, port] = [match[1] ?? '', Number(match[2])];
  }
  if (!isIpAddress(host) && !HOSTNAME.test(host)) return undefined;
  return port === undefined ? { host } : { host, port };
};

const LETTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';
const integer = (text: string, range: string): number => {
  if (!/^\s*[-+]?[0-9]+\s*$/.test(text)) throw new KplayError('E_INVENTORY', `"${text}" in the range [${range}] is no number`);
  return Number(text);
};
/** What a range's bounds stand for: inclusive, padded as its start is, letters in the order a–z, A–Z. */
const rangeItems = (range: string): string[] => {
  const [first = '', end = '', by, ...rest] = range.split(':');
  if (!range.includes(':') || rest.length > 0)
    throw new KplayError('E_INVENTORY', `a host range is [begin:end] or [begin:end:step], not [${range}]`);
  const begin = first || '0';
  if (!end) throw new KplayError('E_INVENTORY', `the range [${range}] has no end`);
  const padded = begin.length > 1 && begin.startsWith('0');
  if (padded && begin.length !== end.length) throw new KplayError('E_INVENTORY', `begin and end of the range [${range}] differ in length`);
  const step = by === undefined ? 1 : integer(by, range);
  if (step < 1) throw new KplayError('E_INVENTORY', `the range [${range}] gets nowhere`);
  const letters = /^[a-zA-Z]$/.test(begin) && /^[a-zA-Z]$/.test(end);
  const [from, to] = letters ? [LETTERS.indexOf(begin), LETTERS.indexOf(end)] : [integer(begin, range), integer(end, range)];
  if (letters && from > to) throw new KplayError('E_INVENTORY', `the range [${range}] runs backwards`);
  const items: string[] = [];
  for (let at = from; at <= to; at += step) items.push(letters ? LETTERS.charAt(at) : String(at).padStart(padded ? begin.length : 0, '0'));
  return items;
};

const expandRanges = (pattern: string): string[] => {
  if (!pattern.includes('[')) return [pattern];
  const match = /^([^[\]|]*)\[([^|\]]*)\]([^|]*)$/.exec(pattern);
  if (!match) throw new KplayError('E_INVENTORY', `"${pattern}" is no host and no range of hosts`);
  const [, head = '', range = '', tail = ''] = match;
  return rangeItems(range).flatMap(item => expandRanges(`${head}${item}${tail}`));
};

/** The hosts an inventory entry names: `web[01:20].example.com:2222`. Throws E_INVENTORY without a place. */
export const expandHosts = (pattern: string): { readonly names: readonly string[]; readonly port?: number } => {
  const { host, port } = parseAddress(pattern) ?? { host: pattern };
  const names = expandRanges(host);
  return port === undefined ? { names } : { names, port };
};
