import { KplayError } from '../../model/errors.ts';
import type { Plain } from '../../model/module.ts';

/** Values of docker run's options, as docker/cli reads them. */

const refuse = (what: string, value: string): never => {
  throw new KplayError('E_ARGS', `${what}: ${value}`);
};

/** `512m`, `1.5GiB`, plain bytes: units are powers of 1024 (go-units RAMInBytes). -1 is unlimited. */
export const bytes = (value: string): number => {
  const [, number = '', unit = ''] = /^(-?\d+(?:\.\d+)?) ?([kmgtp]?)(?:i?b)?$/i.exec(value.trim()) ?? refuse('invalid size', value);
  return Math.floor(Number(number) * 1024 ** ' kmgtp'.indexOf(unit.toLowerCase() || ' '));
};

/** Go's time.ParseDuration, in nanoseconds. */
export const nanoseconds = (value: string): number => {
  if (value === '0') return 0;
  if (!/^(\d+(\.\d+)?(ns|us|\u00b5s|ms|s|m|h))+$/.test(value)) refuse('invalid duration', value);
  const units: Readonly<Record<string, number>> = { ns: 1, us: 1e3, µs: 1e3, ms: 1e6, s: 1e9, m: 60e9, h: 3600e9 };
  return [...value.matchAll(/(\d+(?:\.\d+)?)(ns|us|\u00b5s|ms|s|m|h)/g)].reduce(
    (sum, [, number, unit = '']) => sum + Math.round(Number(number) * (units[unit] ?? 0)),
    0,
  );
};

export const number = (value: string): number =>
  /^-?(\d+\.?\d*|\.\d+)$/.test(value.trim()) ? Number(value) : refuse('invalid number', value);

/** `KEY=value` pairs; without a sign the value is empty. */
export const pairs = (values: readonly string[], sign = '='): Record<string, string> =>
  Object.fromEntries(
    values.map(value => {
      const at = value.indexOf(sign);
      return at < 0 ? [value, ''] : [value.slice(0, at), value.slice(at + 1)];
    }),
  );

/** `8000-8002` as three ports. */
const range = (text: string): readonly number[] => {
  const [, from = '', to = from] = /^(\d+)(?:-(\d+))?$/.exec(text) ?? refuse('invalid port', text);
  const count = Number(to) - Number(from) + 1;
  if (count < 1 || Number(to) > 65_535) refuse('invalid port range', text);
  return Array.from({ length: count }, (_, i) => Number(from) + i);
};
/** `80`, `80/udp`, `80-82` as docker names ports: `80/tcp`. */
export const exposed = (value: string): readonly string[] => {
  const [ports = '', protocol = 'tcp'] = value.split('/');
  return range(ports).map(port => `${port}/${protocol.toLowerCase()}`);
};

/** `[ip:][host]:container[/protocol]`, ranges on both sides: container port → `ip:port` of the host. */
export const published = (value: string): readonly (readonly [port: string, binding: string])[] => {
  const [, ip = '', host = '', inside = '', protocol = 'tcp'] =
    /^(?:(?:(\[[^\]]*\]|[^:]*):)?([\d-]*):)?([\d-]+)(?:\/(\w+))?$/.exec(value) ?? refuse('invalid port to publish', value);
  const ports = range(inside);
  const hosts = host === '' ? [] : range(host);
  if (hosts.length > 0 && hosts.length !== ports.length && ports.length !== 1) refuse('ranges of ports differ in length', value);
  const bound = (i: number): string => (ports.length === 1 ? host : String(hosts[i] ?? ''));
  return ports.map((port, i) => [`${port}/${protocol.toLowerCase()}`, `${ip.replace(/^\[|\]$/g, '')}:${bound(i)}`]);
};

/** A path as Go's path.Clean leaves it at its end. */
const clean = (path: string): string => (/^\/+$/.test(path) ? '/' : path.replace(/\/+$/, ''));

/** `[source:]target[:options]`, options in order and without those that are the default. */
export const volume = (value: string): string => {
  const [first = '', second, options = ''] = value.split(':');
  if (second === undefined) return clean(first);
  const said = options.split(',').filter(option => option !== '' && option !== 'rw' && option !== 'rprivate');
  return [clean(first), clean(second), ...(said.length > 0 ? [said.toSorted().join(',')] : [])].join(':');
};

const FALSE = /^(0|f|false)$/i;
const yes = (value: string): boolean => !FALSE.test(value);

/** `--mount type=bind,source=/a,target=/b,readonly`, canonical: only what is not the default. */
export const mount = (value: string): Record<string, Plain> => {
  const found: Record<string, Plain> = { type: 'volume' };
  for (const [key, text] of Object.entries(pairs(csv(value)))) {
    const name = MOUNT_NAMES[key] ?? key;
    if (name === 'readonly') {
      if (text === '' || yes(text)) found[name] = true;
    } else if (name === 'tmpfs-size') found[name] = bytes(text);
    else if (name === 'tmpfs-mode') found[name] = Number.parseInt(text, 8);
    else if (name === 'volume-nocopy') {
      if (text === '' || yes(text)) found[name] = true;
    } else found[name] = name === 'source' || name === 'target' ? clean(text) : text;
  }
  if (found['target'] === undefined) refuse('a mount needs a target', value);
  return found;
};
const MOUNT_NAMES: Readonly<Record<string, string>> = { src: 'source', destination: 'target', dst: 'target', ro: 'readonly' };

/** Fields of one CSV line; quotes hold commas together. */
export const csv = (line: string): readonly string[] =>
  [...line.matchAll(/(?:^|,)("(?:[^"]|"")*"|[^,]*)/g)].map(([, field = '']) =>
    field.startsWith('"') ? field.slice(1, -1).replaceAll('""', '"') : field,
  );

/** `host[:container[:permissions]]`. */
export const device = (value: string): string => {
  const [host = '', second, third] = value.split(':');
  const permissions = third ?? (second !== undefined && /^[rwm]+$/.test(second) ? second : 'rwm');
  return `${host}:${second === undefined || (third === undefined && /^[rwm]+$/.test(second)) ? host : second}:${permissions}`;
};

/** `name=soft[:hard]`. */
export const ulimit = (value: string): readonly [name: string, limits: string] => {
  const [, name = '', soft = '', hard = soft] = /^(\w+)=(-?\d+)(?::(-?\d+))?$/.exec(value) ?? refuse('invalid ulimit', value);
  return [name, `${soft}:${hard}`];
};

/** `no`, `always`, `unless-stopped`, `on-failure[:times]`. */
export const restart = (value: string): string => {
  const [, name = '', times = '0'] =
    /^(|no|always|unless-stopped|on-failure)(?::(\d+))?$/.exec(value) ?? refuse('invalid restart policy', value);
  return name === 'on-failure' && times !== '0' ? `${name}:${times}` : name || 'no';
};

/** Capabilities without CAP_, in upper case. */
export const capability = (value: string): string => value.toUpperCase().replace(/^CAP_/, '');

/** Docker takes several spellings of one security option. */
export const securityOption = (value: string): string => {
  if (/^no-new-privileges([=:]true)?$/.test(value)) return 'no-new-privileges';
  return value.replace(/^(label|seccomp|apparmor|systempaths|no-new-privileges):/, '$1=');
};

/** Options of a tmpfs, in order. */
export const tmpfs = (value: string): readonly [path: string, options: string] => {
  const at = value.indexOf(':');
  return at < 0
    ? [clean(value), '']
    : [
        clean(value.slice(0, at)),
        value
          .slice(at + 1)
          .split(',')
          .toSorted()
          .join(','),
      ];
};

/** `host:ip`; newer docker also takes `host=ip` and IPv6 in brackets. */
export const extraHost = (value: string): string => value.replace(/^([^:=]+)[:=]\[?([^\]]*)\]?$/, '$1:$2');

/** The network of `--network`, plain or as `name=…,alias=…`. */
export const networkName = (value: string): string => (value.includes('name=') ? (pairs(csv(value))['name'] ?? value) : value);
