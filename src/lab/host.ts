import { randomUUID } from 'node:crypto';
import { appendFile, chmod, chown, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { sh } from '../shell/sh.ts';
import { BOOT, HOST_KEYS, USERS } from './base.ts';
import { makeKey } from './keys.ts';
import type { Host, Lab } from './lab.ts';
import { keyOf, registryOf } from './lab.ts';
import { exists } from './machine.ts';
import { mountsUnder } from './mounts.ts';
import { run } from './run.ts';

/** Folders of a host that lie on the machine's own file system: container engines cannot work on an overlay. */
export const DATA = ['docker', 'containerd', 'kubelet'] as const;

/** Makes a host's file system, a writable layer over the base; one that was made before is only mounted again, over the base it knows. */
export const prepareHost = async (lab: Lab, host: Host, base: string): Promise<void> => {
  const madeOf = join(host.dir, 'base');
  const isNew = !(await exists(madeOf));
  for (const name of ['upper', 'work', 'root', ...DATA]) await mkdir(join(host.dir, name), { recursive: true });
  if ((await mountsUnder(host.root)).length === 0) await mountRoot(host, isNew ? base : await readFile(madeOf, 'utf8'));
  if (!isNew) return;
  await individualize(lab, host);
  await writeFile(madeOf, base);
};

/**
 * All hosts share the machine's disk, where one that syncs (etcd, ten times a second) waits for what the others write, so none of them does: they
 * are there to be thrown away, and survive all but a crash of the machine. The kernel mounts such an overlay a second time only for who knows that.
 */
const mountRoot = async ({ dir, root }: Host, base: string): Promise<void> => {
  await rm(join(dir, 'work', 'work', 'incompat'), { recursive: true, force: true });
  const layers = `lowerdir=${base},upperdir=${join(dir, 'upper')},workdir=${join(dir, 'work')},volatile`;
  await run('mount', ['-t', 'overlay', 'overlay', '-o', layers, root]);
};

/** What no two hosts may share. */
const individualize = async (lab: Lab, host: Host): Promise<void> => {
  const docker = { '/etc/docker/daemon.json': `${JSON.stringify({ 'insecure-registries': [registryOf(lab)] })}\n` };
  const files = {
    '/etc/hostname': `${host.name}\n`,
    '/etc/machine-id': `${randomUUID().replaceAll('-', '')}\n`,
    '/etc/hosts': `127.0.0.1 localhost\n::1 localhost\n`,
    [BOOT]: bootScript(lab, host),
    ...((await exists(join(host.root, 'usr/sbin/dockerd'))) ? docker : {}),
  };
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(host.root, path)), { recursive: true });
    await writeFile(join(host.root, path), text);
  }
  for (const path of HOST_KEYS) await makeKey(join(host.root, path), `root@${host.name}`);
  const key = await readFile(`${keyOf(lab)}.pub`, 'utf8');
  await authorize(join(host.root, 'root'), 0, key);
  for (const { name, uid } of USERS) await authorize(join(host.root, 'home', name), uid, key);
};

/** Makes the hosts know each other's names, without touching what someone else wrote into their /etc/hosts. */
export const introduce = async (hosts: readonly Host[]): Promise<void> => {
  for (const { root } of hosts) {
    const file = join(root, 'etc/hosts');
    const known = (await readFile(file, 'utf8')).split('\n');
    const missing = hosts.map(({ address, name }) => `${address} ${name}`).filter(line => !known.includes(line));
    if (missing.length > 0) await appendFile(file, `${missing.join('\n')}\n`);
  }
};

const authorize = async (home: string, uid: number, key: string): Promise<void> => {
  const folder = join(home, '.ssh');
  const file = join(folder, 'authorized_keys');
  await mkdir(folder, { recursive: true });
  await writeFile(file, key);
  await chmod(folder, 0o700);
  await chmod(file, 0o600);
  for (const path of [folder, file]) await chown(path, uid, uid);
};

// systemd-nspawn mounts control groups and sysctls read-only, and no mount shared; Docker needs the contrary.
const bootScript = (lab: Lab, { address }: Host): string => sh`set -eu
ip address replace ${address}/${lab.prefix} dev host0
ip link set host0 up
ip route replace default via ${lab.gateway}
while read -r _ at _; do
  case $at in /sys/fs/cgroup* | /proc/sys) mount -o remount,bind,rw "$at" ;; esac
done </proc/mounts
mount --make-rshared /
`;
