import type { Plain } from '../../model/module.ts';
import { dig, type Engine } from '../../probes/docker.ts';
import { aliases, expose, hasOwnName, link, network, networks, publish, shares, shortId } from './networking.ts';
import {
  type Option,
  at,
  config,
  count,
  flag,
  fromImage,
  host,
  last,
  map,
  ordered,
  refused,
  same,
  set,
  silent,
  stated,
  statedCount,
  string,
  text,
  throttle,
} from './option.ts';
import { env, gpus, healthCommand, healthText, label, logOpt, securityOpt, ulimit } from './process.ts';
import { device, mount, tmpfs, volume } from './storage.ts';
import * as value from './values.ts';

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
