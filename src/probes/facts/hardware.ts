import type { Fields, Plain } from '../../model/module.ts';
import { type Collector, CPUINFO, type Gathered, known, linesOf, section, wordsOf } from './collector.ts';
import { DEVICE_FILES, DEVICE_LINKS, deviceFacts } from './devices.ts';
import { MOUNT_FILES, MOUNTS, mountFacts } from './mounts.ts';
import { MACHINE } from './platform.ts';

const mebibytes = (meminfo: string, key: string): number | undefined => {
  const found = new RegExp(`^${key}:\\s*(\\d+)`, 'm').exec(meminfo)?.[1];
  return found === undefined ? undefined : Math.floor(Number(found) / 1024);
};

const memory = (meminfo: string | undefined): Fields => {
  if (meminfo === undefined) return {};
  const mb = (key: string): number | undefined => mebibytes(meminfo, key);
  const sum = (...terms: readonly (number | undefined)[]): number | undefined =>
    terms.reduce((total, term) => (total === undefined || term === undefined ? undefined : total + term), 0);
  const less = (from: number | undefined, what: number | undefined): number | undefined => sum(from, what === undefined ? what : -what);
  const [memtotal, memfree, swaptotal, swapfree] = [mb('MemTotal'), mb('MemFree'), mb('SwapTotal'), mb('SwapFree')];
  const nocache = sum(mb('Cached'), memfree, mb('Buffers'));
  const or = (value: number | undefined): Plain => value ?? null;
  return known({
    memtotal_mb: memtotal,
    memfree_mb: memfree,
    swaptotal_mb: swaptotal,
    swapfree_mb: swapfree,
    memory_mb: {
      real: { total: or(memtotal), used: or(less(memtotal, memfree)), free: or(memfree) },
      nocache: { free: or(nocache), used: or(less(memtotal, nocache)) },
      swap: { total: or(swaptotal), free: or(swapfree), used: or(less(swaptotal, swapfree)), cached: or(mb('SwapCached')) },
    },
  });
};

const cpuPairs = (text: string): readonly (readonly [key: string, value: string])[] =>
  linesOf(text).map(line => {
    const at = line.indexOf(':');
    return [line.slice(0, at).trim(), line.slice(at + 1).trim()];
  });

const PROCESSOR_KEYS = ['model name', 'Processor', 'vendor_id', 'cpu', 'Vendor', 'processor'];
/** Python rounds halves to the even number. */
const round = (value: number): number => (Math.abs(value % 1) === 0.5 ? 2 * Math.round(value / 2) : Math.round(value));

const processors = (host: Gathered): Fields => {
  const pairs = cpuPairs(host.output('cpuinfo'));
  if (pairs.length === 0) return {};
  const machine = host.output('machine');
  const count = (key: string): number => pairs.filter(([name]) => name === key).length;
  const listed = pairs.filter(([key]) => PROCESSOR_KEYS.includes(key)).map(([, value]) => value);
  const arm = /^(armv|aarch|ppc)/.test(machine);
  const even = count('vendor_id') > 0 && count('vendor_id') === count('model name');
  const logical = arm ? count('processor') : even ? count('vendor_id') : listed.length;
  const flags = pairs.find(([key]) => key === 'flags')?.[1];
  const nproc = affinity(host.file('/proc/self/status') ?? '') ?? count('processor');
  const base = known({ processor: listed, flags: flags === undefined ? undefined : wordsOf(flags), processor_nproc: nproc });
  if (machine === 's390x') return { ...base, ...mainframe(pairs) };
  const { sockets, cores } = topology(pairs);
  const perSocket = sockets[0] || 1;
  const processor_count = sockets.length || logical;
  const threads = round((cores[0] ?? 1) / perSocket);
  return {
    ...base,
    processor_count,
    processor_cores: perSocket,
    processor_threads_per_core: threads,
    processor_vcpus: threads * processor_count * perSocket,
  };
};
const mainframe = (pairs: ReturnType<typeof cpuPairs>): Fields => {
  const number = (key: string): number => Number(pairs.find(([name]) => name === key)?.[1] ?? 0);
  const [vcpus, threads] = [number('# processors'), number('max thread id') + 1];
  return {
    processor_count: 1,
    processor_cores: round(vcpus / threads),
    processor_threads_per_core: threads,
    processor_vcpus: vcpus,
  };
};
/** Cores of each socket and threads ("siblings") of each core, as Ansible keeps them: by id, in the order they come up. */
const topology = (pairs: ReturnType<typeof cpuPairs>): { readonly sockets: readonly number[]; readonly cores: readonly number[] } => {
  const sockets = new Map<string, number>();
  const cores = new Map<string, number>();
  let [socket, core] = ['', ''];
  for (const [key, value] of pairs) {
    if (key === 'physical id') sockets.set((socket = value), sockets.get(value) ?? 1);
    else if (key === 'core id') {
      core = value;
      if (!sockets.has(core)) cores.set(core, 1);
    } else if (key === 'cpu cores') sockets.set(socket, Number(value));
    else if (key === 'siblings') cores.set(core, Number(value));
  }
  return { sockets: [...sockets.values()], cores: [...cores.values()] };
};
/** How many CPUs we may run on: set bits of a mask like `ff,ffffffff`. */
const affinity = (status: string): number | undefined => {
  const mask = /^Cpus_allowed:\s*([\da-f,]+)/m.exec(status)?.[1];
  return mask === undefined ? undefined : [...mask.replaceAll(',', '')].reduce((sum, digit) => sum + bits(Number.parseInt(digit, 16)), 0);
};
const bits = (nibble: number): number => [1, 2, 4, 8].filter(bit => (nibble & bit) !== 0).length;

const FORM_FACTORS =
  'Unknown,Other,Unknown,Desktop,Low Profile Desktop,Pizza Box,Mini Tower,Tower,Portable,Laptop,Notebook,Hand Held,Docking Station,All In One,Sub Notebook,Space-saving,Lunch Box,Main Server Chassis,Expansion Chassis,Sub Chassis,Bus Expansion Chassis,Peripheral Chassis,RAID Chassis,Rack Mount Chassis,Sealed-case PC,Multi-system,CompactPCI,AdvancedTCA,Blade,Blade Enclosure,Tablet,Convertible,Detachable,IoT Gateway,Embedded PC,Mini PC,Stick PC'.split(
    ',',
  );
const DMI = '/sys/devices/virtual/dmi/id';
const DMI_FACTS: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    ['bios_date', 'bios_vendor', 'bios_version', 'board_asset_tag', 'board_name', 'board_serial', 'board_vendor', 'board_version']
      .concat(['chassis_asset_tag', 'chassis_serial', 'chassis_vendor', 'chassis_version'])
      .concat(['product_name', 'product_serial', 'product_uuid', 'product_version'])
      .map(name => [name, name]),
  ),
  form_factor: 'chassis_type',
  system_vendor: 'sys_vendor',
};
const dmi = (host: Gathered): Fields =>
  Object.fromEntries(
    Object.entries(DMI_FACTS).map(([fact, name]) => {
      const value = host.file(`${DMI}/${name}`);
      if (value === undefined) return [fact, 'NA'];
      return [fact, fact === 'form_factor' ? (FORM_FACTORS[Number(value)] ?? `unknown (${value})`) : value];
    }),
  );

const LVM = '--noheadings --nosuffix --units g --separator ,';
const lvm = (host: Gathered): Plain => {
  if (host.output('lvm') === '') return 'N/A';
  const rows = (name: string): readonly (readonly string[])[] => linesOf(host.output(name)).map(line => line.trim().split(','));
  const by = (name: string, fact: (row: readonly string[]) => Fields): Fields =>
    Object.fromEntries(rows(name).map(row => [row[0] ?? '', fact(row)]));
  return {
    vgs: by('vgs', row => ({ size_g: row.at(-2) ?? '', free_g: row.at(-1) ?? '', num_lvs: row[2] ?? '', num_pvs: row[1] ?? '' })),
    lvs: by('lvs', row => ({ size_g: row[3] ?? '', vg: row[1] ?? '' })),
    pvs: by('pvs', row => ({ size_g: row[4] ?? '', free_g: row[5] ?? '', vg: row[1] ?? '' })),
  };
};

/** ansible-core's module_utils/facts/hardware/linux.py; what lspci, sg_inq and dmidecode would add is left out. */
export const hardware: Collector = {
  name: 'hardware',
  ids: ['processor', 'processor_cores', 'processor_count', 'mounts', 'devices'],
  files: [
    '/proc/meminfo',
    '/proc/uptime',
    '/proc/self/status',
    ...MOUNT_FILES,
    ...Object.values(DMI_FACTS).map(name => `${DMI}/${name}`),
    ...DEVICE_FILES,
  ],
  links: DEVICE_LINKS,
  run: {
    machine: MACHINE,
    cpuinfo: CPUINFO,
    ...MOUNTS,
    lvm: `if command -v vgs >/dev/null && [ "$(id -u)" = 0 ]; then
echo yes
${['vgs', 'lvs', 'pvs'].map(list => section(list, `${list} ${LVM}`)).join('\n')}
fi`,
  },
  read: host => ({
    ...processors(host),
    ...memory(host.file('/proc/meminfo')),
    ...dmi(host),
    ...deviceFacts(host),
    ...uptime(host),
    lvm: lvm(host),
    ...mountFacts(host),
  }),
};
const uptime = (host: Gathered): Fields => {
  const text = host.file('/proc/uptime');
  return text === undefined ? {} : { uptime_seconds: Math.floor(Number(text.split(' ')[0])) };
};
