import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sh } from '../shell/sh.ts';
import { cgroupsFor, isSystemdMachine, makeCgroups, removeCgroups } from './cgroup.ts';
import { DATA } from './host.ts';
import type { Host, Lab } from './lab.ts';
import { exists } from './machine.ts';
import { childrenOf, detach, kill, processesWith } from './processes.ts';
import { until } from './wait.ts';

// The words by which the two processes of a host are known on the machine.
const supervisorWord = (host: Host): string => `kplay-lab:${host.dir}`;
const nspawnWord = (host: Host): string => `--directory=${host.root}`;

export const isRunning = async (host: Host): Promise<boolean> => (await processesWith(nspawnWord(host))).length > 0;

/** Boots a host under a process of its own, which outlives this one and boots the host again whenever it asks for a reboot. */
export const startHost = async (lab: Lab, host: Host): Promise<void> => {
  await leaveCgroups(host);
  const cgroups = await cgroupsFor(host.machine);
  await writeFile(recordOf(host), JSON.stringify(cgroups));
  await makeCgroups(cgroups);
  await detach(['/bin/sh', '-c', supervise(cgroups), supervisorWord(host), ...(await nspawn(lab, host))], join(host.dir, 'log'));
};

// systemd-nspawn(1): under --keep-unit it leaves with 133 when the host reboots. A machine that boots has no control groups of containers that
// ran before, for each of which a kubelet would wait three seconds; the kernel lets go of them some moments after their last process.
const supervise = (cgroups: readonly string[]): string => sh`
for folder in ${cgroups}; do echo $$ >"$folder/cgroup.procs" || exit; done
below() { for folder in ${cgroups}; do find "$folder" -mindepth 1 -depth -type d "$@"; done; }
while "$@"; [ $? = 133 ]; do
  tries=50
  while [ $tries -gt 0 ] && [ -n "$(below)" ]; do
    below -exec rmdir {} ';' 2>/dev/null
    sleep 0.1
    tries=$((tries - 1))
  done
done
`;

const nspawn = async (lab: Lab, host: Host): Promise<readonly string[]> => [
  'systemd-nspawn',
  '--quiet',
  '--boot',
  nspawnWord(host),
  `--machine=${host.machine}`,
  `--hostname=${host.name}`,
  '--register=no',
  ...((await isSystemdMachine()) ? [] : ['--keep-unit']),
  `--network-bridge=${lab.bridge}`,
  '--capability=all',
  '--system-call-filter=@keyring bpf',
  ...DATA.map(name => `--bind=${join(host.dir, name)}:/var/lib/${name}`),
  '--bind=/dev/kmsg',
  '--resolv-conf=off',
  '--console=pipe',
];

/** Pulls the plug; a stopped host is left as it is. */
export const stopHost = async (host: Host): Promise<void> => {
  await until(`stopping ${host.name}`, 20_000, async () => {
    const supervisors = await processesWith(supervisorWord(host));
    for (const pid of supervisors) kill(pid, 'SIGKILL');
    const nspawns = (await processesWith(nspawnWord(host))).filter(pid => !supervisors.includes(pid));
    // With its first process a host loses all others; its systemd-nspawn tidies up and leaves.
    for (const pid of nspawns) for (const init of await childrenOf(pid)) kill(init, 'SIGKILL');
    return supervisors.length + nspawns.length === 0;
  });
  await leaveCgroups(host);
  await rm(`/run/systemd/nspawn/propagate/${host.machine}`, { recursive: true, force: true });
};

const recordOf = (host: Host): string => join(host.dir, 'cgroups.json');
const leaveCgroups = async (host: Host): Promise<void> => {
  if (!(await exists(recordOf(host)))) return;
  await removeCgroups(JSON.parse(await readFile(recordOf(host), 'utf8')) as readonly string[]);
  await rm(recordOf(host));
};
