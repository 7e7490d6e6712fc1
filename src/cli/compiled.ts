import type { Script as Compiled } from 'node:vm';

// Not imported, for main.ts's reason.
const builtin = process.getBuiltinModule;
const fs = builtin('node:fs');
const { Script } = builtin('node:vm');

/** A process's code is kept instead of what is kept already where there is more of it, by this factor. */
const WORTH = 1.05;
/** So often is it counted, which takes some milliseconds. */
const COUNTED_MS = 60_000;
/** What was not counted for so long is of a version that is not run any more. */
const STALE_MS = 30 * 86_400_000;

interface Code {
  /** How much was compiled in the process that it was made of, in bytes. */
  readonly amount: number;
  readonly countedMs: number;
  readonly data: Buffer;
}

/**
 * Loads a CommonJS file, whose name has to tell what is in it, with code that V8 made of it in earlier processes. V8 compiles a function when it is first
 * called. Node.js' own cache is made before any was, and lacks most of what a run calls; this is made at a process's end, of what was called so far
 * (https://nodejs.org/api/vm.html#scriptcreatecacheddata). `folder` is for such code, and used only where it belongs to this user alone: it is trusted.
 */
export const loadCompiled = (file: string, folder: string | undefined): unknown => {
  const place = folder && `${folder}/${file.slice(file.lastIndexOf('/') + 1)}-${builtin('node:v8').cachedDataVersionTag().toString(36)}`;
  const known = place ? read(place) : undefined;
  // The build writes nothing but ASCII.
  const source = `(function (exports, require, module, __filename, __dirname) {${fs.readFileSync(file, 'latin1')}\n})`;
  const script = new Script(source, { filename: file, ...(known && { cachedData: known.data }) });
  const used = script.cachedDataRejected === false ? known : undefined;
  if (folder && place) process.once('exit', () => keep(script, used, folder, place));
  const module = { exports: {} };
  const run = script.runInThisContext() as (...named: readonly unknown[]) => void;
  run(module.exports, builtin('node:module').createRequire(file), module, file, file.slice(0, file.lastIndexOf('/')));
  return module.exports;
};

/** A file of code: its checksum (4 bytes), its amount (8), and V8's data, which a wrong bit in would end the process. */
const HEAD = { amount: 4, data: 12 };
const checksum = (file: Buffer): number => builtin('node:zlib').crc32(file.subarray(HEAD.amount));

const read = (place: string): Code | undefined => {
  let file: number | undefined;
  try {
    file = fs.openSync(place, 'r');
    const stat = fs.fstatSync(file);
    if (!isOwn(stat)) return undefined;
    const bytes = fs.readFileSync(file);
    if (bytes.length < HEAD.data || bytes.readUInt32LE() !== checksum(bytes)) return undefined;
    return { amount: bytes.readDoubleLE(HEAD.amount), countedMs: stat.mtimeMs, data: bytes.subarray(HEAD.data) };
  } catch {
    // Without it everything is compiled, as the first time.
    return undefined;
  } finally {
    if (file !== undefined) fs.closeSync(file);
  }
};

const keep = (script: Compiled, used: Code | undefined, folder: string, place: string): void => {
  const now = new Date();
  if (used && Math.abs(now.getTime() - used.countedMs) < COUNTED_MS) return;
  const amount = builtin('node:v8').getHeapCodeStatistics().bytecode_and_metadata_size;
  try {
    if (used && amount <= used.amount * WORTH) return fs.utimesSync(place, now, now);
    fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
    if (!isOwn(fs.lstatSync(folder))) return;
    replace(place, fileOf(amount, script.createCachedData()));
    for (const name of fs.readdirSync(folder)) removeStale(`${folder}/${name}`, now.getTime());
  } catch {
    // A home that cannot be written to, or a full disk: the next process compiles what this one did.
  }
};

const fileOf = (amount: number, data: Buffer): Buffer => {
  const bytes = Buffer.concat([Buffer.alloc(HEAD.data), data]);
  bytes.writeDoubleLE(amount, HEAD.amount);
  bytes.writeUInt32LE(checksum(bytes));
  return bytes;
};

const replace = (place: string, bytes: Buffer): void => {
  const made = `${place}.${process.pid}`;
  try {
    fs.writeFileSync(made, bytes, { mode: 0o600, flag: 'wx' });
    fs.renameSync(made, place);
  } finally {
    fs.rmSync(made, { force: true });
  }
};

const removeStale = (file: string, nowMs: number): void => {
  if (nowMs - fs.statSync(file).mtimeMs > STALE_MS) fs.unlinkSync(file);
};

const isOwn = ({ uid, mode }: { readonly uid: number; readonly mode: number }): boolean =>
  uid === process.geteuid?.() && (mode & 0o022) === 0;
