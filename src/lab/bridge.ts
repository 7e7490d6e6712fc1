import type { Lab } from './lab.ts';
import { exists } from './machine.ts';
import { run } from './run.ts';

/** Hosts reach each other and this machine, and nothing else, whether or not the machine forwards. */
const rules = ({ bridge }: Lab): readonly (readonly string[])[] => [
  ['FORWARD', '-i', bridge, '!', '-o', bridge, '-j', 'DROP'],
  ['FORWARD', '-i', bridge, '-o', bridge, '-j', 'ACCEPT'],
];

const isUp = ({ bridge }: Lab): Promise<boolean> => exists(`/sys/class/net/${bridge}`);

export const raiseBridge = async (lab: Lab): Promise<void> => {
  if (await isUp(lab)) return;
  await run('ip', ['link', 'add', lab.bridge, 'type', 'bridge']);
  await run('ip', ['address', 'add', `${lab.gateway}/${lab.prefix}`, 'dev', lab.bridge]);
  await run('ip', ['link', 'set', lab.bridge, 'up']);
  for (const rule of rules(lab)) await run('iptables', ['-w', '-I', ...rule]);
};

export const removeBridge = async (lab: Lab): Promise<void> => {
  const present = (await run('iptables', ['-w', '-S', 'FORWARD'])).split('\n');
  for (const rule of rules(lab)) if (present.includes(`-A ${rule.join(' ')}`)) await run('iptables', ['-w', '-D', ...rule]);
  if (await isUp(lab)) await run('ip', ['link', 'delete', lab.bridge]);
};
