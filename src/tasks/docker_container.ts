import * as z from 'zod';
import { KplayError } from '../model/errors.ts';
import type { Plain } from '../model/module.ts';
import { any, bool, choice, dict, float, int, list, optional, str } from './args.ts';
import { definePrepared } from './define.ts';
import { checkValues, type Comparison } from './docker/compare.ts';
import type { RunLine } from './docker/line.ts';
import { analyze, observe, result, type Seen, steps, type Wanted } from './docker/manage.ts';
import { wordsOf } from './words.ts';

const args = z.strictObject({
  name: str.describe('The container.'),
  image: optional(str).describe('The image; needed unless the state is absent.'),
  command: optional(any).describe('The command, as a line or a list.'),
  entrypoint: optional(list).describe('The entrypoint, one program.'),
  state: choice('started', 'stopped', 'present', 'absent').default('started').describe('What the container is to be.'),
  pull: optional(any).describe('`missing`, `always` or `never`; yes is `always`, no is `missing`.'),
  recreate: bool.default(false).describe('Replace the container though nothing differs.'),
  restart: bool.default(false).describe('Restart a container that runs.'),
  restart_policy: optional(choice('no', 'on-failure', 'always', 'unless-stopped')).describe('When docker starts it again.'),
  restart_retries: optional(int).describe('How often, for on-failure.'),
  stop_timeout: optional(int).describe('Seconds a container gets to end before it is killed; a new one keeps them as its own.'),
  published_ports: optional(list).describe('Ports to publish, as `docker run -p`; `all` publishes all exposed ones.'),
  exposed_ports: optional(list).describe('Further ports the container listens on.'),
  volumes: optional(list).describe('Volumes, as `docker run -v`.'),
  volumes_from: optional(list).describe('Containers whose volumes to mount.'),
  tmpfs: optional(list).describe('File systems in memory, as `docker run --tmpfs`.'),
  devices: optional(list).describe('Devices, as `docker run --device`.'),
  env: optional(dict).describe('Environment variables.'),
  labels: optional(dict).describe('Labels.'),
  etc_hosts: optional(dict).describe('Names and addresses to add to /etc/hosts.'),
  sysctls: optional(dict).describe('Kernel settings of its namespaces.'),
  network_mode: optional(str).describe('The network.'),
  networks: optional(any).describe('Networks to be in: mappings with `name`, `aliases`, `ipv4_address`, `ipv6_address`, or names.'),
  dns_servers: optional(list).describe('Name servers.'),
  dns_search_domains: optional(list).describe('Search domains.'),
  dns_opts: optional(list).describe('Resolver options.'),
  privileged: optional(bool).describe('All capabilities and devices.'),
  capabilities: optional(list).describe('Capabilities to add.'),
  cap_drop: optional(list).describe('Capabilities to drop.'),
  security_opts: optional(list).describe('Security options.'),
  hostname: optional(str).describe('Its hostname.'),
  domainname: optional(str).describe('Its domain name.'),
  user: optional(str).describe('User or id, with group or not.'),
  groups: optional(list).describe('Further groups.'),
  working_dir: optional(str).describe('Folder to run in.'),
  pid_mode: optional(str).describe('Process namespace.'),
  ipc_mode: optional(str).describe('IPC namespace.'),
  uts: optional(str).describe('UTS namespace.'),
  userns_mode: optional(str).describe('User namespace.'),
  cgroup_parent: optional(str).describe('Parent cgroup.'),
  runtime: optional(str).describe('OCI runtime.'),
  init: optional(bool).describe('Run an init that reaps processes.'),
  interactive: optional(bool).describe('Keep stdin open.'),
  tty: optional(bool).describe('Give it a terminal.'),
  read_only: optional(bool).describe('Its root file system is read-only.'),
  auto_remove: optional(bool).describe('Remove it when it ends.'),
  memory: optional(str).describe('Memory limit.'),
  memory_reservation: optional(str).describe('Soft memory limit.'),
  memory_swap: optional(str).describe('Limit of memory and swap.'),
  shm_size: optional(str).describe('Size of /dev/shm.'),
  cpus: optional(float).describe('CPUs it may use.'),
  cpu_shares: optional(int).describe('Relative CPU weight.'),
  cpuset_cpus: optional(str).describe('CPUs by number.'),
  pids_limit: optional(int).describe('Limit of processes.'),
  oom_score_adj: optional(int).describe('Preference of the OOM killer.'),
  ulimits: optional(list).describe('Limits, `name:soft:hard`.'),
  log_driver: optional(str).describe('Log driver.'),
  log_options: optional(dict).describe('Options of the log driver.'),
  stop_signal: optional(str).describe('Signal that ends it.'),
  comparisons: optional(dict).describe('By option, or `*`: strict, ignore or allow_more_present.'),
  settle: float.default(2).describe('Seconds a new container must keep running before the one it replaces is given up.'),
});
type Args = z.output<typeof args>;

const truth = (value: boolean | undefined): readonly string[] => (value === undefined ? [] : [String(value)]);
const one = (value: string | number | undefined): readonly string[] => (value === undefined ? [] : [String(value)]);
const pairs = (map: Readonly<Record<string, Plain>> | undefined, sign = '='): readonly string[] =>
  Object.entries(map ?? {}).map(([key, value]) => `${key}${sign}${value === null ? '' : String(value)}`);

interface Joined {
  readonly name: string;
  readonly aliases: readonly string[];
  readonly ip: readonly string[];
  readonly ip6: readonly string[];
}
const joined = (networks: Plain | undefined): readonly Joined[] =>
  (Array.isArray(networks) ? networks : []).map(entry => {
    const found = (typeof entry === 'string' ? { name: entry } : entry) as Readonly<Record<string, Plain>>;
    if (typeof found['name'] !== 'string') throw new KplayError('E_ARGS', 'each of networks needs a name');
    const texts = (value: Plain | undefined): readonly string[] =>
      Array.isArray(value) ? value.map(String) : value == null ? [] : [String(value)];
    return { name: found['name'], aliases: texts(found['aliases']), ip: texts(found['ipv4_address']), ip6: texts(found['ipv6_address']) };
  });

/** Each argument with its options of docker run, and their values. */
const translate = (given: Args): Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> => {
  const networks = joined(given.networks);
  const ports = given.published_ports?.filter(port => port !== '');
  const all = ports?.some(port => port.toLowerCase() === 'all') ?? false;
  const policy = given.restart_policy;
  const retries = given.restart_retries;
  return {
    restart_policy: { '--restart': policy === undefined ? [] : [policy === 'on-failure' && retries ? `${policy}:${retries}` : policy] },
    published_ports: { '--publish': all ? [] : (ports ?? []), '--publish-all': all ? ['true'] : [] },
    exposed_ports: { '--expose': given.exposed_ports ?? [] },
    volumes: { '--volume': given.volumes ?? [] },
    volumes_from: { '--volumes-from': given.volumes_from ?? [] },
    tmpfs: { '--tmpfs': given.tmpfs ?? [] },
    devices: { '--device': given.devices ?? [] },
    env: { '--env': pairs(given.env) },
    labels: { '--label': pairs(given.labels) },
    etc_hosts: { '--add-host': pairs(given.etc_hosts, ':') },
    sysctls: { '--sysctl': pairs(given.sysctls) },
    network_mode: { '--network': given.network_mode === undefined ? networks.map(({ name }) => name) : [given.network_mode] },
    networks: {
      '--network-alias': networks.flatMap(({ aliases }) => aliases),
      '--ip': networks.flatMap(({ ip }) => ip),
      '--ip6': networks.flatMap(({ ip6 }) => ip6),
    },
    dns_servers: { '--dns': given.dns_servers ?? [] },
    dns_search_domains: { '--dns-search': given.dns_search_domains ?? [] },
    dns_opts: { '--dns-option': given.dns_opts ?? [] },
    privileged: { '--privileged': truth(given.privileged) },
    capabilities: { '--cap-add': given.capabilities ?? [] },
    cap_drop: { '--cap-drop': given.cap_drop ?? [] },
    security_opts: { '--security-opt': given.security_opts ?? [] },
    hostname: { '--hostname': one(given.hostname) },
    domainname: { '--domainname': one(given.domainname) },
    user: { '--user': one(given.user) },
    groups: { '--group-add': given.groups ?? [] },
    working_dir: { '--workdir': one(given.working_dir) },
    pid_mode: { '--pid': one(given.pid_mode) },
    ipc_mode: { '--ipc': one(given.ipc_mode) },
    uts: { '--uts': one(given.uts) },
    userns_mode: { '--userns': one(given.userns_mode) },
    cgroup_parent: { '--cgroup-parent': one(given.cgroup_parent) },
    runtime: { '--runtime': one(given.runtime) },
    init: { '--init': truth(given.init) },
    interactive: { '--interactive': truth(given.interactive) },
    tty: { '--tty': truth(given.tty) },
    read_only: { '--read-only': truth(given.read_only) },
    auto_remove: { '--rm': truth(given.auto_remove) },
    memory: { '--memory': one(given.memory) },
    memory_reservation: { '--memory-reservation': one(given.memory_reservation) },
    memory_swap: { '--memory-swap': one(given.memory_swap) },
    shm_size: { '--shm-size': one(given.shm_size) },
    cpus: { '--cpus': one(given.cpus) },
    cpu_shares: { '--cpu-shares': one(given.cpu_shares) },
    cpuset_cpus: { '--cpuset-cpus': one(given.cpuset_cpus) },
    pids_limit: { '--pids-limit': one(given.pids_limit) },
    oom_score_adj: { '--oom-score-adj': one(given.oom_score_adj) },
    ulimits: { '--ulimit': given.ulimits?.map(limit => limit.replace(':', '=')) ?? [] },
    log_driver: { '--log-driver': one(given.log_driver) },
    log_options: { '--log-opt': pairs(given.log_options) },
    stop_timeout: { '--stop-timeout': one(given.stop_timeout) },
    stop_signal: { '--stop-signal': one(given.stop_signal) },
    entrypoint: { '--entrypoint': given.entrypoint?.slice(0, 1) ?? [] },
  };
};

const commandOf = ({ command, entrypoint }: Args): readonly string[] => {
  const words = command === undefined ? [] : Array.isArray(command) ? command.map(String) : wordsOf(String(command));
  return [...(entrypoint?.slice(1) ?? []), ...words];
};
const lineOf = (given: Args): RunLine => {
  const options = Object.values(translate(given)).flatMap(each => Object.entries(each).filter(([, values]) => values.length > 0));
  return { options: new Map([['--name', [given.name]], ...options]), image: given.image ?? '', command: commandOf(given) };
};

/** Maps and sets may hold more than was asked for; what was not asked for is not compared. */
const LOOSE = new Set(
  'env labels etc_hosts sysctls volumes published_ports exposed_ports devices capabilities cap_drop groups security_opts networks ulimits tmpfs'.split(
    ' ',
  ),
);
const comparisonOf = (given: Args): ((option: string, stated: boolean) => Comparison) => {
  const argumentOf = new Map(
    Object.entries(translate(given)).flatMap(([name, each]) => Object.keys(each).map(option => [option, name] as const)),
  );
  const asked = new Map(Object.entries(given.comparisons ?? {}).map(([name, how]) => [name, comparison(name, how)] as const));
  const isGiven = (name: string): boolean => (given as Readonly<Record<string, unknown>>)[name] !== undefined;
  return (option, stated) => {
    const name = option === 'command' ? 'command' : (argumentOf.get(option) ?? option);
    if (!stated && !isGiven(name)) return 'ignore';
    return asked.get(name) ?? asked.get('*') ?? (name === 'stop_timeout' ? 'ignore' : LOOSE.has(name) ? 'allow_more_present' : 'strict');
  };
};
const comparison = (name: string, how: Plain): Comparison => {
  if (how === 'strict' || how === 'ignore' || how === 'allow_more_present') return how;
  throw new KplayError('E_ARGS', `Unknown comparison mode '${String(how)}' of ${name}: strict, ignore or allow_more_present`);
};

const pullOf = (pull: Plain | undefined): Wanted['pull'] => {
  if (pull === undefined || pull === false || pull === 'missing' || pull === 'no') return 'missing';
  if (pull === true || pull === 'always' || pull === 'yes') return 'always';
  if (pull === 'never') return 'never';
  throw new KplayError('E_ARGS', `pull is missing, always or never, not ${String(pull)}`);
};

export const dockerContainer = definePrepared<Seen, Wanted>()({
  name: 'docker_container',
  collections: ['community.docker'],
  summary: 'Keep a container as its arguments say; what they do not say is left alone.',
  args,
  aliases: { ports: 'published_ports', exposed: 'exposed_ports', expose: 'exposed_ports', log_opt: 'log_options' },
  reach: 'world',
  prepare(given): Wanted {
    const { name, state, recreate, restart, stop_timeout } = given;
    if (given.image === undefined && state !== 'absent')
      throw new KplayError('E_ARGS', 'Cannot create container when image is not specified!', { hint: 'say which image' });
    const line = lineOf(given);
    checkValues(line, name);
    return {
      name,
      line,
      state,
      recreate,
      restart,
      pull: pullOf(given.pull),
      settleSeconds: Math.max(0, Math.round(given.settle)),
      how: comparisonOf(given),
      ...(stop_timeout === undefined ? {} : { stopTimeoutSeconds: stop_timeout }),
    };
  },
  observe,
  analyze,
  act: steps,
  result,
});
