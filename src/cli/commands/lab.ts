import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import {
  type ImageSet,
  type Progress,
  down,
  images,
  inventoryOf,
  inventoryText,
  labHere,
  list,
  packages,
  sshCommand,
  up,
} from '../../lab/index.ts';
import { sh } from '../../shell/sh.ts';
import type { LabUpFlags } from '../flags.ts';
import type { System } from '../system.ts';

/** Progress goes to stderr: stdout holds only what a script may read. */
const progressTo =
  ({ stderr }: System): Progress =>
  line =>
    void stderr.write(`${line}\n`);

/** `kplay lab up`: ends with the command to run next. */
export const labUp = async (count: number, flags: LabUpFlags, system: System): Promise<number> => {
  await up({ count, ...flags }, progressTo(system));
  system.stdout.write(`${sh`kplay exec all -m ping -i ${inventoryOf(labHere())}`}\n`);
  return 0;
};

/** `kplay lab down`. */
export const labDown = async (system: System): Promise<number> => {
  await down(progressTo(system));
  return 0;
};

/** `kplay lab images`: the names to pull them by. */
export const labImages = async (set: ImageSet, system: System): Promise<number> => {
  for (const name of await images(progressTo(system), set)) system.stdout.write(`${name}\n`);
  return 0;
};

/** `kplay lab packages`: the URL it is served at. */
export const labPackages = async (system: System): Promise<number> => {
  system.stdout.write(`${await packages(progressTo(system))}\n`);
  return 0;
};

/** `kplay lab list`: name, address and state. */
export const labList = async ({ stdout }: System): Promise<number> => {
  for (const { name, address, running } of await list())
    stdout.write(`${name.padEnd(6)} ${address.padEnd(15)} ${running ? 'up' : 'down'}\n`);
  return 0;
};

/** `kplay lab inventory`. */
export const labInventory = async ({ stdout }: System): Promise<number> => {
  stdout.write(await inventoryText());
  return 0;
};

/** `kplay lab ssh`: the terminal belongs to ssh until it ends; its status is ours. */
export const labSsh = async (host: string, command: readonly string[]): Promise<number> => {
  const [program = '', ...args] = await sshCommand(host, command);
  const child = spawn(program, args, { stdio: 'inherit' });
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  child.on('error', reject);
  child.on('exit', (code, signal) => resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal])));
  return await promise;
};
