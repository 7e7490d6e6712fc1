import { execFile } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';

const HOME = join(import.meta.dirname, '../..');
const exec = promisify(execFile);
let root: string;
let packed: readonly string[];
let env: Record<string, string>;

/** The installed program, far from the clone. */
const kplay = async (...args: readonly string[]): Promise<string> =>
  (await exec(join(root, 'prefix/bin/kplay'), args, { cwd: join(root, 'work'), env })).stdout;

// What was built is packed; `npm test` builds before it tests.
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'kplay-package-'));
  const options = { cwd: HOME, timeout: 100_000 };
  const { stdout } = await exec('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', root], options);
  const [{ filename, files }] = Object.values(JSON.parse(stdout)) as [{ filename: string; files: { path: string }[] }];
  packed = files.map(({ path }) => path);
  // ssh2 builds optional C code when it may; what runs without it is what is tested, and a compiler is not waited for.
  const quiet = ['--no-audit', '--no-fund', '--loglevel=error', '--prefer-offline', '--ignore-scripts'];
  await exec('npm', ['install', '--global', '--prefix', join(root, 'prefix'), ...quiet, join(root, filename)], options);

  for (const name of ['work', 'path']) mkdirSync(join(root, name));
  const site =
    '- hosts: localhost\n  connection: local\n  gather_facts: false\n  tasks:\n    - copy: {content: done, dest: "{{ playbook_dir }}/mark"}\n';
  writeFileSync(join(root, 'work/site.yml'), site);
  // A machine whose own Node.js is too old: it tells its version and nothing else.
  writeFileSync(join(root, 'path/node'), '#!/bin/sh\n[ "$1" = --version ] && echo v20.20.2 || exit 99\n');
  chmodSync(join(root, 'path/node'), 0o755);
  env = { PATH: `${join(root, 'path')}:/usr/bin:/bin`, HOME: join(root, 'work') };
}, 120_000);
afterAll(() => rmSync(root, { recursive: true, force: true }));

test('holds what runs, what ships and what explains it, and nothing else', () => {
  const folders = new Set(packed.map(path => path.replace(/\/.*/, '')));
  folders.delete('LICENSE');
  expect([...folders].toSorted()).toEqual(['README.md', 'bin', 'dist', 'docs', 'inventories', 'package.json', 'playbooks']);
  for (const path of [
    'bin/kplay',
    'dist/cli/main.js',
    'dist/cli/help/run.txt',
    'playbooks/k8s.yaml',
    'docs/modules.md',
    'dist/cli/hyperkube.go',
  ])
    expect(packed).toContain(path);
});

test('runs outside the clone, with its own Node.js where the one on the PATH is too old', async () => {
  const { version } = JSON.parse(readFileSync(join(HOME, 'package.json'), 'utf8')) as { version: string };
  expect(await kplay('--version')).toBe(`kplay ${version}\n`);
  expect(await kplay('run', '--help')).toContain('--check');
});

test('runs a playbook', async () => {
  expect(await kplay('run', 'site.yml')).toMatch(/^localhost +: ok=1 +changed=1 /m);
  expect(existsSync(join(root, 'work/mark'))).toBe(true);
  expect(await kplay('run', 'site')).toMatch(/^localhost +: ok=1 +changed=0 /m);
});

test('finds the playbooks that come with it', async () => {
  writeFileSync(join(root, 'work/hosts'), '[etcds]\ne1\ne2\ne3\n[masters]\n[nodes]\n');
  const listed = await kplay('run', 'k8s.yaml', '-i', 'hosts', '--tags', 'etcd', '--list-hosts', '--list-tasks');
  expect(listed).toMatch(/hosts \(3\):\n\s+e1\n\s+e2\n\s+e3\n/);
  expect(listed).toContain('etcd : ');
});
