import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { down, images, inventoryOf, labHere, packages, registryOf, sshCommand, up } from '../../src/lab/index.ts';
import { folder, kplay } from '../cli/_kplay.ts';

// A lab of its own: one host that has neither Python nor Docker, with all that it lacks on its bridge.
const scratch = mkdtempSync(join(tmpdir(), 'kplay-bare-'));
const lab = labHere({ ...process.env, KPLAY_LAB_DIR: join(scratch, 'lab'), KPLAY_LAB_NETWORK: '10.89.0.128/25' });
const quiet = (): void => {};
let repository = '';

beforeAll(async () => {
  await up({ count: 1, bare: true, registry: true }, quiet, lab);
  repository = await packages(quiet, lab);
  await images(quiet, 'etcd', lab);
});
afterAll(async () => {
  await down(quiet, lab);
  rmSync(scratch, { recursive: true });
});

const h1 = async (script: string): Promise<string> => {
  const [file = '', ...args] = await sshCommand('h1', [script], lab);
  const { stdout, stderr } = spawnSync(file, args, { encoding: 'utf8' });
  return `${stdout}${stderr}`.trim();
};

/** How many tasks did something; what was said instead if one failed. */
const changed = async (): Promise<number | string> => {
  const vars = [`registry=${registryOf(lab)}`, `runtime_repository=${repository}`, 'runtime_repository_trusted=true'].flatMap(one => [
    '-e',
    one,
  ]);
  const { code, stdout, stderr } = await kplay(folder({}), ['run', '-i', inventoryOf(lab), 'k8s.yaml', '--tags', 'runtime', ...vars]);
  return code === 0 ? Number(/^h1 .*changed=(\d+)/m.exec(stdout)?.[1]) : `${stdout}${stderr}`;
};

// Unpacking Docker takes a busy machine minutes.
vi.setConfig({ testTimeout: 400_000 });

const PROGRAMS = 'command -v python3 docker curl; echo .';

test('a host with nothing but sshd gets what runs containers, and no Python', async () => {
  expect(await h1(PROGRAMS)).toBe('.');
  expect(await changed()).toBeGreaterThan(0);
  expect(await h1(PROGRAMS)).toBe('/usr/bin/docker\n/usr/bin/curl\n.');
  expect(await h1('systemctl is-active docker containerd; systemctl is-enabled docker containerd')).toBe(
    'active\nactive\nenabled\nenabled',
  );
  expect(
    await h1(
      `docker run -d --privileged --name box ${registryOf(lab)}/root/busybox:1 sleep 1d >/dev/null; docker ps --format '{{.Names}}'`,
    ),
  ).toContain('box');
  expect(await changed()).toBe(0);
});

test('Docker that runs is told of the registry beside what it was told before, and no container notices', async () => {
  const started = await h1("docker inspect --format '{{.State.StartedAt}}' box");
  await h1(`echo '{"log-level": "warn"}' >/etc/docker/daemon.json; systemctl reload docker`);
  expect(await changed()).toBe(2);
  expect(JSON.parse(await h1('cat /etc/docker/daemon.json'))).toEqual({ 'insecure-registries': [registryOf(lab)], 'log-level': 'warn' });
  await expect.poll(() => h1("docker info --format '{{json .RegistryConfig.IndexConfigs}}'")).toContain(registryOf(lab));
  expect(await h1("docker inspect --format '{{.State.StartedAt}}' box")).toBe(started);
});
