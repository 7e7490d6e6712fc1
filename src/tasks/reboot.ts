import * as z from 'zod';
import type { Fields } from '../model/module.ts';
import { boot, bootScript } from '../probes/boot.ts';
import { IN_A_SESSION } from '../shell/session.ts';
import { raw, sh } from '../shell/sh.ts';
import { int, list, optional, str } from './args.ts';
import { defineModule } from './define.ts';

const args = z.strictObject({
  reboot_timeout: int.default(600).describe('Seconds to wait until the host is back and the test command succeeds.'),
  connect_timeout: optional(int).describe("Seconds to wait for each connection; unset: the run's own."),
  pre_reboot_delay: int.default(0).describe('Seconds between the warning and the reboot, in whole minutes.'),
  post_reboot_delay: int.default(0).describe('Seconds to wait before the host is looked for.'),
  msg: str.default('Reboot initiated by Ansible').describe('What users are told.'),
  test_command: str.default('whoami').describe('Must succeed for the host to be back.'),
  boot_time_command: optional(str).describe('Prints what is another after every boot; unset: the boot id, and the start of PID 1.'),
  reboot_command: optional(str).describe('Command instead of shutdown(8).'),
  search_paths: list.default(['/sbin', '/bin', '/usr/sbin', '/usr/bin', '/usr/local/sbin']).describe('Where shutdown is looked for.'),
});
type Args = z.output<typeof args>;

/** Where there is no shutdown, as with busybox, reboot does it. */
const rebootScript = ({ reboot_command, search_paths, pre_reboot_delay, msg }: Args): string => {
  const minutes = Math.floor(Math.max(0, pre_reboot_delay) / 60);
  const usual = sh`if command -v shutdown >/dev/null; then shutdown -r ${minutes} ${msg}; else reboot; fi`;
  return sh`PATH=$PATH:${search_paths.join(':')}; export PATH
exec </dev/null
${raw(reboot_command === undefined ? usual : sh`(${raw(IN_A_SESSION)} sh -c ${reboot_command})`)}`;
};

/** ansible.builtin.reboot: reboots the host and waits until it is back. */
export const reboot = defineModule<[boot: string]>()({
  name: 'reboot',
  summary: 'Reboot the host, and wait until it is back.',
  args,
  aliases: {
    reboot_timeout_sec: 'reboot_timeout',
    connect_timeout_sec: 'connect_timeout',
    pre_reboot_delay_sec: 'pre_reboot_delay',
    post_reboot_delay_sec: 'post_reboot_delay',
  },
  reach: 'world',
  observe: ({ boot_time_command = '' }) => [{ kind: boot, subject: boot_time_command }],
  analyze: (_given, [before]) => [{ key: 'boot', before, after: 'another' }],
  act: given => [{ exit: 'any', script: rebootScript(given) }],

  comeback: (given, [before]) => ({
    timeoutMs: given.reboot_timeout * 1000,
    delayMs: Math.max(0, given.post_reboot_delay) * 1000,
    ...(given.connect_timeout !== undefined && { connectTimeoutMs: given.connect_timeout * 1000 }),
    look: {
      script: `${bootScript(given.boot_time_command ?? '')}\nprintf '\\0'\n${sh`(${raw(IN_A_SESSION)} sh -c ${given.test_command}) </dev/null`}`,
      timeoutMs: 60_000,
    },
    isBack({ rc, stdout }) {
      const now = stdout.toString().split('\0')[0]?.trim() ?? '';
      return rc === 0 && now !== '' && now !== before;
    },
  }),

  result(_given, _seen, _changes, outputs): Fields {
    const [asked, last] = outputs ?? [];
    if (asked === undefined) return { changed: true, elapsed: 0, rebooted: true };
    if (asked.rc !== 0)
      return {
        changed: false,
        failed: true,
        rebooted: false,
        elapsed: 0,
        msg: `Reboot command failed. Error was: '${asked.stdout.toString().trim()}, ${asked.stderr.toString().trim()}'`,
      };
    const elapsedMs = (last ?? asked).endedAt.getTime() - asked.endedAt.getTime();
    return { changed: true, rebooted: true, elapsed: Math.floor(elapsedMs / 1000) };
  },
});
