import { spawnSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { globSync, lstatSync, mkdirSync, readFileSync, realpathSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { KplayError } from '../model/errors.ts';
import type { Clock } from '../model/clock.ts';
import { evaluationError } from '../value/errors.ts';
import { isVaulted } from '../vault/envelope.ts';
import { Vault } from '../vault/vault.ts';
import type { FileKind, TemplateHost } from './host.ts';
import { webRequest } from './web-request.ts';

/** What a controller's own file system and process cannot give a template. */
export type HostServices = Pick<TemplateHost, 'parseYaml' | 'parseYamlAll' | 'hostNames'> & {
  readonly clock: Pick<Clock, 'now'>;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly vault?: Vault;
};

const reason = (error: unknown): string => (error instanceof Error ? error.message : String(error));
const isMissing = (error: unknown): boolean =>
  error instanceof Error &&
  'code' in error &&
  (error.code === 'ENOENT' || error.code === 'ENOTDIR' || error.code === 'EACCES' || error.code === 'ELOOP');

const kind = (path: string, follow: boolean): FileKind | undefined => {
  try {
    const found = follow ? statSync(path) : lstatSync(path);
    if (found.isSymbolicLink()) return 'link';
    return found.isFile() ? 'file' : found.isDirectory() ? 'directory' : 'other';
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
};
/** Python's os.path.ismount: on another device than its parent, or the same folder as it. */
const isMount = (path: string): boolean => {
  if (kind(path, false) !== 'directory') return false;
  const [own, parent] = [statSync(path), statSync(join(realPath(path), '..'))];
  return own.dev !== parent.dev || own.ino === parent.ino;
};
const readFile = (path: string): Buffer => {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new KplayError('E_FILE', `cannot read ${path}: ${reason(error)}`, { cause: error });
  }
};
const realPath = (path: string): string => {
  try {
    return realpathSync(path);
  } catch (error) {
    if (isMissing(error)) return resolve(path);
    throw error;
  }
};
const pipe = (command: string): string => {
  const done = spawnSync('/bin/sh', ['-c', command], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'], maxBuffer: 1 << 28 });
  if (done.error) throw evaluationError(`lookup_plugin.pipe(${command}) failed: ${done.error.message}`);
  if (done.status !== 0) throw evaluationError(`lookup_plugin.pipe(${command}) returned ${done.status ?? done.signal}`);
  return done.stdout;
};

const RANDOM_STEPS = 2 ** 47;

/** The controller as templates reach it. */
export const controllerHost = ({ clock, env, vault = new Vault(), ...services }: HostServices): TemplateHost => ({
  ...services,
  kind,
  realPath,
  isMount,
  pipe,
  readFile: path => vault.plain(readFile(path), path),
  isVaulted: path => isVaulted(readFile(path)),
  writeSecret(path, text) {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    writeFileSync(path, text, { mode: 0o600 });
  },
  glob: pattern => globSync(pattern),
  env: name => env[name],
  fetch: request => webRequest(request, env),
  now: () => clock.now(),
  random: () => randomInt(RANDOM_STEPS) / RANDOM_STEPS,
});
