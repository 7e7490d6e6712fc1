import { type Collector, known, wordsOf } from './collector.ts';
import { FILES_FIRST, FQDN, fqdnOf } from './names.ts';
import { PYTHON, pythonVersion } from './python.ts';

/** The machine, its names and its Python. */

/** A process may have itself told of another machine than the kernel's; kernels before 6.1 do not write theirs down. */
export const MACHINE = `{
  read -r kind </proc/self/personality && [ "$kind" = 00000000 ] && read -r arch </proc/sys/kernel/arch && echo "$arch"
} || uname -m`;

/** Of the programs: a stack that begins beyond what 32 bits can tell. Where its place is kept from us, of the machine. */
const bitsOf = (stat: string, machine: string): string => {
  const stack = Number(wordsOf(stat.replace(/^.*\)/, ''))[25] ?? 0);
  return (stack === 0 ? /64|s390x/.test(machine) : stack >= 2 ** 32) ? '64' : '32';
};

export const platform: Collector = {
  name: 'platform',
  ids: ['system', 'kernel', 'kernel_version', 'machine', 'python_version', 'architecture', 'machine_id'],
  files: [
    ...['ostype', 'osrelease', 'version', 'hostname'].map(name => `/proc/sys/kernel/${name}`),
    '/proc/self/stat',
    '/var/lib/dbus/machine-id',
    '/etc/machine-id',
  ],
  run: {
    machine: MACHINE,
    files_first: FILES_FIRST,
    fqdn: FQDN,
    python: PYTHON,
  },
  read(host) {
    const nodename = host.file('/proc/sys/kernel/hostname') ?? '';
    const machine = host.output('machine');
    const bits = bitsOf(host.file('/proc/self/stat') ?? '', machine);
    const x86 = machine === 'x86_64' || /i([3456]86|86pc)/.test(machine);
    const fqdn = fqdnOf(host.output('fqdn'), nodename);
    return known({
      system: host.file('/proc/sys/kernel/ostype') ?? '',
      kernel: host.file('/proc/sys/kernel/osrelease') ?? '',
      kernel_version: host.file('/proc/sys/kernel/version') ?? '',
      machine,
      python_version: pythonVersion(host),
      fqdn,
      hostname: nodename.split('.')[0] ?? '',
      nodename,
      domain: fqdn.split('.').slice(1).join('.'),
      userspace_bits: bits,
      architecture: x86 && machine !== 'x86_64' ? 'i386' : machine,
      userspace_architecture: x86 ? (bits === '64' ? 'x86_64' : 'i386') : undefined,
      machine_id: (host.file('/var/lib/dbus/machine-id') ?? host.file('/etc/machine-id'))?.split('\n')[0],
    });
  },
};
