import { type Collector, type Gathered, linesOf } from './collector.ts';
import { distribution, distributionOf } from './distribution.ts';

/** Later names win: where several managers are installed, Ansible takes the last one of its list. */
const PACKAGE_MANAGERS: readonly (readonly [path: string, name: string])[] = [
  ['/usr/bin/rpm-ostree', 'atomic_container'],
  ['/usr/bin/yum', 'dnf'],
  ['/usr/bin/dnf-3', 'dnf'],
  ['/usr/bin/dnf5', 'dnf5'],
  ['/usr/bin/apt-get', 'apt'],
  ['/usr/bin/zypper', 'zypper'],
  ['/usr/sbin/urpmi', 'urpmi'],
  ['/usr/bin/pacman', 'pacman'],
  ['/bin/opkg', 'opkg'],
  ['/sbin/apk', 'apk'],
  ['/usr/bin/emerge', 'portage'],
  ['/usr/bin/xbps-install', 'xbps'],
  ['/usr/bin/swupd', 'swupd'],
];
export const packageManager: Collector = {
  ...distribution,
  name: 'pkg_mgr',
  ids: [],
  exists: [
    ...(distribution.exists ?? []),
    ...PACKAGE_MANAGERS.map(([path]) => path),
    '/run/ostree-booted',
    '/usr/bin/dnf',
    '/usr/bin/microdnf',
  ],
  links: [...(distribution.links ?? []), '/usr/bin/dnf', '/usr/bin/microdnf'],
  run: {
    apt_rpm: '[ -e /usr/bin/rpm ] && [ -e /usr/bin/apt-get ] && /usr/bin/rpm -q --whatprovides /usr/bin/apt-get >/dev/null && echo yes',
  },
  read(host) {
    const family = distributionOf(host).os_family;
    const last = PACKAGE_MANAGERS.findLast(([path]) => host.exists(path))?.[1] ?? 'unknown';
    const name = family === 'RedHat' ? redHat(host) : family === 'Debian' ? 'apt' : last;
    return { pkg_mgr: name === 'apt' && (family === 'Altlinux' || host.output('apt_rpm') === 'yes') ? 'apt_rpm' : name };
  },
};
const redHat = (host: Gathered): string => {
  if (host.exists('/run/ostree-booted')) return 'atomic_container';
  const tool = ['/usr/bin/dnf', '/usr/bin/microdnf'].find(path => host.exists(path));
  if (tool === undefined) return 'unknown';
  return host.link(tool)?.endsWith('dnf5') === true ? 'dnf5' : 'dnf';
};

const SYSTEMD_RUNS = ['/run/systemd/system', '/dev/.run/systemd', '/dev/.systemd'];
export const serviceManager: Collector = {
  ...distribution,
  name: 'service_mgr',
  ids: [],
  files: [...(distribution.files ?? []), '/proc/1/comm'],
  exists: [...(distribution.exists ?? []), ...SYSTEMD_RUNS, '/etc/init', '/sbin/openrc', '/etc/init.d', '/etc/dinit.d'],
  links: [...(distribution.links ?? []), '/sbin/init'],
  run: { systemctl: 'command -v systemctl', initctl: 'command -v initctl' },
  read: host => ({ service_mgr: serviceManagerOf(host) }),
};
const serviceManagerOf = (host: Gathered): string => {
  const named: Readonly<Record<string, string>> = { procd: 'openwrt_init', 'runit-init': 'runit', svscan: 'svc', 'openrc-init': 'openrc' };
  const first = (host.file('/proc/1/comm') ?? host.link('/sbin/init') ?? '').replace(/^.*\//, '');
  // "init" may be anything, and a shell as PID 1 is a container's.
  if (first !== '' && first !== 'init' && !first.endsWith('sh')) return named[first] ?? first;
  if (distributionOf(host).distribution === 'OpenWrt') return 'openwrt_init';
  if (systemdRuns(host)) return 'systemd';
  if (host.output('initctl') !== '' && host.exists('/etc/init')) return 'upstart';
  if (host.exists('/sbin/openrc')) return 'openrc';
  if (host.output('systemctl') !== '' && host.link('/sbin/init')?.endsWith('/systemd') === true) return 'systemd';
  if (host.exists('/etc/init.d')) return 'sysvinit';
  return host.exists('/etc/dinit.d') ? 'dinit' : 'service';
};
const systemdRuns = (host: Gathered): boolean => host.output('systemctl') !== '' && SYSTEMD_RUNS.some(path => host.exists(path));

export const systemd: Collector = {
  name: 'systemd',
  ids: [],
  exists: SYSTEMD_RUNS,
  run: { systemctl: 'command -v systemctl', systemd: 'systemctl --version' },
  read(host) {
    const [version = '', features = ''] = linesOf(host.output('systemd'));
    return systemdRuns(host) && version !== '' ? { systemd: { features, version: Number(version.split(' ')[1]) } } : {};
  },
};
