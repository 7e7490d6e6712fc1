import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { KplayError } from '../model/errors.ts';
import { baseSystem } from './base.ts';
import { raiseBridge, removeBridge } from './bridge.ts';
import { introduce, prepareHost } from './host.ts';
import type { ImageSet } from './images.ts';
import { images as buildImages } from './images.ts';
import { inventoryIni, writeInventory } from './inventory.ts';
import { makeKey } from './keys.ts';
import type { Host, Lab } from './lab.ts';
import { hostOf, keyOf, labHere } from './lab.ts';
import { withLock } from './lock.ts';
import { exists, requireMachine } from './machine.ts';
import { unmountUnder } from './mounts.ts';
import { packagesService, servePackages } from './packages.ts';
import { registryService, startRegistry } from './registry.ts';
import { stopServing } from './service.ts';
import { sshTo, untilReady } from './ssh.ts';
import { isRunning, startHost, stopHost } from './supervisor.ts';

export type { ImageSet } from './images.ts';
export type { Host, Lab } from './lab.ts';
export { inventoryOf, labHere, registryOf } from './lab.ts';

/** Takes one line for people each time something took a while. */
export type Progress = (line: string) => void;

export interface UpOptions {
  /** How many hosts. */
  readonly count: number;
  /** Number of the first one; 1 if not given. */
  readonly from?: number;
  /** A container engine in each of these hosts, and an image registry beside them. */
  readonly docker?: boolean;
  readonly registry?: boolean;
  /** Hosts that are new have the smallest system that a login is possible to, without Docker. */
  readonly bare?: boolean;
}

/**
 * Boots the hosts that are not up yet and returns when all have booted. Fails with E_LAB on a machine that cannot hold them; what is up by
 * then stays up, `down` removes it.
 */
export const up = async (options: UpOptions, progress: Progress, lab: Lab = labHere()): Promise<readonly Host[]> => {
  const { count, from = 1, docker = false, registry = docker, bare = false } = options;
  if (!Number.isInteger(count) || count < 1) throw new KplayError('E_USAGE', `a lab has at least one host, not ${count}`);
  const wanted = Array.from({ length: count }, (_, i) => hostOf(lab, from + i));
  await requireMachine([...NEEDED, ...(registry ? (['docker-registry'] as const) : [])]);
  return withLock(lab.dir, async () => {
    const base = await baseSystem(lab, bare ? 'bare' : 'usual', progress);
    await mkdir(lab.dir, { recursive: true });
    await makeKey(keyOf(lab), 'kplay-lab');
    await raiseBridge(lab);
    if (registry) await startRegistry(lab);
    await Promise.all(wanted.map(({ dir }) => mkdir(dir, { recursive: true })));
    const hosts = await hostsOf(lab);
    await Promise.all(hosts.map(host => prepareHost(lab, host, base)));
    await introduce(hosts);
    await writeInventory(lab, hosts);
    await Promise.all(wanted.map(host => boot(lab, host, docker, progress)));
    return wanted;
  });
};

const NEEDED = ['systemd-nspawn', 'debootstrap', 'ssh-keygen', 'ssh', 'ip', 'iptables'] as const;

const boot = async (lab: Lab, host: Host, docker: boolean, progress: Progress): Promise<void> => {
  const startedAt = performance.now();
  if (!(await isRunning(host))) await startHost(lab, host);
  await untilReady(lab, host, docker);
  progress(`${host.name} ${host.address} is up (${((performance.now() - startedAt) / 1000).toFixed(1)} s)`);
};

/** Stops everything of the lab and removes it; only the cache stays. Does nothing where no lab is. */
export const down = async (progress: Progress, lab: Lab = labHere()): Promise<void> => {
  await requireMachine(['ip', 'iptables']);
  await withLock(lab.dir, async () => {
    const hosts = await hostsOf(lab);
    await Promise.all(hosts.map(stopHost));
    await Promise.all([registryService(lab), packagesService(lab)].map(stopServing));
    await removeBridge(lab);
    await unmountUnder(lab.dir);
    await rm(lab.dir, { recursive: true, force: true });
    progress(hosts.length === 0 ? 'no lab was up' : `${hosts.map(({ name }) => name).join(', ')} are gone`);
  });
};

export interface Listed extends Host {
  readonly running: boolean;
}

/** The lab's hosts in the order of their numbers. */
export const list = async (lab: Lab = labHere()): Promise<readonly Listed[]> => {
  const hosts = await hostsOf(lab);
  return Promise.all(hosts.map(async host => ({ ...host, running: await isRunning(host) })));
};

/** All that a folder was made for, those of an interrupted `up` included. */
const hostsOf = async (lab: Lab): Promise<readonly Host[]> => {
  const folder = join(lab.dir, 'hosts');
  const names = (await exists(folder)) ? await readdir(folder) : [];
  const numbers = names
    .filter(name => /^h\d+$/.test(name))
    .map(name => Number(name.slice(1)))
    .toSorted((a, b) => a - b);
  return numbers.map(number => hostOf(lab, number));
};

/** The command line that logs in to a host of the lab, given as `h1` or `1`, as root. */
export const sshCommand = async (name: string, command: readonly string[], lab: Lab = labHere()): Promise<readonly string[]> => {
  const hosts = await hostsOf(lab);
  const host = hosts.find(one => one.name === name || String(one.number) === name);
  if (!host)
    throw new KplayError('E_LAB', `the lab has no host ${name}`, { hint: hosts.length === 0 ? 'kplay lab up 3' : 'kplay lab list' });
  return sshTo(lab, host, command);
};

/** The lab as an inventory; the same text lies in the file `inventoryOf(lab)`. */
export const inventoryText = async (lab: Lab = labHere()): Promise<string> => inventoryIni(lab, await hostsOf(lab));

/**
 * Builds a set of images and puts them into the lab's registry; gives their names. `etcd` is etcd in two versions and a broken one, and
 * busybox; `kubernetes` all that a cluster needs, compiled from Go modules once.
 */
export const images = (progress: Progress, set: ImageSet = 'etcd', lab: Lab = labHere()): Promise<readonly string[]> =>
  buildImages(lab, set, progress);

/**
 * Builds, once, a repository of Debian packages that has Docker and all that a bare host lacks for it, serves it on the bridge, and gives its URL.
 * It is flat and not signed (sources.list(5)).
 */
export const packages = (progress: Progress, lab: Lab = labHere()): Promise<string> => servePackages(lab, progress);
