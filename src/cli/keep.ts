import { keepConnections } from '../transport/keeper.ts';
import { realClock } from './clock.ts';
import { program } from './manifest.ts';
import { Resident } from './resident.ts';

/** Becomes the keeper of connections for one version, in its folder, and gives the name of its socket. */
export const keep = async (folder: string, stamp: string): Promise<string> => {
  const { name } = await keepConnections({ folder, stamp, clock: realClock, commands: new Resident(program()) });
  return name;
};
