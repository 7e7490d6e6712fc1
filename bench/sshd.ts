import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { cgroupsFor, makeCgroups, removeCgroups } from '../src/lab/cgroup.ts';
import { freePort, keygen } from '../test/transport/_keys.ts';

export interface Place {
  readonly name: string;
  readonly address: string;
  readonly port?: number;
}

/** A real sshd on a port of its own, with keys of its own; nothing of the machine's ssh is touched. */
export interface Sshd {
  /** Everything of the bench's hosts is beneath it. */
  readonly dir: string;
  readonly port: number;
  readonly keyFile: string;
  readonly knownHostsFile: string;
  /** Writes an inventory of these hosts and resolves with its path. */
  inventory(hosts: readonly Place[]): string;
  /** User and system seconds of sshd and all it started so far; NaN where systemd made the control groups. */
  cpu(): number;
  stop(): Promise<void>;
}

/**
 * Which machine an address is: kplay goes by machine-id, and would share one connection among all names of one machine. So each address of this
 * machine gets a machine-id of its own, in a mount namespace of its own; all else, files too, is this machine's.
 */
const MACHINE = `#!/bin/sh
set -- $SSH_CONNECTION
id=DIR/machines/$3
[ -e "$id" ] || echo "$3" | md5sum | cut -c 1-32 >"$id"
export id
exec unshare -m /bin/sh -c 'mount --bind "$id" /etc/machine-id && exec /bin/sh -c "$SSH_ORIGINAL_COMMAND"'
`;

/** `listen`: 0.0.0.0 makes every address of 127.0.0.0/8 a host. */
export const startSshd = async (listen = '127.0.0.1'): Promise<Sshd> => {
  const dir = mkdtempSync(join(tmpdir(), 'kplay-bench-'));
  for (const folder of ['/run/sshd', join(dir, 'machines')]) mkdirSync(folder, { recursive: true });
  const port = await freePort();
  const [hostKey, keyFile, knownHostsFile] = ['host', 'user', 'known_hosts'].map(name => join(dir, name)) as [string, string, string];
  writeFileSync(knownHostsFile, `[127.*]:* ${keygen(hostKey)}\n`);
  writeFileSync(join(dir, 'authorized_keys'), `${keygen(keyFile)}\n`);
  const machine = join(dir, 'machine');
  writeFileSync(machine, MACHINE.replace('DIR', dir));
  chmodSync(machine, 0o755);
  writeFileSync(join(dir, 'sshd_config'), configOf(dir, listen, port, machine));
  const groups = await cgroupsFor(basename(dir));
  await makeCgroups(groups);
  const child = spawn('/usr/sbin/sshd', ['-D', '-e', '-f', join(dir, 'sshd_config')], { stdio: ['ignore', 'ignore', 'pipe'] });
  // Before anybody logs in, so that all it starts is in them, too.
  for (const group of groups) writeFileSync(join(group, 'cgroup.procs'), String(child.pid));
  await listening(child);
  return {
    dir,
    port,
    keyFile,
    knownHostsFile,
    inventory(hosts) {
      const file = join(dir, 'hosts');
      writeFileSync(file, inventoryOf(hosts, port, keyFile, knownHostsFile));
      return file;
    },
    cpu: () => cpuOf(groups),
    async stop() {
      const gone = new Promise(resolve => child.once('exit', resolve));
      child.kill();
      await gone;
      if (groups.length > 0) await removeCgroups(groups);
      rmSync(dir, { recursive: true, force: true });
    },
  };
};

/** Away from home, so that the login shell reads no .bashrc: what that does would be measured. */
const configOf = (dir: string, listen: string, port: number, machine: string): string => `Port ${port}
ListenAddress ${listen}
HostKey ${dir}/host
PidFile ${dir}/pid
AuthorizedKeysFile ${dir}/authorized_keys
StrictModes no
UsePAM no
PasswordAuthentication no
KbdInteractiveAuthentication no
MaxStartups 10000
Subsystem sftp /usr/lib/openssh/sftp-server
ForceCommand ${machine}
SetEnv HOME=${dir}
`;

const inventoryOf = (hosts: readonly Place[], port: number, keyFile: string, knownHostsFile: string): string =>
  `[fleet]
${hosts.map(({ name, address, port: own = port }) => `${name} ansible_host=${address} ansible_port=${own}`).join('\n')}
[fleet:vars]
ansible_user=root
ansible_ssh_private_key_file=${keyFile}
ansible_ssh_common_args='-F none -o UserKnownHostsFile=${knownHostsFile} -o IdentitiesOnly=yes'
ansible_python_interpreter=/usr/bin/python3
`;

const cpuOf = (groups: readonly string[]): number => {
  const stats = groups.map(group => join(group, 'cpu.stat')).filter(existsSync);
  const used = stats.flatMap(stat => (/^usage_usec (\d+)$/m.exec(readFileSync(stat, 'utf8')) ?? []).slice(1));
  return used.length === 0 ? NaN : Number(used[0]) / 1e6;
};

const listening = (child: ChildProcess): Promise<void> =>
  new Promise((resolve, reject) => {
    let log = '';
    child.stderr?.on('data', (chunk: Buffer) => {
      if (log.length < 65_536) log += chunk.toString();
      if (log.includes('Server listening')) resolve();
    });
    child.once('exit', code => reject(new Error(`sshd exits ${code}: ${log}`)));
  });
