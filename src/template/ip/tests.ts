import { textArgument } from '../../value/call.ts';
import { defined, evaluationError } from '../../value/errors.ts';
import { isList, isText, textOf } from '../../value/kinds.ts';
import { str } from '../../value/repr.ts';
import type { Value } from '../../value/value.ts';
import { testTakes } from '../filters/define.ts';
import type { Test } from '../run.ts';
import { type Address, parseAddress, showAddress, type Version } from './address.ts';
import { Network } from './network.ts';
import { isLoopback, isMulticast, within } from './ranges.ts';

const given = (input: Value): string => {
  const value = defined(input);
  if (value === null) throw evaluationError('missing required arguments');
  // An IPv6 address may name its interface.
  return isText(value) ? textOf(value).replace(/(?<=:[\da-f:.]*)%[^%/]+/i, '') : '';
};
/** Stricter than ipaddr: no bits of a host, masks for IPv4 alone. */
const networkOf = (value: Value): Network | undefined => {
  const text = given(value);
  const network = /\/(?!\d+(?:(?:\.\d+){3})?$)/.test(text) ? undefined : Network.parse(text);
  return network?.isNetwork ? network : undefined;
};
const addressOf = (value: Value): Address | undefined => parseAddress(given(value));

const ofNetwork = (version?: Version): Test =>
  testTakes([], value => {
    const network = networkOf(value);
    return network !== undefined && (version === undefined || network.version === version);
  });
const ofAddress = (check: (address: Address) => boolean): Test =>
  testTakes([], value => {
    const address = addressOf(value);
    return address !== undefined && check(address);
  });
const inRanges = (texts: string): ((address: Address) => boolean) => {
  const check = within(texts);
  return address => check(new Network(address));
};

const isIn = (inner: Value, outer: Value): boolean => {
  const [small, large] = [networkOf(inner), networkOf(outer)];
  return small !== undefined && large !== undefined && large.contains(small);
};
const inHowMany = (check: (count: number) => boolean): Test =>
  testTakes(
    ['networks'],
    (value, [outer = null]) => check((isList(outer) ? outer : [...str(outer)]).filter(network => isIn(value, network)).length),
    1,
  );
/** A mask that is the same when it is made from its length. */
const mask = (of: (network: Network) => Address): Test =>
  testTakes([], value => {
    const text = given(value);
    const network = networkOf(`10.0.0.0/${text}`);
    return network !== undefined && showAddress(of(network)) === text;
  });

const PRIVATE =
  '0.0.0.0/8 10.0.0.0/8 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/29 192.0.0.170/31 192.0.2.0/24 192.168.0.0/16 198.18.0.0/15 ' +
  '198.51.100.0/24 203.0.113.0/24 240.0.0.0/4 ::1 :: ::ffff:0:0/96 100::/64 2001::/23 2001:db8::/32 fc00::/7 fe80::/10';
const isPrivate = inRanges(PRIVATE);
const isShared = inRanges('100.64.0.0/10');
const RESERVED =
  '240.0.0.0/4 ::/8 100::/8 200::/7 400::/6 800::/5 1000::/4 4000::/3 6000::/3 8000::/3 a000::/3 c000::/3 e000::/4 f000::/5 f800::/6 fe00::/9';

const MAC = /^(?:(?:[\da-f]{2}[:-]){5}[\da-f]{2}|[\da-f]{4}\.[\da-f]{4}\.[\da-f]{4}|[\da-f]{12})$/i;

/** https://docs.ansible.com/ansible/latest/collections/ansible/utils/index.html#test-plugins: Python's ipaddress. */
export const ipTests: Readonly<Record<string, Test>> = {
  ip: ofNetwork(),
  ipv4: ofNetwork(4),
  ipv6: ofNetwork(6),
  ip_address: ofAddress(() => true),
  ipv4_address: ofAddress(({ version }) => version === 4),
  ipv6_address: ofAddress(({ version }) => version === 6),
  ipv4_netmask: mask(({ netmask }) => netmask),
  ipv4_hostmask: mask(({ hostmask }) => hostmask),
  ipv6_ipv4_mapped: ofAddress(inRanges('::ffff:0:0/96')),
  ipv6_sixtofour: ofAddress(inRanges('2002::/16')),
  ipv6_teredo: ofAddress(inRanges('2001::/32')),
  in_network: testTakes(['network'], (value, [outer = null]) => isIn(value, outer), 1),
  subnet_of: testTakes(['network_b'], (value, [outer = null]) => isIn(value, outer), 1),
  supernet_of: testTakes(['network_b'], (value, [inner = null]) => isIn(inner, value), 1),
  in_any_network: inHowMany(count => count > 0),
  in_one_network: inHowMany(count => count === 1),
  loopback: ofAddress(isLoopback),
  multicast: ofAddress(address => isMulticast(new Network(address))),
  private: ofAddress(isPrivate),
  public: ofAddress(address => !isPrivate(address) && !isShared(address)),
  reserved: ofAddress(inRanges(RESERVED)),
  unspecified: ofAddress(({ value }) => value === 0n),
  mac: testTakes([], value => MAC.test(textArgument(defined(value), 'mac'))),
};
