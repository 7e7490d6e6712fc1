import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { down, images, inventoryOf, labHere, list, packages, registryOf, sshCommand, up } from '../../src/lab/index.ts';
import { untilReady } from '../../src/lab/ssh.ts';

// A second lab beside the one that other tests use.
const scratch = mkdtempSync(join(tmpdir(), 'kplay-lab-'));
const lab = labHere({ ...process.env, KPLAY_LAB_DIR: join(scratch, 'lab'), KPLAY_LAB_NETWORK: '10.89.0.128/25' });
const quiet = (): void => {};

const ssh = async (host: string, command: string, user = 'root') => {
  const [file = '', ...args] = await sshCommand(host, [command], lab);
  const done = spawnSync(
    file,
    args.map(arg => arg.replace(/^root@/, `${user}@`)),
    { encoding: 'utf8' },
  );
  return { rc: done.status, stdout: done.stdout.trim(), stderr: done.stderr };
};
const bootOf = async (host: string) => (await ssh(host, 'stat -c %Y /proc/1; cat /etc/machine-id')).stdout;

/** What a process was started with; nothing for one that has ended. */
const cmdline = (pid: string): string => {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
};

/** All that a lab can leave on a machine. */
const traces = () => {
  const words = [lab.dir, lab.bridge];
  const mentions = (text: string): boolean => words.some(word => text.includes(word));
  const pids = readdirSync('/proc').filter(name => /^\d+$/.test(name) && Number(name) !== process.pid);
  return {
    files: existsSync(lab.dir),
    mounts: readFileSync('/proc/self/mounts', 'utf8').split('\n').filter(mentions),
    processes: pids.map(cmdline).filter(mentions),
    devices: readdirSync('/sys/class/net').filter(mentions),
    rules: execFileSync('iptables', ['-w', '-S'], { encoding: 'utf8' }).split('\n').filter(mentions),
    cgroups: execFileSync('find', ['/sys/fs/cgroup', '-name', `${lab.bridge}*`], { encoding: 'utf8' }),
    nspawn: readdirSync('/run/systemd/nspawn', { recursive: true, encoding: 'utf8' }).filter(mentions),
  };
};
const NOTHING = { files: false, mounts: [], processes: [], devices: [], rules: [], cgroups: '', nspawn: [] };

beforeAll(async () => {
  await up({ count: 1, docker: true }, quiet, lab);
  await up({ count: 1, from: 2 }, quiet, lab);
  await images(quiet, 'etcd', lab);
  await packages(quiet, lab);
});
afterAll(async () => {
  await down(quiet, lab);
  rmSync(scratch, { recursive: true });
});

describe('a lab', () => {
  test('lists its hosts', async () => {
    await expect(list(lab)).resolves.toMatchObject([
      { name: 'h1', address: '10.89.0.139', running: true },
      { name: 'h2', address: '10.89.0.140', running: true },
    ]);
    await expect(sshCommand('h9', [], lab)).rejects.toMatchObject({ code: 'E_LAB' });
  });
  test('has hosts that differ where machines differ and know each other', async () => {
    const [one, two] = await Promise.all(
      ['h1', 'h2'].map(host => ssh(host, 'hostname; cat /etc/machine-id /etc/ssh/ssh_host_ed25519_key.pub')),
    );
    expect(one?.stdout.split('\n')[0]).toBe('h1');
    expect(new Set([...(one?.stdout.split('\n') ?? []), ...(two?.stdout.split('\n') ?? [])]).size).toBe(6);
    expect(await ssh('h1', 'ping -c1 -W2 h2')).toMatchObject({ rc: 0 });
    expect(await ssh('h2', 'ping -c1 -W2 h1')).toMatchObject({ rc: 0 });
  });
  test('has hosts whose services do not meet', async () => {
    expect(await ssh('h2', 'systemctl stop cron; systemctl is-active cron')).toMatchObject({ stdout: 'inactive' });
    expect(await ssh('h1', 'systemctl is-active cron')).toMatchObject({ stdout: 'active' });
    expect(await ssh('h2', 'systemctl is-active docker containerd')).toMatchObject({ stdout: 'inactive\ninactive' });
  });
  test('has users who become root with and without a password', async () => {
    expect(await ssh('h2', 'echo secret | sudo -S -p "" id -u', 'ops')).toMatchObject({ stdout: '0' });
    expect(await ssh('h2', 'sudo -n true', 'ops')).toMatchObject({ rc: 1 });
    expect(await ssh('h2', 'sudo -n id -u', 'nopass')).toMatchObject({ stdout: '0' });
  });
  test('keeps to its bridge', async () => {
    expect(await ssh('h2', 'ip route show default')).toMatchObject({ stdout: `default via ${lab.gateway} dev host0` });
    expect(traces().rules).toContain(`-A FORWARD -i ${lab.bridge} ! -o ${lab.bridge} -j DROP`);
  });
  test('writes an inventory that Ansible takes, host keys checked', () => {
    const ansible = join(process.env['KPLAY_ORACLE'] ?? '', 'ansible');
    const done = spawnSync(ansible, ['-i', inventoryOf(lab), 'all', '-m', 'ping', '-o'], {
      encoding: 'utf8',
      env: { ...process.env, ANSIBLE_SSH_ARGS: '-F none' },
    });
    expect(done.stdout.match(/SUCCESS/g)).toHaveLength(2);
  });
});

describe('Docker in a host', () => {
  test('pulls from the lab’s registry and runs', async () => {
    const image = `${registryOf(lab)}/root/etcd`;
    expect(await ssh('h1', `docker pull -q ${image}:3.4.23`)).toMatchObject({ rc: 0 });
    expect(await ssh('h1', `docker run --rm ${image}:3.4.23 etcd --version`)).toMatchObject({
      stdout: expect.stringContaining('etcd Version: 3.4.23'),
    });
    expect(await ssh('h1', `docker run --rm ${image}:3.5.16 etcdctl version`)).toMatchObject({
      stdout: expect.stringContaining('etcdctl version: 3.5.16'),
    });
    expect(await ssh('h1', `docker run --rm ${image}:broken`)).toMatchObject({
      rc: 1,
      stderr: expect.stringContaining('broken on purpose'),
    });
    expect(await ssh('h1', `docker run --rm --privileged ${registryOf(lab)}/root/busybox:1 id -u`)).toMatchObject({ stdout: '0' });
  });
});

describe('a host', () => {
  test('reboots, with its files and its containers', async () => {
    const before = await bootOf('h1');
    await ssh('h1', `echo kept >/root/note; docker run -d --name box --restart=always ${registryOf(lab)}/root/busybox:1 sleep 1d`);
    await ssh('h1', 'systemctl reboot');
    await expect.poll(() => bootOf('h1'), { timeout: 60_000, interval: 200 }).toSatisfy((boot: string) => boot !== '' && boot !== before);
    const [h1] = await list(lab);
    await untilReady(lab, h1!, true);
    expect(await ssh('h1', 'cat /root/note; docker ps --format "{{.Names}}"')).toMatchObject({ stdout: 'kept\nbox' });
  });
  test('that was powered off is booted by up; one that runs is left alone', async () => {
    const kept = await bootOf('h1');
    await ssh('h2', 'echo kept >/root/note; systemctl poweroff');
    await expect.poll(async () => (await list(lab))[1]?.running, { timeout: 60_000 }).toBe(false);
    await up({ count: 2 }, quiet, lab);
    expect(await ssh('h2', 'cat /root/note')).toMatchObject({ stdout: 'kept' });
    expect(await bootOf('h1')).toBe(kept);
  });
});

test('another lab does not get its network, nor takes it down', async () => {
  const other = { ...lab, dir: join(scratch, 'other') };
  await expect(up({ count: 1 }, quiet, other)).rejects.toMatchObject({ code: 'E_LAB', message: expect.stringContaining(lab.dir) });
  await down(quiet, other);
  expect(traces().devices).toContain(lab.bridge);
});

test('one command at a time', async () => {
  const both = await Promise.allSettled([up({ count: 1 }, quiet, lab), up({ count: 1 }, quiet, lab)]);
  expect(both.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
  expect(both.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { code: 'E_LAB' } });
});

test('down leaves nothing, and does nothing twice', async () => {
  expect(traces()).not.toEqual(NOTHING);
  await down(quiet, lab);
  expect(traces()).toEqual(NOTHING);
  await down(quiet, lab);
});
