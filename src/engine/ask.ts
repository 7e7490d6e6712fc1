import type { Duplex } from 'node:stream';
import { KplayError } from '../model/errors.ts';
import type { Ask } from '../guard/guard.ts';
import { HttpClient } from '../http/client.ts';
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
  const origin = { host: url.hostname, port: Number(url.port || 80) };
  using client = new HttpClient(origin, async () => (await connection.forward(origin.host, origin.port)) as Duplex);
  const asked = await client.ask({
    method: body === undefined ? 'GET' : 'POST',
    path: url.pathname + url.search,
    signal: AbortSignal.timeout(ANSWER_MS),
    ...(body !== undefined && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  });
  return asked.body;
};
