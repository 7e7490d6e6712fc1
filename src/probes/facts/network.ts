import type { Fields, Plain } from '../../model/module.ts';
import { type Collector, type Gathered, known, wordsOf } from './collector.ts';

type Mutable = Record<string, Plain>;
interface Address extends Fields {
  readonly address: string;
  readonly broadcast: string;
  readonly netmask: string;
  readonly network: string;
  readonly prefix: string;
}

const V4_PEER = '8.8.8.8';
const V6_PEER = '2404:6800:400a:800::1012';
const TYPES: Readonly<Record<string, string>> = { 1: 'ether', 32: 'infiniband', 512: 'ppp', 772: 'loopback', 65534: 'tunnel' };

/**
 * What is asked of each family: addresses, and the table of what is local, then the way to the world, which may be missing and end it all.
 * busybox's ip takes no batch.
 */
const ask = (family: '-4' | '-6', peer: string): string => {
  const questions = ['addr show', 'route show table local', `route get ${peer}`];
  return `all=$(ip ${family} -force -batch - <<.
${questions.join('\n')}
.
)
if [ -n "$all" ]; then printf '%s\\n' "$all"; else ${questions.map(question => `ip ${family} ${question}`).join('; ')}; fi`;
};

/** The way to the world, as `ip route get` says it: no packet is sent. */
const wayOut = (text: string, peer: string): Mutable => {
  const words = wordsOf(text.split('\n').findLast(line => line.startsWith(`${peer} `)) ?? '');
  const way: Mutable = {};
  words.forEach((word, i) => {
    const next = words[i + 1];
    if (next === undefined) return;
    if (word === 'dev') way['interface'] = next;
    else if (word === 'src') way['address'] = next;
    else if (word === 'via' && next !== peer) way['gateway'] = next;
  });
  return way;
};

const sysfs = (host: Gathered, device: string): Mutable => {
  const at = `/sys/class/net/${device}`;
  const read = (name: string): string | undefined => host.file(`${at}/${name}`);
  const mac = read('address');
  const speed = read('speed');
  const bridged = host.exists(`${at}/bridge`) || read('bridge/bridge_id') !== undefined;
  const facts: Mutable = { device };
  const add = (more: Readonly<Record<string, Plain | undefined>>): unknown => Object.assign(facts, known(more));
  add({
    macaddress: mac === '00:00:00:00:00:00' ? undefined : mac,
    mtu: Number(read('mtu')),
    active: read('operstate') !== 'down',
    module: baseName(host.link(`${at}/device/driver/module`)),
    type: TYPES[read('type') ?? ''] ?? 'unknown',
  });
  if (bridged)
    add({
      type: 'bridge',
      interfaces: host.links(/^(.*)\/brif\/([^/]+)$/).flatMap(([, bridge, port = '']) => (bridge === at ? [port] : [])),
      id: read('bridge/bridge_id'),
      stp: read('bridge/stp_state') === '1',
    });
  if (read('bonding/mode') !== undefined) add(bond(read));
  add({
    perm_macaddress: read('bonding_slave/perm_hwaddr'),
    pciid: baseName(host.link(`${at}/device`)),
    speed: speed === undefined ? undefined : Number(speed),
    promisc: (Number(read('flags') ?? '0') & 0x100) > 0,
  });
  return facts;
};
const bond = (read: (name: string) => string | undefined): Readonly<Record<string, Plain | undefined>> => {
  const word = (name: string): string | undefined => read(`bonding/${name}`)?.split(/\s+/)[0];
  const primary = read('bonding/primary');
  return {
    type: 'bonding',
    slaves: wordsOf(read('bonding/slaves') ?? ''),
    mode: word('mode'),
    miimon: word('miimon'),
    lacp_rate: word('lacp_rate'),
    primary,
    all_slaves_active: primary === undefined ? undefined : read('bonding/all_slaves_active') === '1',
  };
};
const baseName = (path: string | undefined): string | undefined => path?.replace(/\/+$/, '').replace(/^.*\//, '');

const toNumber = (address: string): number => address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
const toAddress = (value: number): string => [24, 16, 8, 0].map(shift => (value >>> shift) & 255).join('.');

/** `inet` lines: Ansible takes `brd` only where it follows the address, and a bare address as a /32. */
const inet = (words: readonly string[]): Address => {
  const [address = '', prefix = '32'] = (words[1] ?? '').split('/');
  const mask = prefix === '0' ? 0 : (0xffffffff << (32 - Number(prefix))) >>> 0;
  return {
    address,
    broadcast: words[1]?.includes('/') === true && words[2] === 'brd' ? (words[3] ?? '') : '',
    netmask: toAddress(mask),
    network: toAddress((toNumber(address) & mask) >>> 0),
    prefix,
  };
};
const inet6 = (words: readonly string[]): { readonly address: string; readonly prefix: string; readonly scope: string } => {
  const peer = words[2] === 'peer';
  const [address = '', prefix = ''] = peer ? [words[1] ?? '', words[3]?.split('/')[1] ?? ''] : (words[1] ?? '').split('/');
  return { address, prefix, scope: words[peer ? 5 : 3] ?? '' };
};

/** The address lines of `ip addr show`, by device; secondary (and temporary) addresses after the others. */
const addressLines = (text: string): ReadonlyMap<string, readonly (readonly string[])[]> => {
  const byDevice = new Map<string, string[][]>();
  let device = '';
  for (const line of text.split('\n')) {
    device = /^\d+: ([^:@\s]+)/.exec(line)?.[1] ?? device;
    const words = wordsOf(line);
    if (words[0] === 'inet' || words[0] === 'inet6') byDevice.set(device, [...(byDevice.get(device) ?? []), [...words]]);
  }
  const late = (words: readonly string[]): number => Number(words.includes('secondary') || words.includes('temporary'));
  return new Map([...byDevice].map(([name, found]) => [name, found.toSorted((a, b) => late(a) - late(b))]));
};

/** Everything of the interfaces, told apart from the defaults that are completed on the way. */
const addAddresses = (host: Gathered, interfaces: Record<string, Mutable>, v4: Mutable, v6: Mutable): Fields => {
  const all: { v4: string[]; v6: string[] } = { v4: [], v6: [] };
  const of = (label: string): Mutable => (interfaces[label] ??= {});
  const complete = (way: Mutable, device: string): void => {
    const { mtu = null, type = 'unknown' } = of(device);
    Object.assign(way, { macaddress: host.file(`/sys/class/net/${device}/address`) ?? '', mtu, type });
  };
  for (const [device, found] of [...addressLines(host.output('ip4')), ...addressLines(host.output('ip6'))])
    for (const words of found) {
      if (words[0] === 'inet') {
        const facts = inet(words);
        const label = words.at(-1) ?? device;
        const secondary = words.includes('secondary');
        if (!secondary && of(label)['ipv4'] === undefined) of(label)['ipv4'] = facts;
        else for (const name of new Set([label, ...(secondary ? [device] : [])])) push(of(name), 'ipv4_secondaries', facts);
        if (v4['address'] === facts.address) {
          const { address: _, ...rest } = facts;
          Object.assign(v4, rest, { alias: label });
          complete(v4, device);
        }
        if (!facts.address.startsWith('127.')) all.v4.push(facts.address);
      } else {
        const facts = inet6(words);
        push(of(device), 'ipv6', { ...facts });
        if (v6['address'] === facts.address) {
          Object.assign(v6, { prefix: facts.prefix, scope: facts.scope });
          complete(v6, device);
        }
        if (facts.address !== '::1') all.v6.push(facts.address);
      }
    }
  return { all_ipv4_addresses: all.v4, all_ipv6_addresses: all.v6 };
};
const push = (facts: Mutable, key: string, item: Fields): void => {
  facts[key] = [...((facts[key] as Fields[] | undefined) ?? []), item];
};

const localRoutes = (text: string): readonly string[] => {
  const found = text.split('\n').map(wordsOf);
  return [...new Set(found.filter(words => words[0] === 'local').map(words => words[1] ?? ''))];
};

/** ansible-core's module_utils/facts/network/linux.py, without what ethtool would add. */
export const network: Collector = {
  name: 'network',
  ids: ['interfaces', 'default_ipv4', 'default_ipv6', 'all_ipv4_addresses', 'all_ipv6_addresses'],
  files: [
    'address',
    'mtu',
    'operstate',
    'type',
    'flags',
    'speed',
    'bridge/bridge_id',
    'bridge/stp_state',
    'bonding_slave/perm_hwaddr',
    ...['slaves', 'mode', 'miimon', 'lacp_rate', 'primary', 'all_slaves_active'].map(name => `bonding/${name}`),
  ].map(name => `/sys/class/net/*/${name}`),
  links: ['/sys/class/net/*/device', '/sys/class/net/*/device/driver/module', '/sys/class/net/*/brif/*'],
  run: { ip: 'command -v ip', ip4: ask('-4', V4_PEER), ip6: ask('-6', V6_PEER) },
  read(host) {
    if (host.output('ip') === '') return {};
    const interfaces: Record<string, Mutable> = Object.fromEntries(
      host.files(/^\/sys\/class\/net\/([^/]+)\/flags$/).map(([, device = '']) => [device, sysfs(host, device)]),
    );
    const v4 = wayOut(host.output('ip4'), V4_PEER);
    const v6 = wayOut(host.output('ip6'), V6_PEER);
    const addresses = addAddresses(host, interfaces, v4, v6);
    const named = Object.fromEntries(Object.entries(interfaces).map(([name, facts]) => [name.replaceAll(':', '_'), facts]));
    return {
      interfaces: Object.keys(named),
      ...named,
      default_ipv4: v4,
      default_ipv6: v6,
      ...addresses,
      locally_reachable_ips: { ipv4: localRoutes(host.output('ip4')), ipv6: localRoutes(host.output('ip6')) },
    };
  },
};
