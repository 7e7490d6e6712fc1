import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll } from 'vitest';
import type { Clock } from '../../src/model/clock.ts';
import type { Connection } from '../../src/model/session.ts';
import { connectionOver } from '../../src/transport/connection.ts';
import { processChannel } from '../../src/transport/process.ts';

export const clock: Clock = {
  now: () => new Date(),
  tick: () => performance.now(),
  wait: async (durationMs, signal) => void (await wait(durationMs, undefined, { signal })),
};

const folders: string[] = [];
afterAll(() => folders.forEach(dir => rmSync(dir, { recursive: true, force: true })));

/** A folder of this test file's own, gone when the file is done. */
export const scratch = (): string => {
  const dir = mkdtempSync(join(tmpdir(), 'kplay-transport-'));
  folders.push(dir);
  return dir;
};

/** A folder with every applet of busybox, to be the whole PATH. */
export const applets = (): string => {
  const dir = scratch();
  spawnSync('busybox', ['--install', '-s', dir]);
  return dir;
};

/** In a private mount namespace, `file` is what /bin/sh leads to. */
export const withShell = (file: string, path: string | undefined, argv: readonly string[]): readonly string[] => [
  'unshare',
  '-m',
  '/bin/bash',
  '-c',
  'mount --bind "$1" "$(readlink -f /bin/sh)" && [ -z "$2" ] || PATH=$2; shift 2; exec "$@"',
  'bash',
  file,
  path ?? '',
  ...argv,
];

/** Is this a machine where tests may build private namespaces? */
export const canUnshare = spawnSync('unshare', ['-m', 'true']).status === 0;

export const shells: readonly { name: string; argv: (command: string) => readonly string[] }[] = [
  { name: 'the machine', argv: command => ['/bin/sh', '-c', command] },
  ...(canUnshare
    ? [
        { name: 'bash', argv: (command: string) => withShell('/bin/bash', undefined, ['/bin/sh', '-c', command]) },
        { name: 'busybox', argv: (command: string) => withShell('/bin/busybox', applets(), ['/bin/sh', '-c', command]) },
      ]
    : []),
];

/** A connection to this machine with `argv` as the way to start programs; `stop` breaks it as a lost link does. */
export const connectBy = (argv: (command: string) => readonly string[]): Promise<Connection> =>
  connectionOver({
    host: 'here',
    clock,
    timeoutMs: 10_000,
    start: command => processChannel(argv(command)),
    forward: () => Promise.reject(new Error('not here')),
    end: () => undefined,
    lost: () => undefined,
  });

/** Does a process run? One that nobody has reaped yet does not. */
export const alive = (pid: number): boolean => {
  try {
    return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
};
