import { isDeepStrictEqual } from 'node:util';
import { type ApplyOptions, type Kubernetes, type Manifest, type Place, type Resource, titleOf } from '../../kubernetes/client.ts';
import { ApiError } from '../../kubernetes/api-error.ts';
import { stated } from '../../kubernetes/shown.ts';
import { until } from '../../kubernetes/wait.ts';
import { KplayError } from '../../model/errors.ts';
import type { Plain } from '../../model/module.ts';
import type { Definition } from './definitions.ts';

/** What is, and what would be. */
export interface Sight {
  readonly title: string;
  readonly before: Manifest | undefined;
  /** Undefined: it is to be gone. */
  readonly after: Manifest | undefined;
  readonly differs: boolean;
}

/** Where the API serves an object. E_STATE where it serves no such kind. */
export const placeOf = async (api: Kubernetes, { apiVersion, kind, name, namespace }: Definition): Promise<Place> => {
  const resource = await api.resource(apiVersion, kind);
  if (resource === undefined)
    throw new KplayError('E_STATE', `Failed to find exact match for ${apiVersion}.${kind} by [kind, name, singularName, shortNames]`);
  return { resource, name, ...namespaceOf(resource, namespace) };
};
const namespaceOf = ({ namespaced, apiVersion, kind }: Resource, namespace: string | undefined): { readonly namespace?: string } => {
  if (!namespaced) return {};
  if (namespace === undefined) throw new KplayError('E_ARGS', `Namespace is required for ${apiVersion}.${kind}`);
  return { namespace };
};

/**
 * What applying an object would make of it, asked of the server. What an earlier object of the same task is to bring, its namespace or its kind,
 * may be missing: then the definition itself is what would be.
 */
export const seeApplied = async (
  api: Kubernetes,
  definition: Definition,
  earlier: readonly Definition[],
  options: Omit<ApplyOptions, 'dryRun'>,
): Promise<Sight> => {
  const { manifest, kind, name, apiVersion } = definition;
  const resource = await api.resource(apiVersion, kind);
  const namespace = resource?.namespaced === false ? undefined : definition.namespace;
  const isPromised = earlier.some(other => brings(other, { ...definition, namespace }));
  if (isPromised && (resource === undefined || (await isMissing(api, namespace))))
    return { title: titleOf(kind, name, namespace), before: undefined, after: manifest, differs: true };
  const place = await placeOf(api, definition);
  for (let tries = 1; ; tries += 1) {
    const before = await api.get(place);
    const after = await api.apply(place, proper(manifest, place), { ...options, dryRun: true });
    // Somebody else changed it between the two.
    if (before !== undefined && versionOf(before) !== versionOf(after) && tries < MOST_TRIES) continue;
    const differs = before === undefined || !isDeepStrictEqual(stated(before, manifest), stated(after, manifest));
    return { title: titleOf(kind, name, place.namespace), before, after, differs };
  }
};

const MOST_TRIES = 5;

export const seeRemoved = async (api: Kubernetes, definition: Definition): Promise<Sight> => {
  const { apiVersion, kind, name } = definition;
  // Of a kind that nobody knows there is no object.
  if ((await api.resource(apiVersion, kind)) === undefined)
    return { title: titleOf(kind, name, undefined), before: undefined, after: undefined, differs: false };
  const place = await placeOf(api, definition);
  const before = await api.get(place);
  const isEnding = before !== undefined && (before['metadata'] as Manifest)['deletionTimestamp'] !== undefined;
  return { title: titleOf(kind, name, place.namespace), before, after: undefined, differs: before !== undefined && !isEnding };
};

/** How long a kind may take to be served after its definition was applied, and a namespace to take objects. */
const PROMISE = { timeoutMs: 30_000, pauseMs: 500 };

/** Applies an object, for which one of the same task may just have made the place. */
export const apply = async (
  api: Kubernetes,
  definition: Definition,
  earlier: readonly Definition[],
  options: Omit<ApplyOptions, 'dryRun'>,
): Promise<Manifest> => {
  if (earlier.some(other => brings(other, definition)))
    await until(api, PROMISE, async () => {
      const { apiVersion, kind, namespace } = definition;
      return (await api.resource(apiVersion, kind)) === undefined || (await isMissing(api, namespace)) ? undefined : true;
    });
  const place = await placeOf(api, definition);
  return api.apply(place, proper(definition.manifest, place), { ...options, dryRun: false });
};

/** What is in no namespace must not say that it is. */
const proper = (manifest: Manifest, { resource }: Place): Manifest => {
  const { namespace: _, ...metadata } = manifest['metadata'] as Manifest;
  return { ...manifest, kind: resource.kind, ...(!resource.namespaced && { metadata }) };
};

const NAMESPACES: Resource = { apiVersion: 'v1', kind: 'Namespace', plural: 'namespaces', namespaced: false };
const isMissing = async (api: Kubernetes, namespace: string | undefined): Promise<boolean> =>
  namespace !== undefined && (await api.get({ resource: NAMESPACES, name: namespace })) === undefined;

/** Is `other` the namespace of an object, or the definition of its kind? */
const brings = (other: Definition, { namespace, apiVersion, kind }: Definition): boolean => {
  if (other.kind === 'Namespace') return other.name === namespace;
  const { group, names } = (other.manifest['spec'] ?? {}) as Manifest;
  return other.kind === 'CustomResourceDefinition' && apiVersion.split('/')[0] === group && (names as Manifest)?.['kind'] === kind;
};

const versionOf = (manifest: Manifest): Plain | undefined => (manifest['metadata'] as Manifest)['resourceVersion'];

/** Which fields somebody else has set otherwise. */
export const explained = (error: unknown): unknown => {
  if (!(error instanceof ApiError) || error.status !== 409) return error;
  return new KplayError('E_STATE', error.message, {
    cause: error,
    hint: 'take them out of the definition, or take them over: force_conflicts',
    ...(error.detail !== undefined && { detail: error.detail }),
  });
};
