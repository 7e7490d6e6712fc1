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

const SUITE = 'bookworm';
const PACKAGES = [
  'systemd systemd-sysv dbus openssh-server sudo cron kmod procps acl curl ca-certificates busybox-static',
  'iproute2 iptables iputils-ping netbase python3-minimal python3-apt python3-requests docker.io',
].flatMap(line => line.split(' '));

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

const SETUP = [
  sh`set -eu`,
  ...USERS.map(({ name, uid }) => sh`useradd -m -s /bin/bash -u ${uid} ${name}`),
  sh`echo ops:secret | chpasswd`,
  sh`chmod 440 /etc/sudoers.d/*`,
  sh`systemctl --quiet disable docker.service docker.socket containerd.service`,
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
const WRAP_RUNC = sh`cd /usr/sbin; mv runc runc.real; mv runc.wrapper runc; chmod 755 runc`;

/**
 * The file system that every host is an overlay of. Made once and kept under a name that is the hash of all that went into it; another
 * recipe gives another base.
 */
export const baseSystem = async (lab: Lab, progress: (line: string) => void): Promise<string> => {
  const wrapped = !(await maySysResource());
  const files = wrapped ? { ...FILES, '/usr/sbin/runc.wrapper': RUNC } : FILES;
  const setup = wrapped ? `${SETUP}\n${WRAP_RUNC}` : SETUP;
  const base = join(lab.cacheDir, `base-${keyOf([SUITE, PACKAGES, files, setup])}`);
  if (await exists(base)) return base;
  return withLock(lab.cacheDir, async () => {
    progress(`building the base system, ${SUITE} with ${PACKAGES.length} packages (once, a minute or two)`);
    await build(lab, base, files, setup);
    return base;
  });
};

const build = async (lab: Lab, base: string, files: Readonly<Record<string, string>>, setup: string): Promise<void> => {
  const debs = join(lab.cacheDir, 'debs');
  await mkdir(debs, { recursive: true });
  await forgetUnfinished(lab);
  const unfinished = await mkdtemp(join(lab.cacheDir, UNFINISHED));
  // mkdtemp gives 0700, and the hosts' / must let every user in.
  await chmod(unfinished, 0o755);
  await run('debootstrap', [
    '--variant=minbase',
    `--cache-dir=${debs}`,
    `--include=${PACKAGES.join(',')}`,
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
