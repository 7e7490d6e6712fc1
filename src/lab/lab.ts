import { join } from 'node:path';
import { KplayError } from '../model/errors.ts';

/** One lab on this machine: its files, its bridge, its addresses. */
export interface Lab {
  /** Everything `down` removes. */
  readonly dir: string;
  /** What is costly to make and stays: base systems, packages, images. */
  readonly cacheDir: string;
  /** Network device; also the first half of the machine names, so that two labs do not meet. */
  readonly bridge: string;
  /** The machine's own address on the bridge, the hosts' default route. */
  readonly gateway: string;
  readonly prefix: number;
}

/** The lab that `kplay lab` means. KPLAY_LAB_DIR and KPLAY_CACHE say where it lives. */
export const labHere = (env: Readonly<Record<string, string | undefined>> = process.env): Lab => ({
  dir: env['KPLAY_LAB_DIR'] ?? '/var/lib/kplay-lab',
  cacheDir: env['KPLAY_CACHE'] ?? '/var/cache/kplay',
  bridge: 'kplaylab0',
  gateway: '10.89.0.1',
  prefix: 24,
});

/** One throwaway host: h1, h2 … at the network's address + 11, + 12 … */
export interface Host {
  readonly number: number;
  readonly name: string;
  readonly address: string;
  readonly dir: string;
  /** Its file system, as the machine sees it while it is mounted. */
  readonly root: string;
  /** What systemd-nspawn calls it. */
  readonly machine: string;
}

const FIRST = 10;

export const hostOf = (lab: Lab, number: number): Host => {
  const last = 2 ** (32 - lab.prefix) - 2 - FIRST;
  if (!Number.isInteger(number) || number < 1 || number > last) {
    throw new KplayError('E_USAGE', `a lab has the hosts h1 to h${last}, not h${number}`);
  }
  const name = `h${number}`;
  const dir = join(lab.dir, 'hosts', name);
  const octets = lab.gateway.split('.').map(Number);
  const address = [...octets.slice(0, 3), (octets[3] ?? 0) - 1 + FIRST + number].join('.');
  return { number, name, address, dir, root: join(dir, 'root'), machine: `${lab.bridge}-${name}` };
};

export const keyOf = (lab: Lab): string => join(lab.dir, 'id_ed25519');
export const knownHostsOf = (lab: Lab): string => join(lab.dir, 'known_hosts');
export const inventoryOf = (lab: Lab): string => join(lab.dir, 'inventory.ini');
