import { KplayError } from '../model/errors.ts';
import type { Ask, Guard, Health, Verdict } from './guard.ts';

/** Says whether an API server takes requests: https://kubernetes.io/docs/reference/using-api/health-checks/. Anybody may ask. */
const isReady = async (from: string, address: string, host: string, ask: Ask): Promise<boolean> =>
  (await ask.status(from, `https://${address}:${portOf(host, ask)}/readyz`)) === 200;

export const portOf = (host: string, ask: Ask): string => ask.variable(host, 'kube_api_port') ?? '6443';
export const addressOf = (host: string, ask: Ask): string =>
  ask.variable(host, 'node_address') ?? ask.variable(host, 'ansible_host') ?? host;

/** The group's other masters that do not take requests, asked directly and from the host. */
const downAmong = async (host: string, group: string, ask: Ask): Promise<readonly string[]> => {
  const others = ask.hostsOf(group).filter(other => other !== host);
  const states = await Promise.all(others.map(other => isReady(host, addressOf(other, ask), other, ask)));
  return others.filter((_, index) => !states[index]);
};

/**
 * Tells the load balancer of every master what to do with some API servers (https://docs.haproxy.org/2.6/configuration.html, `stats admin`): `drain`
 * sends them nothing new. Only an API server's own certificate may say so. A master without a load balancer has nothing to tell.
 */
const tellBalancers = async (servers: readonly string[], action: 'drain' | 'ready', group: string, ask: Ask): Promise<void> => {
  const tell = (host: string): Promise<unknown> => {
    const pki = ask.variable(host, 'kube_pki') ?? '/etc/kubernetes/pki';
    const login = { ca: `${pki}/ca.crt`, cert: `${pki}/apiserver-kubelet-client.crt`, key: `${pki}/apiserver-kubelet-client.key` };
    const port = ask.variable(host, 'loadbalancer_admin_port') ?? '8405';
    // haproxy reads this from its end, and must know what to do when it meets the servers.
    return ask.form(host, `https://127.0.0.1:${port}/`, login, [
      ...servers.map(server => ['s', server] as [string, string]),
      ['action', action],
      ['b', 'masters'],
    ]);
  };
  await Promise.all(ask.hostsOf(group).map(tell));
};

/** Does the address that all of the cluster use answer? True where there is none. */
const isServed = async (host: string, ask: Ask): Promise<boolean> => {
  const address = ask.variable(host, 'kube_vip');
  if (address === undefined) return true;
  return (await ask.status(host, `https://${address}:${ask.variable(host, 'kube_vip_port') ?? '8443'}/readyz`)) === 200;
};

/** One API server at a time: it may be taken down while all others take requests, once it is out of the load balancers. */
export const apiserver: Guard = {
  name: 'apiserver',
  group: 'masters',
  exclusive: true,

  async assess(host, group, ask): Promise<Verdict> {
    const own = await ask.status(host, `https://127.0.0.1:${portOf(host, ask)}/readyz`);
    if (own === 'nobody') return { permit: 'not needed' };
    const down = await downAmong(host, group, ask);
    if (down.length === 0 && ask.hostsOf(group).length > 1) return { permit: 'granted' };
    // One that is not ready has nothing to lose, but it may just be starting.
    if (own !== 200) return { permit: 'unsettled', why: `the API server on ${host} is not ready`, otherwise: { permit: 'not needed' } };
    if (down.length === 0) return { permit: 'granted' };
    const are = down.length > 1 ? 'are' : 'is';
    return {
      permit: 'refused',
      why: `taking the API server on ${host} down would leave too few: ${down.join(', ')} ${are} not ready`,
      hint: `bring ${down.join(', ')} back first (docker logs kube-apiserver there), then run again`,
    };
  },

  async handOver(host, group, ask) {
    const others = ask.hostsOf(group).filter(other => other !== host);
    // A master alone has nobody to hand over to.
    if (others.length === 0) return;
    // What a run that was killed has left out comes back first.
    await tellBalancers(others, 'ready', group, ask);
    await tellBalancers([host], 'drain', group, ask);
    if (await isServed(host, ask)) return;
    await tellBalancers([host], 'ready', group, ask);
    throw new KplayError('E_GUARD', `apiserver: without ${host} the load balancer answers nobody`, {
      hint: 'look at haproxy and keepalived on the masters; nothing was taken down',
    });
  },
  takeBack: (host, group, ask) => tellBalancers([host], 'ready', group, ask),

  async health(host, group, ask): Promise<Health> {
    if (!(await isReady(host, '127.0.0.1', host, ask))) return { healthy: false, why: `the API server on ${host} is not ready` };
    const down = await downAmong(host, group, ask);
    return down.length > 0 ? { healthy: false, why: `${down.join(', ')} not ready` } : { healthy: true, why: '' };
  },
};
