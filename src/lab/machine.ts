import { access, constants, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { KplayError } from '../model/errors.ts';
import { SYSTEM_PATH } from './run.ts';

/** Debian package of every program a lab needs. */
const PACKAGES = {
  'systemd-nspawn': 'systemd-container',
  debootstrap: 'debootstrap',
  'ssh-keygen': 'openssh-client',
  ssh: 'openssh-client',
  ip: 'iproute2',
  iptables: 'iptables',
  'docker-registry': 'docker-registry',
  busybox: 'busybox-static',
  'dpkg-deb': 'dpkg',
  gcc: 'build-essential',
  python3: 'python3-venv',
} as const;
export type Program = keyof typeof PACKAGES;

/** Refuses with E_LAB what would fail halfway: another system, another user, a missing program. */
export const requireMachine = async (programs: readonly Program[], path: string = SYSTEM_PATH): Promise<void> => {
  if (process.platform !== 'linux') throw new KplayError('E_LAB', 'a lab needs Linux: its hosts are systemd-nspawn containers');
  if (process.getuid?.() !== 0) throw new KplayError('E_LAB', 'a lab needs root', { hint: 'run the same command with sudo' });
  const found = await Promise.all(programs.map(program => isInstalled(program, path)));
  const missing = [...new Set(programs.filter((_, i) => !found[i]).map(program => PACKAGES[program]))];
  if (missing.length === 0) return;
  throw new KplayError('E_LAB', `this machine lacks ${missing.join(', ')}`, { hint: `apt-get install ${missing.join(' ')}` });
};

const isInstalled = async (program: string, path: string): Promise<boolean> => {
  const tries = path.split(':').map(dir => exists(join(dir, program), constants.X_OK));
  return (await Promise.all(tries)).includes(true);
};

export const exists = (path: string, mode: number = constants.F_OK): Promise<boolean> =>
  access(path, mode).then(
    () => true,
    () => false,
  );

// capability.h
const CAP_SYS_RESOURCE = 24n;

/** Whether processes of this machine may ever lower an oom_score_adj; in some sandboxes not even root may. */
export const maySysResource = async (): Promise<boolean> => {
  const bounding = /^CapBnd:\s*(\w+)/m.exec(await readFile('/proc/self/status', 'utf8'))?.[1] ?? '0';
  return ((BigInt(`0x${bounding}`) >> CAP_SYS_RESOURCE) & 1n) === 1n;
};
