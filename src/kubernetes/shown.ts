import { stringify } from 'yaml';
import type { Plain } from '../model/module.ts';
import type { Manifest } from './client.ts';

/** What the server keeps of an object besides what anybody said it should be. */
const KEPT_BY_SERVER: ReadonlySet<string> = new Set([
  'managedFields',
  'resourceVersion',
  'generation',
  'uid',
  'creationTimestamp',
  'selfLink',
]);

/** An object as far as its definition decides it; the status only where the definition has one. */
export const stated = (manifest: Manifest, definition: Manifest): Manifest => {
  const metadata = Object.entries(manifest['metadata'] as Manifest).filter(([key]) => !KEPT_BY_SERVER.has(key));
  const rest = Object.entries(manifest).filter(([key]) => key !== 'metadata' && (key !== 'status' || 'status' in definition));
  return { ...Object.fromEntries(rest), metadata: Object.fromEntries(metadata) };
};

const HIDDEN = '(hidden)';
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

/** A Secret without what it holds; what differs from `other` is marked. Any other object as it is. */
export const withoutSecrets = (manifest: Manifest, other?: Manifest): Manifest => {
  if (manifest['kind'] !== 'Secret') return manifest;
  const hide = (key: string): Manifest => {
    const values = manifest[key];
    if (values === undefined || values === null) return {};
    const others = (other?.[key] ?? {}) as Manifest;
    const isNew = (name: string, value: Plain): boolean => other !== undefined && others[name] !== value;
    const hidden = Object.entries(values as Manifest).map(([name, value]) => [name, isNew(name, value) ? `${HIDDEN} new` : HIDDEN]);
    return { [key]: Object.fromEntries(hidden) as Manifest };
  };
  const metadata = manifest['metadata'] as Manifest;
  const { [LAST_APPLIED]: applied, ...annotations } = (metadata['annotations'] ?? {}) as Manifest;
  return {
    ...manifest,
    ...hide('data'),
    ...hide('stringData'),
    ...(applied !== undefined && { metadata: { ...metadata, annotations: { ...annotations, [LAST_APPLIED]: HIDDEN } } }),
  };
};

/** Two states of an object as texts to compare; empty where there is none. */
export const texts = (before: Manifest | undefined, after: Manifest | undefined): readonly [before: string, after: string] => [
  before === undefined ? '' : written(withoutSecrets(before)),
  after === undefined ? '' : written(withoutSecrets(after, before ?? {})),
];
const written = (manifest: Manifest): string => stringify(manifest, { sortMapEntries: true, lineWidth: 0 });
