import { createHash } from 'node:crypto';
import { type BigIntStats, createReadStream, readFileSync, statSync } from 'node:fs';
import { open, readdir, readFile, readlink, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { KplayError } from '../model/errors.ts';
import type { Controller, Input } from '../model/module.ts';
import { MAX_DIFF_BYTES } from '../probes/content.ts';
import { isVaulted } from '../vault/envelope.ts';

/** What a file on a host is to hold. */
export interface Source<From = Input> {
  readonly input: From;
  readonly sizeBytes: number;
  readonly sha256: string;
  readonly sha1: string;
  readonly md5: string;
  /** For a diff; unset where it is no text or a long one. */
  readonly text: string | undefined;
}
/** Files up to this size are held in memory, larger ones are streamed when they are sent. */
const HELD_BYTES = 1 << 20;
/** A fourth of the turns of the event loop that Node's own 64 KiB take. */
const CHUNK_BYTES = 1 << 18;

/** Bytes that are at hand. What nobody asks for is not made of them, and what is asked for again is made once. */
class Held implements Source<Uint8Array> {
  readonly input: Uint8Array;
  readonly #sums = new Map<string, string>();
  constructor(bytes: Uint8Array) {
    this.input = bytes;
  }
  get sizeBytes(): number {
    return this.input.length;
  }
  get sha256(): string {
    return this.#hex('sha256');
  }
  get sha1(): string {
    return this.#hex('sha1');
  }
  get md5(): string {
    return this.#hex('md5');
  }
  get text(): string | undefined {
    return this.input.length > MAX_DIFF_BYTES || this.input.includes(0) ? undefined : Buffer.from(this.input).toString();
  }
  #hex(algorithm: string): string {
    const sum = this.#sums.get(algorithm) ?? createHash(algorithm).update(this.input).digest('hex');
    this.#sums.set(algorithm, sum);
    return sum;
  }
}
export const sourceOf = (bytes: Uint8Array): Source<Uint8Array> => new Held(bytes);

/** A file of the controller; one that Ansible Vault encrypted is decrypted unless `decrypt` is false. E_FILE where it cannot be read. */
export const readSource = async (path: string, controller: Controller, decrypt = true): Promise<Source> => {
  try {
    const info = statSync(path, { bigint: true });
    if (info.size > HELD_BYTES)
      return decrypt && (await isVaultedFile(path))
        ? sourceOf(await readDecrypted(path, controller))
        : await streamed(path, info, controller);
    // Every host reads its own, twice: waiting for a thread would cost eight times what reading does.
    const bytes = info.isFile() ? readFileSync(path) : await readFile(path);
    return sourceOf(decrypt && isVaulted(bytes) ? controller.decrypt(bytes, path) : bytes);
  } catch (cause) {
    if (cause instanceof KplayError) throw cause;
    throw new KplayError('E_FILE', `could not read ${path}`, { detail: String(cause), cause });
  }
};
/** A file of the controller as the task is to see it. Node's errors where it cannot be read, E_VAULT. */
export const readDecrypted = async (path: string, controller: Controller): Promise<Uint8Array> => {
  const bytes = await readFile(path);
  return isVaulted(bytes) ? controller.decrypt(bytes, path) : bytes;
};
/** Did Ansible Vault encrypt this file of the controller? */
export const isVaultedFile = async (path: string): Promise<boolean> => {
  await using file = await open(path);
  const { buffer, bytesRead } = await file.read(Buffer.alloc(32));
  return isVaulted(buffer.subarray(0, bytesRead));
};
/** Read once for all hosts that get it, as long as it is the same file. */
const streamed = async (path: string, { size, dev, ino, ctimeNs }: BigIntStats, controller: Controller): Promise<Source> => {
  const sizeBytes = Number(size);
  const sums = await controller.once(`sums of ${dev}:${ino} ${size} ${ctimeNs}`, () => sumsOf(path));
  return { input: { sizeBytes, open: () => createReadStream(path, { highWaterMark: CHUNK_BYTES }) }, sizeBytes, text: undefined, ...sums };
};

const sumsOf = async (path: string): Promise<Pick<Source, 'sha256' | 'sha1' | 'md5'>> => {
  const hashes = ['sha256', 'sha1', 'md5'].map(name => createHash(name));
  for await (const chunk of createReadStream(path, { highWaterMark: CHUNK_BYTES })) for (const hash of hashes) hash.update(chunk as Buffer);
  const [sha256 = '', sha1 = '', md5 = ''] = hashes.map(hash => hash.digest('hex'));
  return { sha256, sha1, md5 };
};

/** Below a folder of the controller, as paths relative to it. Files and folders behind symlinks come as what they are unless `follow` is false. */
export interface Tree {
  readonly files: readonly { readonly from: string; readonly to: string }[];
  readonly directories: readonly string[];
  readonly links: readonly { readonly target: string; readonly to: string }[];
}

/** All that is below `root`, in order of name; a symlink that leads to one of its own parents stays a symlink. */
export const walk = async (root: string, follow = true): Promise<Tree> => {
  const tree = { files: [] as { from: string; to: string }[], directories: [] as string[], links: [] as { target: string; to: string }[] };
  const into = async (folder: string, prefix: string, parents: readonly string[]): Promise<void> => {
    const entries = await readdir(folder, { withFileTypes: true });
    entries.sort((a, b) => (a.name < b.name ? -1 : 1));
    for (const entry of entries) {
      const [from, to] = [join(folder, entry.name), prefix + entry.name];
      const link = entry.isSymbolicLink();
      const real = link ? await realpath(from).catch(() => undefined) : from;
      const what = link ? real !== undefined && (await stat(real)) : entry;
      if (link && (!follow || !what || real === undefined || parents.includes(real))) tree.links.push({ target: await readlink(from), to });
      else if (what && what.isDirectory()) {
        tree.directories.push(to);
        await into(real ?? from, `${to}/`, [...parents, await realpath(from)]);
      } else tree.files.push({ from, to });
    }
  };
  await into(root, '', [await realpath(root)]);
  return tree;
};
