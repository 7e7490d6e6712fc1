import * as z from 'zod';
import type { Ask, Guard, Health, Login, Settled, Verdict } from './guard.ts';

const members = z.object({
  header: z.object({ cluster_id: z.string().optional(), member_id: z.string() }),
  members: z.array(z.object({ ID: z.string(), name: z.string().default(''), clientURLs: z.array(z.string()).default([]) })),
});
type Members = z.output<typeof members>;
const health = z.object({ health: z.union([z.literal('true'), z.literal(true)]) });

/** With `etcd_tls` members speak TLS, and a guard shows them kubeadm's health-check certificate; `etcd_pki` says where else it is. */
const loginOf = (host: string, ask: Ask): Login | undefined => {
  if (!/^(true|yes|on|1)$/i.test(ask.variable(host, 'etcd_tls') ?? '')) return undefined;
  const folder = ask.variable(host, 'etcd_pki') ?? '/etc/kubernetes/pki/etcd';
  return { ca: `${folder}/ca.crt`, cert: `${folder}/healthcheck-client.crt`, key: `${folder}/healthcheck-client.key` };
};
/** The port clients use; `etcd_client_port` says another. */
const local = (host: string, ask: Ask): string =>
  `${loginOf(host, ask) ? 'https' : 'http'}://127.0.0.1:${ask.variable(host, 'etcd_client_port') ?? '2379'}`;
const asked = (host: string, url: string, ask: Ask, body?: object): ReturnType<Ask['json']> =>
  ask.json(host, url, loginOf(host, ask), body);

/** etcd's gRPC gateway: POST /v3/cluster/member/list (etcd ≥ 3.4). `header.member_id` is the member that answered. */
const memberList = async (host: string, ask: Ask): Promise<Members | 'nobody' | 'unclear'> => {
  const answer = await asked(host, `${local(host, ask)}/v3/cluster/member/list`, ask, {});
  return typeof answer === 'string' ? answer : (members.safeParse(answer.body).data ?? 'unclear');
};

/** `/health` is a linearizable read: true only for a member that has a leader. */
const isHealthy = async (host: string, url: string, ask: Ask): Promise<boolean> => {
  const answer = await asked(host, `${url.replace(/\/$/, '')}/health`, ask);
  return typeof answer !== 'string' && health.safeParse(answer.body).success;
};

const status = z.object({ header: z.object({ member_id: z.string() }), leader: z.string() });

const quorumOf = (registered: number): number => Math.floor(registered / 2) + 1;

/** Registered members other than the host's own that do not answer in health, by name. */
const downAmong = async (others: Members['members'], from: string, ask: Ask): Promise<readonly string[]> => {
  const states = await Promise.all(
    others.map(async ({ name, ID, clientURLs }) => {
      const answers = await Promise.all(clientURLs.map(url => isHealthy(from, url, ask)));
      return answers.includes(true) ? [] : [name || ID];
    }),
  );
  return states.flat();
};

/** What one of a host's peers says is registered, where the host itself does not say. */
const listOfPeers = async (host: string, group: string, ask: Ask): Promise<Members | undefined> => {
  for (const peer of ask.hostsOf(group)) {
    const list = peer === host ? 'unclear' : await memberList(peer, ask);
    if (typeof list !== 'string') return list;
  }
  return undefined;
};

const refusal = (host: string, registered: number, others: number, down: readonly string[]): Settled => {
  const state = down.length > 0 ? `${down.join(', ')} ${down.length > 1 ? 'are' : 'is'} down` : 'there is no other member';
  const left = others - down.length;
  return {
    permit: 'refused',
    why: `taking etcd on ${host} down would leave ${left} of ${registered} registered members, and ${quorumOf(registered)} are needed: ${state}`,
    hint:
      down.length > 0
        ? `bring ${down.join(', ')} back first (etcdctl endpoint health --cluster), then run again`
        : 'a cluster of one member cannot be restarted without an outage',
  };
};

/**
 * With this host's member down, a quorum of the registered members must stay healthy; registered, not merely running, is what etcd counts
 * (https://etcd.io/docs/v3.5/faq/#what-is-failure-tolerance). Whoever is in doubt is refused: only a port on which nothing listens, or a
 * cluster that has no quorum and does not find one, has nothing to lose.
 */
export const etcdQuorum: Guard = {
  name: 'etcd_quorum',
  group: 'etcds',
  exclusive: true,

  async assess(host, group, ask): Promise<Verdict> {
    const own = await memberList(host, ask);
    if (own === 'nobody') return { permit: 'not needed' };
    const list = own === 'unclear' ? await listOfPeers(host, group, ask) : own;
    if (!list)
      return doubt(host, {
        permit: 'refused',
        why: `etcd on ${host} neither answers nor refuses, and no other member says what is registered`,
        hint: `look at etcd on ${host}`,
      });
    const others = list.members.filter(({ ID, clientURLs, name }) =>
      own === 'unclear'
        ? name !== host && !clientURLs.some(url => new URL(url).hostname === addressOf(host, ask))
        : ID !== list.header.member_id,
    );
    const down = await downAmong(others, host, ask);
    const registered = list.members.length;
    if (others.length - down.length >= quorumOf(registered)) return { permit: 'granted' };
    const refused = refusal(host, registered, others.length, down);
    if (own === 'unclear') return doubt(host, refused);
    return (await isHealthy(host, local(host, ask), ask)) ? refused : doubt(host, { permit: 'not needed' });
  },

  /** A leader that is merely stopped costs the writers an election (https://etcd.io/docs/v3.5/learning/api/, MoveLeader). */
  async handOver(host, _group, ask): Promise<void> {
    const answer = await asked(host, `${local(host, ask)}/v3/maintenance/status`, ask, {});
    const own = typeof answer === 'string' ? undefined : status.safeParse(answer.body).data;
    const list = await memberList(host, ask);
    if (own === undefined || own.leader !== own.header.member_id || typeof list === 'string') return;
    for (const { ID, clientURLs } of list.members) {
      const answers = ID === own.leader ? [] : await Promise.all(clientURLs.map(url => isHealthy(host, url, ask)));
      if (answers.includes(true))
        return void (await asked(host, `${local(host, ask)}/v3/maintenance/transfer-leadership`, ask, { targetID: ID }));
    }
  },

  async health(host, _group, ask): Promise<Health> {
    const list = await memberList(host, ask);
    if (typeof list === 'string') return { healthy: false, why: `etcd on ${host} does not answer` };
    if (!(await isHealthy(host, local(host, ask), ask))) return { healthy: false, why: `etcd on ${host} is not healthy` };
    const others = list.members.filter(({ ID }) => ID !== list.header.member_id);
    const down = await downAmong(others, host, ask);
    return down.length > 0 ? { healthy: false, why: `${down.join(', ')} not healthy` } : { healthy: true, why: '' };
  },
};

const addressOf = (host: string, ask: Ask): string => ask.variable(host, 'ansible_host') ?? host;
const doubt = (host: string, otherwise: Settled): Verdict => ({
  permit: 'unsettled',
  why: `etcd on ${host} answers, but not in health`,
  otherwise,
});
