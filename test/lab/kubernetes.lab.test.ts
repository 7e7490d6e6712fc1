import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { images, labHere, registryOf, sshCommand } from '../../src/lab/index.ts';
import { kubernetesRecipes } from '../../src/lab/kubernetes/recipes.ts';

const lab = labHere();
const recipes = await kubernetesRecipes();

describe('images of a cluster', () => {
  // Half an hour where nobody compiled them.
  test('are in the registry', { timeout: 3_600_000 }, async () => {
    const names = await images(() => {}, 'kubernetes');
    expect(names).toEqual(recipes.map(({ repository, tag }) => `${registryOf(lab)}/${repository}:${tag}`));
    for (const { repository, tag } of recipes) {
      const answer = await fetch(`http://${registryOf(lab)}/v2/${repository}/tags/list`);
      expect(await answer.json()).toMatchObject({ tags: expect.arrayContaining([tag]) });
    }
  });
  test.for([
    ['etcd:3.5.35', 'etcd --version && etcdctl version && etcdutl version', 'etcdutl version: 3.5.35'],
    ['etcd:3.6.16', 'etcd --version', 'etcd Version: 3.6.16'],
    ['hyperkube:v1.33.13', 'kubelet --version && iptables --version && conntrack --version && /bin/mount --version', 'Kubernetes v1.33.13'],
    ['hyperkube:v1.34.4', 'kube-apiserver --version && hyperkube kubectl version --client', 'Client Version: v1.34.4'],
    ['flannel:0.26.7', 'flanneld --version 2>&1 && iptables --version', 'v0.26.7'],
    ['coredns:1.14.7', 'coredns -version', 'CoreDNS-1.14.7'],
    ['haproxy:2.6.12', 'haproxy -v', 'HAProxy version 2.6.12'],
    ['keepalived:2.2.7', 'keepalived --version 2>&1', 'Keepalived v2.2.7'],
    ['cni-plugins:1.1.1', '/usr/lib/cni/bridge --version 2>&1', 'CNI bridge plugin'],
    ['web:1', 'web & until wget -q -O - http://127.0.0.1:8080/; do :; done', '\n'],
  ] as const)('%s has programs that run', async ([image, script, expected]) => {
    const command = `docker run --rm ${registryOf(lab)}/root/${image} sh -c '${script}'`;
    const [file = '', ...args] = await sshCommand('h1', [command]);
    const done = spawnSync(file, args, { encoding: 'utf8' });
    expect(done).toMatchObject({ status: 0, stdout: expect.stringContaining(expected) });
  });
});
