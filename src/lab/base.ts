import { chmod, mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { sh } from '../shell/sh.ts';
import { mirror } from './archive.ts';
import { keyOf } from './cache.ts';
import type { Lab } from './lab.ts';
import { withLock } from './lock.ts';
import { exists, maySysResource } from './machine.ts';
import { unmountUnder } from './mounts.ts';
import { run } from './run.ts';

export const SUITE = 'bookworm';

/** `usual`: what most machines have, and Docker. `bare`: what boots and answers on port 22, on Debian's smallest system. */
export type BaseKind = 'usual' | 'bare';

const BARE = 'systemd systemd-sysv dbus openssh-server sudo iproute2';
const PACKAGES: Readonly<Record<BaseKind, readonly string[]>> = {
  bare: BARE.split(' '),
  usual: [
    BARE,
    'cron kmod procps acl curl ca-certificates busybox-static',
    'iptables iputils-ping netbase python3-minimal python3-apt python3-requests docker.io',
  ].flatMap(line => line.split(' ')),
};

/** The two users besides root, uid and name; both log in with the lab's key. */
export const USERS = [
  { name: 'ops', uid: 1000, sudoers: 'ops ALL=(ALL) ALL\n' },
  { name: 'nopass', uid: 1001, sudoers: 'nopass ALL=(ALL) NOPASSWD: ALL\n' },
] as const;

/** A host's own keys. None for RSA: making one takes a second. */
export const HOST_KEYS = ['/etc/ssh/ssh_host_ed25519_key', '/etc/ssh/ssh_host_ecdsa_key'] as const;

/** Where a host keeps the program that its boot begins with. */
export const BOOT = '/etc/kplay-lab/boot';

const FILES: Readonly<Record<string, string>> = {
  '/etc/ssh/sshd_config.d/kplay-lab.conf': ['MaxStartups 100:30:200', ...HOST_KEYS.map(path => `HostKey ${path}`), ''].join('\n'),
  '/etc/systemd/system.conf.d/kplay-lab.conf': '[Manager]\nDefaultTimeoutStopSec=5s\n',
  '/etc/systemd/system/kplay-lab.service': `[Unit]
Description=address, writable cgroups and shared mounts, again at every boot
DefaultDependencies=no
Before=network.target sysinit.target containerd.service
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/bin/sh ${BOOT}
[Install]
WantedBy=sysinit.target
`,
  ...Object.fromEntries(USERS.map(({ name, sudoers }) => [`/etc/sudoers.d/${name}`, sudoers])),
};

const SETUP: Readonly<Record<BaseKind, string>> = {
  usual: sh`systemctl --quiet disable docker.service docker.socket containerd.service`,
  // No mirror of Debian's can be reached from the bridge, and apt fails where one of its sources does.
  bare: sh`rm /etc/apt/sources.list`,
};
const SETUP_EVERY = [
  sh`set -eu`,
  ...USERS.map(({ name, uid }) => sh`useradd -m -s /bin/bash -u ${uid} ${name}`),
  sh`echo ops:secret | chpasswd`,
  sh`chmod 440 /etc/sudoers.d/*`,
  sh`systemctl --quiet enable kplay-lab.service`,
  sh`rm -f /etc/ssh/ssh_host_* /etc/resolv.conf /etc/machine-id`,
  sh`touch /etc/resolv.conf`,
  sh`apt-get clean`,
].join('\n');

// Without CAP_SYS_RESOURCE no container may be given it, nor get an oom_score_adj below its parent's: Docker's privileged containers and
// every Kubernetes sandbox ask for that.
const RUNC = sh`#!/bin/sh
bundle=. next=
for arg do
  [ "$next" ] && bundle=$arg next=
  case $arg in -b | --bundle) next=bundle ;; --bundle=*) bundle=$(echo "$arg" | cut -d= -f2-) ;; esac
done
[ ! -f "$bundle/config.json" ] ||
  sed -i 's/"oomScoreAdj":-[0-9]*/"oomScoreAdj":0/; s/"CAP_SYS_RESOURCE",//g; s/,"CAP_SYS_RESOURCE"//g' "$bundle/config.json"
exec /usr/sbin/runc.real "$@"
`;
// Diverted, the wrapper stays in its place when runc is installed or upgraded.
const WRAP_RUNC = sh`dpkg-divert --quiet --local --rename --divert /usr/sbin/runc.real --add /usr/sbin/runc
mv /usr/sbin/runc.wrapper /usr/sbin/runc
chmod 755 /usr/sbin/runc`;

/**
 * The file system that hosts are overlays of. Made once and kept under a name that is the hash of all that went into it; another
 * recipe gives another base.
 */
export const baseSystem = async (lab: Lab, kind: BaseKind, progress: (line: string) => void): Promise<string> => {
  const wrapped = !(await maySysResource());
  const recipe = {
    packages: PACKAGES[kind],
    files: wrapped ? { ...FILES, '/usr/sbin/runc.wrapper': RUNC } : FILES,
    setup: [SETUP_EVERY, SETUP[kind], ...(wrapped ? [WRAP_RUNC] : [])].join('\n'),
  };
  const base = join(lab.cacheDir, `base-${keyOf([SUITE, recipe])}`);
  if (await exists(base)) return base;
  return withLock(lab.cacheDir, async () => {
    progress(`building the ${kind} base system, ${SUITE} with ${recipe.packages.length} packages (once, a minute or two)`);
    await build(lab, base, recipe);
    return base;
  });
};

interface Recipe {
  readonly packages: readonly string[];
  readonly files: Readonly<Record<string, string>>;
  /** Run in the system when everything else is there. */
  readonly setup: string;
}
const build = async (lab: Lab, base: string, { packages, files, setup }: Recipe): Promise<void> => {
  const debs = join(lab.cacheDir, 'debs');
  await mkdir(debs, { recursive: true });
  await forgetUnfinished(lab);
  const unfinished = await mkdtemp(join(lab.cacheDir, UNFINISHED));
  // mkdtemp gives 0700, and the hosts' / must let every user in.
  await chmod(unfinished, 0o755);
  await run('debootstrap', [
    '--variant=minbase',
    `--cache-dir=${debs}`,
    `--include=${packages.join(',')}`,
    SUITE,
    unfinished,
    await mirror(),
  ]);
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(unfinished, path)), { recursive: true });
    await writeFile(join(unfinished, path), text);
  }
  await run('chroot', [unfinished, '/bin/sh', '-c', setup]);
  await unmountUnder(unfinished);
  await rename(unfinished, base);
};

const UNFINISHED = 'unfinished-';
const forgetUnfinished = async ({ cacheDir }: Lab): Promise<void> => {
  for (const name of await readdir(cacheDir)) {
    if (!name.startsWith(UNFINISHED)) continue;
    await unmountUnder(join(cacheDir, name));
    await rm(join(cacheDir, name), { recursive: true });
  }
};
