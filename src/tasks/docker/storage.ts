import type { Plain } from '../../model/module.ts';
import { dig } from '../../probes/docker.ts';
import { type Option, type Path, at, byKey, config, host, items, record, sorted, string, strings } from './option.ts';
import * as value from './values.ts';

/** Options of docker run about volumes, mounts and devices. */

export const volume: Option = {
  name: '--volume',
  also: ['-v'],
  takes: 'many',
  wanted: (values, { image }) => sorted([...values, ...Object.keys(record(image['Volumes'] ?? null))].map(value.volume)),
  observed: base => sorted([...strings(at(base, host('Binds'))), ...Object.keys(record(at(base, config('Volumes'))))].map(value.volume)),
};
const MOUNT_OPTIONS: Readonly<Record<string, Path>> = {
  'bind-propagation': ['BindOptions', 'Propagation'],
  'volume-nocopy': ['VolumeOptions', 'NoCopy'],
  'volume-driver': ['VolumeOptions', 'DriverConfig', 'Name'],
  'tmpfs-size': ['TmpfsOptions', 'SizeBytes'],
  'tmpfs-mode': ['TmpfsOptions', 'Mode'],
};
export const mount: Option = {
  name: '--mount',
  takes: 'many',
  wanted: values => values.map(entry => byKey(value.mount(entry))).toSorted(byTarget),
  observed: base =>
    items(at(base, host('Mounts')))
      .map(entry => {
        const found: Record<string, Plain> = { type: string(dig(entry, 'Type')), target: string(dig(entry, 'Target')) };
        const source = dig(entry, 'Source');
        if (source !== null && source !== '') found['source'] = source;
        if (dig(entry, 'ReadOnly') === true) found['readonly'] = true;
        for (const [key, path] of Object.entries(MOUNT_OPTIONS)) {
          const option = dig(entry, ...path);
          if (option !== null && option !== '' && option !== false && option !== 0) found[key] = option;
        }
        return byKey(found);
      })
      .toSorted(byTarget),
};
const byTarget = (a: Plain, b: Plain): number => (string(dig(a, 'target')) < string(dig(b, 'target')) ? -1 : 1);

export const device: Option = {
  name: '--device',
  takes: 'many',
  wanted: values => sorted(values.map(value.device)),
  observed: base =>
    sorted(
      items(at(base, host('Devices'))).map(one =>
        ['PathOnHost', 'PathInContainer', 'CgroupPermissions'].map(key => string(dig(one, key))).join(':'),
      ),
    ),
};
export const tmpfs: Option = {
  name: '--tmpfs',
  takes: 'many',
  wanted: values => byKey(Object.fromEntries(values.map(value.tmpfs))),
  observed: base =>
    byKey(
      Object.fromEntries(Object.entries(record(at(base, host('Tmpfs')))).map(([path, said]) => value.tmpfs(`${path}:${string(said)}`))),
    ),
};
