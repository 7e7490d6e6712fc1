import { chmodSync, mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { COLLECTORS, facts } from '../../src/probes/facts.ts';
import { CPUINFO, type Gathered } from '../../src/probes/facts/collector.ts';
import { bytesToHuman } from '../../src/probes/facts/devices.ts';
import { distributionOf } from '../../src/probes/facts/distribution.ts';
import { localFacts } from '../../src/probes/facts/local.ts';
import { network } from '../../src/probes/facts/network.ts';
import { platform } from '../../src/probes/facts/platform.ts';
import { virtual } from '../../src/probes/facts/virtual.ts';
import { execute, look, shells } from '../tasks/_converge.ts';

const having = (files: Readonly<Record<string, string>>, outputs: Readonly<Record<string, string>> = {}): Gathered => ({
  file: path => files[path],
  files: pattern =>
    Object.keys(files)
      .map(path => pattern.exec(path))
      .filter(match => match !== null),
  exists: path => path in files,
  link: () => undefined,
  links: () => [],
  output: name => outputs[name] ?? '',
});

describe.for(shells)('in $name', shell => {
  test('one program answers for every collector and says nothing else', () => {
    const names = COLLECTORS.map(({ name }) => name);
    const { rc, stdout, stderr } = execute(shell, facts.script(names));
    expect([rc, stderr.toString()]).toEqual([0, '']);
    const all = Object.assign({}, ...facts.parse(stdout, names)) as Record<string, unknown>;
    expect(all).toMatchObject({ system: 'Linux', user_id: expect.any(String), memtotal_mb: expect.any(Number), fips: expect.any(Boolean) });
    expect(all['date_time']).toMatchObject({
      iso8601: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:]{8}Z$/),
      epoch: expect.stringMatching(/^\d+$/),
    });
    expect(all['mounts']).toContainEqual(expect.objectContaining({ mount: '/', size_total: expect.any(Number) }));
    expect(all['lo']).toMatchObject({ device: 'lo', mtu: 65536, ipv4: { address: '127.0.0.1', netmask: '255.0.0.0', prefix: '8' } });
  });

  test('the environment is what a program gets', () => {
    const odd = { KPLAY_LINES: ' a\n\x01=b ', KPLAY_EMPTY: '' };
    const argv = ['/usr/bin/env', ...Object.entries(odd).map(pair => pair.join('=')), ...shell.argv];
    const { stdout } = execute({ ...shell, argv }, `KPLAY_LATE=1; export KPLAY_LATE\n${facts.script(['env', 'virtual'])}`);
    const [seen] = facts.parse(stdout, ['env']) as readonly [{ readonly env: Readonly<Record<string, string>> }];
    expect(seen.env).toMatchObject({ ...odd, KPLAY_LATE: '1' });
    expect(seen.env['LC_ALL']).toBe(process.env['LC_ALL']);
  });

  test.for([
    [
      '0',
      {
        vgs: { data: { size_g: '9.00', free_g: '1.00', num_lvs: '2', num_pvs: '3' } },
        lvs: { root: { size_g: '5.00', vg: 'data' } },
        pvs: {},
      },
    ],
    ['1000', 'N/A'],
  ] as const)('volume groups are for user %s', ([uid, lvm]) => {
    const dir = mkdtempSync(join(tmpdir(), 'kplay-lvm-'));
    const programs = { vgs: '  data,3,2,0,wz--n-,9.00,1.00', lvs: '  root,data,-wi-ao----,5.00', pvs: '' };
    for (const [name, line] of Object.entries(programs)) {
      writeFileSync(join(dir, name), `#!/bin/sh\n${line === '' ? ':' : `echo '${line}'`}\n`);
      chmodSync(join(dir, name), 0o755);
    }
    const { stdout } = execute({ ...shell, path: `${dir}:${shell.path}` }, `id() { echo ${uid}; }\n${facts.script(['hardware'])}`);
    expect(facts.parse(stdout, ['hardware'])).toMatchObject([{ lvm, mounts: expect.arrayContaining([expect.anything()]) }]);
  });

  test('of processors the first tells its flags, and of modules those that tell of machines', () => {
    const dir = mkdtempSync(join(tmpdir(), 'kplay-cpuinfo-'));
    const cores = ['0', '1', '2'].map(core => `processor\t: ${core}\ncpu MHz\t\t: 2000\nflags\t\t: fpu ${core}\npower management:\n\n`);
    writeFileSync(join(dir, 'cpuinfo'), cores.join(''));
    writeFileSync(join(dir, 'modules'), 'kvm_intel 1 0 - Live 0x0\nkvm 1 1 kvm_intel, Live 0x0\n');
    const { stdout } = execute(shell, CPUINFO.replaceAll('/proc/', `${dir}/`));
    const lines = ['processor\t: 0', 'flags\t\t: fpu 0', 'processor\t: 1', 'processor\t: 2', 'kvm 1 1 kvm_intel, Live 0x0', ''];
    expect(stdout.toString().split('\n')).toEqual(lines);
    expect(virtual.read(having({}, { cpuinfo: stdout.toString() }))).toMatchObject({ virtualization_tech_host: ['kvm'] });
    const guest = virtual.read(having({}, { cpuinfo: 'processor\t: 0\nvirtio 1 1 - Live 0x0\n' }));
    expect(guest).toMatchObject({ virtualization_type: 'kvm', virtualization_role: 'guest', virtualization_tech_host: ['kvm'] });
  });

  test('partitions are those of their disk', () => {
    const block = mkdtempSync(join(tmpdir(), 'kplay-block-'));
    for (const [at, size] of Object.entries({ sda: 80, 'sda/sda1': 40, nvme0n1: 60, 'nvme0n1/nvme0n1p12': 20, 'dm-3': 10 })) {
      mkdirSync(join(block, at, 'holders'), { recursive: true });
      writeFileSync(join(block, at, 'size'), `${size}\n`);
      if (at.includes('/')) writeFileSync(join(block, at, 'start'), '2048\n');
    }
    symlinkSync('../../../dm-3', join(block, 'sda/sda1/holders/dm-3'));
    const { stdout } = execute(shell, facts.script(['hardware']).replaceAll('/sys/block', block));
    const [seen] = facts.parse(Buffer.from(stdout.toString().replaceAll(block, '/sys/block')), ['hardware']);
    expect(seen).toMatchObject({
      devices: {
        sda: { sectors: 80, partitions: { sda1: { start: '2048', sectors: 40, holders: ['dm-3'] } } },
        nvme0n1: { sectors: 60, partitions: { nvme0n1p12: { sectors: 20, holders: [] } } },
        'dm-3': { partitions: {} },
      },
    });
  });

  test('local facts are JSON, INI or what a program prints', () => {
    const dir = mkdtempSync(join(tmpdir(), 'kplay-facts-'));
    const put = (name: string, text: string, mode = 0o644): void => {
      writeFileSync(join(dir, name), text);
      chmodSync(join(dir, name), mode);
    };
    put('json.fact', '{"a": [1, 2]}');
    put('ini.fact', '[DEFAULT]\nx=0\n[general]\nKey = value\n  more\n; note\nother: 2\n');
    put('run.fact', '#!/bin/sh\necho "[1]"', 0o755);
    put('fails.fact', '#!/bin/sh\nexit 3', 0o755);
    put('bad.fact', 'no facts');
    put('ignored.txt', '{}');
    expect(look({ kind: localFacts, subject: dir }, shell)).toEqual({
      local: {
        json: { a: [1, 2] },
        ini: { general: { x: '0', key: 'value\nmore', other: '2' } },
        run: [1],
        fails: `Failure executing fact script (${dir}/fails.fact), rc: 3, err: `,
        bad: `error loading facts as JSON or ini - please check content: ${dir}/bad.fact`,
      },
    });
    expect(look({ kind: localFacts, subject: `${dir}/gone` }, shell)).toEqual({ local: {} });
  });
});

test.for([
  [
    'Ubuntu',
    {
      '/etc/os-release':
        'NAME="Ubuntu"\nVERSION_ID="22.04"\nVERSION="22.04.3 LTS (Jammy Jellyfish)"\nVERSION_CODENAME=jammy\nID=ubuntu\nID_LIKE=debian',
    },
    {
      distribution: 'Ubuntu',
      distribution_version: '22.04',
      distribution_major_version: '22',
      distribution_release: 'jammy',
      os_family: 'Debian',
    },
  ],
  [
    'Rocky',
    {
      '/etc/redhat-release': 'Rocky Linux release 9.3 (Blue Onyx)',
      '/etc/os-release': 'NAME="Rocky Linux"\nVERSION="9.3 (Blue Onyx)"\nID="rocky"\nVERSION_ID="9.3"',
    },
    {
      distribution: 'Rocky',
      distribution_version: '9.3',
      distribution_major_version: '9',
      distribution_release: 'Blue Onyx',
      os_family: 'RedHat',
    },
  ],
  [
    'Red Hat',
    {
      '/etc/redhat-release': 'Red Hat Enterprise Linux release 8.9 (Ootpa)',
      '/etc/os-release': 'NAME="Red Hat Enterprise Linux"\nVERSION="8.9 (Ootpa)"\nID="rhel"\nVERSION_ID="8.9"',
    },
    {
      distribution: 'RedHat',
      distribution_version: '8.9',
      distribution_major_version: '8',
      distribution_release: 'Ootpa',
      os_family: 'RedHat',
    },
  ],
  [
    'CentOS 7',
    {
      '/etc/centos-release': 'CentOS Linux release 7.9.2009 (Core)',
      '/etc/redhat-release': 'CentOS Linux release 7.9.2009 (Core)',
      '/etc/os-release': 'NAME="CentOS Linux"\nVERSION="7 (Core)"\nID="centos"\nVERSION_ID="7"',
    },
    {
      distribution: 'CentOS',
      distribution_version: '7.9',
      distribution_major_version: '7',
      distribution_release: 'Core',
      os_family: 'RedHat',
    },
  ],
  [
    'Alpine',
    { '/etc/alpine-release': '3.19.1', '/etc/os-release': 'NAME="Alpine Linux"\nID=alpine\nVERSION_ID=3.19.1' },
    { distribution: 'Alpine', distribution_version: '3.19.1', distribution_major_version: '3', os_family: 'Alpine' },
  ],
  [
    'openSUSE Leap',
    { '/etc/os-release': 'NAME="openSUSE Leap"\nVERSION="15.5"\nID="opensuse-leap"\nVERSION_ID="15.5"' },
    {
      distribution: 'openSUSE Leap',
      distribution_version: '15.5',
      distribution_major_version: '15',
      distribution_release: '5',
      os_family: 'Suse',
    },
  ],
] as const)('%s is known by its files', ([, files, wanted]) => {
  expect(distributionOf(having(files))).toMatchObject(wanted);
});

test('addresses: secondary ones, labels, peers and what routes say', () => {
  const sys = '/sys/class/net/eth0';
  const host = having(
    {
      [`${sys}/flags`]: '0x1103',
      [`${sys}/mtu`]: '1500',
      [`${sys}/type`]: '1',
      [`${sys}/address`]: '02:00:00:00:00:01',
      [`${sys}/operstate`]: 'up',
    },
    {
      ip: '/sbin/ip',
      ip4: `2: eth0: <UP> mtu 1500
    inet 10.1.2.3/20 brd 10.1.15.255 scope global eth0
    inet 10.1.2.4/20 brd 10.1.15.255 scope global secondary eth0:1
local 10.1.2.3 dev eth0 proto kernel scope host src 10.1.2.3
broadcast 10.1.15.255 dev eth0 proto kernel scope link src 10.1.2.3
8.8.8.8 via 10.1.0.1 dev eth0 src 10.1.2.3 uid 0 \n    cache`,
      ip6: `2: eth0: <UP> mtu 1500 state UP
    inet6 fe80::1/64 scope link
       valid_lft forever preferred_lft forever
local fe80::1 dev eth0 proto kernel metric 0 pref medium`,
    },
  );
  const seen = network.read(host);
  const second = { address: '10.1.2.4', broadcast: '10.1.15.255', netmask: '255.255.240.0', network: '10.1.0.0', prefix: '20' };
  expect(seen).toMatchObject({
    interfaces: ['eth0', 'eth0_1'],
    eth0: { promisc: true, ipv4_secondaries: [second], ipv6: [{ address: 'fe80::1', prefix: '64', scope: 'link' }] },
    eth0_1: { ipv4_secondaries: [second] },
    default_ipv4: {
      address: '10.1.2.3',
      alias: 'eth0',
      gateway: '10.1.0.1',
      interface: 'eth0',
      macaddress: '02:00:00:00:00:01',
      mtu: 1500,
      type: 'ether',
    },
    default_ipv6: {},
    all_ipv4_addresses: ['10.1.2.3', '10.1.2.4'],
    all_ipv6_addresses: ['fe80::1'],
    locally_reachable_ips: { ipv4: ['10.1.2.3'], ipv6: ['fe80::1'] },
  });
});

test.for([
  ['140721977760848', 'aarch64', '64'],
  ['4290772992', 'aarch64', '32'],
  ['0', 'aarch64', '64'],
  ['0', 'armv7l', '32'],
] as const)('a stack at %s on %s is one of programs of %s bits', ([stack, machine, bits]) => {
  const stat = `7 (a) b) S ${'0 '.repeat(24)}${stack} 0`;
  expect(platform.read(having({ '/proc/self/stat': stat }, { machine }))).toMatchObject({ userspace_bits: bits });
});

test.for([
  [0, '0.00 Bytes'],
  [1023, '1023.00 Bytes'],
  [1024, '1.00 KB'],
  [274877906944, '256.00 GB'],
] as const)('%d bytes are %s', ([bytes, text]) => {
  expect(bytesToHuman(bytes)).toBe(text);
});
