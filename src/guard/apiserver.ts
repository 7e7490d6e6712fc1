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

/** One API server at a time: it may be taken down while all others take requests. */
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

  async health(host, group, ask): Promise<Health> {
    if (!(await isReady(host, '127.0.0.1', host, ask))) return { healthy: false, why: `the API server on ${host} is not ready` };
    const down = await downAmong(host, group, ask);
    return down.length > 0 ? { healthy: false, why: `${down.join(', ')} not ready` } : { healthy: true, why: '' };
  },
};
