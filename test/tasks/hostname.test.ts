import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { hostname } from '../../src/tasks/hostname.ts';
import { busyboxRoot } from './_accounts.ts';
import { converge, runOnce } from './_converge.ts';

describe.runIf(process.getuid?.() === 0)('hostname where systemd does not run', () => {
  const shell = busyboxRoot();
  const put = (path: string, text: string): void => {
    mkdirSync(join(shell.root, path, '..'), { recursive: true });
    writeFileSync(join(shell.root, path), text);
  };
  const text = (path: string): string => readFileSync(join(shell.root, path), 'utf8');
  // Only ways that leave the kernel's name alone: it is this machine's.
  test.for([
    ['debian', 'etc/hostname', 'old\n', 'new.example\n'],
    ['sles', 'etc/HOSTNAME', '', 'new.example\n'],
    ['gentoo', 'etc/conf.d/hostname', '# name\nhostname="old"\nrc=1\n', '# name\nhostname="new.example"\nrc=1\n'],
    ['centos', 'etc/sysconfig/network', 'NETWORKING=yes\n', 'NETWORKING=yes\nHOSTNAME=new.example\n'],
  ] as const)('%s keeps it in %s', async ([id, path, before, after]) => {
    put('etc/os-release', `ID=${id}\n`);
    put(path, before);
    expect((await runOnce(hostname, { name: 'new.example' }, { shell, mode: { check: true, diff: false } })).changes).toHaveLength(1);
    expect(text(path)).toBe(before);
    const { first, second } = await converge(hostname, { name: 'new.example' }, { shell });
    expect([first.changes, second.changes]).toMatchObject([[{ key: 'permanent', after: 'new.example' }], []]);
    expect(text(path)).toBe(after);
    expect(first.result).toMatchObject({
      name: 'new.example',
      ansible_facts: { ansible_hostname: 'new', ansible_nodename: 'new.example' },
    });
  });

  test('an unknown system, a name too long', async () => {
    put('etc/os-release', 'ID=other\n');
    await expect(runOnce(hostname, { name: 'a' }, { shell })).rejects.toMatchObject({ code: 'E_STATE' });
    await expect(runOnce(hostname, { name: 'a'.repeat(65), use: 'systemd' }, { shell })).rejects.toMatchObject({ code: 'E_STATE' });
    expect(hostname.args.safeParse({ name: 'a', use: 'solaris' }).success).toBe(false);
    expect(hostname.args.safeParse({}).success).toBe(false);
  });
});
