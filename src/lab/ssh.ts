import { join } from 'node:path';
import { sh } from '../shell/sh.ts';
import type { Host, Lab } from './lab.ts';
import { keyOf, knownHostsOf } from './lab.ts';
import { run } from './run.ts';
import { answers, until } from './wait.ts';

/** The command line of an ssh client that trusts exactly this lab's keys and heeds no configuration of the user's. */
export const sshTo = (lab: Lab, host: Host, command: readonly string[]): readonly string[] => {
  const options = {
    IdentityFile: keyOf(lab),
    IdentitiesOnly: 'yes',
    UserKnownHostsFile: knownHostsOf(lab),
    GlobalKnownHostsFile: 'none',
    StrictHostKeyChecking: 'yes',
    LogLevel: 'ERROR',
  };
  const words = Object.entries(options).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
  return ['ssh', '-F', 'none', ...words, `root@${host.address}`, ...command];
};

const BOOT_TIMEOUT_MS = 90_000;

/** Returns when the host has booted to the end and, if wanted, its container engine answers. */
export const untilReady = async (lab: Lab, host: Host, docker: boolean): Promise<void> => {
  const log = `what it said is in ${join(host.dir, 'log')}`;
  await until(`${host.name} answers on port 22`, BOOT_TIMEOUT_MS, () => answers(host.address, 22), log);
  const [file = '', ...args] = sshTo(lab, host, [docker ? `${BOOTED}${sh`systemctl enable --quiet --now docker`}` : BOOTED]);
  await run(file, args);
};

// Exits 1 when some unit failed: a degraded host has booted too.
const BOOTED = sh`timeout 60 systemctl is-system-running --wait >/dev/null || [ $? = 1 ] || exit; `;
