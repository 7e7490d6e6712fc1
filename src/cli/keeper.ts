// The keeper of connections: a process of its own that a run starts. Arguments: its folder, and the version it is for.
import { keepConnections } from '../transport/keeper.ts';
import { realClock } from './clock.ts';

const [folder = '', stamp = ''] = process.argv.slice(2);
process.umask(0o077);
// The run that waits for the name may be gone by now; others may not.
process.stdout.on('error', () => undefined);
const { name } = await keepConnections({ folder, stamp, clock: realClock });
process.stdout.write(`${name}\n`);
