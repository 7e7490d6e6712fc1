import { describe, expect, test } from 'vitest';
import type { Output } from '../../src/model/module.ts';
import { boot, bootScript } from '../../src/probes/boot.ts';
import { reboot } from '../../src/tasks/reboot.ts';
import { dashRoot, replaceProgram } from './_accounts.ts';
import { execute, look, runOnce, shells } from './_converge.ts';

const output = (rc: number, stdout = '', atSeconds = 0): Output => {
  const at = new Date(atSeconds * 1000);
  return { rc, stdout: Buffer.from(stdout), stderr: Buffer.from('why\n'), startedAt: at, endedAt: at };
};
const given = (raw: object = {}) => reboot.args.parse(raw);

describe.for(shells)('a boot in $name', shell => {
  test('is told by the boot id and the start of PID 1, or by a command', () => {
    const told = look({ kind: boot, subject: '' }, shell);
    expect(told).toMatch(/^[\da-f-]{36}\n\d+$/);
    expect(look({ kind: boot, subject: '' }, shell)).toBe(told);
    expect(look({ kind: boot, subject: 'echo "it\'s"' }, shell)).toBe("it's");
    expect(execute(shell, bootScript('')).stdout.toString().trim()).toBe(told);
  });
  test('is seen once it is another and the test command succeeds', () => {
    const comeback = reboot.comeback?.(given({ test_command: 'echo up', boot_time_command: 'echo new' }), ['old']);
    const seen = execute(shell, comeback?.look.script ?? '');
    expect([seen.stdout.toString(), comeback?.isBack(seen)]).toEqual(['new\n\0up\n', true]);
    expect(reboot.comeback?.(given(), ['new']).isBack(seen)).toBe(false);
    expect(comeback?.isBack({ ...seen, rc: 1 })).toBe(false);
    expect(comeback?.isBack({ ...seen, stdout: Buffer.from('\0') })).toBe(false);
  });
});

describe.runIf(process.getuid?.() === 0)('the command', () => {
  const shell = dashRoot();
  for (const name of ['shutdown', 'reboot']) replaceProgram(shell, name, `echo "${name} $*" >>/said`);
  execute(shell, ': >/dev/null');
  const said = (args: object): string => {
    const [step] = reboot.act(given(args), ['old'], [], true);
    execute(shell, step?.script ?? '');
    return execute(shell, 'cat /said; : >/said').stdout.toString();
  };
  test('is shutdown, or what the task says', () => {
    expect(said({})).toBe('shutdown -r 0 Reboot initiated by Ansible\n');
    expect(said({ pre_reboot_delay: 119, msg: "it's time" })).toBe("shutdown -r 1 it's time\n");
    expect(said({ reboot_command: "reboot -d 'x y'" })).toBe('reboot -d x y\n');
    execute(shell, 'rm /bin/shutdown');
    expect(said({})).toBe('reboot \n');
  });
});

test('results', async () => {
  const result = (...outputs: readonly Output[]) => reboot.result(given(), ['old'], [], outputs);
  expect(result(output(0, '', 10), output(0, 'new\0', 42))).toEqual({ changed: true, rebooted: true, elapsed: 32 });
  expect(result(output(1, 'no\n'))).toMatchObject({ failed: true, rebooted: false, msg: "Reboot command failed. Error was: 'no, why'" });
  const checked = await runOnce(reboot, {}, { mode: { check: true, diff: false } });
  expect(checked.result).toEqual({ changed: true, elapsed: 0, rebooted: true });
  expect(reboot.args.safeParse({ reboot_timeout: 'long' }).success).toBe(false);
});
