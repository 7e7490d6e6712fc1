import { expect, test } from 'vitest';
import { folder, kplay } from '../cli/_kplay.ts';
import { SPARE_HOST } from './_lab.ts';

const BOOT = 'read -r line </proc/1/stat; set -- ${line##*)}; echo ${20}';
const play = (task: object, more: readonly object[] = []): string =>
  JSON.stringify([
    {
      hosts: SPARE_HOST,
      gather_facts: false,
      tasks: [
        { shell: BOOT, register: 'before' },
        { name: 'the reboot', 'ansible.builtin.reboot': task, register: 'told', ignore_errors: true },
        { shell: BOOT, register: 'after' },
        ...more,
      ],
    },
  ]);
const run = (playbook: string, ...args: readonly string[]) =>
  kplay(folder({ 'site.yml': playbook }), ['run', 'site.yml', '-i', process.env['KPLAY_LAB'] ?? '', ...args]);

test('a host is rebooted, and the play goes on when it is back', async () => {
  const assert = { assert: { that: ['told.rebooted', 'told.changed', 'told.elapsed > 0', 'before.stdout != after.stdout'] } };
  const { code, stdout, stderr } = await run(
    play({ reboot_timeout: 120, connect_timeout: 3, test_command: 'systemctl is-system-running --wait || :' }, [assert]),
  );
  expect(code, stdout + stderr).toBe(0);
});

test('check mode, a command that fails, and a host that stays', async () => {
  const stays = { assert: { that: ['before.stdout == after.stdout'] } };
  const fails = (text: string) => ({ assert: { that: ['told is failed', `'${text}' in told.msg`] } });
  const checked = await run(play({}, [{ assert: { that: ['told.rebooted', 'told.elapsed == 0'] } }]), '--check');
  expect(checked.code, checked.stdout).toBe(0);
  for (const [task, text] of [
    [{ reboot_command: 'false' }, 'Reboot command failed'],
    [{ reboot_command: 'true', reboot_timeout: 1 }, 'Timed out'],
  ] as const) {
    const { code, stdout } = await run(play(task, [stays, fails(text)]));
    expect(code, stdout).toBe(0);
  }
});

test("the controller's own machine is never rebooted", async () => {
  const local = JSON.stringify([
    { hosts: 'localhost', connection: 'local', gather_facts: false, tasks: [{ reboot: { reboot_command: 'false' } }] },
  ]);
  const { code, stdout } = await run(local, '--check');
  expect([code, stdout]).toEqual([2, expect.stringContaining('would reboot the control node')]);
});
