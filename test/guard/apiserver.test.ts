import { expect, test } from 'vitest';
import { apiserver } from '../../src/guard/apiserver.ts';
import type { Ask } from '../../src/guard/guard.ts';

const NAMES = ['m1', 'm2', 'm3'];

/** Masters by what their API servers answer to /readyz; those that are not named listen on nothing. */
const masters = (answers: Readonly<Record<string, number>>, names: readonly string[] = NAMES): Ask => ({
  hostsOf: () => names,
  variable: (host, name) => (name === 'node_address' ? `10.0.0.${host.slice(1)}` : undefined),
  json: () => Promise.reject(new Error('a health check needs no login')),
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
