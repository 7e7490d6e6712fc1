import type { Stats } from 'node:fs';
import type { Script as Compiled } from 'node:vm';

// Not imported, for main.ts's reason.
const builtin = process.getBuiltinModule;
const fs = builtin('node:fs');
const { Script } = builtin('node:vm');

/** Code is kept instead of what is kept already where there is more of it, by this factor. */
const MORE = 1.05;
/** So often that is found out, which takes some hundredths of a second, */
const COMPARED_MS = 10 * 60_000;
/** and where V8's room for code, and other things, is larger by this factor: then this process did something else. */
const OTHER = 1.25;
/** What was not compared for so long is of a version that is not run any more. */
const STALE_MS = 30 * 86_400_000;

/** A folder that may be made, below one that is there. */
export interface CodeFolder {
  readonly base: string;
  readonly names: readonly string[];
}
/** Code of an earlier process, and V8's room in that. */
interface Code {
  readonly data: Buffer;
  readonly roomBytes: number;
  readonly comparedMs: number;
}
type Measure = Pick<Code, 'roomBytes' | 'comparedMs'> & { readonly sizeBytes: number };

/**
 * Loads a CommonJS file, of ASCII text, with code that V8 made of it in earlier processes. V8 compiles a function when it is first called. Node.js' own cache
 * is made before any was, and lacks most of what a run calls; this is made at a process's end, of what was called so far
 * (https://nodejs.org/api/vm.html#scriptcreatecacheddata). Code is trusted: none is used or kept but in folders that are this user's own, from the base on.
 */
export const loadCompiled = (file: string, folder: CodeFolder | undefined): unknown => {
  const place = folder && [folder.base, ...folder.names, nameOf(file)].join('/');
  const code = folder && place ? unlessItFails(() => (areOwn(folder) ? read(place) : undefined)) : undefined;
  const source = `(function (exports, require, module, __filename, __dirname) {${fs.readFileSync(file, 'latin1')}\n})`;
  const script = new Script(source, { filename: file, ...(code && { cachedData: code.data }) });
  if (folder && place) {
    const known = code && script.cachedDataRejected === false ? measureOf(code) : undefined;
    process.once('exit', () => unlessItFails(() => keepCode(script, known, folder, place)));
  }
  const module = { exports: {} };
  const run = script.runInThisContext() as (...named: readonly unknown[]) => void;
  run(module.exports, builtin('node:module').createRequire(file), module, file, file.slice(0, file.lastIndexOf('/')));
  return module.exports;
};

/** V8 takes code for any text of the same length, and for any Node.js with its own version and options. */
const nameOf = (file: string): string => {
  const tag = builtin('node:v8').cachedDataVersionTag().toString(36);
  const changed = Math.floor(fs.statSync(file).mtimeMs).toString(36);
  return [file.slice(file.lastIndexOf('/') + 1), process.version, process.arch, tag, changed].join('-');
};

/** A home that cannot be written to, a full disk, a file that another process removes: then there is no code, and all is compiled as the first time. */
const unlessItFails = <T>(work: () => T): T | undefined => {
  try {
    return work();
  } catch {
    return undefined;
  }
};

const areOwn = ({ base, names }: CodeFolder): boolean => {
  const paths = names.map((_, at) => [base, ...names.slice(0, at + 1)].join('/'));
  const stats = [fs.statSync(base), ...paths.map(path => fs.lstatSync(path, { throwIfNoEntry: false }))];
  return stats.every(stat => stat === undefined || (stat.isDirectory() && isOwn(stat)));
};
const isOwn = ({ uid, mode }: Stats): boolean => uid === process.geteuid?.() && (mode & 0o022) === 0;

/** A file of code: its checksum (4 bytes), the room (8), and V8's data, of which a wrong bit would end the process. */
const HEAD = { room: 4, data: 12 };
const checksum = (bytes: Buffer): number => builtin('node:zlib').crc32(bytes.subarray(HEAD.room));

const read = (place: string): Code | undefined => {
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = fs.constants;
  const file = fs.openSync(place, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  try {
    const stat = fs.fstatSync(file);
    if (!stat.isFile() || !isOwn(stat)) return undefined;
    const bytes = fs.readFileSync(file);
    if (bytes.length < HEAD.data || bytes.readUInt32LE() !== checksum(bytes)) return undefined;
    return { data: bytes.subarray(HEAD.data), roomBytes: bytes.readDoubleLE(HEAD.room), comparedMs: stat.mtimeMs };
  } finally {
    fs.closeSync(file);
  }
};
const measureOf = ({ data, roomBytes, comparedMs }: Code): Measure => ({ sizeBytes: data.length, roomBytes, comparedMs });

const keepCode = (script: Compiled, known: Measure | undefined, folder: CodeFolder, place: string): void => {
  const now = new Date();
  const spaces = builtin('node:v8').getHeapSpaceStatistics();
  const roomBytes = spaces.find(space => space.space_name === 'trusted_space')?.space_used_size ?? 0;
  if (known && roomBytes < known.roomBytes * OTHER && Math.abs(now.getTime() - known.comparedMs) < COMPARED_MS) return;
  const data = script.createCachedData();
  if (!areOwn(folder)) return;
  const path = [folder.base, ...folder.names].join('/');
  fs.mkdirSync(path, { recursive: true, mode: 0o700 });
  if (known && data.length <= known.sizeBytes * MORE) return fs.lutimesSync(place, now, now);
  replace(place, roomBytes, data);
  for (const name of fs.readdirSync(path)) unlessItFails(() => removeStale(`${path}/${name}`, now.getTime()));
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
