import * as z from 'zod';
import { amend, existing } from '../kubernetes/amend.ts';
import { called, Kubernetes, type Manifest, type Place } from '../kubernetes/client.ts';
import { withoutSecrets } from '../kubernetes/shown.ts';
import type { Plain } from '../model/module.ts';
import { any, choice, optional, str } from './args.ts';
import { defineApi } from './define.ts';
import { accessArgs } from './kubernetes/arguments.ts';
import { placeOf } from './kubernetes/objects.ts';

const labelled = z
  .union([z.record(z.string(), any), z.array(z.string())], { error: 'must be a mapping, or a list of names' })
  .transform((given): Readonly<Record<string, Plain>> => (Array.isArray(given) ? Object.fromEntries(given.map(key => [key, ''])) : given));

const args = z.strictObject({
  kind: str.default('Node').describe('Kind of the object.'),
  api_version: str.default('v1').describe('Its API version.'),
  name: str.describe('Its name.'),
  namespace: optional(str).describe('Its namespace.'),
  labels: labelled.describe('Labels by name; a list of names where they are to be absent. A label of null is removed.'),
  state: choice('present', 'absent').default('present').describe('Whether it is to have them.'),
  ...accessArgs,
});
type Args = z.output<typeof args>;
interface Seen {
  readonly place: Place;
  readonly object: Manifest;
}

/** Labels to set, null for those to remove, as far as the object has them otherwise. */
const missing = ({ labels, state }: Args, object: Manifest): Readonly<Record<string, string | null>> => {
  const present = labelsOf(object);
  const wanted = Object.entries(labels).map(
    ([key, value]) => [key, state === 'absent' || value === null ? null : str.parse(value)] as const,
  );
  return Object.fromEntries(wanted.filter(([key, value]) => value !== (present[key] ?? null)));
};
const labelsOf = (object: Manifest): Readonly<Record<string, Plain>> =>
  ((object['metadata'] as Manifest)['labels'] ?? {}) as Readonly<Record<string, Plain>>;

export const k8sLabel = defineApi({
  name: 'k8s_label',
  summary: 'Label an object of Kubernetes, a node if nothing else is said, through a master.',
  args,
  prepare: (given: Args) => given,
  connect: (given, line) => Kubernetes.through(line, given),
  async observe({ api_version, kind, name, namespace }, api): Promise<Seen> {
    const place = await placeOf(api, { apiVersion: api_version, kind, name, namespace, manifest: {} });
    return { place, object: await existing(api, place) };
  },
  analyze: (given, { place, object }) =>
    Object.entries(missing(given, object)).map(([key, after]) => ({
      path: called(place),
      key: `label ${key}`,
      before: labelsOf(object)[key] ?? null,
      after,
    })),
  act: (given, { place }, _changes, api) => amend(api, place, live => ({ metadata: { labels: missing(given, live) } })),
  result: (_given, { object }, _changes, done) => ({ result: withoutSecrets(done ?? object) }),
});
