import type { IncomingMessage, ServerResponse } from 'node:http';
import { json } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';
import { serve } from '../http/_server.ts';

interface Fake {
  readonly ID: string;
  name?: string;
  readonly peerURLs: readonly string[];
  clientURLs?: readonly string[];
  isLearner?: true;
}
export interface Gateway {
  readonly endpoint: string;
  /** The authority that vouches for it, where it speaks TLS. */
  readonly ca: Buffer | undefined;
  /** Paths of what was asked for that changes something, with what they name. */
  readonly asked: string[];
  readonly members: Fake[];
  leader: string | undefined;
  /** Members that are down, by name. */
  readonly down: Set<string>;
  /** What requests are refused with, in order, before they succeed. */
  readonly refusals: string[];
}
interface Body {
  readonly ID?: string;
  readonly targetID?: string;
  readonly peerURLs?: readonly string[];
}
const MEMBER = 'http://10.0.0.';
export const peer = (name: string): string => `${MEMBER}${name.slice(1)}:2380`;

/** A cluster as its members' gateways tell of it: each on a port of its own. h2 leads; IDs are 1, 2, 3… */
export const startGateway = async (names: readonly string[], { secure = false } = {}): Promise<Gateway> => {
  const gateway: Gateway = { endpoint: '', ca: undefined, asked: [], members: [], leader: '2', down: new Set(), refusals: [] };
  const answer = (who: Fake, path: string, body: Body): [status: number, body: object] => {
    const own = { cluster_id: '255', member_id: who.ID };
    const state = { header: own, ...(gateway.leader !== undefined && { leader: gateway.leader }) };
    if (path === '/health')
      return gateway.down.has(who.name ?? '') || who.isLearner ? [503, { health: 'false' }] : [200, { health: 'true' }];
    if (path === '/version') return gateway.down.has(who.name ?? '') ? [503, {}] : [200, { etcdserver: '3.5.16', etcdcluster: '3.5.0' }];
    if (path === '/v3/maintenance/status') return [200, state];
    if (path === '/v3/cluster/member/list') return [200, { header: own, members: gateway.members }];
    gateway.asked.push(`${path.replace('/v3/', '')} ${body.ID ?? body.targetID ?? body.peerURLs?.join()}`);
    const refusal = gateway.refusals.shift();
    if (refusal !== undefined) return [412, { error: refusal, message: refusal, code: 9 }];
    const index = gateway.members.findIndex(({ ID }) => ID === body.ID);
    if (path.endsWith('/add')) gateway.members.push({ ID: '9', peerURLs: body.peerURLs ?? [], isLearner: true });
    if (path.endsWith('/remove')) gateway.members.splice(index, 1);
    if (path.endsWith('/promote')) delete gateway.members[index]?.isLearner;
    if (path.endsWith('/transfer-leadership')) {
      if (who.ID !== gateway.leader) return [400, { error: 'etcdserver: not leader', code: 9 }];
      gateway.leader = body.targetID;
    }
    return [200, { header: own }];
  };
  const servers = await Promise.all(
    names.map((_, index) =>
      serve((request: IncomingMessage, response: ServerResponse) => {
        const who = gateway.members.find(({ ID }) => ID === String(index + 1)) ?? { ID: '0', peerURLs: [] };
        const told = request.method === 'POST' ? json(request) : Promise.resolve({});
        void told.then(body => {
          const [status, said] = answer(who, request.url ?? '', body as Body);
          response.writeHead(status).end(JSON.stringify(said));
        });
      }, secure),
    ),
  );
  onTestFinished(async () => void (await Promise.all(servers.map(server => server.stop()))));
  const urls = servers.map(({ port }) => `${secure ? 'https' : 'http'}://127.0.0.1:${port}`);
  for (const [index, name] of names.entries())
    gateway.members.push({ ID: String(index + 1), name, peerURLs: [peer(name)], clientURLs: [urls[index] ?? ''] });
  return Object.assign(gateway, { endpoint: urls[0], ca: servers[0]?.ca });
};
