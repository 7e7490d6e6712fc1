import type { Case } from './_oracle.ts';

const words = (text: string): readonly string[] => text.trim().split(/\s+/);
const lines = (text: string): readonly string[] =>
  text
    .trim()
    .split('\n')
    .map(line => line.trim());

const VALUES = words(`
  '10.0.0.5' '10.0.0.5/24' '10.0.0.0/24' '10.1.2.3/0.0.0.255' '10.0.0.0/30' '10.0.0.1/30'
  '192.168.1.1/32' '224.0.0.1' '8.8.8.8' '127.0.0.1/8' '192.0.0.9' '255.255.255.255'
  '0.0.0.0/0' '2001:db8::1' '2001:db8::/32' '2002:c058:6301::/48' '1:2:3:4:5:6:7:8' '::1.2.3.4'
  '::ffff:10.1.1.1' '::/64' 'ff02::1' 'fe80::1%eth0'
  '' 'foo' '10.0.0.01' '10.0.0.0/33' 'a/b/c' '3232235777' '167772160/8'
  '42540766412265424405338506004571095040/64' 3232235777 0 -5 true
`);
const QUERIES = words(`
  6to4 address address/prefix bool broadcast cidr first_usable gateway host hostmask int ip ip/prefix ip_netmask ipv4 ipv6 last_usable
  link-local lo multicast net next_usable netmask network network/prefix network_netmask network_wildcard peer prefix previous_usable
  private public range_usable revdns size size_usable subnet type unicast version wildcard wrap
  1 -1 300 1.5 foo 10.0.0.0/8 2001::/16 10.0.0.5 cidr_lookup
`);
const FILTERS = lines(`
  ipaddr
  ipv4
  ipv6
  ipwrap
  ipaddr(1)
  ipaddr(query=2, version=6)
  ipv4('address')
  ipv6('prefix')
  ipsubnet
  ipsubnet('26')
  ipsubnet('26', 1)
  ipsubnet('26', -1)
  ipsubnet('8', 0)
  ipsubnet('64', 3)
  ipsubnet('130')
  ipsubnet(20)
  ipmath(5)
  ipmath(-5)
  ipmath('2')
  nthhost(3)
  nthhost(-1)
  nthhost('x')
  next_nth_usable(1)
  next_nth_usable(300)
  previous_nth_usable(1)
  network_in_usable('10.0.0.1')
  network_in_network('10.0.0.0/28')
  slaac('c2:31:b3:83:bf:2b')
  ip4_hex
  ip4_hex(':')
  ipcut(20)
  ipcut(-33)
  ipv6form('expand')
  ipv6form('x509')
  hwaddr
`);
const HARDWARE = words(`
  '1a:2b:3c:4d:5e:6f' '1A-2B-3C-4D-5E-6F' '1a2b.3c4d.5e6f' '1a2b3c:4d5e6f' '1a2b3c4d5e6f' '1:2:3:4:5:6' '12' 'zz' '1a2b3c4d5e6'
  '02-00-00-ff-fe-00-00-01' '1a:2b:3c' '1a:2b-3c:4d:5e:6f' 281474976710656 5
`);
const DIALECTS = words('bare bool int cisco eui48 linux pgsql postgresql psql unix win foo');
const LISTS = lines(`
  ['10.0.0.0/25', '10.0.0.128/25']
  ['10.0.0.5/24']
  []
  ['10.0.0.5', '10.0.0.6', '10.0.0.7', '10.0.0.8', '10.0.0.9']
  ['10.0.0.0/24', '10.0.5.0/24', '2001::/64']
  ['10.0.0.0/24', '10.0.5.0/24']
  ['2001::/64', '2001:0:0:1::/64', '2001:0:0:5::/64']
  ['10.0.0.0/8', '10.1.0.0/16']
  ['0.0.0.0/0', '::/0']
  ['x']
  '10.0.0.1,10.0.0.0'
  5
  ['10.0.0.1', 'foo', '::1', none, 5, {'a': 1}, ['10.0.0.2'], true, 1.5]
  {'a': 1}
  none
  1.5
  nowhere
  ('10.0.0.1',)
`);
const LIST_FILTERS = lines(`
  cidr_merge
  cidr_merge('span')
  cidr_merge('foo')
  reduce_on_network('10.0.0.0/24')
  reduce_on_network('foo')
  ipaddr
  ipaddr('net')
  ipaddr(none)
  ipwrap
  ipv4
  ipsubnet
  ipmath
  hwaddr
  nthhost(1)
`);

const TESTS = lines(`
  ip
  ipv4
  ipv6
  ip_address
  ipv4_address
  ipv6_address
  ipv6_ipv4_mapped
  ipv6_sixtofour
  ipv6_teredo
  in_network('10.0.0.0/8')
  in_network('foo')
  subnet_of('0.0.0.0/0')
  supernet_of('10.0.0.0/28')
  in_any_network(['10.0.0.0/8', '::/0'])
  in_one_network(['10.0.0.0/8', '10.0.0.0/24'])
  loopback
  multicast
  private
  public
  reserved
  unspecified
`);
const MASKS = words("'255.255.255.0' '0.0.0.255' '255.0.255.0' '0.0.0.0' '255.255.255.255' '24' 'foo' ''");

const each = (values: readonly string[], filters: readonly string[]): Case[] =>
  values.flatMap(value => filters.map((filter): Case => ['x', `${value} | ansible.utils.${filter}`]));

/** Every query of every address, in the form of the oracle's cases. */
export const IP_CASES: readonly Case[] = [
  ...each(VALUES, [...QUERIES.map(query => `ipaddr('${query}')`), ...FILTERS]),
  ...each(HARDWARE, ['hwaddr', 'macaddr', ...DIALECTS.map(dialect => `hwaddr('${dialect}')`)]),
  ...HARDWARE.map((address): Case => ['x', `'2001:db8::/64' | slaac(${address})`]),
  ...each(LISTS, LIST_FILTERS),
  ...VALUES.flatMap(value => TESTS.map((test): Case => ['x', `${value} is ansible.utils.${test}`])),
  ...MASKS.flatMap(mask => ['ipv4_netmask', 'ipv4_hostmask'].map((test): Case => ['x', `${mask} is ansible.utils.${test}`])),
  ...HARDWARE.map((address): Case => ['x', `${address} is ansible.utils.mac`]),
  ['x', 'none is ansible.utils.ip'],
  ...TESTS.map((test): Case => ['x', `nowhere is ansible.utils.${test}`]),
  ['x', 'nowhere is ansible.utils.mac'],
  ['x', "nowhere | ansible.utils.ipwrap | default('d')"],
];
