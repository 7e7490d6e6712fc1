// The keeper of connections: a process of its own that a run starts. Arguments: its folder, and the version it is for.
import { keepConnections } from '../transport/keeper.ts';
import { realClock } from './clock.ts';
import { program } from './manifest.ts';
import { Resident } from './resident.ts';

const [folder = '', stamp = ''] = process.argv.slice(2);
process.umask(0o077);
// The run that waits for the name may be gone by now; others may not.
process.stdout.on('error', () => undefined);
const { name } = await keepConnections({ folder, stamp, clock: realClock, commands: new Resident(program()) });
process.stdout.write(`${name}\n`);
