import type { Fields, Plain } from '../../model/module.ts';
import type { Gathered } from './collector.ts';

const BLOCK = '/sys/block';
/** A partition is called after its disk, with a number; there is no need to look into all that a disk's folder holds. */
const PARTITION = '*[0-9]';
export const DEVICE_FILES: readonly string[] = [
  ...['vendor', 'model', 'sas_address', 'sas_device_handle', 'serial'].map(name => `device/${name}`),
  ...['rotational', 'scheduler', 'logical_block_size', 'hw_sector_size', 'discard_granularity', 'discard_max_hw_bytes'].map(
    name => `queue/${name}`,
  ),
  'removable',
  'size',
  'dm/name',
  `${PARTITION}/start`,
  `${PARTITION}/size`,
].map(name => `${BLOCK}/*/${name}`);

const LINK_FOLDERS = { ids: 'by-id', uuids: 'by-uuid', labels: 'by-label' } as const;
export const DEVICE_LINKS: readonly string[] = [
  ...Object.values(LINK_FOLDERS).map(folder => `/dev/disk/${folder}/*`),
  ...['slaves/*', 'holders/*', `${PARTITION}/holders/*`].map(name => `${BLOCK}/*/${name}`),
];

type Links = Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;
const grouped = (pairs: readonly (readonly [device: string, name: string])[]): Readonly<Record<string, readonly string[]>> => {
  const found: Record<string, string[]> = {};
  for (const [device, name] of pairs) (found[device] ??= []).push(name);
  return Object.fromEntries(Object.entries(found).map(([device, names]) => [device, names.toSorted()]));
};
const baseName = (path: string): string => path.replace(/^.*\//, '');

const allLinks = (host: Gathered): Links => ({
  ...Object.fromEntries(
    Object.entries(LINK_FOLDERS).map(([kind, folder]) => [
      kind,
      grouped(
        host
          .links(/^\/dev\/disk\/([^/]+)\/(.+)$/)
          .filter(([, of]) => of === folder)
          .map(([path, , name = '']) => [baseName(host.link(path) ?? ''), name] as const),
      ),
    ]),
  ),
  masters: grouped(host.links(/^\/sys\/block\/([^/]+)\/slaves\/([^/]+)$/).map(([, device = '', slave = '']) => [slave, device] as const)),
});
const linksOf = (links: Links, device: string): Fields =>
  Object.fromEntries(Object.entries(links).map(([kind, byDevice]) => [kind, byDevice[device] ?? []]));

/** Device mapper names of what is built on a device. */
const holders = (host: Gathered, at: string): readonly string[] =>
  host
    .links(/^(.*)\/holders\/(dm-[^/]*)$/)
    .filter(([, of]) => of === at)
    .map(([, , name = '']) => host.file(`${BLOCK}/${name}/dm/name`) ?? name);

const SIZES = ['Bytes', 'KB', 'MB', 'GB', 'TB', 'PB', 'EB', 'ZB', 'YB'];
export const bytesToHuman = (bytes: number): string => {
  const step = bytes < 1 ? 0 : Math.min(SIZES.length - 1, Math.floor(Math.log2(bytes) / 10));
  return `${(bytes / 1024 ** step).toFixed(2)} ${SIZES[step]}`;
};

/** sysfs counts in 512 bytes, whatever the device's own sector is. */
const extent = (host: Gathered, at: string, queue: string): Fields => {
  const read = (name: string): string | undefined => host.file(`${queue}/queue/${name}`);
  const sectorsize = read('logical_block_size') ?? read('hw_sector_size');
  const sectors = Math.floor((Number(host.file(`${at}/size`) ?? 0) * 512) / Number(sectorsize ?? 512));
  return { sectorsize: sectorsize ?? 512, sectors, size: bytesToHuman(sectors * Number(sectorsize ?? 512)) };
};

const partitions = (host: Gathered, disk: string, links: Links): Fields =>
  Object.fromEntries(
    host
      .files(/^\/sys\/block\/([^/]+)\/([^/]+)\/start$/)
      .filter(([, of]) => of === disk)
      .map(([, , name = '']) => {
        const at = `${BLOCK}/${disk}/${name}`;
        const facts: Fields = {
          links: linksOf(links, name),
          start: host.file(`${at}/start`) ?? 0,
          ...extent(host, at, at),
          uuid: links['uuids']?.[name]?.[0] ?? null,
          holders: holders(host, at),
        };
        return [name, facts];
      }),
  );

export const deviceFacts = (host: Gathered): Fields => {
  const links = allLinks(host);
  const wwns = new Map(
    host.links(/^\/dev\/disk\/by-id\/wwn-(.+)$/).map(([path, name = '']) => [baseName(host.link(path) ?? ''), name] as const),
  );
  const devices = host.files(/^\/sys\/block\/([^/]+)\/size$/).map(([, disk = '']): readonly [string, Plain] => {
    const at = `${BLOCK}/${disk}`;
    const read = (name: string): string | null => host.file(`${at}/${name}`) ?? null;
    const serial = read('device/serial');
    const wwn = wwns.get(disk);
    const facts: Fields = {
      virtual: 1,
      links: linksOf(links, disk),
      vendor: read('device/vendor'),
      model: read('device/model'),
      sas_address: read('device/sas_address'),
      sas_device_handle: read('device/sas_device_handle'),
      ...(serial === null ? {} : { serial }),
      removable: read('removable'),
      support_discard: read('queue/discard_max_hw_bytes') === '0' ? '0' : read('queue/discard_granularity'),
      ...(wwn === undefined ? {} : { wwn }),
      partitions: partitions(host, disk, links),
      rotational: read('queue/rotational'),
      scheduler_mode: /\[(.*)\]/.exec(read('queue/scheduler') ?? '')?.[1] ?? '',
      ...extent(host, at, at),
      host: '',
      holders: holders(host, at),
    };
    return [disk, facts];
  });
  return { device_links: links, devices: Object.fromEntries(devices) };
};
