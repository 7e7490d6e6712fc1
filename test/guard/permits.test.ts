import { expect, test } from 'vitest';
import type { Ask } from '../../src/guard/guard.ts';
import { Permits, type Written } from '../../src/guard/permits.ts';
import { command } from '../../src/tasks/command.ts';
import { anyModule } from '../../src/tasks/define.ts';
import { systemd } from '../../src/tasks/systemd.ts';
import { FakeClock } from '../engine/_fake.ts';

const [unit, program] = [systemd, command].map(anyModule);
const written: Written = { value: 'etcd_quorum', at: { file: 'p.yml', line: 1, col: 1 } };
const silent = (): void => undefined;

/** Drained, and Ready. */
const NODE = {
  metadata: { annotations: { 'kplay.dev/cordon-prior': 'schedulable' } },
  spec: { unschedulable: true },
  status: { conditions: [{ type: 'Ready', status: 'True' }] },
};

const VIP = '10.0.0.100';
/** Three members, of which some are down; `alone` records who left the others and came back. `served` are the answers of their address. */
const setUp = (down: readonly string[] = [], signal = new AbortController().signal, served?: Iterator<number>) => {
  const names = ['e1', 'e2', 'e3'];
  const ask: Ask = {
    hostsOf: group => (['etcds', 'masters'].includes(group) ? names : []),
    variable: (_host, name) => (served && name === 'kube_vip' ? VIP : undefined),
    form: async () => 'nobody',
    status: async (host, url) =>
      url.includes(VIP)
        ? (served?.next().value ?? 503)
        : down.includes(url.includes('127.0.0.1') ? host : new URL(url).hostname)
          ? 'nobody'
          : 200,
    async json(host, url) {
      const asked = url.includes('127.0.0.1') ? host : new URL(url).hostname;
      if (down.includes(asked)) return 'nobody';
      if (url.includes('/api/v1/nodes')) return { body: { kind: 'NodeList', items: [NODE] } };
      if (url.includes('/api/v1/pods')) return { body: { kind: 'PodList', items: [] } };
      if (url.endsWith('/health')) return { body: { health: 'true' } };
      return {
        body: { header: { member_id: asked }, members: names.map(name => ({ ID: name, name, clientURLs: [`http://${name}:2379`] })) },
      };
    },
  };
  const alone: string[] = [];
  const permits = new Permits({
    byGroup: new Map([['etcds', 'etcd_quorum']]),
    ask,
    clock: new FakeClock(),
    signal,
    alone: { detach: host => alone.push(`${host} leaves`), attach: host => alone.push(`${host} joins`) },
  });
  return { permits, alone };
};

test('units and containers of a guarded group need a permit without being asked; commands only where a guard is written', () => {
  const { permits } = setUp();
  expect(permits.needed('e1', undefined, unit!)).toBe(true);
  expect(permits.needed('other', undefined, unit!)).toBe(false);
  expect(permits.needed('e1', undefined, program!)).toBe(false);
  expect(permits.needed('e1', written, program!)).toBe(true);
});

test('one host at a time: the next is let in when the first has left in health', async () => {
  const { permits, alone } = setUp();
  await permits.acquire('e1', written, program!, silent);
  expect(permits.needed('e1', written, program!)).toBe(false);
  const second = permits.acquire('e2', written, program!, silent);
  await permits.leave('e1', written, silent);
  await second;
  expect(alone).toEqual(['e1 leaves', 'e1 joins', 'e2 leaves']);
});

test('a permit is held to the end of what carries its guard, and no longer', async () => {
  const { permits, alone } = setUp();
  await permits.acquire('e1', written, program!, silent);
  await permits.leave('e1', 'play', silent);
  await permits.leave('e1', { ...written }, silent);
  expect(alone).toEqual(['e1 leaves']);
  await permits.leave('e1', written, silent);
  expect(alone).toEqual(['e1 leaves', 'e1 joins']);
});

test('an address that answers nobody for a moment is asked again', async () => {
  const guard = { ...written, value: 'apiserver' };
  const told: string[] = [];
  const { permits } = setUp([], undefined, [503, 503, 200].values());
  await permits.acquire('e1', guard, program!, reason => told.push(reason));
  expect(told).toEqual(Array.from({ length: 2 }, () => 'apiserver: without e1 the load balancer answers nobody'));
  const { permits: others } = setUp([], undefined, [].values());
  await expect(others.acquire('e1', guard, program!, silent)).rejects.toThrow('without e1 the load balancer answers nobody');
});

test('a refusal names who is down, and lets the next one ask', async () => {
  const { permits } = setUp(['e3']);
  await expect(permits.acquire('e1', written, program!, silent)).rejects.toMatchObject({
    code: 'E_GUARD',
    message: expect.stringContaining('e3 is down'),
  });
  await expect(permits.acquire('e2', written, program!, silent)).rejects.toMatchObject({ code: 'E_GUARD' });
  await permits.acquire('e3', written, program!, silent);
});

test('what would be refused can be foreseen; nothing is held for that', async () => {
  const { permits, alone } = setUp(['e3']);
  await expect(permits.foresee('e1', written, program!, silent)).rejects.toMatchObject({ code: 'E_GUARD' });
  await permits.foresee('e3', written, program!, silent);
  expect(alone).toEqual([]);
  expect(permits.needed('e3', written, program!)).toBe(true);
});

test('a host that does not come back is told of, and its permit is given up', async () => {
  const down: string[] = [];
  const { permits, alone } = setUp(down);
  await permits.acquire('e1', written, program!, silent);
  down.push('e1');
  await expect(permits.leave('e1', written, silent)).rejects.toMatchObject({
    code: 'E_GUARD',
    message: expect.stringContaining('e1 did not come back'),
  });
  expect(alone.at(-1)).toBe('e1 joins');
  await expect(permits.acquire('e2', written, program!, silent)).rejects.toMatchObject({ code: 'E_GUARD' });
});

test('a host may hold permits of two guards; each is given back on its own', async () => {
  const { permits, alone } = setUp();
  const api: Written = { ...written, value: 'apiserver' };
  await permits.acquire('e1', undefined, unit!, silent);
  await permits.acquire('e1', api, program!, silent);
  const [etcd, other] = [permits.acquire('e2', undefined, unit!, silent), permits.acquire('e3', api, program!, silent)];
  await permits.leave('e1', api, silent);
  await other;
  expect(alone).toEqual(['e1 leaves', 'e3 leaves']);
  await permits.leave('e1', 'play', silent);
  await etcd;
  expect(alone).toEqual(['e1 leaves', 'e3 leaves', 'e1 joins', 'e2 leaves']);
});

test('several guards in one keyword: all must say yes, and all are given back together', async () => {
  const both: Written = { ...written, value: 'apiserver, etcd_quorum' };
  const { permits, alone } = setUp();
  await permits.acquire('e1', both, program!, silent);
  expect(permits.needed('e1', { ...written, value: 'etcd_quorum' }, program!)).toBe(false);
  const next = permits.acquire('e2', both, program!, silent);
  await permits.leave('e1', both, silent);
  await next;
  expect(alone).toEqual(['e1 leaves', 'e1 joins', 'e2 leaves']);
});

test('where one of several guards refuses, the others are free again', async () => {
  const both: Written = { ...written, value: 'etcd_quorum apiserver' };
  const { permits, alone } = setUp(['e3']);
  await expect(permits.acquire('e1', both, program!, silent)).rejects.toMatchObject({ code: 'E_GUARD' });
  await permits.acquire('e3', both, program!, silent);
  expect(alone).toEqual([]);
  await expect(permits.acquire('e2', { ...both, value: 'etcd_quorum, api' }, program!, silent)).rejects.toThrow("there is no guard 'api'");
});

test('what is not exclusive is held side by side, in line with the others, and beside what is exclusive', async () => {
  const { permits, alone } = setUp();
  const drained: Written = { ...written, value: 'node_drained' };
  await permits.acquire('e1', drained, program!, silent);
  await permits.acquire('e2', drained, program!, silent);
  expect([permits.needed('e1', drained, program!), permits.needed('e2', drained, program!), alone]).toEqual([false, false, []]);
  await permits.acquire('e1', undefined, unit!, silent);
  await permits.leave('e1', 'play', silent);
  await permits.leave('e1', drained, silent);
  expect(alone).toEqual(['e1 leaves', 'e1 joins']);
  expect(permits.needed('e1', drained, program!)).toBe(true);
});

test('guard: none says that nothing is taken down', () => {
  const { permits } = setUp();
  expect(permits.needed('e1', { ...written, value: 'none' }, unit!)).toBe(false);
});

test('an interrupted run waits for no permit, and holds nobody up', async () => {
  const stop = new AbortController();
  const { permits } = setUp([], stop.signal);
  await permits.acquire('e1', written, program!, silent);
  const waiting = permits.acquire('e2', written, program!, silent);
  stop.abort(new Error('interrupted'));
  await expect(waiting).rejects.toThrow('interrupted');
  await expect(permits.acquire('e3', written, program!, silent)).rejects.toThrow('interrupted');
});

test('a guard that does not exist is refused by name', () => {
  const { permits } = setUp();
  expect(() => permits.needed('e1', { ...written, value: 'etcd_qourum' }, program!)).toThrow(expect.objectContaining({ code: 'E_SYNTAX' }));
});
