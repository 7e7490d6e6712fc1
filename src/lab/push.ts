import { KplayError } from '../model/errors.ts';
import type { Image } from './image.ts';
import { MANIFEST, digestOf } from './image.ts';

/** Where an image goes: `HOST:PORT`, `root/etcd`, `3.5.16`. */
export interface Target {
  readonly registry: string;
  readonly repository: string;
  readonly tag: string;
}

/** Pushes what the registry does not have yet (Docker Registry HTTP API V2) and says whether that was anything. Fails with E_LAB. */
export const pushImage = async ({ registry, repository, tag }: Target, image: Image): Promise<boolean> => {
  const api = `http://${registry}/v2/${repository}`;
  const held = await ask(`${api}/manifests/${tag}`, { method: 'HEAD', headers: { accept: MANIFEST } }, 200, 404);
  if (held.headers.get('docker-content-digest') === digestOf(image.manifest)) return false;
  await pushBlob(api, image.config);
  await pushBlob(api, image.layer);
  await ask(`${api}/manifests/${tag}`, { method: 'PUT', headers: { 'content-type': MANIFEST }, body: new Uint8Array(image.manifest) }, 201);
  return true;
};

const pushBlob = async (api: string, bytes: Buffer): Promise<void> => {
  const held = await ask(`${api}/blobs/${digestOf(bytes)}`, { method: 'HEAD' }, 200, 404);
  if (held.status === 200) return;
  const started = await ask(`${api}/blobs/uploads/`, { method: 'POST' }, 202);
  const location = new URL(started.headers.get('location') ?? '', api);
  location.searchParams.set('digest', digestOf(bytes));
  await ask(location.href, { method: 'PUT', headers: { 'content-type': 'application/octet-stream' }, body: new Uint8Array(bytes) }, 201);
};

const ask = async (url: string, request: RequestInit, ...expected: readonly number[]): Promise<Response> => {
  const response = await fetch(url, { ...request, signal: AbortSignal.timeout(60_000) });
  if (expected.includes(response.status)) return response;
  throw new KplayError('E_LAB', `the registry answers ${response.status} to ${request.method} ${url}`, { detail: await response.text() });
};
