import fc from 'fast-check';
import { expect, test } from 'vitest';
import { etcdQuorum } from '../../src/guard/etcd.ts';
import type { Ask } from '../../src/guard/guard.ts';

/** A cluster as its members' gateways answer: registered members by name, and which of them are up. */
const cluster = (registered: readonly string[], up: readonly string[], unclear: readonly string[] = []): Ask => {
  // Without a quorum of those registered nobody answers a linearizable read.
  const healthy = up.length >= Math.floor(registered.length / 2) + 1;
  const at = (host: string, url: string): string => (url.includes('127.0.0.1') ? host : new URL(url).hostname);
  return {
    hostsOf: () => registered,
    variable: () => undefined,
    status: () => Promise.reject(new Error('etcd is asked for JSON')),
    form: () => Promise.reject(new Error('etcd is asked for JSON')),
    async json(host, url) {
      const asked = at(host, url);
      if (unclear.includes(asked)) return 'unclear';
      if (!up.includes(asked)) return 'nobody';
      if (url.endsWith('/health')) return { body: { health: String(healthy) } };
      const members = registered.map(name => ({ ID: name, name, clientURLs: [`http://${name}:2379`] }));
      return { body: { header: { cluster_id: '1', member_id: asked }, members } };
    },
  };
};
const three = ['e1', 'e2', 'e3'];

test('with all of three up, one may go down', async () => {
  expect(await etcdQuorum.assess('e1', 'etcds', cluster(three, three))).toEqual({ permit: 'granted' });
});

test('with one of three down, another may not, and the refusal names the one that is down', async () => {
  const verdict = await etcdQuorum.assess('e1', 'etcds', cluster(three, ['e1', 'e2']));
  expect(verdict).toMatchObject({
    permit: 'refused',
    why: expect.stringContaining('e3 is down'),
    hint: expect.stringContaining('bring e3 back'),
  });
});

test('two of four are no quorum, though half are up', async () => {
  const four = [...three, 'e4'];
  expect(await etcdQuorum.assess('e1', 'etcds', cluster(four, three))).toMatchObject({ permit: 'refused' });
  expect(await etcdQuorum.assess('e1', 'etcds', cluster(four, four))).toEqual({ permit: 'granted' });
});

test('what is down already, or was never there, needs no permit', async () => {
  expect(await etcdQuorum.assess('e3', 'etcds', cluster(three, ['e1', 'e2']))).toEqual({ permit: 'not needed' });
  expect(await etcdQuorum.assess('e1', 'etcds', cluster(three, []))).toEqual({ permit: 'not needed' });
});

test('a member that may be well though it does not answer in time is taken for well', async () => {
  expect(await etcdQuorum.assess('e1', 'etcds', cluster(three, three, ['e1']))).toEqual({ permit: 'granted' });
  expect(await etcdQuorum.assess('e1', 'etcds', cluster(three, ['e1', 'e2'], ['e1']))).toMatchObject({ otherwise: { permit: 'refused' } });
  expect(await etcdQuorum.assess('e1', 'etcds', cluster(three, three, three))).toMatchObject({ otherwise: { permit: 'refused' } });
});

test('a member that answers without a quorum is asked again before it counts as lost', async () => {
  expect(await etcdQuorum.assess('e1', 'etcds', cluster(three, ['e1']))).toMatchObject({
    permit: 'unsettled',
    otherwise: { permit: 'not needed' },
  });
});

test('a cluster of one is never taken down', async () => {
  expect(await etcdQuorum.assess('e1', 'etcds', cluster(['e1'], ['e1']))).toMatchObject({
    permit: 'refused',
    why: expect.stringContaining('no other member'),
  });
});

test('whatever the cluster, a granted permit leaves a quorum of the registered members', async () => {
  const shape = fc.integer({ min: 1, max: 9 }).chain(size => {
    const names = Array.from({ length: size }, (_, index) => `m${index}`);
    return fc.record({ names: fc.constant(names), up: fc.subarray(names), host: fc.constantFrom(...names) });
  });
  await fc.assert(
    fc.asyncProperty(shape, async ({ names, up, host }) => {
      const verdict = await etcdQuorum.assess(host, 'etcds', cluster(names, up));
      const { permit } = verdict.permit === 'unsettled' ? verdict.otherwise : verdict;
      const left = up.filter(name => name !== host).length;
      if (permit === 'granted') expect(left).toBeGreaterThanOrEqual(Math.floor(names.length / 2) + 1);
      if (permit === 'not needed') expect(up.includes(host) && up.length >= Math.floor(names.length / 2) + 1).toBe(false);
    }),
  );
});

test('after the act the member and all others must answer in health', async () => {
  expect(await etcdQuorum.health('e1', 'etcds', cluster(three, three))).toEqual({ healthy: true, why: '' });
  expect(await etcdQuorum.health('e1', 'etcds', cluster(three, ['e1', 'e2']))).toMatchObject({ healthy: false, why: 'e3 not healthy' });
  expect(await etcdQuorum.health('e3', 'etcds', cluster(three, ['e1', 'e2']))).toMatchObject({
    healthy: false,
    why: 'etcd on e3 does not answer',
  });
});

test('a leader hands over to a healthy member before it goes down; a follower has nothing to hand over', async () => {
  const asked: unknown[] = [];
  const led = (leader: string): Ask => {
    const base = cluster(three, ['e1', 'e3']);
    return {
      ...base,
      async json(host, url, login, body) {
        if (url.endsWith('/maintenance/status')) return { body: { header: { member_id: host }, leader } };
        if (!url.endsWith('/transfer-leadership')) return base.json(host, url, login, body);
        asked.push([host, body]);
        return { body: {} };
      },
    };
  };
  await etcdQuorum.handOver?.('e1', 'etcds', led('e1'));
  await etcdQuorum.handOver?.('e3', 'etcds', led('e1'));
  expect(asked).toEqual([['e1', { targetID: 'e3' }]]);
});

test('where members speak TLS they are asked over it, with the health-check certificate', async () => {
  const base = cluster(three, three);
  const logins = new Set<string | undefined>();
  const tls: Ask = {
    ...base,
    variable: (_host, name) => (name === 'etcd_tls' ? 'True' : undefined),
    json(host, url, login, body) {
      if (url.includes('127.0.0.1')) expect(url).toMatch(/^https:/);
      logins.add(login?.key);
      return base.json(host, url, login, body);
    },
  };
  expect(await etcdQuorum.assess('e1', 'etcds', tls)).toEqual({ permit: 'granted' });
  expect([...logins]).toEqual(['/etc/kubernetes/pki/etcd/healthcheck-client.key']);
});
