import { KplayError } from '../../model/errors.ts';
import type { Plain } from '../../model/module.ts';
import { dig, type Engine, type Inspected } from '../../probes/docker.ts';
import * as value from './values.ts';

/** What a container is compared against, beside its line. */
export interface Base {
  readonly container: Inspected;
  /** Config of the image the container was made of: what an option does not say comes from there. */
  readonly image: Inspected;
  readonly engine: Engine;
  readonly name: string;
  readonly options: ReadonlyMap<string, readonly string[]>;
}
type Texts = readonly string[];

/** An option of docker run: how it is written, and how to tell whether a container has it. Both sides in one canonical form. */
export interface Option {
  readonly name: string;
  readonly also?: readonly string[];
  readonly takes: 'nothing' | 'one' | 'many';
  readonly refused?: string;
  /** Undefined: not compared, as where a daemon's own default cannot be told from what was asked for. */
  wanted?(values: Texts, base: Base): Plain | undefined;
  observed?(base: Base, values: Texts): Plain;
}

type Path = readonly string[];
const at = ({ container }: Base, path: Path): Plain => dig(container, ...path);
const host = (key: string): Path => ['HostConfig', key];
const config = (key: string): Path => ['Config', key];
const string = (plain: Plain): string => (plain === null ? '' : String(plain));
const strings = (plain: Plain): string[] => (Array.isArray(plain) ? plain.map(item => string(item as Plain)) : []);
const record = (plain: Plain): Readonly<Record<string, Plain>> =>
  plain !== null && typeof plain === 'object' && !Array.isArray(plain) ? (plain as Inspected) : {};
const items = (plain: Plain): readonly Plain[] => (Array.isArray(plain) ? (plain as readonly Plain[]) : []);
const last = (values: Texts): string => values.at(-1) ?? '';
const sorted = (values: Iterable<string>): readonly string[] => [...new Set(values)].toSorted();
const same = (text: string): string => text;
const byKey = (map: Readonly<Record<string, Plain>>): Readonly<Record<string, Plain>> =>
  Object.fromEntries(Object.entries(map).toSorted(([a], [b]) => (a < b ? -1 : 1)));

const flag = (name: string, path: Path, ...also: readonly string[]): Option => ({
  name,
  also,
  takes: 'nothing',
  wanted: values => last(values) === 'true',
  observed: base => at(base, path) === true,
});
const text = (name: string, path: Path, norm = same, ...also: readonly string[]): Option => ({
  name,
  also,
  takes: 'one',
  wanted: values => norm(last(values)),
  observed: base => norm(string(at(base, path))),
});
/** A text that the image may bring. */
const fromImage = (name: string, key: string, norm = same, ...also: readonly string[]): Option => ({
  ...text(name, config(key), norm, ...also),
  wanted: (values, { image }) => norm(values.length > 0 ? last(values) : string(image[key] ?? null)),
});
const count = (name: string, key: string, read: (value: string) => number = value.number, ...also: readonly string[]): Option => ({
  name,
  also,
  takes: 'one',
  wanted: values => (values.length > 0 ? read(last(values)) : 0),
  observed: base => Number(at(base, host(key)) ?? 0),
});
/** A number whose default is the daemon's own affair. */
const statedCount = (name: string, path: Path, read: (value: string) => number): Option => ({
  name,
  takes: 'one',
  wanted: values => (values.length > 0 ? read(last(values)) : undefined),
  observed: base => Number(at(base, path) ?? 0),
});
const set = (name: string, path: Path, norm = same, ...also: readonly string[]): Option => ({
  name,
  also,
  takes: 'many',
  wanted: values => sorted(values.map(norm)),
  observed: base => sorted(strings(at(base, path)).map(norm)),
});
const ordered = (name: string, path: Path, ...also: readonly string[]): Option => ({
  name,
  also,
  takes: 'many',
  wanted: values => values,
  observed: base => strings(at(base, path)),
});
const map = (name: string, path: Path): Option => ({
  name,
  takes: 'many',
  wanted: values => byKey(value.pairs(values)),
  observed: base => byKey(record(at(base, path))),
});
/** Taken and not compared: it says nothing about the container. */
const silent = (name: string, takes: Option['takes'], ...also: readonly string[]): Option => ({ name, also, takes });
const refused = (name: string, why: string, ...also: readonly string[]): Option => ({ name, also, takes: 'one', refused: why });

const shares = (mode: string): string => (mode.startsWith('container:') ? 'container' : mode);
const networkMode = (mode: string): string => (mode === '' || mode === 'default' ? 'bridge' : shares(mode));
const network = (base: Base): Plain => {
  const mode = networkMode(string(at(base, host('NetworkMode'))));
  return dig(base.container, 'NetworkSettings', 'Networks', mode);
};
const shortId = ({ container }: Base): string => string(dig(container, 'Id')).slice(0, 12);
const hasOwnName = ({ container }: Base): boolean => {
  const mode = string(dig(container, 'HostConfig', 'NetworkMode'));
  return mode !== 'host' && !mode.startsWith('container:') && string(dig(container, 'HostConfig', 'UTSMode')) !== 'host';
};

const throttle = (name: string, key: string, field: string, read: (value: string) => number): Option => ({
  name,
  takes: 'many',
  wanted: values => sorted(values.map(entry => entry.replace(/:([^:]*)$/, (_, size: string) => `:${read(size)}`))),
  observed: base => sorted(items(at(base, host(key))).map(entry => `${string(dig(entry, 'Path'))}:${string(dig(entry, field))}`)),
});

const healthText = (name: string, key: string): Option => ({
  name,
  takes: 'one',
  wanted: (values, { image, options }) => {
    if (options.get('--no-healthcheck') !== undefined) return 0;
    const own = dig(image, 'Healthcheck', key);
    if (values.length === 0) return Number(own ?? 0);
    return key === 'Retries' ? value.number(last(values)) : value.nanoseconds(last(values));
  },
  observed: base => Number(dig(base.container, 'Config', 'Healthcheck', key) ?? 0),
});
const healthCommand: Option = {
  name: '--health-cmd',
  takes: 'one',
  wanted: (values, { image, options }) => {
    if (options.get('--no-healthcheck') !== undefined) return ['NONE'];
    return values.length > 0 ? ['CMD-SHELL', last(values)] : strings(dig(image, 'Healthcheck', 'Test'));
  },
  observed: base => strings(dig(base.container, 'Config', 'Healthcheck', 'Test')),
};

const PROXY = /^(https?|ftp|no|all)_proxy$/i;
/** Variables: the image's, under the line's. Proxies that the client's own configuration adds are not the line's affair. */
const env: Option = {
  name: '--env',
  also: ['-e'],
  takes: 'many',
  wanted(values, { image }) {
    const bare = values.find(entry => !entry.includes('='));
    if (bare !== undefined)
      throw new KplayError('E_ARGS', `--env ${bare} takes its value from whoever runs docker`, { hint: `write --env ${bare}=value` });
    return byKey({ ...value.pairs(strings(image['Env'] ?? null)), ...value.pairs(values) });
  },
  observed(base, values) {
    const said = new Set([...values, ...strings(base.image['Env'] ?? null)].map(entry => entry.split('=')[0]));
    const all = Object.entries(value.pairs(strings(at(base, config('Env')))));
    return byKey(Object.fromEntries(all.filter(([key]) => said.has(key) || !PROXY.test(key))));
  },
};
const label: Option = {
  name: '--label',
  also: ['-l'],
  takes: 'many',
  wanted: (values, { image }) => byKey({ ...record(image['Labels'] ?? null), ...value.pairs(values) }),
  observed: base => byKey(record(at(base, config('Labels')))),
};

const bindings = (entries: Iterable<readonly [port: string, binding: string]>): Plain => {
  const found: Record<string, string[]> = {};
  for (const [port, binding] of entries) (found[port] ??= []).push(binding);
  return byKey(Object.fromEntries(Object.entries(found).map(([port, all]) => [port, sorted(all)])));
};
const anyAddress = (ip: string): string => (ip === '0.0.0.0' ? '' : ip);
const publish: Option = {
  name: '--publish',
  also: ['-p'],
  takes: 'many',
  wanted: values => bindings(values.flatMap(value.published).map(([port, binding]) => [port, binding.replace(/^0\.0\.0\.0:/, ':')])),
  observed: base =>
    bindings(
      Object.entries(record(at(base, host('PortBindings')))).flatMap(([port, all]) =>
        items(all).map(one => [port, `${anyAddress(string(dig(one, 'HostIp')))}:${string(dig(one, 'HostPort'))}`] as const),
      ),
    ),
};
const expose: Option = {
  name: '--expose',
  takes: 'many',
  wanted: (values, { image, options }) =>
    sorted([
      ...Object.keys(record(image['ExposedPorts'] ?? null)),
      ...values.flatMap(value.exposed),
      ...(options.get('--publish') ?? []).flatMap(value.published).map(([port]) => port),
    ]),
  observed: base => sorted(Object.keys(record(at(base, config('ExposedPorts'))))),
};

const volume: Option = {
  name: '--volume',
  also: ['-v'],
  takes: 'many',
  wanted: (values, { image }) => sorted([...values, ...Object.keys(record(image['Volumes'] ?? null))].map(value.volume)),
  observed: base => sorted([...strings(at(base, host('Binds'))), ...Object.keys(record(at(base, config('Volumes'))))].map(value.volume)),
};
const MOUNT_OPTIONS: Readonly<Record<string, Path>> = {
  'bind-propagation': ['BindOptions', 'Propagation'],
  'volume-nocopy': ['VolumeOptions', 'NoCopy'],
  'volume-driver': ['VolumeOptions', 'DriverConfig', 'Name'],
  'tmpfs-size': ['TmpfsOptions', 'SizeBytes'],
  'tmpfs-mode': ['TmpfsOptions', 'Mode'],
};
const mount: Option = {
  name: '--mount',
  takes: 'many',
  wanted: values => values.map(entry => byKey(value.mount(entry))).toSorted(byTarget),
  observed: base =>
    items(at(base, host('Mounts')))
      .map(entry => {
        const found: Record<string, Plain> = { type: string(dig(entry, 'Type')), target: string(dig(entry, 'Target')) };
        const source = dig(entry, 'Source');
        if (source !== null && source !== '') found['source'] = source;
        if (dig(entry, 'ReadOnly') === true) found['readonly'] = true;
        for (const [key, path] of Object.entries(MOUNT_OPTIONS)) {
          const option = dig(entry, ...path);
          if (option !== null && option !== '' && option !== false && option !== 0) found[key] = option;
        }
        return byKey(found);
      })
      .toSorted(byTarget),
};
const byTarget = (a: Plain, b: Plain): number => (string(dig(a, 'target')) < string(dig(b, 'target')) ? -1 : 1);

const device: Option = {
  name: '--device',
  takes: 'many',
  wanted: values => sorted(values.map(value.device)),
  observed: base =>
    sorted(
      items(at(base, host('Devices'))).map(one =>
        ['PathOnHost', 'PathInContainer', 'CgroupPermissions'].map(key => string(dig(one, key))).join(':'),
      ),
    ),
};
const gpus: Option = {
  name: '--gpus',
  takes: 'one',
  wanted: values => sorted(values.map(entry => entry.replace(/^(count|device)=/, ''))),
  observed: base =>
    sorted(
      items(at(base, host('DeviceRequests'))).map(one => {
        const ids = strings(dig(one, 'DeviceIDs'));
        const many = Number(dig(one, 'Count') ?? 0);
        return ids.length > 0 ? ids.join(',') : many < 0 ? 'all' : String(many);
      }),
    ),
};
/** A daemon may have limits of its own, which show in the container: only those named are compared. */
const ulimit: Option = {
  name: '--ulimit',
  takes: 'many',
  wanted: values => (values.length > 0 ? byKey(Object.fromEntries(values.map(value.ulimit))) : undefined),
  observed: (base, values) => {
    const named = new Set(values.map(entry => value.ulimit(entry)[0]));
    const all = items(at(base, host('Ulimits'))).map(
      one => [string(dig(one, 'Name')), `${string(dig(one, 'Soft'))}:${string(dig(one, 'Hard'))}`] as const,
    );
    return byKey(Object.fromEntries(all.filter(([name]) => named.has(name))));
  },
};
/** The same of options of the log driver. */
const logOpt: Option = {
  name: '--log-opt',
  takes: 'many',
  wanted: values => (values.length > 0 ? byKey(value.pairs(values)) : undefined),
  observed: (base, values) => {
    const named = value.pairs(values);
    return byKey(
      Object.fromEntries(Object.entries(record(dig(base.container, 'HostConfig', 'LogConfig', 'Config'))).filter(([key]) => key in named)),
    );
  },
};
const tmpfs: Option = {
  name: '--tmpfs',
  takes: 'many',
  wanted: values => byKey(Object.fromEntries(values.map(value.tmpfs))),
  observed: base =>
    byKey(
      Object.fromEntries(Object.entries(record(at(base, host('Tmpfs')))).map(([path, said]) => value.tmpfs(`${path}:${string(said)}`))),
    ),
};
const link: Option = {
  name: '--link',
  takes: 'many',
  wanted: (values, { name }) =>
    sorted(
      values.map(entry => {
        const [other = '', alias = other] = entry.split(':');
        return `/${other}:/${name}/${alias}`;
      }),
    ),
  observed: base => sorted(strings(at(base, host('Links')))),
};
/** Docker itself adds label=disable where a container shares the host's processes. */
const securityOpt: Option = {
  ...set('--security-opt', host('SecurityOpt'), value.securityOption),
  observed: (base, values) =>
    sorted(strings(at(base, host('SecurityOpt'))).map(value.securityOption)).filter(
      option => option !== 'label=disable' || values.map(value.securityOption).includes(option),
    ),
};
const networks: Option = {
  name: '--network',
  also: ['--net'],
  takes: 'many',
  wanted(values) {
    const names = values.map(value.networkName).map(networkMode);
    return names.length > 0 ? names : ['bridge'];
  },
  observed(base, values) {
    const first = networkMode(string(at(base, host('NetworkMode'))));
    const joined = Object.keys(record(dig(base.container, 'NetworkSettings', 'Networks')));
    return [
      first,
      ...values
        .slice(1)
        .map(value.networkName)
        .filter(name => joined.includes(name)),
    ];
  },
};
const aliases: Option = {
  name: '--network-alias',
  also: ['--net-alias'],
  takes: 'many',
  wanted: values => sorted(values),
  observed: base => sorted(strings(dig(network(base), 'Aliases')).filter(alias => alias !== shortId(base))),
};
const stated = (option: Option): Option => ({
  ...option,
  wanted: (values, base) => (values.length > 0 ? option.wanted?.(values, base) : undefined),
});

/** Every option of docker run, docker 20.10 to 28. */
export const OPTIONS: readonly Option[] = [
  {
    ...set('--add-host', host('ExtraHosts'), value.extraHost),
  },
  map('--annotation', host('Annotations')),
  refused('--attach', 'the container runs detached', '-a'),
  count('--blkio-weight', 'BlkioWeight'),
  throttle('--blkio-weight-device', 'BlkioWeightDevice', 'Weight', value.number),
  set('--cap-add', host('CapAdd'), value.capability),
  set('--cap-drop', host('CapDrop'), value.capability),
  text('--cgroup-parent', host('CgroupParent')),
  stated(text('--cgroupns', host('CgroupnsMode'))),
  refused('--cidfile', 'kplay names containers, and would leave the file behind'),
  count('--cpu-period', 'CpuPeriod'),
  count('--cpu-quota', 'CpuQuota'),
  count('--cpu-rt-period', 'CpuRealtimePeriod'),
  count('--cpu-rt-runtime', 'CpuRealtimeRuntime'),
  count('--cpu-shares', 'CpuShares', value.number, '-c'),
  count('--cpus', 'NanoCpus', cpus => Math.round(value.number(cpus) * 1e9)),
  text('--cpuset-cpus', host('CpusetCpus')),
  text('--cpuset-mems', host('CpusetMems')),
  silent('--detach', 'nothing', '-d'),
  silent('--detach-keys', 'one'),
  device,
  set('--device-cgroup-rule', host('DeviceCgroupRules')),
  throttle('--device-read-bps', 'BlkioDeviceReadBps', 'Rate', value.bytes),
  throttle('--device-read-iops', 'BlkioDeviceReadIOps', 'Rate', value.number),
  throttle('--device-write-bps', 'BlkioDeviceWriteBps', 'Rate', value.bytes),
  throttle('--device-write-iops', 'BlkioDeviceWriteIOps', 'Rate', value.number),
  silent('--disable-content-trust', 'nothing'),
  ordered('--dns', host('Dns')),
  set('--dns-option', host('DnsOptions'), same, '--dns-opt'),
  ordered('--dns-search', host('DnsSearch')),
  text('--domainname', config('Domainname')),
  silent('--entrypoint', 'one'),
  env,
  refused('--env-file', "the file's values cannot be compared with the container's; use --env"),
  expose,
  gpus,
  set('--group-add', host('GroupAdd')),
  healthCommand,
  healthText('--health-interval', 'Interval'),
  healthText('--health-retries', 'Retries'),
  healthText('--health-start-interval', 'StartInterval'),
  healthText('--health-start-period', 'StartPeriod'),
  healthText('--health-timeout', 'Timeout'),
  {
    name: '--hostname',
    also: ['-h'],
    takes: 'one',
    wanted: last,
    observed: (base, values) => {
      const name = string(at(base, config('Hostname')));
      return values.length === 0 && (!hasOwnName(base) || name === shortId(base)) ? '' : name;
    },
  },
  flag('--init', host('Init')),
  flag('--interactive', config('OpenStdin'), '-i'),
  { ...text('--ip', []), observed: base => string(dig(network(base), 'IPAMConfig', 'IPv4Address')) },
  { ...text('--ip6', []), observed: base => string(dig(network(base), 'IPAMConfig', 'IPv6Address')) },
  {
    ...text('--ipc', host('IpcMode'), shares),
    // Unsaid, the daemon chooses between private and shareable.
    observed: (base, values) => {
      const mode = shares(string(at(base, host('IpcMode'))));
      return values.length === 0 && (mode === 'private' || mode === 'shareable') ? '' : mode;
    },
  },
  silent('--isolation', 'one'),
  silent('--kernel-memory', 'one'),
  label,
  refused('--label-file', "the file's values cannot be compared with the container's; use --label"),
  link,
  silent('--link-local-ip', 'many'),
  {
    ...text('--log-driver', ['HostConfig', 'LogConfig', 'Type']),
    wanted: (values, { engine }) => (values.length > 0 ? last(values) : string(engine['LoggingDriver'] ?? null) || undefined),
  },
  logOpt,
  {
    ...stated(text('--mac-address', config('MacAddress'), mac => mac.toLowerCase())),
    observed: base => (string(at(base, config('MacAddress'))) || string(dig(network(base), 'MacAddress'))).toLowerCase(),
  },
  count('--memory', 'Memory', value.bytes, '-m'),
  count('--memory-reservation', 'MemoryReservation', value.bytes),
  statedCount('--memory-swap', host('MemorySwap'), value.bytes),
  {
    ...statedCount('--memory-swappiness', host('MemorySwappiness'), value.number),
    observed: base => Number(at(base, host('MemorySwappiness')) ?? -1),
  },
  mount,
  silent('--name', 'one'),
  networks,
  aliases,
  silent('--no-healthcheck', 'nothing'),
  flag('--oom-kill-disable', host('OomKillDisable')),
  count('--oom-score-adj', 'OomScoreAdj'),
  text('--pid', host('PidMode'), shares),
  count('--pids-limit', 'PidsLimit', limit => Math.max(0, value.number(limit))),
  silent('--platform', 'one'),
  flag('--privileged', host('Privileged')),
  publish,
  flag('--publish-all', host('PublishAllPorts'), '-P'),
  silent('--pull', 'one'),
  silent('--quiet', 'nothing', '-q'),
  flag('--read-only', host('ReadonlyRootfs')),
  {
    ...text('--restart', host('RestartPolicy')),
    wanted: values => value.restart(last(values)),
    observed: base => {
      const policy = at(base, host('RestartPolicy'));
      const name = string(dig(policy, 'Name'));
      return value.restart(name === 'on-failure' ? `${name}:${string(dig(policy, 'MaximumRetryCount'))}` : name);
    },
  },
  flag('--rm', host('AutoRemove')),
  {
    ...text('--runtime', host('Runtime')),
    wanted: (values, { engine }) => (values.length > 0 ? last(values) : string(engine['DefaultRuntime'] ?? null) || undefined),
  },
  securityOpt,
  statedCount('--shm-size', host('ShmSize'), value.bytes),
  silent('--sig-proxy', 'nothing'),
  fromImage('--stop-signal', 'StopSignal', signal =>
    signal
      .toUpperCase()
      .replace(/^SIG/, '')
      .replace(/^(TERM|15)$/, ''),
  ),
  {
    ...text('--stop-timeout', config('StopTimeout')),
    wanted: values => (values.length > 0 ? String(value.number(last(values))) : ''),
  },
  map('--storage-opt', host('StorageOpt')),
  map('--sysctl', host('Sysctls')),
  tmpfs,
  flag('--tty', config('Tty'), '-t'),
  ulimit,
  silent('--use-api-socket', 'nothing'),
  fromImage('--user', 'User', same, '-u'),
  text('--userns', host('UsernsMode')),
  text('--uts', host('UTSMode')),
  volume,
  text('--volume-driver', host('VolumeDriver')),
  set('--volumes-from', host('VolumesFrom')),
  fromImage('--workdir', 'WorkingDir', path => (path === '/' ? '' : path), '-w'),
];

/** Limits that docker drops, with a warning, where the kernel cannot keep them: by the field of docker info that says so. */
const NEEDS: Readonly<Record<string, string>> = {
  '--memory': 'MemoryLimit',
  '--memory-reservation': 'MemoryLimit',
  '--memory-swap': 'SwapLimit',
  '--cpu-period': 'CpuCfsPeriod',
  '--cpu-quota': 'CpuCfsQuota',
  '--cpus': 'CpuCfsQuota',
  '--cpu-shares': 'CPUShares',
  '--cpuset-cpus': 'CPUSet',
  '--cpuset-mems': 'CPUSet',
  '--pids-limit': 'PidsLimit',
  '--oom-kill-disable': 'OomKillDisable',
};
/** Of these nothing says whether the kernel can: a container without one may be as near as it gets. */
const UNTOLD: ReadonlySet<string> = new Set([
  '--blkio-weight',
  '--blkio-weight-device',
  '--device-read-bps',
  '--device-read-iops',
  '--device-write-bps',
  '--device-write-iops',
]);
/** Can the host keep this option at all? Comparing it where it cannot would replace the container every time. */
export const isKept = (option: string, engine: Engine, observed: Plain): boolean => {
  const field = NEEDS[option];
  const nothing = observed === 0 || (Array.isArray(observed) && observed.length === 0);
  return (field === undefined || engine[field] !== false) && !(UNTOLD.has(option) && nothing);
};
