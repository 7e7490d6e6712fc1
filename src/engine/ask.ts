import type { Duplex } from 'node:stream';
import { KplayError } from '../model/errors.ts';
import type { Ask, Login, NoAnswer } from '../guard/guard.ts';
import { HttpClient, type HttpRequest, type HttpResponse, type Origin } from '../http/client.ts';
import type { Inventory } from '../inventory/inventory.ts';
import { sh } from '../shell/sh.ts';
import { toPlain } from '../value/plain.ts';
import type { Seat } from './targets.ts';
import type { Variables } from './variables.ts';

const ANSWER_MS = 3_000;

/** A guard's view of the run's hosts. */
export const askThrough = (inventory: Inventory, variables: Variables, seatOf: (host: string) => Promise<Seat>): Ask => {
  const ask = async (
    host: string,
    url: URL,
    tls: (seat: Seat) => Promise<Origin['tls']>,
    body?: object | URLSearchParams,
  ): Promise<HttpResponse | NoAnswer> => {
    try {
      const seat = await seatOf(host);
      const secure = url.protocol === 'https:' ? await tls(seat) : undefined;
      const origin = { host: url.hostname, port: Number(url.port || (secure ? 443 : 80)), ...(secure && { tls: secure }) };
      return await fetchFrom(seat, origin, requestOf(url, body));
    } catch (error) {
      if (error instanceof KplayError && error.code === 'E_INTERRUPTED') throw error;
      // sshd and the kernel both say so when nothing listens; anything else proves nothing.
      return /refused/i.test(String(error)) ? 'nobody' : 'unclear';
    }
  };
  return {
    hostsOf: name => {
      const group = inventory.groups.get(name);
      return group ? inventory.hostsOf(group).map(host => host.name) : [];
    },
    variable(host, name) {
      const value = variables.hostScope(host).lookup(name);
      return value === undefined || value === null ? undefined : String(toPlain(value));
    },
    async json(host, url, login, body) {
      const answer = await ask(host, new URL(url), seat => proofs(seat, login), body);
      if (typeof answer === 'string') return answer;
      try {
        return { body: JSON.parse(answer.body) as unknown };
      } catch {
        return 'unclear';
      }
    },
    async form(host, url, login, fields) {
      const answer = await ask(host, new URL(url), seat => proofs(seat, login), new URLSearchParams(fields));
      return typeof answer === 'string' ? answer : answer.status;
    },
    async status(host, url) {
      const answer = await ask(host, new URL(url), async () => ({ rejectUnauthorized: false }));
      return typeof answer === 'string' ? answer : answer.status;
    },
  };
};

/** The login's files, in one trip; without them TLS says what it wanted. */
const proofs = async ({ target, become }: Seat, login: Login | undefined): Promise<Origin['tls']> => {
  if (login === undefined) return {};
  const script = sh`for file in ${[login.ca, login.cert, login.key]}; do cat -- "$file" && printf '\0' || exit; done`;
  const { rc, stdout } = await target.connection.run({ script, ...(become && { become }) });
  const [ca = '', cert = '', key = ''] = stdout.toString().split('\0');
  return rc === 0 ? { ca, cert, key } : {};
};

const requestOf = (url: URL, body: object | URLSearchParams | undefined): HttpRequest => ({
  method: body === undefined ? 'GET' : 'POST',
  path: url.pathname + url.search,
  signal: AbortSignal.timeout(ANSWER_MS),
  ...(body !== undefined && written(body)),
});
const written = (body: object | URLSearchParams): Pick<HttpRequest, 'headers' | 'body'> =>
  body instanceof URLSearchParams
    ? { headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: body.toString() }
    : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };

const fetchFrom = async ({ target: { connection } }: Seat, origin: Origin, request: HttpRequest): Promise<HttpResponse> => {
  using client = new HttpClient(origin, async () => (await connection.forward(origin.host, origin.port)) as Duplex);
  return await client.ask(request);
};
