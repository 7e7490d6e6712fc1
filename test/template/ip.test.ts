import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseAddress, showAddress, type Version, widthOf } from '../../src/template/ip/address.ts';
import { merged, Network } from '../../src/template/ip/network.ts';
import { plainScope, templar } from './_templar.ts';

const engine = templar();
const resolve = (text: string): unknown => engine.resolve(`{{ ${text} }}`, plainScope({}));

const version = fc.constantFrom<Version>(4, 6);
const network = version.chain(of =>
  fc
    .tuple(fc.bigInt({ min: 0n, max: (1n << BigInt(widthOf(of))) - 1n }), fc.integer({ min: 0, max: widthOf(of) }))
    .map(([value, prefix]) => new Network({ version: of, value }, prefix)),
);
const total = (networks: readonly Network[]): bigint => networks.reduce((sum, { size }) => sum + size, 0n);

describe('addresses', () => {
  test('are read as they are written', () => {
    fc.assert(
      fc.property(network, ({ address }) => {
        expect(parseAddress(showAddress(address))).toEqual(address);
      }),
    );
  });
  test('merged networks hold what they were made of, each once', () => {
    fc.assert(
      fc.property(fc.array(network, { maxLength: 6 }), networks => {
        const result = merged(networks);
        for (const given of networks) expect(result.some(whole => whole.contains(given.cidr))).toBe(true);
        expect(merged(result)).toEqual(result);
        expect(total(result) <= total(networks)).toBe(true);
      }),
    );
  });
});

describe('what kubespray asks', () => {
  test.each<[string, unknown]>([
    ["'10.233.0.0/18' | ansible.utils.ipaddr('net') | ansible.utils.ipaddr(3) | ansible.utils.ipaddr('address')", '10.233.0.3'],
    ["['10.0.0.1', 'fd00::1', 'host'] | map('ansible.utils.ipwrap') | join(',')", '10.0.0.1,[fd00::1],host'],
    ["'fd85:ee78:d8a6:8607::1:0/112' | ansible.utils.ipaddr('prefix')", '112'],
    ["'10.233.64.0/18' | ipaddr('netmask')", '255.255.192.0'],
    ["'10.0.0.9' | ansible.utils.ipaddr('10.0.0.0/24') | bool", false],
    ["'10.0.0.9' is ansible.utils.in_network('10.0.0.0/24')", true],
  ])('%s', (source, want) => {
    expect(resolve(source)).toEqual(want);
  });
});
