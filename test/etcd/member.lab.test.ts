import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Outcome } from '../../src/model/event.ts';
import { kplay, NEW, told } from './_cluster.ts';
import { addressOf, fileOf, type Host, HOSTS, LAB, on, registry } from './_hosts.ts';

const peer = (host: Host): string => `http://${addressOf(host)}:12380`;
const wipe = (host: Host): string => on(host, 'docker rm -f scratch >/dev/null 2>&1 || :; rm -rf /var/scratch');
/** A member of its own, on ports that no other one uses. */
const start = (host: Host, state: 'new' | 'existing', ...members: readonly Host[]): string => {
  const client = `http://${addressOf(host)}:12379`;
  return on(
    host,
    `docker run -d --name scratch --net=host -v /var/scratch:/var/scratch ${registry()}/root/etcd:${NEW} /usr/local/bin/etcd -name ${host} \
-data-dir /var/scratch/data -advertise-client-urls ${client} -listen-client-urls http://127.0.0.1:12379,${client} \
-initial-advertise-peer-urls ${peer(host)} -listen-peer-urls ${peer(host)} \
-initial-cluster ${members.map(name => `${name}=${peer(name)}`).join()} -initial-cluster-state ${state}`,
  );
};

/** The module once on a host; what came of it. */
const be = async (asked: Host, state: string, host: Host, ...options: readonly string[]): Promise<Outcome> => {
  const args = JSON.stringify({ name: host, state, peer_urls: [peer(host)], endpoint: 'http://127.0.0.1:12379' });
  const play = fileOf('play.yml', `- {hosts: ${asked}, gather_facts: false, tasks: [{etcd_member: ${args}}]}\n`);
  const run = await kplay('-i', LAB, play, ...options);
  const outcome = run.outcomes.at(-1);
  if (outcome === undefined) throw new Error(told(run));
  return outcome;
};
const rolesOf = ({ result }: Outcome): Record<string, string> => {
  const { members } = result as unknown as { readonly members: readonly { readonly name: string; readonly role: string }[] };
  return Object.fromEntries(members.map(({ name, role }) => [name || 'new', role]));
};

beforeAll(() => {
  HOSTS.forEach(wipe);
  start('h1', 'new', 'h1');
});
afterAll(() => HOSTS.forEach(wipe));

test('a cluster grows from one member to three, and shrinks again', async () => {
  const checked = await be('h1', 'voter', 'h2', '--check');
  expect([checked.status, rolesOf(checked)]).toEqual(['changed', { h1: 'leader' }]);
  for (const [index, host] of (['h2', 'h3'] as const).entries()) {
    const added = await be('h1', 'learner', host);
    expect([added.status, rolesOf(added)], added.message).toEqual(['changed', expect.objectContaining({ h1: 'leader', new: 'learner' })]);
    start(host, 'existing', ...HOSTS.slice(0, index + 2));
    expect(rolesOf(await be('h1', 'voter', host))).toMatchObject({ [host]: 'voter' });
    expect((await be('h1', 'voter', host)).status).toBe('ok');
  }
  expect(rolesOf(await be('h2', 'leader', 'h3'))).toEqual({ h1: 'voter', h2: 'voter', h3: 'leader' });

  on('h2', 'docker stop scratch');
  expect(await be('h1', 'absent', 'h3')).toMatchObject({
    status: 'failed',
    message: 'remove h3: 2 members would be left, of which 2 must be healthy: h2 is down',
  });
  expect(rolesOf(await be('h1', 'absent', 'h2'))).toEqual({ h1: 'voter', h3: 'leader' });
  expect(await be('h1', 'absent', 'h3')).toMatchObject({ status: 'failed', message: expect.stringContaining('of two members one') });
});
