import { z } from 'zod';
import type { Ask, Guard, Health, Verdict } from './guard.ts';

const members = z.object({
  header: z.object({ cluster_id: z.string().optional(), member_id: z.string() }),
  members: z.array(z.object({ ID: z.string(), name: z.string().default(''), clientURLs: z.array(z.string()).default([]) })),
});
type Members = z.output<typeof members>;
const health = z.object({ health: z.union([z.literal('true'), z.literal(true)]) });

/** The port clients use; `etcd_client_port` says another. */
const local = (host: string, ask: Ask): string => `http://127.0.0.1:${ask.variable(host, 'etcd_client_port') ?? '2379'}`;

/** etcd's gRPC gateway: POST /v3/cluster/member/list (etcd ≥ 3.4). `header.member_id` is the member that answered. */
const memberList = async (host: string, ask: Ask): Promise<Members | undefined> =>
  members.safeParse(await ask.json(host, `${local(host, ask)}/v3/cluster/member/list`, {})).data;

/** `/health` is a linearizable read: true only for a member that has a leader. */
const isHealthy = async (host: string, url: string, ask: Ask): Promise<boolean> =>
  health.safeParse(await ask.json(host, `${url.replace(/\/$/, '')}/health`)).success;

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

/**
 * With this host's member down, a quorum of the registered members must stay healthy; registered, not merely running, is what etcd counts
 * (https://etcd.io/docs/v3.5/faq/#what-is-failure-tolerance).
 */
export const etcdQuorum: Guard = {
  name: 'etcd_quorum',
  group: 'etcds',

  async assess(host, _group, ask): Promise<Verdict> {
    const list = await memberList(host, ask);
    if (!list || !(await isHealthy(host, local(host, ask), ask))) return { permit: 'not needed' };
    const others = list.members.filter(({ ID }) => ID !== list.header.member_id);
    const down = await downAmong(others, host, ask);
    const registered = list.members.length;
    const left = others.length - down.length;
    if (left >= quorumOf(registered)) return { permit: 'granted' };
    const state = down.length > 0 ? `${down.join(', ')} ${down.length > 1 ? 'are' : 'is'} down` : 'there is no other member';
    return {
      permit: 'refused',
      why: `taking etcd on ${host} down would leave ${left} of ${registered} registered members, and ${quorumOf(registered)} are needed: ${state}`,
      hint:
        down.length > 0
          ? `bring ${down.join(', ')} back first (etcdctl endpoint health --cluster), then run again`
          : 'a cluster of one member cannot be restarted without an outage',
    };
  },

  async health(host, _group, ask): Promise<Health> {
    const list = await memberList(host, ask);
    if (!list) return { healthy: false, why: `etcd on ${host} does not answer` };
    if (!(await isHealthy(host, local(host, ask), ask))) return { healthy: false, why: `etcd on ${host} is not healthy` };
    const others = list.members.filter(({ ID }) => ID !== list.header.member_id);
    const down = await downAmong(others, host, ask);
    return down.length > 0 ? { healthy: false, why: `${down.join(', ')} not healthy` } : { healthy: true, why: '' };
  },
};
