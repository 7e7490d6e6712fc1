import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { sysctlModule } from '../../src/tasks/sysctl.ts';
import { busyboxRoot } from './_accounts.ts';
import { runOnce } from './_converge.ts';

describe.runIf(process.getuid?.() === 0)('sysctl on a /proc of its own', () => {
  const shell = busyboxRoot();
  mkdirSync(join(shell.root, 'proc/sys/net/ipv4/conf/eth0.1'), { recursive: true });
  const kernel = (name: string): string => readFileSync(join(shell.root, 'proc/sys', name), 'utf8').trim();
  const set = (name: string, value: string): void => writeFileSync(join(shell.root, 'proc/sys', name), `${value}\n`);
  const file = (name = 'etc/sysctl.conf'): string => readFileSync(join(shell.root, name), 'utf8');
  const run = async (args: object, check = false) => runOnce(sysctlModule, args, { shell, mode: { check, diff: false } });
  const keys = async (args: object): Promise<readonly string[]> => (await run(args)).changes.map(({ key }) => key);

  test('the file is written and loaded, once', async () => {
    set('net/ipv4/ip_forward', '0');
    const wanted = { name: 'net.ipv4.ip_forward', value: true };
    expect((await run(wanted, true)).changes).toMatchObject([{ key: 'sha256' }, { key: wanted.name, before: '0', after: '1' }]);
    expect(existsSync(join(shell.root, 'etc/sysctl.conf'))).toBe(false);
    await run(wanted);
    expect([file(), kernel('net/ipv4/ip_forward')]).toEqual(['net.ipv4.ip_forward=1\n', '1']);
    expect((await run(wanted)).changes).toEqual([]);
    set('net/ipv4/ip_forward', '0');
    expect(await keys({ ...wanted, reload: false })).toEqual([]);
    expect(await keys(wanted)).toEqual([wanted.name]);
    expect(kernel('net/ipv4/ip_forward')).toBe('1');
  });

  test('a file gets one form, comments stay', async () => {
    set('net/ipv4/ip_local_port_range', '32768\t60999');
    writeFileSync(join(shell.root, 'etc/p.conf'), '# ports = many\n a = 1\n; no=1\n\na=2\nnet.ipv4.ip_local_port_range = 1 2');
    const wanted = { name: 'net.ipv4.ip_local_port_range', value: '32768 60999', sysctl_file: '/etc/p.conf', reload: false };
    await run(wanted);
    expect(file('etc/p.conf')).toBe('# ports = many\na=1\n; no=1\n\nnet.ipv4.ip_local_port_range=32768 60999\n');
    expect(await keys({ ...wanted, sysctl_set: true })).toEqual([]);
    expect(await keys({ ...wanted, state: 'absent', value: null })).toEqual(['sha256']);
    expect(await keys({ ...wanted, state: 'absent', value: null })).toEqual([]);
    expect(file('etc/p.conf')).toBe('# ports = many\na=1\n; no=1\n\n');
  });

  test('the present value alone, and names with dots', async () => {
    set('net/ipv4/conf/eth0.1/forwarding', '0');
    const wanted = { value: 1, sysctl_set: true, reload: false, sysctl_file: '/etc/dots.conf' };
    expect(await keys({ ...wanted, name: 'net.ipv4.conf.eth0/1.forwarding' })).toEqual(['sha256', 'net.ipv4.conf.eth0/1.forwarding']);
    expect(kernel('net/ipv4/conf/eth0.1/forwarding')).toBe('1');
    expect(await keys({ ...wanted, name: 'net/ipv4/conf/eth0.1/forwarding' })).toEqual(['sha256']);
  });

  test('a parameter that the kernel refuses', async () => {
    mkdirSync(join(shell.root, 'proc/sys/net/refused'));
    const wanted = { name: 'net.refused', value: '1', sysctl_file: '/etc/none.conf' };
    await expect(run(wanted)).rejects.toThrow(/Failed to reload sysctl/);
    expect(await keys({ ...wanted, reload: false })).toEqual([]);
    await expect(run({ ...wanted, sysctl_set: true })).rejects.toThrow(/setting net.refused failed/);
  });
});

test.for([{ name: 'a' }, { name: '', value: '1' }, { name: 'a', value: '' }, { name: 'a', value: '1', state: 'gone' }])(
  'refuses %o',
  raw => {
    expect(sysctlModule.args.safeParse(raw).success).toBe(false);
  },
);
