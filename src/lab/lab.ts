import { isIPv4 } from 'node:net';
import { join, resolve } from 'node:path';
import { KplayError } from '../model/errors.ts';

/** One lab on this machine: its files, its bridge, its addresses. */
export interface Lab {
  /** Everything `down` removes. */
  readonly dir: string;
  /** What is costly to make and stays: base systems, packages, images. */
  readonly cacheDir: string;
  /** Network device; also the first half of the machine names, so that two labs do not meet. */
  readonly bridge: string;
  /** Network address as a number, length of its prefix. */
  readonly network: number;
  readonly prefix: number;
  /** The machine's own address on the bridge, the hosts' default route. */
  readonly gateway: string;
}

/**
 * The lab that `kplay lab` means. KPLAY_LAB_DIR and KPLAY_CACHE say where it lives, KPLAY_LAB_NETWORK which addresses it takes if not
 * 10.89.0.0/24; labs with folders and networks of their own live side by side.
 */
export const labHere = (env: Readonly<Record<string, string | undefined>> = process.env): Lab => {
  const [network, prefix] = parseNetwork(env['KPLAY_LAB_NETWORK'] ?? '10.89.0.0/24');
  return {
    dir: resolve(env['KPLAY_LAB_DIR'] ?? '/var/lib/kplay-lab'),
    cacheDir: resolve(env['KPLAY_CACHE'] ?? '/var/cache/kplay'),
    bridge: `kplay${network.toString(16).padStart(8, '0')}`,
    network,
    prefix,
    gateway: dotted(network + 1),
  };
};

const parseNetwork = (text: string): readonly [number, number] => {
  const [, address = '', length = ''] = /^(\d+\.\d+\.\d+\.\d+)\/(\d+)$/.exec(text) ?? [];
  const network = numeric(address);
  const prefix = Number(length);
  if (isIPv4(address) && prefix >= 8 && prefix <= 28 && network % 2 ** (32 - prefix) === 0) return [network, prefix];
  throw new KplayError('E_USAGE', `KPLAY_LAB_NETWORK is no network: ${text}`, { hint: 'give one like 10.89.0.0/24' });
};

const numeric = (address: string): number => address.split('.').reduce((sum, octet) => sum * 256 + Number(octet), 0);
const dotted = (address: number): string => [24, 16, 8, 0].map(shift => (address >>> shift) & 255).join('.');

/** Whether an IPv4 address is one of the lab's. */
export const isInside = ({ network, prefix }: Lab, address: string): boolean => {
  const offset = numeric(address) - network;
  return offset >= 0 && offset < 2 ** (32 - prefix);
};

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

/** Addresses before the hosts': the network's own, the gateway's, and some to give away. */
const RESERVED = 10;

export const hostOf = (lab: Lab, number: number): Host => {
  const last = 2 ** (32 - lab.prefix) - 2 - RESERVED;
  if (!Number.isInteger(number) || number < 1 || number > last) {
    throw new KplayError('E_USAGE', `a lab has the hosts h1 to h${last}, not h${number}`);
  }
  const name = `h${number}`;
  const dir = join(lab.dir, 'hosts', name);
  const address = dotted(lab.network + RESERVED + number);
  return { number, name, address, dir, root: join(dir, 'root'), machine: `${lab.bridge}-${name}` };
};

export const keyOf = (lab: Lab): string => join(lab.dir, 'id_ed25519');
export const knownHostsOf = (lab: Lab): string => join(lab.dir, 'known_hosts');
export const inventoryOf = (lab: Lab): string => join(lab.dir, 'inventory.ini');

export const REGISTRY_PORT = 10500;
export const PACKAGES_PORT = 10501;
/** What the names of this lab's own images begin with. */
export const registryOf = (lab: Lab): string => `${lab.gateway}:${REGISTRY_PORT}`;
