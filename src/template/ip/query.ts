import { evaluationError } from '../../value/errors.ts';
import { integer } from '../../value/arithmetic.ts';
import type { Value } from '../../value/value.ts';
import { addressOfNumber, isHostmask, isNetmask, maxOf, reverseName, showAddress, wordsOf } from './address.ts';
import { Network } from './network.ts';
import { isGlobal, isLinkLocal, isLoopback, isMulticast, isSixToFour } from './ranges.ts';

/** What a text was read as. */
export interface Subject {
  readonly network: Network;
  /** As it was given, or in its usual form if it was a number. */
  readonly text: string;
  /** It came with a prefix. */
  readonly prefixed: boolean;
}
type Query = (subject: Subject) => Value;

const notNetwork = (): never => {
  throw evaluationError('Not a network address');
};
/** Asks of a network with a prefix; None for a single address. */
const ofUsable =
  (ask: (network: Network, usable: readonly [bigint, bigint]) => Value): Query =>
  ({ network, prefixed }) => {
    if (!prefixed) return notNetwork();
    return network.usable ? ask(network, network.usable) : null;
  };
const when =
  (check: (network: Network) => boolean): Query =>
  ({ network, text }) =>
    check(network) ? text : null;
const hosts = (check: (network: Network) => boolean, show: (network: Network) => string): Query => {
  return ({ network }) => (check(network) ? show(network) : null);
};
/** By their numbers alone, as the versions' small numbers are the same. */
const show = (value: bigint): string => showAddress(addressOfNumber(value));
/** One address further on, if hosts may have it. */
const neighbour = (value: bigint, [first, last]: readonly [bigint, bigint]): Value => {
  const text = show(value);
  return value >= first && value <= last ? text : null;
};

const ip = ({ address }: Network): string => showAddress(address);
const isHost = (network: Network): boolean => !network.isNetwork || !network.broadcast;

const sixToFour: Query = ({ network, text, prefixed }) => {
  const { address, version } = network;
  if (version === 6) return (!prefixed || !network.isNetwork) && isSixToFour(address) ? text : false;
  if (network.size > 1n && network.isNetwork) return false;
  // Neither private nor public (a multicast address of the internet): there is no such tunnel.
  if (isGlobal(address) && !isPublic(network)) return false;
  const [a, b, c, d] = wordsOf(address.value, 4, 8).map(octet => octet.toString(16).padStart(2, '0'));
  return `2002:${a}${b}:${c}${d}::1/48`;
};
const isPublic = ({ address }: Network): boolean =>
  !isMulticast(new Network(address)) && isGlobal(address) && !isLoopback(address) && !isNetmask(address) && !isHostmask(address);

const addressPrefix: Query = ({ network }) =>
  network.size > 2n && (network.isNetwork || network.address.value === network.last) ? false : String(network);

const MAPPED = 0xffff00000000n;
const toFour: Query = ({ network, text }) => {
  if (network.version === 4) return text;
  const { value } = network.address;
  const four = value <= maxOf(4) ? value : value - MAPPED;
  const found = value <= MAPPED + maxOf(4) ? Network.of(4, four, network.prefix - 96) : undefined;
  return found ? String(found) : false;
};
const toSix: Query = ({ network, text }) =>
  network.version === 6 ? text : String(Network.of(6, MAPPED + network.address.value, network.prefix + 96));

const peer: Query = ({ network, prefixed }) => {
  if (!prefixed) return notNetwork();
  const { value } = network.address;
  if (network.size === 2n) return show(value ^ 1n);
  if (network.size !== 4n) throw evaluationError('Not a point-to-point network');
  if (value % 4n === 0n) throw evaluationError('Network address of /30 has no peer');
  if (value % 4n === 3n) throw evaluationError('Broadcast address of /30 has no peer');
  return show(value ^ 3n);
};
const wrap: Query = ({ network, text, prefixed }) => {
  if (network.version === 4) return text;
  return `[${ip(network)}]${prefixed ? `/${network.prefix}` : ''}`;
};
const plain: Query = ({ network, prefixed }) => (prefixed ? String(network) : ip(network));
const loopback = when(({ address }) => isLoopback(address));
const subnet: Query = ({ network }) => String(network.cidr);
const network: Query = ({ network: { network: own } }) => showAddress(own);
const hostmask: Query = ({ network: { hostmask: mask } }) => showAddress(mask);
const address: Query = hosts(given => given.size === 1n || isHost(given) || given.version === 6, ip);

/** By what ansible.utils.ipaddr calls them. */
export const QUERIES: ReadonlyMap<string, Query> = new Map<string, Query>([
  ['', plain],
  ['6to4', sixToFour],
  ['address', address],
  ['ip', address],
  ['bool', () => true],
  ['broadcast', ({ network: { broadcast } }) => (broadcast ? showAddress(broadcast) : null)],
  ['cidr', ({ network: given }) => String(given)],
  ['first_usable', ofUsable((_, [first]) => show(first))],
  ['last_usable', ofUsable((_, [, last]) => show(last))],
  ['range_usable', ofUsable((_, [first, last]) => `${show(first)}-${show(last)}`)],
  ['next_usable', ofUsable((given, usable) => neighbour(given.address.value + 1n, usable))],
  ['previous_usable', ofUsable((given, usable) => neighbour(given.address.value - 1n, usable))],
  ['host', hosts(given => given.size === 1n || isHost(given), String)],
  ['int', ({ network: given, prefixed }) => (prefixed ? `${given.address.value}/${given.prefix}` : integer(given.address.value))],
  ['ip/prefix', hosts(given => given.size === 2n || (given.size > 1n && !given.isNetwork), String)],
  [
    'ip_netmask',
    hosts(
      given => given.size === 2n || (given.size > 1n && !given.isNetwork),
      given => `${ip(given)} ${showAddress(given.netmask)}`,
    ),
  ],
  ['ipv4', toFour],
  ['v4', toFour],
  ['ipv6', toSix],
  ['v6', toSix],
  ['link-local', when(({ address: given }) => isLinkLocal(given))],
  ['lo', loopback],
  ['loopback', loopback],
  ['multicast', when(isMulticast)],
  ['unicast', when(given => !isMulticast(given))],
  ['private', when(({ address: given }) => !isGlobal(given))],
  ['public', when(isPublic)],
  ['net', hosts(given => given.size > 1n && given.isNetwork, String)],
  ['netmask', ({ network: { netmask } }) => showAddress(netmask)],
  ['network', network],
  ['network_id', network],
  ['network_netmask', ({ network: given }) => `${showAddress(given.network)} ${showAddress(given.netmask)}`],
  ['network_wildcard', ({ network: given }) => `${showAddress(given.network)} ${showAddress(given.hostmask)}`],
  ['hostmask', hostmask],
  ['wildcard', hostmask],
  ['network/prefix', subnet],
  ['subnet', subnet],
  ['peer', peer],
  ['prefix', ({ network: { prefix } }) => prefix],
  ['revdns', ({ network: { address: given } }) => reverseName(given)],
  ['size', ({ network: { size } }) => integer(size)],
  ['size_usable', ({ network: { size } }) => (size === 1n ? 0 : size === 2n ? 2 : integer(size - 2n))],
  ['type', ({ network: given }) => (given.size === 1n || !given.isNetwork ? 'address' : 'network')],
  ['version', ({ network: { version } }) => version],
  ['wrap', wrap],
  ...['address/prefix', 'gateway', 'gw', 'host/prefix', 'hostnet', 'router'].map((name): [string, Query] => [name, addressPrefix]),
]);
