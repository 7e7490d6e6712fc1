import type { Plain } from '../../model/module.ts';
import { dig } from '../../probes/docker.ts';
import { type Base, type Option, at, byKey, config, host, items, record, sorted, string, strings } from './option.ts';
import * as value from './values.ts';

/** Options of docker run about networks, names and ports. */

export const shares = (mode: string): string => (mode.startsWith('container:') ? 'container' : mode);
const networkMode = (mode: string): string => (mode === '' || mode === 'default' ? 'bridge' : shares(mode));
export const network = (base: Base): Plain => {
  const mode = networkMode(string(at(base, host('NetworkMode'))));
  return dig(base.container, 'NetworkSettings', 'Networks', mode);
};
export const shortId = ({ container }: Base): string => string(dig(container, 'Id')).slice(0, 12);
export const hasOwnName = ({ container }: Base): boolean => {
  const mode = string(dig(container, 'HostConfig', 'NetworkMode'));
  return mode !== 'host' && !mode.startsWith('container:') && string(dig(container, 'HostConfig', 'UTSMode')) !== 'host';
};

const bindings = (entries: Iterable<readonly [port: string, binding: string]>): Plain => {
  const found: Record<string, string[]> = {};
  for (const [port, binding] of entries) (found[port] ??= []).push(binding);
  return byKey(Object.fromEntries(Object.entries(found).map(([port, all]) => [port, sorted(all)])));
};
const anyAddress = (ip: string): string => (ip === '0.0.0.0' ? '' : ip);
export const publish: Option = {
  name: '--publish',
  also: ['-p'],
  takes: 'many',
  wanted: values => bindings(values.flatMap(value.published).map(([port, binding]) => [port, binding.replace(/^0\.0\.0\.0:/, ':')])),
  observed: base =>
    bindings(
      Object.entries(record(at(base, host('PortBindings')))).flatMap(([port, all]) =>
        items(all).map(one => [port, `${anyAddress(string(dig(one, 'HostIp')))}:${string(dig(one, 'HostPort'))}`] as const),
      ),
    ),
};
export const expose: Option = {
  name: '--expose',
  takes: 'many',
  wanted: (values, { image, options }) =>
    sorted([
      ...Object.keys(record(image['ExposedPorts'] ?? null)),
      ...values.flatMap(value.exposed),
      ...(options.get('--publish') ?? []).flatMap(value.published).map(([port]) => port),
    ]),
  observed: base => sorted(Object.keys(record(at(base, config('ExposedPorts'))))),
};

export const link: Option = {
  name: '--link',
  takes: 'many',
  wanted: (values, { name }) =>
    sorted(
      values.map(entry => {
        const [other = '', alias = other] = entry.split(':');
        return `/${other}:/${name}/${alias}`;
      }),
    ),
  observed: base => sorted(strings(at(base, host('Links')))),
};
export const networks: Option = {
  name: '--network',
  also: ['--net'],
  takes: 'many',
  wanted(values) {
    const names = values.map(value.networkName).map(networkMode);
    return names.length > 0 ? names : ['bridge'];
  },
  observed(base, values) {
    const first = networkMode(string(at(base, host('NetworkMode'))));
    const joined = Object.keys(record(dig(base.container, 'NetworkSettings', 'Networks')));
    return [
      first,
      ...values
        .slice(1)
        .map(value.networkName)
        .filter(name => joined.includes(name)),
    ];
  },
};
export const aliases: Option = {
  name: '--network-alias',
  also: ['--net-alias'],
  takes: 'many',
  wanted: values => sorted(values),
  observed: base => sorted(strings(dig(network(base), 'Aliases')).filter(alias => alias !== shortId(base))),
};
