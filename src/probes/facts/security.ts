import { type Collector, linesOf, wordsOf } from './collector.ts';

/** What guards a host: ansible-core's collectors of the same names. */

export const fips: Collector = {
  name: 'fips',
  ids: [],
  files: ['/proc/sys/crypto/fips_enabled'],
  read: host => ({ fips: host.file('/proc/sys/crypto/fips_enabled') === '1' }),
};

export const apparmor: Collector = {
  name: 'apparmor',
  ids: [],
  exists: ['/sys/kernel/security/apparmor'],
  read: host => ({ apparmor: { status: host.exists('/sys/kernel/security/apparmor') ? 'enabled' : 'disabled' } }),
};

export const selinux: Collector = {
  name: 'selinux',
  ids: [],
  files: ['/sys/fs/selinux/enforce', '/sys/fs/selinux/policyvers', '/etc/selinux/config'],
  read(host) {
    const enforce = host.file('/sys/fs/selinux/enforce');
    if (enforce === undefined) return { selinux: { status: 'disabled' }, selinux_python_present: true };
    const configured = (key: string): string =>
      new RegExp(`^${key}=(\\S+)`, 'm').exec(host.file('/etc/selinux/config') ?? '')?.[1] ?? 'unknown';
    const policyvers = Number(host.file('/sys/fs/selinux/policyvers'));
    const selinuxFacts = {
      status: 'enabled',
      policyvers: Number.isInteger(policyvers) ? policyvers : 'unknown',
      config_mode: configured('SELINUX').toLowerCase(),
      mode: enforce === '1' ? 'enforcing' : 'permissive',
      type: configured('SELINUXTYPE'),
    };
    return { selinux: selinuxFacts, selinux_python_present: true };
  },
};

export const chroot: Collector = {
  name: 'chroot',
  ids: ['is_chroot'],
  run: {
    chroot: `if [ -n "$debian_chroot" ]; then echo yes
elif [ -e /proc/1/root/. ]; then [ / -ef /proc/1/root/. ] || echo yes
else echo unseen; stat -f -c %T /; stat -c %i /; fi`,
  },
  read(host) {
    const found = linesOf(host.output('chroot'));
    if (found[0] !== 'unseen') return { is_chroot: found[0] === 'yes' };
    // Not root: /proc/1/root cannot be seen. A root file system has a root inode of its kind.
    const [type = '', inode] = found.slice(-2);
    return { is_chroot: inode !== (type.includes('btrfs') ? '256' : type.includes('xfs') ? '128' : '2') };
  },
};

const KEY_FOLDERS = ['/etc/ssh', '/etc/openssh', '/etc'];
const KEY_TYPES = ['dsa', 'rsa', 'ecdsa', 'ed25519'];
export const sshPubKeys: Collector = {
  name: 'ssh_pub_keys',
  ids: ['ssh_host_pub_keys', ...KEY_TYPES.map(type => `ssh_host_key_${type}_public`)],
  files: KEY_FOLDERS.map(folder => `${folder}/ssh_host_*_key.pub`),
  read(host) {
    for (const folder of KEY_FOLDERS) {
      const keys = KEY_TYPES.flatMap(type => {
        const [keytype, key] = wordsOf(host.file(`${folder}/ssh_host_${type}_key.pub`) ?? '');
        const name = `ssh_host_key_${type}_public`;
        return keytype === undefined || key === undefined
          ? []
          : ([
              [name, key],
              [`${name}_keytype`, keytype],
            ] as const);
      });
      if (keys.length > 0) return Object.fromEntries(keys);
    }
    return {};
  },
};

export const caps: Collector = {
  name: 'caps',
  ids: ['system_capabilities', 'system_capabilities_enforced'],
  run: { caps: 'capsh --print' },
  read(host) {
    const text = host.output('caps');
    if (text === '') return { system_capabilities: 'N/A', system_capabilities_enforced: 'N/A' };
    const current = /^Current:(.*)$/m.exec(text)?.[1];
    if (current === undefined) return { system_capabilities: [], system_capabilities_enforced: 'NA' };
    if (current.trim() === '=ep') return { system_capabilities: [], system_capabilities_enforced: 'False' };
    const names = (current.split('=')[1] ?? '').split(',').map(name => name.trim());
    return { system_capabilities: names, system_capabilities_enforced: 'True' };
  },
};
