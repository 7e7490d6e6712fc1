import { expect, test } from 'vitest';
import { kubernetesRecipes } from '../../src/lab/kubernetes/recipes.ts';

const recipes = await kubernetesRecipes();
const named = (name: string) => recipes.find(({ repository, tag }) => `${repository}:${tag}` === name);

test('every image has a name of its own', () => {
  const names = recipes.map(({ repository, tag }) => `${repository}:${tag}`);
  expect(new Set(names).size).toBe(names.length);
  expect(names).toEqual(
    expect.arrayContaining(['root/etcd:3.5.35', 'root/hyperkube:v1.33.13', 'root/flannel:0.26.7', 'root/coredns:1.14.7']),
  );
});

test('every image has a shell', () => {
  for (const { packages } of recipes) expect(packages).toContain('busybox-static');
});

test('hyperkube is a main of our own over the published modules of its version, called by six names', () => {
  const hyperkube = named('root/hyperkube:v1.34.4');
  expect(hyperkube?.go).toMatchObject({ module: 'k8s.io/kubernetes', version: 'v1.34.4', staging: 'v0.34.4' });
  expect(hyperkube?.go?.main).toContain('package main');
  expect(hyperkube?.links).toMatchObject({ '/usr/local/bin/kubelet': 'hyperkube', '/usr/sbin/iptables': 'xtables-nft-multi' });
});
