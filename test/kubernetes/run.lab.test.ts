import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Fields } from '../../src/model/module.ts';
import { folder, kplay, type Ran } from '../cli/_kplay.ts';
import { type Sshd, startSshd } from '../transport/_sshd.ts';
import { addNode, addPod, BUILD_MS, type Cluster, playKubelet, startCluster } from './_cluster.ts';

const MAIN = join(import.meta.dirname, '../../dist/cli/main.js');

/** A host that is reached by ssh, one that is this machine itself, one that forwards nothing, and one that nobody needs to reach. */
const inventory = (open: Sshd, closed: Sshd): string => `
master ansible_host=127.0.0.1 ansible_port=${open.port} ansible_user=root ansible_ssh_private_key_file=${open.userKey}
strict ansible_host=127.0.0.1 ansible_port=${closed.port} ansible_user=root ansible_ssh_private_key_file=${closed.userKey}
here ansible_connection=local
worker ansible_host=192.0.2.1
`;

describe('playbooks against a real API server', () => {
  let cluster: Cluster;
  let sshds: readonly [open: Sshd, closed: Sshd];
  let stopKubelet: () => void;
  beforeAll(async () => {
    [cluster, ...sshds] = await Promise.all([startCluster(), startSshd(), startSshd({ config: ['AllowTcpForwarding no'] })]);
    stopKubelet = await playKubelet(cluster);
  }, BUILD_MS);
  afterAll(async () => {
    stopKubelet?.();
    await Promise.all([cluster?.stop(), ...(sshds ?? []).map(sshd => sshd.stop())]);
  });

  const run = (hosts: string, tasks: string, files: Record<string, string>, ...options: readonly string[]): Promise<Ran> => {
    const defaults = ['k8s', 'k8s_info', 'k8s_drain', 'k8s_uncordon', 'k8s_label']
      .map(name => `    ${name}: {kubeconfig: ${cluster.kubeconfig}}`)
      .join('\n');
    const play = `- hosts: ${hosts}\n  gather_facts: false\n  module_defaults:\n${defaults}\n  tasks:\n${tasks}`;
    return kplay(folder({ 'site.yml': play, hosts: inventory(...sshds), ...files }), [
      'run',
      'site.yml',
      '-i',
      'hosts',
      '--accept-new',
      ...options,
    ]);
  };

  const SHOP = `
  - k8s: {src: shop.yml, namespace: shop}
    register: made
  - k8s_info: {kind: ConfigMap, namespace: shop, name: shop}
    register: found
  - assert: {that: ["made.result.results | length == 3", "found.resources[0].data.host == inventory_hostname"]}
  - k8s: {template: more.j2}
`;
  const files = {
    'files/shop.yml': `
{apiVersion: v1, kind: Namespace, metadata: {name: shop}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: shop}, data: {host: HOST}}
---
{apiVersion: v1, kind: Secret, metadata: {name: login}, stringData: {password: hunter2}}
`,
    'templates/more.j2': `{apiVersion: v1, kind: ConfigMap, metadata: {name: more, namespace: shop}, data: {a: '{{ inventory_hostname }}'}}`,
  };

  test.for(['master', 'here'])('on %s: check, apply, and nothing to do', async host => {
    const own = { ...files, 'files/shop.yml': files['files/shop.yml'].replace('HOST', host) };
    const checked = await run(host, '  - k8s: {src: shop.yml, namespace: shop}\n', own, '--check', '--diff');
    expect(checked).toMatchObject({ code: 0, stdout: expect.stringContaining(`+  host: ${host}`) });
    const first = await run(host, SHOP, own, '--diff');
    expect(first).toMatchObject({ code: 0, stdout: expect.stringMatching(/ok=4 +changed=2/) });
    const again = await run(host, SHOP, own, '--json', '-vvv');
    expect(again.code).toBe(0);
    expect(again.stdout).toContain('"changed":0');
    const config = JSON.parse(readFileSync(cluster.kubeconfig, 'utf8')) as { users: { user: Record<string, string> }[] };
    const secrets = ['hunter2', 'aHVudGVyMg', ...Object.values(config.users[0]?.user ?? {}).map(text => text.slice(100, 140))];
    for (const secret of secrets) for (const { stdout, stderr } of [checked, first, again]) expect(stdout + stderr).not.toContain(secret);
  });

  test('a node is drained and restored from its own play, delegated to a master', async () => {
    await addNode(cluster, 'worker');
    await addPod(cluster, 'worker', 'web');
    const tasks = `
  - k8s_drain: {name: "{{ inventory_hostname }}"}
    delegate_to: master
  - k8s_info: {kind: Node, name: worker}
    delegate_to: master
    register: node
  - assert: {that: ["node.resources[0].spec.unschedulable", "node.resources[0].metadata.annotations['kplay.dev/cordon-run'] | length > 8"]}
  - k8s_uncordon: {name: worker}
    delegate_to: master
`;
    const { code, stdout } = await run('worker', tasks, {}, '--json');
    expect(code).toBe(0);
    expect(stdout).toMatch(/"host-wait".*default\/web is ending/);
    expect(stdout).toContain('"result":"node worker marked schedulable."');
  });

  test('a drain that is interrupted leaves the node as it was', async () => {
    await addNode(cluster, 'busy');
    await addPod(cluster, 'busy', 'endless', { finalizers: ['example.com/never'] });
    const tasks = `  - k8s_drain: {name: busy, kubeconfig: ${cluster.kubeconfig}}`;
    const play = `- hosts: master\n  gather_facts: false\n  tasks:\n${tasks}`;
    const dir = folder({ 'site.yml': play, hosts: inventory(...sshds) });
    const child = spawn(process.execPath, [MAIN, 'run', 'site.yml', '-i', 'hosts', '--accept-new', '--json'], {
      cwd: dir,
      env: { PATH: process.env['PATH'], HOME: dir },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = once(child, 'exit');
    for await (const line of createInterface({ input: child.stdout })) if (line.includes('default/endless is ending')) child.kill('SIGINT');
    expect(await ended).toEqual([130, null]);
    const { metadata, spec } = (await cluster.api('GET', '/api/v1/nodes/busy')) as { metadata: Fields; spec: Fields };
    expect([metadata['annotations'], spec['unschedulable']]).toEqual([undefined, undefined]);
  });

  test('a host that forwards nothing fails the task and stays in the play', async () => {
    const tasks = `
  - k8s_info: {kind: Node}
    ignore_errors: true
    register: asked
  - debug: {msg: "said {{ asked.msg }}"}
`;
    const { code, stdout } = await run('strict', tasks, {});
    expect(code).toBe(0);
    expect(stdout).toMatch(/said look for v1: the API server https:\/\/127\.0\.0\.1:\d+ does not answer: .*cannot be reached from strict/);
  });

  test('a task out of time', async () => {
    const tasks = `
  - k8s_info: {kind: ConfigMap, name: never, wait: true}
    timeout: 1
`;
    const { code, stdout } = await run('here', tasks, {});
    expect([code, stdout]).toEqual([2, expect.stringContaining('failed to execute in the expected time frame (1) and was terminated')]);
  });

  test('an unknown argument is told before anything is done', async () => {
    const { code, stderr, stdout } = await run('here', '  - kubernetes.core.k8s: {definitoin: {}}\n', {});
    expect([code, stdout + stderr]).toEqual([4, expect.stringContaining('definitoin')]);
  });
});
