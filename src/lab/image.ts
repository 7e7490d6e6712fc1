import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { arch } from 'node:process';
import { SYSTEM_PATH, run } from './run.ts';

/** Media type of a manifest. */
export const MANIFEST = 'application/vnd.docker.distribution.manifest.v2+json';
const CONFIG = 'application/vnd.docker.container.image.v1+json';
// Not compressed: the bytes do not leave the machine, and all of its hosts would unpack them on the same processors.
const LAYER = 'application/vnd.docker.image.rootfs.diff.tar';

/** An image of one layer as a registry takes it ("Image Manifest Version 2, Schema 2"). */
export interface Image {
  readonly layer: Buffer;
  readonly config: Buffer;
  readonly manifest: Buffer;
}
const PARTS = ['layer', 'config', 'manifest'] as const;

/** Packs a root file system, from which `command` runs if nothing else is asked for. Equal trees give equal bytes. */
export const packImage = async (root: string, command: readonly string[], scratch: string): Promise<Image> => {
  const tar = join(scratch, 'layer.tar');
  const reproducible = ['--sort=name', '--mtime=@0', '--owner=0', '--group=0', '--numeric-owner'];
  await run('tar', ['--create', ...reproducible, `--file=${tar}`, `--directory=${root}`, '.']);
  const layer = await readFile(tar);
  const config = json({
    architecture: arch === 'x64' ? 'amd64' : arch,
    os: 'linux',
    created: new Date(0).toISOString(),
    config: { Env: [`PATH=${SYSTEM_PATH}`], Cmd: command, WorkingDir: '/' },
    rootfs: { type: 'layers', diff_ids: [digestOf(layer)] },
  });
  const manifest = json({
    schemaVersion: 2,
    mediaType: MANIFEST,
    config: { mediaType: CONFIG, size: config.length, digest: digestOf(config) },
    layers: [{ mediaType: LAYER, size: layer.length, digest: digestOf(layer) }],
  });
  return { layer, config, manifest };
};

const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));
export const digestOf = (bytes: Buffer): string => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

export const writeImage = async (image: Image, dir: string): Promise<void> => {
  for (const part of PARTS) await writeFile(join(dir, part), image[part]);
};
export const readImage = async (dir: string): Promise<Image> => {
  const [layer, config, manifest] = await Promise.all([
    readFile(join(dir, 'layer')),
    readFile(join(dir, 'config')),
    readFile(join(dir, 'manifest')),
  ]);
  return { layer, config, manifest };
};
