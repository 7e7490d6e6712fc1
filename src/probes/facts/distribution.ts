import type { Fields } from '../../model/module.ts';
import { type Collector, type Gathered, known, linesOf, strip } from './collector.ts';

/**
 * Which Linux this is: ansible-core's module_utils/facts/system/distribution.py, with what it takes from the `distro` library. The first
 * file whose reader knows it decides.
 */
interface Found {
  readonly name?: string | undefined;
  readonly version?: string | undefined;
  readonly major?: string | undefined;
  readonly minor?: string | undefined;
  readonly release?: string | undefined;
  readonly searched?: string;
}
interface Reader {
  readonly path: string;
  readonly variety: string;
  /** Undefined: this file says nothing of this distribution. */
  read(text: string, host: Gathered): Found | undefined;
}

const first = (text: string, pattern: RegExp): string | undefined => pattern.exec(text)?.[1];
const majorOf = (version: string | undefined): string | undefined => version?.split('.')[0];

const named =
  (variety: string, search: string) =>
  (text: string): Found =>
    text.includes(search) ? { name: variety, searched: search } : { name: text.split(/\s+/)[0] };

const quotedVersion = (text: string): string | undefined => first(text, /VERSION_ID="(.*)"/);
const withVersion = (name: string, version: string | undefined, release: string | undefined): Found => ({
  name,
  version,
  major: majorOf(version),
  release,
});

/** The Debian family by a word in its os-release; what is not said comes from os-release. */
const debian = (text: string, host: Gathered): Found | undefined => {
  const has = (word: string): boolean => text.includes(word);
  if (has('Debian') || has('Raspbian')) {
    const minor = first(host.file('/etc/debian_version') ?? '', /\d+\.(\d+)/);
    return { name: 'Debian', release: first(text, /PRETTY_NAME=[^(]+ \(?([^)]+?)\)/), minor };
  }
  if (has('Ubuntu')) return { name: 'Ubuntu' };
  if (has('SteamOS')) return { name: 'SteamOS' };
  if (has('Kali')) return { name: 'Kali', release: first(text, /DISTRIB_RELEASE=(.*)/) };
  if (has('Parrot')) return { name: 'Parrot', release: first(text, /DISTRIB_RELEASE=(.*)/) };
  const version = quotedVersion(text);
  if (has('Devuan')) {
    const release = first(text, /PRETTY_NAME="?[^("]+ \(?([^) "]+)\)?/);
    return { name: 'Devuan', version, major: version, release };
  }
  if (has('Cumulus')) return withVersion('Cumulus Linux', first(text, /VERSION_ID=(.*)/), first(text, /VERSION="(.*)"/));
  if (has('Mint')) return withVersion('Linux Mint', version, undefined);
  const codename = first(text, /VERSION_CODENAME="?([^"\n]+)"?/);
  if (/uos/i.test(text)) return withVersion('Uos', version, codename);
  return /deepin/i.test(text) ? withVersion('Deepin', version, codename) : undefined;
};

const suse = (text: string, host: Gathered): Found | undefined => {
  if (!/suse/i.test(text)) return undefined;
  const version = first(text, /^VERSION_ID="?([0-9]+\.?[0-9]*)"?/m);
  const minor = first(text, /^VERSION_ID="?[0-9]+\.?([0-9]*)"?/m);
  const sap = host.link('/etc/products.d/baseproduct')?.endsWith('SLES_SAP.prod') ?? false;
  const name = sap ? 'SLES_SAP' : strip(first(text, /^NAME=(.*)/m) ?? '', '"');
  const release = /open/i.test(text) ? minor : /enterprise/i.test(text) ? minor || '0' : undefined;
  return { name: name === '' ? undefined : name, version, major: majorOf(version), release };
};

const amazon = (text: string): Found | undefined => {
  if (!text.includes('Amazon')) return undefined;
  const version = quotedVersion(text) ?? first(text, /(?:^|\s)(\d+)(?:\s|$)/);
  if (version === undefined) return { name: 'Amazon', version: 'NA' };
  const [major = '', minor = 'NA'] = version.split('.');
  return { name: 'Amazon', version, major, minor };
};

const flatcar = (text: string, host: Gathered): Found | undefined => {
  const version = first(text, /VERSION=(.*)/);
  return osRelease(host)['id'] === 'flatcar' && version !== undefined
    ? { version: strip(version, '"'), major: majorOf(strip(version, '"')) }
    : undefined;
};

const clear = (text: string): Found | undefined => {
  const name = first(text, /NAME="(.*)"/);
  if (name !== undefined && !name.includes('Clear Linux')) return undefined;
  const version = first(text, /VERSION_ID=(.*)/);
  return { name, version, major: version, release: first(text, /ID=(.*)/) };
};

const unknown = (text: string, host: Gathered): Found => {
  const version = first(text, /^VERSION=(.*)/m);
  const name = first(text, /^NAME=(.*)/m);
  return {
    name: name === undefined ? undefined : strip(name, '"'),
    version: version !== undefined && guess(host).version === 'NA' ? strip(version, '"') : undefined,
  };
};

const centos = (text: string): Found | undefined => {
  if (text.includes('CentOS Stream')) return { release: 'Stream' };
  return text.includes('TencentOS Server') ? { name: 'TencentOS' } : undefined;
};

const openWrt = (text: string): Found | undefined =>
  text.includes('OpenWrt')
    ? { version: first(text, /DISTRIB_RELEASE="(.*)"/), release: first(text, /DISTRIB_CODENAME="(.*)"/) }
    : undefined;

const OS_RELEASE = '/etc/os-release';
const READERS: readonly Reader[] = [
  { path: '/etc/altlinux-release', variety: 'Altlinux', read: named('Altlinux', 'ALT') },
  { path: '/etc/oracle-release', variety: 'OracleLinux', read: named('OracleLinux', 'Oracle Linux') },
  { path: '/etc/centos-release', variety: 'CentOS', read: centos },
  { path: '/etc/redhat-release', variety: 'RedHat', read: named('RedHat', 'Red Hat') },
  { path: '/etc/openwrt_release', variety: 'OpenWrt', read: openWrt },
  { path: OS_RELEASE, variety: 'Amazon', read: amazon },
  { path: '/etc/system-release', variety: 'Amazon', read: amazon },
  { path: '/etc/alpine-release', variety: 'Alpine', read: version => ({ version }) },
  { path: '/etc/arch-release', variety: 'Archlinux', read: () => ({}) },
  { path: OS_RELEASE, variety: 'Archlinux', read: text => (text.includes('Arch Linux') ? {} : undefined) },
  { path: OS_RELEASE, variety: 'SUSE', read: suse },
  { path: '/etc/gentoo-release', variety: 'Gentoo', read: () => undefined },
  { path: OS_RELEASE, variety: 'Debian', read: debian },
  { path: '/etc/lsb-release', variety: 'Debian', read: debian },
  { path: '/usr/lib/os-release', variety: 'ClearLinux', read: clear },
  { path: OS_RELEASE, variety: 'Flatcar', read: flatcar },
  { path: OS_RELEASE, variety: 'NA', read: unknown },
];

const FAMILIES: readonly (readonly [family: string, names: readonly string[]])[] = [
  [
    'RedHat',
    'RedHat,RHEL,Fedora,CentOS,Scientific,SLC,Ascendos,CloudLinux,PSBM,OracleLinux,OVS,OEL,Amazon,Amzn,Virtuozzo,XenServer,Alibaba,EulerOS,openEuler,AlmaLinux,Rocky,TencentOS,EuroLinux,Kylin Linux Advanced Server,MIRACLE'.split(
      ',',
    ),
  ],
  [
    'Debian',
    'Debian,Ubuntu,Raspbian,Neon,KDE neon,Linux Mint,SteamOS,Devuan,Kali,Cumulus Linux,Pop!_OS,Parrot,Pardus GNU/Linux,Uos,Deepin,OSMC'.split(
      ',',
    ),
  ],
  ['Suse', 'SuSE,SLES,SLED,openSUSE,openSUSE Tumbleweed,SLES_SAP,SUSE_LINUX,openSUSE Leap,ALP-Dolomite,SL-Micro'.split(',')],
  ['Archlinux', ['Archlinux', 'Antergos', 'Manjaro']],
  ['Gentoo', ['Gentoo', 'Funtoo']],
  ['ClearLinux', ['Clear Linux OS', 'Clear Linux Mix']],
];

/** os-release(5) as key and unquoted value, keys in lower case. */
const osRelease = (host: Gathered): Readonly<Record<string, string>> =>
  Object.fromEntries(
    linesOf(host.file(OS_RELEASE) ?? host.file('/usr/lib/os-release'))
      .map(line => /^([A-Z_0-9]+)=(.*)$/.exec(line.trim()))
      .filter(match => match !== null)
      .map(([, key = '', value = '']) => [key.toLowerCase(), strip(value, `"'`).replace(/\\([$`"'\\])/g, '$1')]),
  );

/** `Name release 7.9.2009 (Core)`, as the release files of the Red Hat family have it. */
const releaseFile = (host: Gathered): { readonly version?: string | undefined; readonly codename?: string | undefined } => {
  const text = host.file('/etc/centos-release') ?? host.file('/etc/redhat-release') ?? host.file('/etc/system-release') ?? '';
  return { version: first(text, /release (\d[\d.]*)/), codename: first(text, /\(([^)]+)\)/) };
};

const guess = (host: Gathered): { readonly name: string; readonly version: string; readonly release: string } => {
  const info = osRelease(host);
  const release = releaseFile(host);
  const id = info['id'] ?? '';
  const plain = info['version_id'] ?? release.version ?? '';
  const precise = id === 'centos' ? release.version : id === 'debian' ? host.file('/etc/debian_version') : undefined;
  const dots = (text: string): number => text.split('.').length;
  const best = precise !== undefined && (plain === '' || dots(precise) > dots(plain)) ? precise : plain;
  const version = id === 'centos' ? best.split('.').slice(0, 2).join('.') : best;
  const names: Readonly<Record<string, string>> = { amzn: 'Amazon', rhel: 'Redhat', '': 'OtherLinux' };
  return {
    name: names[id] ?? id.charAt(0).toUpperCase() + id.slice(1),
    version: version === '' ? 'NA' : version,
    release: info['version_codename'] ?? info['ubuntu_codename'] ?? release.codename ?? 'NA',
  };
};

/** distribution, distribution_*, os_family. */
export const distributionOf = (host: Gathered): Fields & { readonly distribution: string; readonly os_family: string } => {
  const guessed = guess(host);
  const base = {
    distribution: guessed.name,
    distribution_version: guessed.version,
    distribution_release: guessed.release,
    distribution_major_version: majorOf(guessed.version) || 'NA',
  };
  for (const { path, variety, read } of READERS) {
    const text = host.file(path) ?? (path === '/etc/arch-release' && host.exists(path) ? '' : undefined);
    const found = text === undefined ? undefined : read(strip(text, `'"\\`), host);
    if (found === undefined) continue;
    const facts = {
      ...base,
      ...known({
        distribution: found.name ?? variety,
        distribution_version: found.version,
        distribution_major_version: found.major,
        distribution_minor_version: found.minor,
        distribution_release: found.release,
        distribution_file_search_string: found.searched,
        distribution_file_path: path,
        distribution_file_variety: variety,
        distribution_file_parsed: path === '/etc/arch-release' ? undefined : true,
      }),
    };
    return { ...facts, os_family: familyOf(facts.distribution) };
  }
  return { ...base, os_family: familyOf(base.distribution) };
};
const familyOf = (name: string): string => FAMILIES.find(([, names]) => names.includes(name))?.[0] ?? name;

export const distribution: Collector = {
  name: 'distribution',
  ids: ['distribution_version', 'distribution_release', 'distribution_major_version', 'os_family'],
  files: [...new Set(READERS.map(({ path }) => path)), '/etc/debian_version'],
  exists: ['/etc/arch-release'],
  links: ['/etc/products.d/baseproduct'],
  read: distributionOf,
};
