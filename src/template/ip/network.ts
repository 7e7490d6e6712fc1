import { type Address, addressOf, isHostmask, isNetmask, maxOf, parseAddress, showAddress, type Version, widthOf } from './address.ts';

/** How many of a mask's bits are set at its end. */
const ones = (value: bigint): number => value.toString(2).replaceAll('0', '').length;
const prefixOf = (text: string, version: Version): number | undefined => {
  if (/^\s*[+-]?\d+(?:_\d+)*\s*$/.test(text)) return Number(text.replaceAll('_', ''));
  const mask = parseAddress(text, version);
  if (!mask) return undefined;
  if (isNetmask(mask)) return ones(mask.value);
  return isHostmask(mask) ? widthOf(version) - ones(mask.value) : undefined;
};

/** An address with a prefix: a network, or a host in it (netaddr's IPNetwork). */
export class Network {
  readonly address: Address;
  readonly prefix: number;
  constructor(address: Address, prefix: number = widthOf(address.version)) {
    this.address = address;
    this.prefix = prefix;
  }
  /** `address`, `address/prefix`, `address/netmask` or `address/hostmask`. */
  static parse(text: string): Network | undefined {
    const slash = text.indexOf('/');
    const address = parseAddress(slash < 0 ? text : text.slice(0, slash));
    if (!address) return undefined;
    const prefix = slash < 0 ? widthOf(address.version) : prefixOf(text.slice(slash + 1), address.version);
    return prefix === undefined ? undefined : Network.of(address.version, address.value, prefix);
  }
  /** Undefined for a value or a prefix out of bounds. */
  static of(version: Version, value: bigint, prefix: number): Network | undefined {
    const possible = value >= 0n && value <= maxOf(version) && prefix >= 0 && prefix <= widthOf(version);
    return possible ? new Network({ version, value }, prefix) : undefined;
  }

  get version(): Version {
    return this.address.version;
  }
  get size(): bigint {
    return 1n << BigInt(widthOf(this.version) - this.prefix);
  }
  get first(): bigint {
    return this.address.value & ~(this.size - 1n);
  }
  get last(): bigint {
    return this.address.value | (this.size - 1n);
  }
  /** The address is the network's own, not a host's. */
  get isNetwork(): boolean {
    return this.address.value === this.first;
  }
  get network(): Address {
    return { version: this.version, value: this.first };
  }
  /** Undefined where there is no room for one. */
  get broadcast(): Address | undefined {
    return this.size > 2n ? { version: this.version, value: this.last } : undefined;
  }
  get netmask(): Address {
    return { version: this.version, value: maxOf(this.version) ^ (this.size - 1n) };
  }
  get hostmask(): Address {
    return { version: this.version, value: this.size - 1n };
  }
  /** The same without the bits of a host. */
  get cidr(): Network {
    return new Network(this.network, this.prefix);
  }
  /** The first and the last address that a host may have; undefined for a single address. */
  get usable(): readonly [bigint, bigint] | undefined {
    if (this.size === 1n) return undefined;
    return this.size === 2n ? [this.first, this.last] : [this.first + 1n, this.last - 1n];
  }
  /** The address at an index, from the end when negative; undefined when there is none. */
  at(index: bigint): Address | undefined {
    if (index < -this.size || index >= this.size) return undefined;
    return addressOf(this.version, index < 0n ? this.last + index + 1n : this.first + index);
  }
  contains(other: Network): boolean {
    return this.version === other.version && this.prefix <= other.prefix && this.first <= other.first && other.last <= this.last;
  }
  toString(): string {
    return `${showAddress(this.address)}/${this.prefix}`;
  }
}

/** The fewest networks that make up a range of addresses. */
const cover = (version: Version, first: bigint, last: bigint): Network[] => {
  const networks: Network[] = [];
  let from = first;
  while (from <= last) {
    let prefix = widthOf(version);
    const wider = (): Network => new Network({ version, value: from }, prefix - 1);
    while (prefix > 0 && wider().isNetwork && wider().last <= last) prefix--;
    const network = new Network({ version, value: from }, prefix);
    networks.push(network);
    from = network.last + 1n;
  }
  return networks;
};
const ascending = (left: bigint | number, right: bigint | number): number => (left < right ? -1 : left > right ? 1 : 0);

/** Neighbours and overlaps joined; a network that touches no other stays as it was given. */
export const merged = (networks: readonly Network[]): Network[] => {
  interface Range {
    readonly version: Version;
    readonly first: bigint;
    readonly last: bigint;
    readonly sole?: Network;
  }
  const ranges = networks
    .toSorted((a, b) => ascending(a.version, b.version) || ascending(a.last, b.last) || ascending(a.first, b.first))
    .map((sole): Range => ({ version: sole.version, first: sole.first, last: sole.last, sole }));
  for (let at = ranges.length - 1; at > 0; at--) {
    const [low, high] = [ranges[at - 1], ranges[at]];
    if (!low || !high || low.version !== high.version || high.first - 1n > low.last) continue;
    ranges.splice(at - 1, 2, { version: low.version, first: low.first < high.first ? low.first : high.first, last: high.last });
  }
  return ranges.flatMap(({ version, first, last, sole }) => (sole ? [sole] : cover(version, first, last)));
};

/** The one network that holds them all; undefined for both versions at once. */
export const spanning = (networks: readonly [Network, ...Network[]]): Network | undefined => {
  const sorted = networks.toSorted(
    (a, b) =>
      ascending(a.version, b.version) || ascending(a.first, b.first) || a.prefix - b.prefix || ascending(a.address.value, b.address.value),
  );
  const [lowest, highest] = [sorted[0] ?? networks[0], sorted.at(-1) ?? networks[0]];
  if (lowest.version !== highest.version) return undefined;
  let [span, prefix] = [highest.last, highest.prefix];
  while (prefix > 0 && span > lowest.first) {
    prefix--;
    span = new Network({ version: lowest.version, value: span }, prefix).first;
  }
  return new Network({ version: lowest.version, value: span }, prefix);
};
