import { type Collector, CPUINFO, type Gathered } from './collector.ts';

type Role = 'guest' | 'host' | 'LPAR';
interface Sign {
  readonly tech: string;
  readonly role: Role;
  readonly seen: boolean;
  /** Some signs name the machine without being listed among the technologies. */
  readonly listed?: boolean;
}
const guest = (tech: string, seen: boolean): Sign => ({ tech, role: 'guest', seen });
const host = (tech: string, seen: boolean): Sign => ({ tech, role: 'host', seen });

const isLoaded = (on: Gathered, module: string): boolean => new RegExp(`^${module} `, 'm').test(on.output('cpuinfo'));

/** In the order in which ansible-core's module_utils/facts/virtual/linux.py looks: the first sign seen gives type and role. */
const signs = (on: Gathered): readonly Sign[] => {
  const cgroups = on.file('/proc/1/cgroup') ?? '';
  const environ = on.output('init_environ').split('\x01');
  const dmi = (name: string): string => on.file(`/sys/devices/virtual/dmi/id/${name}`) ?? '';
  const [product, vendor, bios] = [dmi('product_name'), dmi('sys_vendor'), dmi('bios_vendor')];
  const cpu = on.output('cpuinfo');
  const container = on.file('/run/systemd/container');
  const openvz = on.exists('/proc/vz') && !on.exists('/proc/lve');
  const xen = on.exists('/proc/xen');
  const xenHost = (on.file('/proc/xen/capabilities') ?? '').includes('control_d');
  const vxid = /^VxID:\s+(\d+)/m.exec(on.file('/proc/self/status') ?? '')?.[1];
  return [
    guest('docker', /\/docker(\/|-[0-9a-f]+\.scope)/.test(cgroups)),
    guest('lxc', /\/lxc\/|\/machine\.slice\/machine-lxc/.test(cgroups)),
    guest('containerd', cgroups.includes('/system.slice/containerd.service')),
    guest(
      'lxc',
      environ.some(entry => entry.includes('container=lxc')),
    ),
    guest(
      'podman',
      environ.some(entry => entry.includes('container=podman')),
    ),
    guest(
      'container',
      environ.some(entry => /^container=./.test(entry)),
    ),
    openvz && on.exists('/proc/bc') ? host('openvz', true) : guest('openvz', openvz),
    guest(container ?? '', container !== undefined),
    guest('docker', on.exists('/.dockerenv') || on.exists('/.dockerinit')),
    { ...(xenHost ? host('xen', xen) : guest('xen', xen)), listed: xenHost },
    guest('kvm', ['KVM', 'KVM Server', 'Bochs', 'AHV'].includes(product)),
    guest('oVirt', vendor === 'oVirt'),
    guest('RHV', vendor === 'Red Hat' && dmi('product_family') === 'RHV'),
    guest('RHEV', vendor === 'Red Hat' && product === 'RHEV Hypervisor'),
    guest('VMware', product.startsWith('VMware')),
    guest('openstack', ['OpenStack Compute', 'OpenStack Nova'].includes(product)),
    guest('xen', bios === 'Xen'),
    guest('virtualbox', bios === 'innotek GmbH'),
    guest('kvm', ['Amazon EC2', 'DigitalOcean', 'Hetzner'].includes(bios)),
    guest('kvm', ['QEMU', 'Amazon EC2', 'DigitalOcean', 'Google', 'Scaleway', 'Nutanix'].includes(vendor)),
    guest('KubeVirt', vendor === 'KubeVirt'),
    guest('VirtualPC', vendor === 'Microsoft Corporation'),
    guest('parallels', vendor === 'Parallels Software International Inc.'),
    guest('openstack', vendor === 'OpenStack Foundation'),
    vxid === '0' ? host('linux_vserver', true) : guest('linux_vserver', vxid !== undefined),
    guest('kvm', /^model name.*QEMU Virtual CPU/m.test(cpu)),
    guest('uml', /^vendor_id.*User Mode Linux|^model name.*UML/m.test(cpu)),
    guest('kvm', /^machine.*CHRP IBM pSeries .emulated by qemu./m.test(cpu)),
    guest('powervm_lx86', /^vendor_id.*PowerVM Lx86/m.test(cpu)),
    { tech: 'PR/SM', role: 'LPAR', seen: /^vendor_id.*IBM\/S390/m.test(cpu) },
    host('kvm', isLoaded(on, 'kvm')),
    host('virtualbox', isLoaded(on, 'vboxdrv')),
    // A guest by type, though Ansible lists the technology with the host's.
    { ...guest('kvm', isLoaded(on, 'virtio')), listed: false },
    host('kvm', on.exists('/dev/kvm')),
  ];
};

const CONTAINERS = ['docker', 'lxc', 'podman', 'openvz', 'containerd'];

export const virtual: Collector = {
  name: 'virtual',
  ids: ['virtualization_type', 'virtualization_role', 'virtualization_tech_guest', 'virtualization_tech_host'],
  files: [
    '/proc/1/cgroup',
    '/proc/self/status',
    '/proc/xen/capabilities',
    '/run/systemd/container',
    ...['product_name', 'sys_vendor', 'product_family', 'bios_vendor'].map(name => `/sys/devices/virtual/dmi/id/${name}`),
  ],
  exists: ['/proc/vz', '/proc/lve', '/proc/bc', '/proc/xen', '/.dockerenv', '/.dockerinit', '/dev/kvm'],
  run: {
    cpuinfo: CPUINFO,
    init_environ: `tr '\\000' '\\001' </proc/1/environ`,
  },
  read(on) {
    const seen = signs(on).filter(sign => sign.seen);
    const [first] = seen;
    const techs = (role: 'guest' | 'host'): readonly string[] => [
      ...new Set(seen.filter(sign => sign.listed !== false && (sign.role === 'host') === (role === 'host')).map(({ tech }) => tech)),
    ];
    const guests = techs('guest');
    const contained = guests.some(tech => CONTAINERS.includes(tech)) || on.file('/run/systemd/container') !== undefined;
    const hosts = [...techs('host'), ...(isLoaded(on, 'virtio') ? ['kvm'] : [])];
    return {
      virtualization_type: first?.tech ?? 'NA',
      virtualization_role: first?.role ?? 'NA',
      virtualization_tech_guest: [...new Set([...guests, ...(contained ? ['container'] : [])])],
      virtualization_tech_host: [...new Set(hosts)],
    };
  },
};
