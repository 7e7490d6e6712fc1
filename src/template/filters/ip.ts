import { KplayError } from '../../model/errors.ts';
import { integer } from '../../value/arithmetic.ts';
import { defined, evaluationError } from '../../value/errors.ts';
import { isInteger, isList, isNumber, isText, textOf, toNumber, truth, typeName } from '../../value/kinds.ts';
import { str } from '../../value/repr.ts';
import type { Value } from '../../value/value.ts';
import { addressOf, addressOfNumber, parseAddress, showAddress, showHextets, type Version, widthOf, wordsOf } from '../ip/address.ts';
import { interfaceId, isDialect, parseHardware, showHardware } from '../ip/hardware.ts';
import { ipaddr } from '../ip/ipaddr.ts';
import { merged, Network, spanning } from '../ip/network.ts';
import type { Filter } from '../run.ts';
import { type Filters, takes } from './define.ts';

const required = (input: Value): Value => {
  const value = defined(input);
  if (value === null) throw evaluationError('missing required arguments: value');
  return value;
};
const textOption = (value: Value | undefined): string => {
  if (value === null) throw evaluationError("'None' is not a string and conversion is not allowed");
  return value === undefined ? '' : str(value);
};
/** What argument specs take for an int. */
const integerOption = (value: Value | undefined): number => {
  const given = defined(value ?? null);
  const number = isNumber(given) ? toNumber(given) : isText(given) && textOf(given).trim() !== '' ? Number(textOf(given)) : Number.NaN;
  if (!Number.isInteger(number)) throw evaluationError(`You must pass an integer for arithmetic; ${str(given)} is not a valid integer`);
  return number;
};
/** What argument specs take for a list of texts. */
const textsOf = (value: Value): string[] => {
  if (isText(value)) return textOf(value).split(',');
  if (isNumber(value)) return [str(value)];
  if (!isList(value)) throw evaluationError(`${typeName(value)} cannot be converted to a list`);
  return value.map(textOption);
};
const parsed = (text: string): Network => {
  const network = Network.parse(text);
  if (!network) throw evaluationError(`invalid IPNetwork ${text}`);
  return network;
};

/** ipaddr, ipv4 and ipv6 take texts, lists and ints, nothing else. */
const checked = (input: Value, alias: string): Value => {
  const value = defined(input);
  if (isText(value) || isList(value) || isInteger(value)) return value;
  throw evaluationError(`Unrecognized type <${typeName(value)}> for ${alias} filter <value>`);
};
const versionOption = (value: Value): Version | undefined => {
  if (!truth(value)) return undefined;
  const version = integerOption(value);
  if (version !== 4 && version !== 6) throw evaluationError(`there is no IP version ${version}`);
  return version;
};
const ofVersion = (version: Version): Filter =>
  takes(['query'], (input, [query]) => ipaddr(checked(input, `ipv${version}`), textOption(query), { version, alias: `ipv${version}` }));

const wrapped = (value: Value, query: string): Value => {
  const found = ipaddr(value, query, { alias: 'ipwrap' });
  return truth(found) ? ipaddr(found, 'wrap') : value;
};
const ipwrap: Filter = takes(['query'], (value, [query]) => {
  // An undefined value is of a wrong type like any other, so that `default` cannot look at what comes of it.
  if (!isText(value) && !isList(value) && typeof value !== 'boolean')
    throw evaluationError(`Unrecognized type <${typeName(value)}> for ipwrap filter <value>`);
  try {
    if (!isList(value)) return wrapped(value, textOption(query));
    return value.map(item => (truth(ipaddr(item, textOption(query), { alias: 'ipwrap' })) ? ipaddr(item, 'wrap') : item));
  } catch (error) {
    // A query that does not fit leaves everything as it was.
    if (error instanceof KplayError && error.code === 'E_TEMPLATE') return value;
    throw error;
  }
});

/** An address with its prefix, a network without what is a host's; undefined for anything else. */
const networkOf = (value: Value): Network | undefined => {
  const type = ipaddr(value, 'type');
  if (type !== 'address' && type !== 'network') return undefined;
  return parsed(str(ipaddr(value, type === 'address' ? 'cidr' : 'subnet')));
};

const power = (exponent: number): bigint => 1n << BigInt(exponent);
/** The subnet of that size at an index, how many there are, or the network of that size around an address. */
const subnetOfSize = (own: Network, size: number, index: Value | undefined): Value => {
  const total = widthOf(own.version);
  if (size > total) return false;
  const single = own.size === 1n;
  if (index === undefined || index === null) {
    if (single) return supernet(own, size, 0);
    if (size < own.prefix) throw evaluationError(`Requested subnet size of ${size} is invalid`);
    return String(power(size - own.prefix));
  }
  const at = integerOption(index);
  if (single) return at > total + 1 - at || at < size - total ? false : supernet(own, size, at);
  // A larger network than the own one is its only one.
  const count = size < own.prefix ? 1n : power(size - own.prefix);
  const chosen = at < 0 && size >= own.prefix ? BigInt(at) + count : BigInt(at);
  if (chosen < 0n || chosen >= count) return false;
  return `${showAddress(addressOfNumber(own.first + (chosen << BigInt(total - size))))}/${size}`;
};
/** The networks around an address from that size on, by their index. */
const supernet = (own: Network, size: number, index: number): Value => {
  const count = own.prefix - size;
  const at = index < 0 ? index + count : index;
  if (at < 0 || at >= count) throw evaluationError('list index out of range');
  return String(new Network(own.address, size + at).cidr);
};
/** Which of the outer network's subnets this one is, counted from 1. */
const rank = (own: Network, query: string): Value => {
  const outer = networkOf(query);
  if (!outer) throw evaluationError(`You must pass a valid subnet or IP address; ${query} is invalid`);
  if (outer.version !== own.version || outer.prefix > own.prefix || !outer.contains(own))
    throw evaluationError(`${String(own.cidr)} is not in the subnet ${String(outer.cidr)}`);
  return String(((own.first - outer.first) >> BigInt(widthOf(own.version) - own.prefix)) + 1n);
};
const ipsubnet: Filter = takes(['query', 'index'], (input, [query, index]) => {
  const own = networkOf(str(required(input)))?.cidr;
  if (!own) return false;
  const wanted = textOption(query);
  if (wanted === '') return String(own);
  return /^\d+$/.test(wanted) ? subnetOfSize(own, Number(wanted), index) : rank(own, wanted);
});

const ipmath: Filter = takes(['amount'], (input, [amount]) => {
  const text = str(required(input));
  const address = text.includes('/') ? Network.parse(text)?.address : parseAddress(text);
  if (!address) throw evaluationError(`You must pass a valid IP address; ${text} is invalid`);
  return showAddress(addressOf(address.version, address.value + BigInt(integerOption(amount))));
});
const nthHost: Filter = takes(['query'], (input, [query]) => {
  const network = networkOf(str(required(input)));
  const index = textOption(query).trim();
  if (!network || !/^[+-]?\d+$/.test(index)) return false;
  const at = BigInt(index.replace(/^\+/, ''));
  if (at >= network.size) return false;
  const found = network.at(at);
  if (!found) throw evaluationError('index out range for address range size!');
  return showAddress(found);
});
/** A usable address so many further on. */
const nthUsable = (direction: 1n | -1n): Filter =>
  takes(['offset'], (input, [offset]) => {
    const network = networkOf(str(required(input)));
    if (!network) return false;
    const steps = BigInt(integerOption(offset));
    if (!network.usable) return null;
    const [first, last] = network.usable;
    const { value } = addressOfNumber(network.address.value + direction * steps);
    return value >= first && value <= last ? showAddress(addressOfNumber(value)) : null;
  });

/** As a number: what is no address counts as 0. */
const numberOf = (value: Value): bigint => {
  const number = ipaddr(value, 'int');
  return typeof number === 'number' || typeof number === 'bigint' ? BigInt(number) : 0n;
};
const edges = (text: string, first: string, last: string): readonly [bigint, bigint] => {
  const network = networkOf(text);
  const normal = network ? String(network.cidr) : false;
  const edge = (query: string): bigint => {
    const found = ipaddr(normal, query);
    return numberOf(truth(found) ? found : ipaddr(normal, 'address'));
  };
  return [edge(first), edge(last)];
};
const isIn = (inner: string, outer: readonly [bigint, bigint]): boolean =>
  edges(inner, 'network', 'broadcast').every(edge => edge >= outer[0] && edge <= outer[1]);
const inNetwork = (first: string, last: string): Filter =>
  takes(['test'], (input, [test]) => isIn(textOption(test), edges(str(required(input)), first, last)));

const hardware = (value: Value, query: string, alias: string): Value => {
  const text = str(required(value));
  const address = parseHardware(text);
  if (query === '') return address ? text : null;
  if (query === 'bool') return address ? true : null;
  if (!address) throw evaluationError(`${alias}: not a hardware address: ${text}`);
  if (query === 'int') return integer(address.value);
  if (!isDialect(query)) throw evaluationError(`${alias}: unknown filter type: ${query}`);
  const shown = showHardware(address, query);
  if (shown === undefined) throw evaluationError(`${alias}: ${text} is too long for ${query}`);
  return shown;
};
const slaac: Filter = takes(['query'], (input, [query]) => {
  const network = networkOf(str(required(input)));
  const address = parseHardware(textOption(query));
  if (network?.version !== 6 || textOption(query) === '' || !address) return false;
  return showAddress(addressOf(6, network.first + interfaceId(address)));
});

const cidrMerge: Filter = takes(['action'], (input, [action = 'merge']) => {
  const [first, ...rest] = textsOf(required(input)).map(parsed);
  if (action === 'merge') return first ? merged([first, ...rest]).map(String) : [];
  if (action !== 'span') throw evaluationError(`cidr_merge: invalid action '${str(action)}'`);
  if (!first) return null;
  if (rest.length === 0) return String(first);
  const span = spanning([first, ...rest]);
  if (!span) throw evaluationError('cidr_merge: error in netaddr:\nIP sequence cannot contain both IPv4 and IPv6!');
  return String(span);
});

const addressArgument = (input: Value): { version: Version; value: bigint } => {
  const text = str(required(input));
  const address = parseAddress(text);
  if (!address) throw evaluationError(`You must pass a valid IP address; ${text} is invalid`);
  return address;
};
const fourHex: Filter = takes(['delimiter'], (input, [delimiter]) => {
  const { version, value } = addressArgument(input);
  if (version === 6) throw evaluationError('ip4_hex wants an IPv4 address');
  return wordsOf(value, 4, 8)
    .map(octet => octet.toString(16).padStart(2, '0'))
    .join(textOption(delimiter));
});
/** The first bits of an address, or with a negative amount the last, grouped from the left. */
const cut: Filter = takes(['amount'], (input, [amount]) => {
  const { version, value } = addressArgument(input);
  const count = integerOption(amount);
  const bits = value.toString(2).padStart(widthOf(version), '0');
  const kept = count < 0 ? bits.slice(count) : bits.slice(0, count);
  const [size, base, separator] = version === 4 ? [8, 10, '.'] : [16, 16, ':'];
  const words = kept.match(new RegExp(`.{1,${size}}`, 'g')) ?? [];
  return words.map(word => Number.parseInt(word, 2).toString(base)).join(separator);
});
const sixForm: Filter = takes(['format'], (input, [format]) => {
  const { version, value } = addressArgument(input);
  const words = wordsOf(value, 8, 16).map(word => word.toString(16));
  switch (format) {
    case 'expand':
      return version === 4 ? showAddress({ version, value }) : words.map(word => word.padStart(4, '0')).join(':');
    case 'compress':
      return version === 4 ? showAddress({ version, value }) : showHextets(value);
    case 'x509':
      if (version === 6) return words.join(':');
      throw evaluationError('x509 is a form of IPv6 addresses');
    default:
      return null;
  }
});

/** https://docs.ansible.com/ansible/latest/collections/ansible/utils/index.html#filter-plugins: netaddr's addresses. */
export const ipFilters: Filters = {
  ipaddr: takes(['query', 'version', 'alias'], (input, [query, version = null, alias = 'ipaddr']) =>
    ipaddr(checked(input, 'ipaddr'), textOption(query), { version: versionOption(version), alias: str(alias) }),
  ),
  ipv4: ofVersion(4),
  ipv6: ofVersion(6),
  ipwrap,
  ipsubnet,
  ipmath,
  nthhost: nthHost,
  next_nth_usable: nthUsable(1n),
  previous_nth_usable: nthUsable(-1n),
  network_in_network: inNetwork('network', 'broadcast'),
  network_in_usable: inNetwork('first_usable', 'last_usable'),
  reduce_on_network: takes(['network'], (input, [network]) => {
    const outer = edges(textOption(network), 'network', 'broadcast');
    return textsOf(required(input)).filter(item => isIn(item, outer));
  }),
  hwaddr: takes(['query', 'alias'], (input, [query, alias = 'hwaddr']) => hardware(input, textOption(query), str(alias))),
  macaddr: takes(['query'], (input, [query]) => hardware(input, textOption(query), 'macaddr')),
  slaac,
  cidr_merge: cidrMerge,
  ip4_hex: fourHex,
  ipcut: cut,
  ipv6form: sixForm,
};
