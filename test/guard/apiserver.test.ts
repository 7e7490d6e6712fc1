import { expect, test } from 'vitest';
import { apiserver } from '../../src/guard/apiserver.ts';
import type { Ask } from '../../src/guard/guard.ts';

const NAMES = ['m1', 'm2', 'm3'];

/** Masters by what their API servers answer to /readyz; those that are not named listen on nothing. */
const masters = (answers: Readonly<Record<string, number>>, names: readonly string[] = NAMES): Ask => ({
  hostsOf: () => names,
  variable: (host, name) => (name === 'node_address' ? `10.0.0.${host.slice(1)}` : undefined),
  json: () => Promise.reject(new Error('a health check needs no login')),
  form: () => Promise.reject(new Error('nobody said to tell the load balancers')),
  async status(host, url) {
    const { hostname, port, pathname } = new URL(url);
    expect([port, pathname]).toEqual(['6443', '/readyz']);
    return answers[hostname === '127.0.0.1' ? host : `m${hostname.slice('10.0.0.'.length)}`] ?? 'nobody';
  },
});

test('one may go down while all others take requests', async () => {
  expect(await apiserver.assess('m1', 'masters', masters({ m1: 200, m2: 200, m3: 200 }))).toEqual({ permit: 'granted' });
});

test('not while another one does not, which is named', async () => {
  for (const m3 of [{}, { m3: 500 }])
    expect(await apiserver.assess('m1', 'masters', masters({ m1: 200, m2: 200, ...m3 }))).toMatchObject({
      permit: 'refused',
      why: expect.stringContaining('m3 is not ready'),
      hint: expect.stringContaining('bring m3 back'),
    });
});

test('one that does not run has nothing to lose; one that is not ready is waited for', async () => {
  expect(await apiserver.assess('m1', 'masters', masters({ m2: 200 }))).toEqual({ permit: 'not needed' });
  expect(await apiserver.assess('m1', 'masters', masters({ m1: 500, m2: 200 }))).toMatchObject({
    permit: 'unsettled',
    otherwise: { permit: 'not needed' },
  });
});

test('health is that of all of them', async () => {
  expect(await apiserver.health('m1', 'masters', masters({ m1: 200, m2: 200, m3: 200 }))).toEqual({ healthy: true, why: '' });
  expect(await apiserver.health('m1', 'masters', masters({ m1: 500, m2: 200, m3: 200 }))).toMatchObject({ healthy: false });
  expect(await apiserver.health('m1', 'masters', masters({ m1: 200, m2: 200 }))).toEqual({ healthy: false, why: 'm3 not ready' });
});

const balancers = (orders: string[], vip: number, names = NAMES): Ask => ({
  ...masters({}, names),
  variable: (_host, name) => (name === 'kube_vip' ? '10.0.0.100' : undefined),
  async form(host, url, login, fields) {
    expect([url, login.cert]).toEqual(['https://127.0.0.1:8405/', '/etc/kubernetes/pki/apiserver-kubelet-client.crt']);
    orders.push(`${host}: ${new URLSearchParams(fields)}`);
    return 303;
  },
  async status(_host, url) {
    orders.push(url);
    return vip;
  },
});

test('it leaves every load balancer before it goes down, and comes back when it is healthy', async () => {
  const orders: string[] = [];
  const ask = balancers(orders, 200);
  await apiserver.handOver?.('m1', 'masters', ask);
  expect(orders).toEqual([
    ...NAMES.map(name => `${name}: s=m2&s=m3&action=ready&b=masters`),
    ...NAMES.map(name => `${name}: s=m1&action=drain&b=masters`),
    'https://10.0.0.100:8443/readyz',
  ]);
  orders.length = 0;
  await apiserver.takeBack?.('m1', 'masters', ask);
  expect(orders).toEqual(NAMES.map(name => `${name}: s=m1&action=ready&b=masters`));
});

test('where the address answers nobody without it, it is put back and stays up', async () => {
  const orders: string[] = [];
  await expect(apiserver.handOver?.('m1', 'masters', balancers(orders, 503))).rejects.toThrow(
    'without m1 the load balancer answers nobody',
  );
  expect(orders.at(-1)).toBe('m3: s=m1&action=ready&b=masters');
});

test('a master alone has nobody to hand over to', async () => {
  const orders: string[] = [];
  await apiserver.handOver?.('m1', 'masters', balancers(orders, 503, ['m1']));
  expect(orders).toEqual([]);
});
