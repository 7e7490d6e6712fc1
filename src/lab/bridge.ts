import { readFile } from 'node:fs/promises';
import { networkInterfaces } from 'node:os';
import { KplayError } from '../model/errors.ts';
import type { Lab } from './lab.ts';
import { isInside } from './lab.ts';
import { exists } from './machine.ts';
import { run } from './run.ts';

/** Hosts reach each other and this machine, and nothing else, whether or not the machine forwards. */
const rules = ({ bridge }: Lab): readonly (readonly string[])[] => [
  ['FORWARD', '-i', bridge, '!', '-o', bridge, '-j', 'DROP'],
  ['FORWARD', '-i', bridge, '-o', bridge, '-j', 'ACCEPT'],
];

export const isUp = ({ bridge }: Lab): Promise<boolean> => exists(`/sys/class/net/${bridge}`);

/** The folder of the lab that the bridge was made for; this one's where an interrupted `up` has not said so yet. */
const ownerOf = async ({ bridge, dir }: Lab): Promise<string> => (await readFile(`/sys/class/net/${bridge}/ifalias`, 'utf8')).trim() || dir;

export const raiseBridge = async (lab: Lab): Promise<void> => {
  if (await isUp(lab)) return await refuseForeign(lab);
  refuseTaken(lab);
  await run('ip', ['link', 'add', lab.bridge, 'type', 'bridge']);
  await run('ip', ['link', 'set', lab.bridge, 'alias', lab.dir]);
  await run('ip', ['address', 'add', `${lab.gateway}/${lab.prefix}`, 'dev', lab.bridge]);
  await run('ip', ['link', 'set', lab.bridge, 'up']);
  for (const rule of rules(lab)) await run('iptables', ['-w', '-I', ...rule]);
};

/** Hosts of two labs on one bridge would have the same addresses, names and control groups. */
const refuseForeign = async (lab: Lab): Promise<void> => {
  const owner = await ownerOf(lab);
  if (owner !== lab.dir) throw new KplayError('E_LAB', `the network of this lab is another's, ${owner}`, { hint: FREE });
};

/** Two devices with addresses in one network: no telling where a packet goes. */
const refuseTaken = (lab: Lab): void => {
  for (const [device, addresses = []] of Object.entries(networkInterfaces())) {
    const taken = addresses.find(({ family, address }) => family === 'IPv4' && isInside(lab, address));
    if (!taken) continue;
    throw new KplayError('E_LAB', `${device} of this machine has an address in the lab's network: ${taken.address}`, {
      hint: FREE,
    });
  }
};

const FREE = 'set KPLAY_LAB_NETWORK to a network that is free, like 10.90.0.0/24';

/** Another lab's bridge is left alone. */
export const removeBridge = async (lab: Lab): Promise<void> => {
  if ((await isUp(lab)) && (await ownerOf(lab)) !== lab.dir) return;
  const present = (await run('iptables', ['-w', '-S', 'FORWARD'])).split('\n');
  for (const rule of rules(lab)) if (present.includes(`-A ${rule.join(' ')}`)) await run('iptables', ['-w', '-D', ...rule]);
  if (await isUp(lab)) await run('ip', ['link', 'delete', lab.bridge]);
};
