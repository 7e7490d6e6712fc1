// The keeper of connections: a process of its own that a run starts. Arguments: its folder, and the version it is for.
import { whole } from './load-whole.ts';

const [folder = '', stamp = ''] = process.argv.slice(2);
process.umask(0o077);
// The run that waits for the name may be gone by now; others may not.
process.stdout.on('error', () => undefined);
const { keep } = await whole(process.env)();
process.stdout.write(`${await keep(folder, stamp)}\n`);
