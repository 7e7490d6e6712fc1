import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { GoPrograms } from '../go.ts';
import type { Recipe } from '../recipe.ts';
import { BUSYBOX } from '../recipe.ts';

// Versions: what the module proxy offers and Debian 12 has. flannel after 0.26.7 needs a module that the proxy lacks.
const ETCD = ['3.5.35', '3.6.16'] as const;
const KUBERNETES = ['1.33.13', '1.34.4'] as const;
const FLANNEL = '0.26.7';
const COREDNS = '1.14.7';

/** Images of all that a cluster needs, the machine's own packages apart. */
export const kubernetesRecipes = async (): Promise<readonly Recipe[]> => [
  ...ETCD.map(etcd),
  coredns(await sourceOf('coredns.go')),
  FLANNELD,
  PAUSE,
  CNI,
  HAPROXY,
  KEEPALIVED,
  WEB,
  ...KUBERNETES.map(hyperkube(await sourceOf('hyperkube.go'))),
];

/** Text of a Go program of our own; the build copies them to where it puts this. */
const sourceOf = (name: string): Promise<string> => readFile(join(import.meta.dirname, name), 'utf8');

const BIN = '/usr/local/bin';

const goImage = (name: string, tag: string, go: GoPrograms): Recipe => ({
  ...BUSYBOX,
  repository: `root/${name}`,
  tag,
  go,
  command: [join(BIN, Object.keys(go.packages)[0] ?? name)],
});

const etcd = (version: string): Recipe =>
  goImage('etcd', version, {
    module: 'go.etcd.io/etcd/server/v3',
    version: `v${version}`,
    siblings: ['go.etcd.io/etcd/etcdctl/v3', 'go.etcd.io/etcd/etcdutl/v3'],
    packages: { etcd: 'go.etcd.io/etcd/server/v3', etcdctl: 'go.etcd.io/etcd/etcdctl/v3', etcdutl: 'go.etcd.io/etcd/etcdutl/v3' },
  });

const coredns = (main: string): Recipe =>
  goImage('coredns', COREDNS, { module: 'github.com/coredns/coredns', version: `v${COREDNS}`, packages: { coredns: '.' }, main });

// iptables and what it is linked against; which of its two implementations is meant, a host's postinst decides, here the links do.
const IPTABLES = {
  packages: 'libc6 iptables netbase libip4tc2 libip6tc2 libxtables12 libmnl0 libnftnl11 libnfnetlink0 libnetfilter-conntrack3'.split(' '),
  links: Object.fromEntries(
    ['iptables', 'ip6tables'].flatMap(name => ['', '-save', '-restore'].map(suffix => [`/usr/sbin/${name}${suffix}`, 'xtables-nft-multi'])),
  ),
};

const FLANNELD: Recipe = {
  ...goImage('flannel', FLANNEL, {
    module: 'github.com/flannel-io/flannel',
    version: `v${FLANNEL}`,
    packages: { flanneld: 'github.com/flannel-io/flannel' },
    variables: { 'github.com/flannel-io/flannel/pkg/version.Version': `v${FLANNEL}` },
    // Its backend for UDP.
    cgo: true,
  }),
  packages: [...BUSYBOX.packages, ...IPTABLES.packages],
  links: IPTABLES.links,
};

const COMMANDS = ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kubelet', 'kube-proxy', 'kubectl'];

const hyperkube =
  (main: string) =>
  (version: string): Recipe => {
    const [major = '', minor = '', patch = ''] = version.split('.');
    return {
      ...goImage('hyperkube', `v${version}`, {
        module: 'k8s.io/kubernetes',
        version: `v${version}`,
        staging: `v0.${minor}.${patch}`,
        packages: { hyperkube: '.' },
        main,
        variables: {
          'k8s.io/component-base/version.gitVersion': `v${version}`,
          'k8s.io/component-base/version.gitMajor': major,
          'k8s.io/component-base/version.gitMinor': minor,
          'k8s.io/client-go/pkg/version.gitVersion': `v${version}`,
        },
      }),
      // kubelet mounts volumes, kube-proxy writes rules and forgets connections.
      packages: [...BUSYBOX.packages, ...IPTABLES.packages, 'conntrack', 'mount', ...MOUNT_LIBRARIES],
      links: { ...IPTABLES.links, ...Object.fromEntries(COMMANDS.map(name => [join(BIN, name), 'hyperkube'])) },
    };
  };
const MOUNT_LIBRARIES = ['libmount1', 'libblkid1', 'libsmartcols1', 'libselinux1', 'libpcre2-8-0'];

/** Holds a pod's namespaces: waits for a signal, and for the processes that lost their parents. */
const PAUSE: Recipe = {
  ...BUSYBOX,
  repository: 'root/pause',
  tag: '3.10',
  scripts: { [`${BIN}/pause`]: "#!/bin/sh\ntrap 'exit 0' TERM INT\nwhile :; do sleep 1d & wait $!; done\n" },
  command: [`${BIN}/pause`],
};

/** Network plugins, to be copied onto hosts that lack the package. */
const CNI: Recipe = {
  ...BUSYBOX,
  repository: 'root/cni-plugins',
  tag: '1.1.1',
  packages: [...BUSYBOX.packages, 'libc6', 'containernetworking-plugins=1.1.1*'],
  command: ['/bin/ls', '/usr/lib/cni'],
};

const HAPROXY: Recipe = {
  ...BUSYBOX,
  repository: 'root/haproxy',
  tag: '2.6.12',
  packages: [
    ...BUSYBOX.packages,
    'haproxy=2.6.12*',
    ...'libc6 libcap2 libcrypt1 libgcc-s1 libgcrypt20 libgpg-error0 liblua5.3-0 liblz4-1 liblzma5'.split(' '),
    ...'libopentracing-c-wrapper0 libopentracing1 libpcre2-8-0 libssl3 libstdc++6 libsystemd0 libzstd1'.split(' '),
  ],
  command: ['/usr/sbin/haproxy', '-W', '-db', '-f', '/etc/haproxy/haproxy.cfg'],
};

const KEEPALIVED: Recipe = {
  ...BUSYBOX,
  repository: 'root/keepalived',
  tag: '2.2.7',
  packages: [
    ...BUSYBOX.packages,
    'keepalived=1:2.2.7*',
    ...'libc6 libblkid1 libcap2 libcom-err2 libcrypt1 libffi8 libgcrypt20 libglib2.0-0 libgpg-error0 libgssapi-krb5-2'.split(' '),
    ...'libk5crypto3 libkeyutils1 libkrb5-3 libkrb5support0 liblz4-1 liblzma5 libmnl0 libmount1 libnftnl11 libnl-3-200'.split(' '),
    ...'libnl-genl-3-200 libnsl2 libpci3 libpcre2-8-0 libperl5.36 libselinux1 libsensors5 libsnmp40 libssl3'.split(' '),
    ...'libsystemd0 libtirpc3 libudev1 libwrap0 libzstd1 zlib1g'.split(' '),
  ],
  command: ['/usr/sbin/keepalived', '--dont-fork', '--log-console'],
};

/** A server that tells its own name, on port 8080. */
const WEB: Recipe = {
  ...BUSYBOX,
  repository: 'root/web',
  tag: '1',
  scripts: { [`${BIN}/web`]: '#!/bin/sh\nmkdir -p /www\nhostname >/www/index.html\nexec httpd -f -p 8080 -h /www\n' },
  command: [`${BIN}/web`],
};
