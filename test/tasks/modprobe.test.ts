import { chmodSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { modprobe } from '../../src/tasks/modprobe.ts';
import { dashRoot, replaceProgram } from './_accounts.ts';
import { runOnce } from './_converge.ts';

describe.runIf(process.getuid?.() === 0)('modprobe with a kernel of its own', () => {
  const shell = dashRoot();
  const at = (path: string): string => join(shell.root, path);
  const put = (path: string, text: string): void => {
    mkdirSync(join(at(path), '..'), { recursive: true });
    writeFileSync(at(path), text);
  };
  const text = (path: string): string => readFileSync(at(path), 'utf8');
  const run = async (args: object, check = false) => runOnce(modprobe, args, { shell, mode: { check, diff: false } });
  put('proc/modules', 'br_netfilter 32768 0 - Live 0x0\n');
  put(`lib/modules/${readFileSync('/proc/sys/kernel/osrelease', 'utf8').trim()}/modules.builtin`, 'kernel/net/core/builtin-one.ko\n');
  replaceProgram(
    shell,
    'modprobe',
    `echo "$*" >>/said
if [ "$1" = -r ]; then sed -i "/^$3 /d" /proc/modules; exit; fi
case $2 in none) echo "modprobe: FATAL: Module none not found." >&2; exit 1 ;; alias*) exit ;; esac
echo "$2 1 0 - Live 0x0" >>/proc/modules`,
  );

  test('a module is loaded and unloaded once', async () => {
    expect((await run({ name: 'dummy' }, true)).result).toEqual({ name: 'dummy', params: '', state: 'present', changed: true });
    expect(text('proc/modules')).not.toContain('dummy');
    expect((await run({ name: 'dummy', params: 'numdummies=2 name="a b"' })).changes).toEqual([
      { key: 'state', before: 'absent', after: 'present' },
    ]);
    expect(text('said')).toBe('-- dummy numdummies=2 name=a b\n');
    expect((await run({ name: 'dummy' })).changes).toEqual([]);
    expect((await run({ name: 'dummy', state: 'absent' })).result).toMatchObject({ changed: true, state: 'absent' });
    expect((await run({ name: 'dummy', state: 'absent' })).changes).toEqual([]);
  });

  test('dashes are underscores to the kernel, and what is built in is there', async () => {
    expect((await run({ name: 'br-netfilter' })).changes).toEqual([]);
    expect((await run({ name: 'builtin-one' })).changes).toEqual([]);
  });

  test('an alias is no change, a module that does not exist an error', async () => {
    expect((await run({ name: 'alias-of' })).result).toMatchObject({ changed: false });
    await expect(run({ name: 'none' })).rejects.toThrow(/Module none not found/);
    expect(modprobe.args.safeParse({ name: 'a', state: 'loaded' }).success).toBe(false);
  });

  test('it is kept for the next boot, and forgotten', async () => {
    put('etc/modules-load.d/own.conf', 'overlay\n other # why\n');
    put('etc/modprobe.d/own.conf', 'options other a=1\noptions overlay b=2 # why\n');
    chmodSync(at('etc/modprobe.d/own.conf'), 0o600);
    const wanted = { name: 'overlay', params: 'c=3 d=4', persistent: 'present' };
    expect((await run(wanted)).changes.map(({ path, key }) => path ?? key)).toEqual([
      'state',
      '/etc/modprobe.d/own.conf',
      '/etc/modprobe.d/overlay.conf',
    ]);
    expect((await run(wanted)).changes).toEqual([]);
    expect([text('etc/modprobe.d/own.conf'), text('etc/modprobe.d/overlay.conf')]).toEqual([
      'options other a=1\n#options overlay b=2 # why\n',
      'options overlay c=3\noptions overlay d=4\n',
    ]);
    expect(statSync(at('etc/modprobe.d/own.conf')).mode & 0o777).toBe(0o600);
    await run({ name: 'dummy', persistent: 'present' });
    expect(text('etc/modules-load.d/dummy.conf')).toBe('dummy\n');

    expect((await run({ ...wanted, persistent: 'absent' }, true)).changes.length).toBe(2);
    await run({ ...wanted, persistent: 'absent' });
    expect((await run({ ...wanted, persistent: 'absent' })).changes).toEqual([]);
    expect([text('etc/modules-load.d/own.conf'), text('etc/modprobe.d/overlay.conf')]).toEqual([
      '#overlay\n other # why\n',
      '#options overlay c=3\n#options overlay d=4\n',
    ]);
  });
});
