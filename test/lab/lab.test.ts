import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { inventoryIni } from '../../src/lab/inventory.ts';
import { hostOf, isInside, labHere } from '../../src/lab/lab.ts';

const lab = labHere({ KPLAY_LAB_DIR: '/srv/lab' });

describe('addresses', () => {
  test('the gateway is .1, the hosts begin at .11', () => {
    expect(lab.gateway).toBe('10.89.0.1');
    expect(hostOf(lab, 1)).toMatchObject({ name: 'h1', address: '10.89.0.11', root: '/srv/lab/hosts/h1/root' });
    expect(hostOf(lab, 244).address).toBe('10.89.0.254');
  });
  test.for([0, 245, 1.5, NaN])('there is no host %d', number => {
    expect(() => hostOf(lab, number)).toThrow(expect.objectContaining({ code: 'E_USAGE' }));
  });
  test('lie in the network, apart from each other and from the gateway', () => {
    const networks = fc.record({ prefix: fc.integer({ min: 16, max: 28 }), seed: fc.nat({ max: 2 ** 31 - 1 }) }).map(({ prefix, seed }) => {
      const network = seed - (seed % 2 ** (32 - prefix));
      return `${[24, 16, 8, 0].map(shift => (network >>> shift) & 255).join('.')}/${prefix}`;
    });
    fc.assert(
      fc.property(networks, fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 4 }), (network, one, other) => {
        const there = labHere({ KPLAY_LAB_NETWORK: network });
        const [a, b] = [hostOf(there, one), hostOf(there, other)];
        expect(isInside(there, a.address)).toBe(true);
        expect(a.address).not.toBe(there.gateway);
        expect(a.address === b.address).toBe(one === other);
      }),
    );
  });
  test.for(['10.89.0.0', '10.89.0.1/24', '10.89.0.0/31', '10.89.0.256/24', 'lab'])('%s is no network', network => {
    expect(() => labHere({ KPLAY_LAB_NETWORK: network })).toThrow(expect.objectContaining({ code: 'E_USAGE' }));
  });
});

test('the inventory names the key, the known hosts and the etcd members', () => {
  const hosts = [1, 2, 3, 4].map(number => hostOf(lab, number));
  expect(inventoryIni(lab, hosts)).toBe(`[all]
h1 ansible_host=10.89.0.11
h2 ansible_host=10.89.0.12
h3 ansible_host=10.89.0.13
h4 ansible_host=10.89.0.14

[etcds]
h1
h2
h3

[all:vars]
ansible_user=root
ansible_ssh_private_key_file=/srv/lab/id_ed25519
ansible_ssh_common_args=-o UserKnownHostsFile=/srv/lab/known_hosts -o StrictHostKeyChecking=yes
ansible_python_interpreter=/usr/bin/python3
`);
});
