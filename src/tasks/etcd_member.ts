import * as z from 'zod';
import { type Cluster, Etcd, type Member } from '../etcd/client.ts';
import { EtcdError } from '../etcd/error.ts';
import { downOf, type Health, type Refusal, votersOf, whyNotAdd, whyNotRemove } from '../etcd/quorum.ts';
import { KplayError } from '../model/errors.ts';
import type { Fields } from '../model/module.ts';
import { bool, choice, int, list, optional, path, str } from './args.ts';
import { defineApi } from './define.ts';

/** What a member can be; each includes those before it. */
const RANKS = ['absent', 'learner', 'voter', 'leader'] as const;
type Rank = (typeof RANKS)[number];

const args = z
  .strictObject({
    name: optional(str).describe('The member. Without one nothing is changed, and the result tells what there is.'),
    state: choice(...RANKS)
      .default('learner')
      .describe('What it is at least: registered without a vote, with one, or leading. A new member always begins as a learner.'),
    peer_urls: list.default([]).describe('Where the others reach it; needed to add it, and to know one that was added but never started.'),
    force: bool.default(false).describe('Remove one of two members.'),
    wait_sleep: int.default(1).describe('Seconds between tries.'),
    wait_timeout: int.default(120).describe('Seconds that a learner may take until it is in sync with the leader.'),
    endpoint: str
      .default('http://127.0.0.1:2379')
      .describe('The member that is asked, as the host reaches it; not one that is to be removed.'),
    ca: optional(path).describe('File on the host with the authority that vouches for the members.'),
    cert: optional(path).describe('File on the host with the certificate to log in with.'),
    key: optional(path).describe('File on the host with its key.'),
  })
  .superRefine(({ name, endpoint }, context) => {
    if (name === '') context.addIssue({ code: 'custom', path: ['name'], message: 'must not be empty' });
    if (!/^https?:$/.test(URL.parse(endpoint)?.protocol ?? ''))
      context.addIssue({ code: 'custom', path: ['endpoint'], message: 'must be an http or https URL' });
  });
type Args = z.output<typeof args>;

interface Seen {
  readonly cluster: Cluster;
  readonly leader: string | undefined;
  readonly health: Health;
  readonly versions: ReadonlyMap<Member, string | undefined>;
}

const look = async (api: Etcd): Promise<Seen> => {
  const [cluster, leader] = await Promise.all([api.cluster(), api.leader()]);
  const { members } = cluster;
  const of = async <T>(ask: (member: Member) => Promise<T>): Promise<Map<Member, T>> =>
    new Map(await Promise.all(members.map(async member => [member, await ask(member)] as const)));
  const [health, versions] = await Promise.all([of(member => api.isHealthy(member)), of(member => api.versionOf(member))]);
  return { cluster, leader, health, versions };
};

/** By name; one that never started has none, and is known by where it will be reached. */
const find = ({ name, peer_urls }: Args, { members }: Cluster): Member | undefined =>
  members.find(member => member.name === name) ??
  members.find(member => member.name === '' && member.peerUrls.join() === peer_urls.toSorted().join());

const rankOf = (member: Member | undefined, leader: string | undefined): Rank =>
  member === undefined ? 'absent' : member.isLearner ? 'learner' : member.id === leader ? 'leader' : 'voter';
const isAtLeast = (rank: Rank, wanted: Rank): boolean => RANKS.indexOf(rank) >= RANKS.indexOf(wanted);

const refuse = (what: string, { why, hint }: Refusal): never => {
  throw new KplayError('E_STATE', `${what}: ${why}`, { hint });
};
const make = (name: string, rank: Rank): string => (rank === 'absent' ? `remove ${name}` : `make ${name} a ${rank}`);

/** Whatever etcd itself would take that could cost the quorum. */
const allow = (given: Args, member: Member | undefined, { health, leader }: Seen): void => {
  const name = given.name ?? '';
  if (leader === undefined)
    refuse(make(name, given.state), { why: 'the cluster has no leader, so it agrees on nothing', hint: 'bring a quorum back first' });
  const reason =
    member === undefined ? whyNotAdd(health) : given.state === 'absent' ? whyNotRemove(member, health, given.force) : undefined;
  if (reason !== undefined) refuse(member === undefined ? `add ${name}` : make(name, given.state), reason);
  if (member === undefined && given.peer_urls.length === 0)
    throw new KplayError('E_ARGS', `${name} is no member: peer_urls is required to add it`);
};
const samePlace = ({ peer_urls: urls }: Args, { name, peerUrls }: Member): void => {
  if (urls.length > 0 && urls.toSorted().join() !== peerUrls.join())
    refuse(`member ${name}`, {
      why: `it is registered with ${peerUrls.join(', ')}, not with ${urls.join(', ')}`,
      hint: 'one that moved is another member: remove it, then add it',
    });
};

/** Tries until etcd is ready for it: a learner in sync, members that have known each other for some seconds. E_TIMEOUT when it does not get there. */
const patiently = async (given: Args, api: Etcd, attempt: () => Promise<void>): Promise<void> => {
  const { clock, signal } = api.line;
  const end = clock.tick() + given.wait_timeout * 1000;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof EtcdError) || !error.isEarly) throw error;
      if (clock.tick() >= end)
        throw new KplayError('E_TIMEOUT', `${error.message}, still after ${given.wait_timeout} s`, {
          cause: error,
          hint: `look at the log of etcd on ${given.name}`,
        });
      api.line.waiting(error.message);
    }
    await clock.wait(given.wait_sleep * 1000, signal);
  }
};

const lead = async (to: Member, { cluster, leader }: Seen, api: Etcd): Promise<void> => {
  const from = cluster.members.find(({ id }) => id === leader);
  if (from !== undefined && from.id !== to.id) await api.handOver(from, to);
};

const remove = async (given: Args, member: Member, seen: Seen, api: Etcd): Promise<void> => {
  // A leader that is merely removed costs the writers an election.
  const down = downOf(votersOf(seen.health), seen.health);
  const heir = votersOf(seen.health).find(other => other !== member && !down.includes(other));
  if (member.id === seen.leader && heir !== undefined) await lead(heir, seen, api);
  await patiently(given, api, () => api.remove(member));
};

/** Learner, voter, leader: step by step up to what is wanted. */
const raise = async (given: Args, seen: Seen, api: Etcd): Promise<void> => {
  if (find(given, seen.cluster) === undefined) await patiently(given, api, () => api.add(given.peer_urls));
  const member = find(given, await api.cluster());
  if (member === undefined) throw new KplayError('E_ACT', `${given.name} was added, and is not registered`);
  if (member.isLearner && isAtLeast(given.state, 'voter')) await patiently(given, api, () => api.promote(member));
  if (given.state === 'leader') await lead(member, await look(api), api);
};

const hex = (id: string): string => BigInt(id).toString(16);
const shown = ({ cluster, leader, health, versions }: Seen): Fields => {
  const members = cluster.members.map(member => ({
    id: hex(member.id),
    name: member.name,
    peer_urls: member.peerUrls,
    client_urls: member.clientUrls,
    role: rankOf(member, leader),
    healthy: health.get(member) === true,
    version: versions.get(member) ?? null,
  }));
  return { cluster_id: hex(cluster.id), members, leader: members.find(({ role }) => role === 'leader')?.name ?? '' };
};

/** https://etcd.io/docs/v3.5/op-guide/runtime-configuration/, and what it leaves to the operator's care. */
export const etcdMember = defineApi({
  name: 'etcd_member',
  summary: 'Add, promote or remove a member of etcd, or make it the leader, through a member; and tell who the members are.',
  args,

  prepare: (given: Args) => given,
  connect: ({ endpoint, ca, cert, key }, line) => Etcd.through(line, endpoint, { ca, cert, key }),
  observe: (_given, api) => look(api),

  analyze(given, seen) {
    if (given.name === undefined) return [];
    const member = find(given, seen.cluster);
    if (member !== undefined && given.state !== 'absent') samePlace(given, member);
    const rank = rankOf(member, seen.leader);
    if (given.state === 'absent' ? rank === 'absent' : isAtLeast(rank, given.state)) return [];
    allow(given, member, seen);
    return [{ path: `member ${given.name}`, key: 'role', before: rank, after: given.state }];
  },

  async act(given, seen, _changes, api): Promise<Seen> {
    const member = find(given, seen.cluster);
    if (given.state !== 'absent') await raise(given, seen, api);
    else if (member !== undefined) await remove(given, member, seen, api);
    return look(api);
  },
  result: (_given, seen, _changes, done) => shown(done ?? seen),
});
