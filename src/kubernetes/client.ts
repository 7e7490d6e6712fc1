import * as z from 'zod';
import { HttpClient, type HttpResponse } from '../http/client.ts';
import { KplayError } from '../model/errors.ts';
import type { Line } from '../model/line.ts';
import type { Plain } from '../model/module.ts';
import { ApiError } from './api-error.ts';
import { type Access, readKubeconfig } from './kubeconfig.ts';

/** An object as the API takes and gives it. */
export type Manifest = { readonly [key: string]: Plain };

/** One kind of object, and where the API serves it. */
export interface Resource {
  readonly apiVersion: string;
  readonly kind: string;
  readonly plural: string;
  readonly namespaced: boolean;
}
export interface Place {
  readonly resource: Resource;
  readonly name: string;
  /** Needed for what is in namespaces. */
  readonly namespace?: string | undefined;
}
export interface Selection {
  readonly namespace?: string | undefined;
  readonly labelSelectors?: readonly string[];
  readonly fieldSelectors?: readonly string[];
}
export interface ApplyOptions {
  readonly fieldManager: string;
  /** Takes fields over that another manager has set otherwise. */
  readonly force: boolean;
  /** The answer is what would be; nothing is kept. */
  readonly dryRun: boolean;
}

export const NODES: Resource = { apiVersion: 'v1', kind: 'Node', plural: 'nodes', namespaced: false };
export const PODS: Resource = { apiVersion: 'v1', kind: 'Pod', plural: 'pods', namespaced: true };
export const DISRUPTION_BUDGETS: Resource = {
  apiVersion: 'policy/v1',
  kind: 'PodDisruptionBudget',
  plural: 'poddisruptionbudgets',
  namespaced: true,
};

const ANSWER_MS = 30_000;
const PAGE = '500';

const served = z.object({
  resources: z.array(
    z.object({
      name: z.string(),
      singularName: z.string().default(''),
      kind: z.string(),
      namespaced: z.boolean(),
      shortNames: z.array(z.string()).default([]),
    }),
  ),
});
const page = z.object({
  metadata: z.object({ continue: z.string().default('') }).default({ continue: '' }),
  items: z.array(z.record(z.string(), z.json())),
});

interface Asked {
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly method?: string;
  readonly type?: string;
  readonly body?: Plain;
  /** What is asked for, as a message begins. */
  readonly what: string;
}

/**
 * The Kubernetes API behind one task's host. Not @kubernetes/client-node: it brings a class for every kind, two HTTP libraries and WebSockets
 * into a program that speaks eight requests of JSON over streams of its own. Fails with ApiError.
 */
export class Kubernetes implements Disposable {
  readonly line: Line;
  readonly #access: Access;
  readonly #http: HttpClient;
  readonly #resources = new Map<string, z.output<typeof served> | undefined>();

  private constructor(line: Line, access: Access, http: HttpClient) {
    this.line = line;
    this.#access = access;
    this.#http = http;
  }

  /** Reads the kubeconfig on the line's host; nothing is asked of the server yet. */
  static async through(line: Line, { kubeconfig, context }: { kubeconfig: string; context?: string | undefined }): Promise<Kubernetes> {
    const access = await readKubeconfig(line, kubeconfig, context);
    const { host, port } = access.origin;
    return new Kubernetes(line, access, new HttpClient(access.origin, () => line.connect(host, port)));
  }

  /** For what is to be put right though the run was interrupted: the same streams, heedless of the line's signal. */
  withSignal(signal: AbortSignal): Kubernetes {
    return new Kubernetes({ ...this.line, signal }, this.#access, this.#http);
  }

  /** By kind, plural, singular or short name; undefined where the API serves no such thing. */
  async resource(apiVersion: string, kind: string): Promise<Resource | undefined> {
    // What is missing may have come since (a CustomResourceDefinition).
    if (this.#resources.get(apiVersion) === undefined) {
      const found = await this.#found({ path: root(apiVersion), what: `look for ${apiVersion}` });
      this.#resources.set(apiVersion, found === undefined ? undefined : served.parse(found));
    }
    const wanted = kind.toLowerCase();
    const found = this.#resources
      .get(apiVersion)
      ?.resources.filter(({ name }) => !name.includes('/'))
      .find(each => each.kind === kind || [each.name, each.singularName, ...each.shortNames].includes(wanted));
    if (found === undefined) this.#resources.delete(apiVersion);
    return found && { apiVersion, kind: found.kind, plural: found.name, namespaced: found.namespaced };
  }

  get(place: Place): Promise<Manifest | undefined> {
    return this.#found({ path: pathOf(place), what: `get ${called(place)}` });
  }

  /** All that is selected, in all namespaces where none is named. */
  async list(resource: Resource, { namespace, labelSelectors = [], fieldSelectors = [] }: Selection = {}): Promise<readonly Manifest[]> {
    const { apiVersion, kind } = resource;
    const items: Manifest[] = [];
    let next = '';
    do {
      const answer = await this.#ask({
        path: folderOf(resource, namespace),
        query: { limit: PAGE, continue: next, labelSelector: labelSelectors.join(','), fieldSelector: fieldSelectors.join(',') },
        what: `list ${resource.plural}`,
      });
      const { metadata, items: some } = page.parse(answer);
      // In a list they do not say what they are.
      for (const item of some) items.push({ apiVersion, kind, ...(item as Manifest) });
      next = metadata.continue;
    } while (next !== '');
    return items;
  }

  /** Server-side apply: https://kubernetes.io/docs/reference/using-api/server-side-apply/ */
  apply(place: Place, manifest: Manifest, { fieldManager, force, dryRun }: ApplyOptions): Promise<Manifest> {
    return this.#ask({
      path: pathOf(place),
      query: { fieldManager, ...(force && { force: 'true' }), ...(dryRun && { dryRun: 'All' }) },
      method: 'PATCH',
      // JSON is YAML.
      type: 'application/apply-patch+yaml',
      body: manifest,
      what: `apply ${called(place)}`,
    });
  }

  /** JSON merge patch (RFC 7386). With a resourceVersion in it, a conflict (409) where the object has changed meanwhile. */
  patch(place: Place, body: Manifest, fieldManager: string): Promise<Manifest> {
    const type = 'application/merge-patch+json';
    return this.#ask({ path: pathOf(place), query: { fieldManager }, method: 'PATCH', type, body, what: `change ${called(place)}` });
  }

  /** What the API answers: the object that is ending, or a Status; undefined where there was none. */
  remove(place: Place, options: Manifest = {}): Promise<Manifest | undefined> {
    const body = { apiVersion: 'v1', kind: 'DeleteOptions', ...options };
    return this.#found({ path: pathOf(place), method: 'DELETE', body, what: `delete ${called(place)}` });
  }

  /** Asks for a pod's end, which its disruption budgets may refuse (429). Whether there was such a pod. */
  async evict(namespace: string, name: string, gracePeriodSeconds: number | undefined): Promise<boolean> {
    const place = { resource: PODS, name, namespace };
    const body = {
      apiVersion: 'policy/v1',
      kind: 'Eviction',
      metadata: { name, namespace },
      ...(gracePeriodSeconds !== undefined && { deleteOptions: { gracePeriodSeconds } }),
    };
    return (await this.#found({ path: `${pathOf(place)}/eviction`, method: 'POST', body, what: `evict ${called(place)}` })) !== undefined;
  }

  [Symbol.dispose](): void {
    this.#http[Symbol.dispose]();
  }

  /** Undefined for what is not there. */
  async #found(asked: Asked): Promise<Manifest | undefined> {
    try {
      return await this.#ask(asked);
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) return undefined;
      throw error;
    }
  }

  async #ask({ path, query = {}, method = 'GET', type = 'application/json', body, what }: Asked): Promise<Manifest> {
    const { origin, prefix } = this.#access;
    const search = new URLSearchParams(Object.entries(query).filter(([, value]) => value !== '')).toString();
    const reads = method === 'GET' || query['dryRun'] !== undefined;
    const send = (): Promise<HttpResponse> =>
      this.#http.ask({
        method,
        path: `${prefix}${path}${search === '' ? '' : `?${search}`}`,
        headers: { accept: 'application/json', 'user-agent': 'kplay', ...(body !== undefined && { 'content-type': type }) },
        ...(body !== undefined && { body: JSON.stringify(body) }),
        signal: AbortSignal.any([this.line.signal, AbortSignal.timeout(ANSWER_MS)]),
      });
    const response = await send()
      // An API server that ends hangs up, and behind a load balancer another one answers. What changes something is not said twice.
      .catch((error: unknown) => (reads && isCutShort(error) ? send() : Promise.reject(error)))
      .catch((error: unknown) => {
        // A port that the host cannot reach is no host that cannot be reached.
        if (error instanceof KplayError && error.code !== 'E_CONNECT') throw error;
        throw ApiError.silent(what, `https://${origin.host}:${origin.port}`, reads, error);
      });
    const secret = (body as Manifest | undefined)?.['kind'] === 'Secret';
    if (response.status >= 300 || response.status < 200) throw ApiError.refused({ what, reads, secret }, response.status, response.body);
    return JSON.parse(response.body) as Manifest;
  }
}

const isCutShort = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === 'ECONNRESET';

/** `Kind namespace/name`, as messages say it. */
export const titleOf = (kind: string, name: string, namespace: string | undefined): string =>
  `${kind} ${namespace === undefined ? '' : `${namespace}/`}${name}`;
export const called = ({ resource, name, namespace }: Place): string => titleOf(resource.kind, name, namespace);

const root = (apiVersion: string): string => (apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`);
const folderOf = ({ apiVersion, plural, namespaced }: Resource, namespace: string | undefined): string =>
  `${root(apiVersion)}${namespaced && namespace !== undefined ? `/namespaces/${encodeURIComponent(namespace)}` : ''}/${plural}`;
const pathOf = ({ resource, name, namespace }: Place): string => `${folderOf(resource, namespace)}/${encodeURIComponent(name)}`;
