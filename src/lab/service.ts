import { join } from 'node:path';
import type { Lab } from './lab.ts';
import { detach, kill, processesWith } from './processes.ts';
import { answers, until } from './wait.ts';

/** A server of the lab's on the bridge. */
export interface Service {
  readonly name: string;
  readonly port: number;
  readonly command: readonly string[];
  /** The word of its command that no other process of this machine has: a path in the lab's folder. */
  readonly word: string;
}

export const isServing = async ({ word }: Service): Promise<boolean> => (await processesWith(word)).length > 0;

/** Returns when it answers. One that runs is left alone. */
export const serve = async (lab: Lab, service: Service): Promise<void> => {
  const { name, port, command } = service;
  if (await isServing(service)) return;
  await detach(command, join(lab.dir, `${name}.log`));
  await until(`the ${name} answers`, 10_000, () => answers(lab.gateway, port));
};

export const stopServing = ({ name, word }: Service): Promise<void> =>
  until(`stopping the ${name}`, 10_000, async () => {
    const processes = await processesWith(word);
    for (const pid of processes) kill(pid, 'SIGTERM');
    return processes.length === 0;
  });
