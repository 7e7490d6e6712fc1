import type { Stats } from 'node:fs';
import type { Script as Compiled } from 'node:vm';

// Not imported, for main.ts's reason.
const builtin = process.getBuiltinModule;
const fs = builtin('node:fs');

/** Code is kept instead of what is kept already where there is more of it, by this factor. */
const MORE = 1.05;
/** So often that is found out, which takes some hundredths of a second, */
const COMPARED_MS = 10 * 60_000;
/** and where V8's room for code, and other things, is larger by this factor: then this process did something else. */
const OTHER = 1.25;
/** What was not compared for so long is of a version that is not run any more. */
const STALE_MS = 30 * 86_400_000;

/** Code that is kept, and V8's room in the process that it is of. */
interface Kept {
  readonly sizeBytes: number;
  readonly roomBytes: number;
  readonly comparedMs: number;
}

/**
 * Loads a CommonJS file, of ASCII text, with code that V8 made of it in earlier processes. V8 compiles a function when it is first called. Node.js' own cache
 * is made before any was, and lacks most of what a run calls; this is made at a process's end, of what was called so far
 * (https://nodejs.org/api/vm.html#scriptcreatecacheddata). `folders` lead from one that is there to the one for code, which may be made; without them there is
 * none. Code is trusted: all of them have to be this user's own.
 */
export const loadCompiled = (file: string, folders: readonly string[]): unknown => {
  const { basename, dirname } = builtin('node:path');
  const { Script } = builtin('node:vm');
  const place = `${folders.at(-1)}/${basename(file)}-${versionOf(file)}`;
  const [data, kept] = unlessItFails(() => (areOwn(folders) ? read(place) : undefined)) ?? [];
  const source = `(function (exports, require, module, __filename, __dirname) {${fs.readFileSync(file, 'latin1')}\n})`;
  const script = new Script(source, { filename: file, ...(data && { cachedData: data }) });
  const used = script.cachedDataRejected === false ? kept : undefined;
  process.once('exit', () => unlessItFails(() => keepCode(script, used, folders, place)));
  const module = { exports: {} };
  const run = script.runInThisContext() as (...named: readonly unknown[]) => void;
  run(module.exports, builtin('node:module').createRequire(file), module, file, dirname(file));
  return module.exports;
};

/** V8 takes code for any text of the same length, and for any Node.js with its own version and options. */
const versionOf = (file: string): string => {
  const tag = builtin('node:v8').cachedDataVersionTag().toString(36);
  const changed = Math.floor(fs.statSync(file).mtimeMs).toString(36);
  return [process.version, process.arch, tag, changed].join('-');
};

/** A home that cannot be written to, a full disk, a file that another process removes: then there is no code, and all is compiled as the first time. */
const unlessItFails = <T>(work: () => T): T | undefined => {
  try {
    return work();
  } catch {
    return undefined;
  }
};

/** A home may be a link; below it none is followed. */
const areOwn = ([base, ...below]: readonly string[]): boolean => {
  if (base === undefined) return false;
  const stats = [fs.statSync(base), ...below.map(folder => fs.lstatSync(folder, { throwIfNoEntry: false }))];
  return stats.every(stat => stat === undefined || (stat.isDirectory() && isOwn(stat)));
};
const isOwn = ({ uid, mode }: Stats): boolean => uid === process.geteuid?.() && (mode & 0o022) === 0;

/** A file of code: its checksum (4 bytes), the room (8), and V8's data, of which a wrong bit would end the process. */
const HEAD = { room: 4, data: 12 };
const checksum = (bytes: Buffer): number => builtin('node:zlib').crc32(bytes.subarray(HEAD.room));

const read = (place: string): readonly [data: Buffer, kept: Kept] | undefined => {
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = fs.constants;
  const file = fs.openSync(place, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  try {
    const stat = fs.fstatSync(file);
    if (!stat.isFile() || !isOwn(stat)) return undefined;
    const bytes = fs.readFileSync(file);
    if (bytes.length < HEAD.data || bytes.readUInt32LE() !== checksum(bytes)) return undefined;
    const data = bytes.subarray(HEAD.data);
    return [data, { sizeBytes: data.length, roomBytes: bytes.readDoubleLE(HEAD.room), comparedMs: stat.mtimeMs }];
  } finally {
    fs.closeSync(file);
  }
};

const keepCode = (script: Compiled, used: Kept | undefined, folders: readonly string[], place: string): void => {
  const now = new Date();
  const spaces = builtin('node:v8').getHeapSpaceStatistics();
  const roomBytes = spaces.find(space => space.space_name === 'trusted_space')?.space_used_size ?? 0;
  if (used && roomBytes < used.roomBytes * OTHER && Math.abs(now.getTime() - used.comparedMs) < COMPARED_MS) return;
  if (!areOwn(folders)) return;
  const data = script.createCachedData();
  if (used && data.length <= used.sizeBytes * MORE) return fs.lutimesSync(place, now, now);
  const folder = folders.at(-1)!;
  fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
  replace(place, roomBytes, data);
  for (const name of fs.readdirSync(folder)) unlessItFails(() => removeStale(`${folder}/${name}`, now.getTime()));
};

const replace = (place: string, roomBytes: number, data: Buffer): void => {
  const bytes = Buffer.concat([Buffer.alloc(HEAD.data), data]);
  bytes.writeDoubleLE(roomBytes, HEAD.room);
  bytes.writeUInt32LE(checksum(bytes));
  const made = `${place}.${process.pid}`;
  try {
    fs.writeFileSync(made, bytes, { mode: 0o600, flag: 'wx' });
    fs.renameSync(made, place);
  } finally {
    fs.rmSync(made, { force: true });
  }
};

const removeStale = (file: string, nowMs: number): void => {
  if (nowMs - fs.lstatSync(file).mtimeMs > STALE_MS) fs.unlinkSync(file);
};
