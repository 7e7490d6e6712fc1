import type { Duplex } from 'node:stream';
import { KplayError } from '../model/errors.ts';
import type { Ask } from '../guard/guard.ts';
import type { Inventory } from '../inventory/inventory.ts';
import { toPlain } from '../value/plain.ts';
import type { Target } from './targets.ts';
import type { Variables } from './variables.ts';

const ANSWER_MS = 3_000;

/** A guard's view of the run's hosts. */
export const askThrough = (inventory: Inventory, variables: Variables, reach: (host: string) => Promise<Target>): Ask => ({
  hostsOf: name => {
    const group = inventory.groups.get(name);
    return group ? inventory.hostsOf(group).map(host => host.name) : [];
  },
  variable(host, name) {
    const value = variables.hostScope(host).lookup(name);
    return value === undefined || value === null ? undefined : String(toPlain(value));
  },
  async json(host, url, body) {
    try {
      return { body: JSON.parse(await fetchFrom(await reach(host), new URL(url), body)) as unknown };
    } catch (error) {
      if (error instanceof KplayError && error.code === 'E_INTERRUPTED') throw error;
      // sshd and the kernel both say so when nothing listens; anything else proves nothing.
      return /refused/i.test(String(error)) ? 'nobody' : 'unclear';
    }
  },
});

const fetchFrom = async ({ connection }: Target, url: URL, body: object | undefined): Promise<string> => {
  // Importing node:http evaluates everything it exports, a fetch among them: a fourteenth of a start.
  const { request } = process.getBuiltinModule('node:http');
  const socket = (await connection.forward(url.hostname, Number(url.port || 80))) as Duplex;
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const asked = request(
    {
      host: url.hostname,
      port: url.port,
      path: url.pathname + url.search,
      method: body === undefined ? 'GET' : 'POST',
      headers: { connection: 'close', ...(body !== undefined && { 'content-type': 'application/json' }) },
      createConnection: () => socket as never,
      signal: AbortSignal.timeout(ANSWER_MS),
    },
    answer => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('end', () => resolve(Buffer.concat(chunks).toString()));
      answer.on('error', reject);
    },
  );
  asked.on('error', reject);
  asked.end(body === undefined ? undefined : JSON.stringify(body));
  return promise.finally(() => socket.destroy());
};
