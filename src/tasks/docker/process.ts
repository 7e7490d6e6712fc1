import { KplayError } from '../../model/errors.ts';
import { dig } from '../../probes/docker.ts';
import { type Option, at, byKey, config, host, items, last, record, set, sorted, string, strings } from './option.ts';
import * as value from './values.ts';

/** Options of docker run about the process: environment, labels, limits, health. */

export const healthText = (name: string, key: string): Option => ({
  name,
  takes: 'one',
  wanted: (values, { image, options }) => {
    if (options.get('--no-healthcheck') !== undefined) return 0;
    const own = dig(image, 'Healthcheck', key);
    if (values.length === 0) return Number(own ?? 0);
    return key === 'Retries' ? value.number(last(values)) : value.nanoseconds(last(values));
  },
  observed: base => Number(dig(base.container, 'Config', 'Healthcheck', key) ?? 0),
});
export const healthCommand: Option = {
  name: '--health-cmd',
  takes: 'one',
  wanted: (values, { image, options }) => {
    if (options.get('--no-healthcheck') !== undefined) return ['NONE'];
    return values.length > 0 ? ['CMD-SHELL', last(values)] : strings(dig(image, 'Healthcheck', 'Test'));
  },
  observed: base => strings(dig(base.container, 'Config', 'Healthcheck', 'Test')),
};

const PROXY = /^(https?|ftp|no|all)_proxy$/i;
/** Variables: the image's, under the line's. Proxies that the client's own configuration adds are not the line's affair. */
export const env: Option = {
  name: '--env',
  also: ['-e'],
  takes: 'many',
  wanted(values, { image }) {
    const bare = values.find(entry => !entry.includes('='));
    if (bare !== undefined)
      throw new KplayError('E_ARGS', `--env ${bare} takes its value from whoever runs docker`, { hint: `write --env ${bare}=value` });
    return byKey({ ...value.pairs(strings(image['Env'] ?? null)), ...value.pairs(values) });
  },
  observed(base, values) {
    const said = new Set([...values, ...strings(base.image['Env'] ?? null)].map(entry => entry.split('=')[0]));
    const all = Object.entries(value.pairs(strings(at(base, config('Env')))));
    return byKey(Object.fromEntries(all.filter(([key]) => said.has(key) || !PROXY.test(key))));
  },
};
export const label: Option = {
  name: '--label',
  also: ['-l'],
  takes: 'many',
  wanted: (values, { image }) => byKey({ ...record(image['Labels'] ?? null), ...value.pairs(values) }),
  observed: base => byKey(record(at(base, config('Labels')))),
};

export const gpus: Option = {
  name: '--gpus',
  takes: 'one',
  wanted: values => sorted(values.map(entry => entry.replace(/^(count|device)=/, ''))),
  observed: base =>
    sorted(
      items(at(base, host('DeviceRequests'))).map(one => {
        const ids = strings(dig(one, 'DeviceIDs'));
        const many = Number(dig(one, 'Count') ?? 0);
        return ids.length > 0 ? ids.join(',') : many < 0 ? 'all' : String(many);
      }),
    ),
};
/** A daemon may have limits of its own, which show in the container: only those named are compared. */
export const ulimit: Option = {
  name: '--ulimit',
  takes: 'many',
  wanted: values => (values.length > 0 ? byKey(Object.fromEntries(values.map(value.ulimit))) : undefined),
  observed: (base, values) => {
    const named = new Set(values.map(entry => value.ulimit(entry)[0]));
    const all = items(at(base, host('Ulimits'))).map(
      one => [string(dig(one, 'Name')), `${string(dig(one, 'Soft'))}:${string(dig(one, 'Hard'))}`] as const,
    );
    return byKey(Object.fromEntries(all.filter(([name]) => named.has(name))));
  },
};
/** The same of options of the log driver. */
export const logOpt: Option = {
  name: '--log-opt',
  takes: 'many',
  wanted: values => (values.length > 0 ? byKey(value.pairs(values)) : undefined),
  observed: (base, values) => {
    const named = value.pairs(values);
    return byKey(
      Object.fromEntries(Object.entries(record(dig(base.container, 'HostConfig', 'LogConfig', 'Config'))).filter(([key]) => key in named)),
    );
  },
};
/** Docker itself adds label=disable where a container shares the host's processes. */
export const securityOpt: Option = {
  ...set('--security-opt', host('SecurityOpt'), value.securityOption),
  observed: (base, values) =>
    sorted(strings(at(base, host('SecurityOpt'))).map(value.securityOption)).filter(
      option => option !== 'label=disable' || values.map(value.securityOption).includes(option),
    ),
};
