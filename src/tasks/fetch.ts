import { createHash, randomUUID } from 'node:crypto';
import { chmod, mkdir, readFile, realpath, rename, rm, stat as statFile, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { umask } from 'node:process';
import { basename, dirname, join, normalize, resolve } from 'node:path';
import * as z from 'zod';
import { KplayError } from '../model/errors.ts';
import type { ActionContext, Fields } from '../model/module.ts';
import { content } from '../probes/content.ts';
import { sha256 } from '../probes/digest.ts';
import { type Stat, stat } from '../probes/stat.ts';
import { bool, path, str } from './args.ts';
import { defineAction } from './define.ts';

const args = z.strictObject({
  src: path.describe('File of the host.'),
  dest: str.describe(
    'Directory of the controller: the file goes to DEST/HOST/SRC. With flat, the file itself, or the directory if it ends in a slash.',
  ),
  flat: bool.default(false).describe("Do not put the host's name and the path into the file's name."),
  fail_on_missing: bool.default(true).describe('Fail when there is no such file.'),
  validate_checksum: bool.default(true).describe('Fail when what arrived is not what the host has.'),
});
type Args = z.output<typeof args>;

/** Relative to the playbook, as Ansible's path_dwim. */
const absolute = (dest: string, context: ActionContext): string => {
  const home = dest.replace(/^~(?=\/|$)/, () => homedir());
  return resolve(String(context.variable('playbook_dir') ?? '.'), home);
};
const isDirectory = async (dest: string): Promise<boolean> =>
  statFile(dest).then(
    info => info.isDirectory(),
    () => false,
  );

const destination = async ({ dest, flat }: Args, source: string, context: ActionContext): Promise<string> => {
  const root = absolute(dest, context);
  if (!flat) return normalize(`${root}/${context.host}/${source}`);
  if (!dest.endsWith('/')) {
    if (await isDirectory(root))
      throw new KplayError('E_STATE', 'dest is an existing directory, use a trailing slash if you want to fetch src into that directory');
    return root;
  }
  const file = join(root, basename(source));
  if (await isDirectory(file))
    throw new KplayError(
      'E_STATE',
      `calculated dest '${file}' is an existing directory, use another path that does not point to an existing directory`,
    );
  return file;
};

/** What the controller has there now; undefined where there is no such file. */
const present = async (dest: string): Promise<Buffer | undefined> => {
  try {
    return await readFile(dest);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new KplayError('E_FILE', `could not read ${dest}`, { cause });
  }
};
/** Beside it, then renamed over it: an interrupted run leaves no half a file. An old file's permissions stay. */
const store = async (dest: string, bytes: Buffer, bits: number): Promise<void> => {
  const fresh = join(dirname(dest), `.${randomUUID()}`);
  try {
    await mkdir(dirname(dest), { recursive: true });
    const real = await realpath(dest).catch(() => dest);
    const old = await statFile(real).catch(() => undefined);
    await writeFile(fresh, bytes, { mode: 0o600 });
    await chmod(fresh, old ? old.mode & 0o7777 : bits & ~umask());
    await rename(fresh, real);
  } catch (cause) {
    await rm(fresh, { force: true });
    throw new KplayError('E_FILE', `Failed to fetch the file: ${String(cause)}`, { cause });
  }
};
const hex = (algorithm: string, bytes: Buffer): string => createHash(algorithm).update(bytes).digest('hex');

const missing = ({ fail_on_missing }: Args, file: string, failure: string, ignored: string): Fields => {
  if (fail_on_missing) throw new KplayError('E_STATE', failure);
  return { file, changed: false, msg: ignored };
};

/** ansible.builtin.fetch: files from hosts, kept on the controller. Nothing travels that is there already. */
export const fetch = defineAction({
  name: 'fetch',
  summary: 'Copy a file from the host to the controller.',
  args,
  async run(given, context) {
    if (context.check) return { skipped: true, msg: 'check mode not (yet) supported for this module' };
    const probes = [
      { kind: stat, subject: given.src },
      { kind: sha256, subject: given.src },
    ] as const;
    const [at, digest] = await context.observe<[Stat, string | undefined]>(probes);
    const source = at.path;
    const GONE = 'the remote file does not exist, not transferring, ignored';
    const FOLDER = 'remote file is a directory, fetch cannot work on directories';
    if (at.target === undefined) return missing(given, source, GONE, GONE);
    if (at.target.type === 'directory') return missing(given, source, FOLDER, `${FOLDER}, not transferring, ignored`);
    if (digest === undefined) return missing(given, source, `file is not readable: ${source}`, `file is not readable: ${source}`);

    const dest = await destination(given, source, context);
    const old = await present(dest);
    if (old && hex('sha256', old) === digest)
      return { changed: false, md5sum: hex('md5', old), file: source, dest, checksum: hex('sha1', old) };
    const [bytes = Buffer.alloc(0)] = await context.observe<[Buffer | undefined]>([{ kind: content, subject: given.src }]);
    if (given.validate_checksum && hex('sha256', bytes) !== digest)
      throw new KplayError('E_STATE', 'checksum mismatch', {
        detail: `${source} changed while it was fetched`,
        hint: 'run the task again',
      });
    // As sftp makes files.
    await store(dest, bytes, context.viaSftp() ? (at.target.bits & 0o777) | 0o200 : 0o666);
    const checksum = hex('sha1', bytes);
    return { changed: true, md5sum: hex('md5', bytes), dest, remote_md5sum: null, checksum, remote_checksum: checksum };
  },
});
