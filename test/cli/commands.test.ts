import { describe, expect, test } from 'vitest';
import { type Ran, folder, kplay } from './_kplay.ts';

const FILES = {
  hosts: '[web]\na\nb\n[db]\nc\n[all:vars]\nansible_connection=local\nport=80\n',
  'group_vars/web.yml': 'url: "http://{{ inventory_hostname }}:{{ port }}"\n',
  'others.j2': '{{ hostvars["a"].url }} {{ given }}\n',
  't.j2': '{% for host in groups["web"] %}{{ host }} {% endfor %}{{ url }}\n',
};
const ask = (...args: readonly string[]): Promise<Ran> => kplay(folder(FILES), [args[0] ?? '', '-i', 'hosts', ...args.slice(1)]);

describe('exec', () => {
  test('-m ping answers for every host of the pattern', async () => {
    const { code, stdout } = await ask('exec', 'web', '-m', 'ping');
    const pong = '{\n    "changed": false,\n    "ping": "pong"\n}\n';
    expect([code, stdout]).toEqual([0, `a | SUCCESS => ${pong}b | SUCCESS => ${pong}`]);
  });
  test('-m shell -a runs a line of shell; without -m words are a command', async () => {
    expect(await ask('exec', 'c', '-m', 'shell', '-a', 'echo $((1+1)); exit 3')).toMatchObject({
      code: 2,
      stdout: expect.stringMatching(/^c \| FAILED \| rc=3 >>\n2\n/),
    });
    expect(await ask('exec', 'c', '-a', 'echo {{ port }}')).toMatchObject({ code: 0, stdout: 'c | CHANGED | rc=0 >>\n80\n' });
  });
  test('an unknown module is refused with the nearest one', async () => {
    expect(await ask('exec', 'all', '-m', 'pign')).toMatchObject({ code: 4, stdout: '', stderr: expect.stringContaining('"ping"') });
  });
});

test('facts prints what a host says of itself, as JSON', async () => {
  const { code, stdout } = await ask('facts', 'a');
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    ansible_hostname: expect.any(String),
    ansible_distribution: expect.any(String),
    ansible_architecture: expect.any(String),
    ansible_memtotal_mb: expect.any(Number),
    ansible_lo: { ipv4: { address: '127.0.0.1' } },
  });
});

test('render prints a template with the variables of a host', async () => {
  expect(await ask('render', 't.j2', '--host', 'b')).toEqual({ code: 0, stdout: 'a b http://b:80\n', stderr: '' });
  expect(await ask('render', 't.j2', '--host', 'c')).toMatchObject({
    code: 1,
    stdout: '',
    stderr: expect.stringContaining("'url' is undefined"),
  });
  expect(await ask('render', 't.j2', '--host', 'x')).toMatchObject({ code: 1, stderr: expect.stringContaining('there is no host x') });
});

test('render sees other hosts, and host variables through extra ones', async () => {
  const ran = await ask('render', 'others.j2', '--host', 'c', '-e', 'given="{{ inventory_hostname }} {{ port }}"');
  expect(ran).toEqual({ code: 0, stdout: 'http://a:80 c 80\n', stderr: '' });
});

describe('inventory', () => {
  test('--list, within a limit', async () => {
    const { stdout } = await ask('inventory', '--list', '-l', 'db');
    expect(JSON.parse(stdout)).toMatchObject({ _meta: { hostvars: { c: { port: 80 } } }, db: { hosts: ['c'] } });
  });
  test('--graph', async () => {
    expect((await ask('inventory', '--graph')).stdout).toBe(
      '@all:\n  |--@ungrouped:\n  |--@web:\n  |  |--a\n  |  |--b\n  |--@db:\n  |  |--c\n',
    );
  });
  test('--toml is refused', async () => {
    expect(await ask('inventory', '--list', '--toml')).toMatchObject({ code: 5, stdout: '', stderr: expect.stringContaining('--toml') });
  });
  test('a localhost that no source has is told no Python', async () => {
    expect((await ask('inventory', '--host', 'localhost')).stdout).not.toContain('python');
  });
  test('a date is a text', async () => {
    const dir = folder({ 'hosts.yml': 'all: { hosts: { a: { since: 2024-01-01 } } }\n' });
    expect((await kplay(dir, ['inventory', '-i', 'hosts.yml', '--list', '--yaml'])).stdout).toContain("since: '2024-01-01'");
  });
  test('compose may look things up', async () => {
    const made = "plugin: constructed\ncompose: { told: \"lookup('env', 'TOLD')\" }\n";
    const dir = folder({ 'i/1-hosts': 'a\n', 'i/2-made.yml': made });
    expect(JSON.parse((await kplay(dir, ['inventory', '-i', 'i', '--host', 'a'], { TOLD: 'x' })).stdout)).toEqual({ told: 'x' });
  });
  test('--host', async () => {
    expect(JSON.parse((await ask('inventory', '--host', 'a')).stdout)).toEqual({
      ansible_connection: 'local',
      port: 80,
      url: 'http://{{ inventory_hostname }}:{{ port }}',
    });
  });
});

test('status shows a cluster as it answers, and says who does not', async () => {
  const hosts = '[etcds]\nm1\n[masters]\nm1\n[nodes]\nn1\n[all:vars]\nansible_connection=local\nkube_version=1.34.4\netcd_version=3.5.35\n';
  const nobody = 'kube_vip=192.0.2.1\nkube_api_port=1\nkube_pki=/nowhere\nstatus_etcd_url=http://127.0.0.1:1\n';
  const { code, stdout } = await kplay(folder({ hosts: hosts + nobody }), ['status', '-i', 'hosts']);
  expect(stdout.split('\n').slice(0, -1)).toEqual([
    'wanted: Kubernetes 1.34.4, etcd 3.5.35; 192.0.2.1 is held by nobody',
    'host  etcd  API server  kubelet  node  certificates',
    'm1    down  down        -        -     -',
    'n1    -     -           -        -     -',
    'etcd is led by nobody',
    'etcd on m1 does not answer',
    'the API server on m1 does not take requests',
  ]);
  expect(code).toBe(0);
});
