import { join } from 'node:path';
import { expect, test } from 'vitest';
import { folder, kplay } from '../cli/_kplay.ts';

const HOME = join(import.meta.dirname, '../..');
const ROLES = join(HOME, 'playbooks/roles');
const KNOWN = ['cluster/defaults', 'cluster/vars', 'component/defaults', 'component/vars'].map(name => `@${join(ROLES, name, 'main.yml')}`);

/** A component as a role describes it: what it needs, and nothing of how it gets that. */
const COMPONENT = {
  component_name: 'flannel',
  component_image: 'r/flannel:1',
  component_command: ['flanneld', '--iface=a b', '100%'],
  component_privileged: true,
  component_capabilities: ['NET_RAW'],
  component_env: { NODE_NAME: 'h4' },
  component_reads: ['/etc/kubernetes'],
  component_writes: ['/run/flannel'],
  component_config: 'what it read',
};

const render = async (template: string, more: object = {}): Promise<string[]> => {
  const vars = [...KNOWN, JSON.stringify(COMPONENT), JSON.stringify(more)].flatMap(one => ['-e', one]);
  const { stdout, stderr } = await kplay(folder({}), [
    'render',
    template,
    '-i',
    join(HOME, 'inventories/lab-cluster'),
    '--host',
    'h4',
    ...vars,
  ]);
  return (stderr + stdout).split('\n').filter(line => line !== '');
};
const template = (name: string): string => join(ROLES, 'component/templates', name);

test('docker: a docker run line', async () => {
  const lines = await render(template('docker-run.j2'), { component_lifetime: '-d --restart=always' });
  expect(lines.map(line => line.replace(/(kplay\.config)=\w+/, '$1=…'))).toEqual([
    'docker run -d --restart=always --name flannel --net=host --stop-timeout=10 \\',
    '--label kplay.config=… \\',
    '--privileged \\',
    '--cap-add=NET_RAW \\',
    '-e NODE_NAME=h4 \\',
    '-v /etc/kubernetes:/etc/kubernetes:ro \\',
    '-v /run/flannel:/run/flannel \\',
    "r/flannel:1 flanneld '--iface=a b' 100%",
  ]);
});

test('systemd-docker: the same line under a unit, in its words', async () => {
  const lines = await render(template('service-docker.j2'), { component_lifetime: '--rm' });
  expect(lines.at(1)).toBe('ExecStart=/usr/bin/docker run --rm --name flannel --net=host --stop-timeout=10 \\');
  expect(lines).toContain("r/flannel:1 flanneld '--iface=a b' 100%%");
});

test("systemd: the image's binary under a unit, in the image's own root", async () => {
  expect(await render(template('service.j2'))).toEqual([
    'Environment=NODE_NAME=h4',
    'RootDirectory=/opt/kplay/flannel:1',
    'RootDirectoryStartOnly=yes',
    'MountAPIVFS=yes',
    'BindReadOnlyPaths=-/etc/hosts -/etc/resolv.conf',
    'BindReadOnlyPaths=-/etc/kubernetes',
    'BindPaths=/run/flannel',
    'RuntimeDirectory=flannel',
    'RuntimeDirectoryPreserve=yes',
    "ExecStart=flanneld '--iface=a b' 100%%",
    'TimeoutStopSec=10',
  ]);
  const kubelet = {
    component_host: true,
    component_command: ['/usr/local/bin/kubelet'],
    component_image: 'r/hyperkube:v1',
    component_env: {},
  };
  expect(await render(template('service.j2'), kubelet)).toEqual([
    'ExecStart=/opt/kplay/hyperkube:v1/usr/local/bin/kubelet',
    'TimeoutStopSec=10',
  ]);
});

test('static-pods: a pod in the host’s network', async () => {
  const pod = (await render(template('pod.j2'))).join('\n');
  expect(pod).toContain('command: ["flanneld", "--iface=a b", "100%"]');
  expect(pod).toContain('{name: path-1, mountPath: /etc/kubernetes, readOnly: true}');
  expect(pod).toContain('{name: path-2, mountPath: /run/flannel, readOnly: false}');
  expect(pod).toContain('capabilities: {add: ["NET_RAW"]}');
});

test('static-pods: the kubelet, which runs them, under a unit', async () => {
  const file = join(folder({ 'pattern.j2': '{{ component_pattern }}' }), 'pattern.j2');
  expect(await render(file, { kube_pattern: 'static-pods', component_host: true })).toEqual(['systemd']);
});

test('etcd runs as the pattern says, and in docker where nothing says how', async () => {
  const variant = join(folder({ 'variant.j2': '{{ etcd_variant }}' }), 'variant.j2');
  const etcd = ['-e', `@${join(ROLES, 'etcd/defaults/main.yml')}`];
  const ask = async (...more: readonly string[]): Promise<string> => {
    const { stdout } = await kplay(folder({}), [
      'render',
      variant,
      '-i',
      join(HOME, 'inventories/lab-cluster'),
      '--host',
      'h1',
      ...etcd,
      ...more,
    ]);
    return stdout.trim();
  };
  expect([await ask(), await ask('-e', 'kube_pattern=static-pods')]).toEqual(['docker', 'binary']);
});
