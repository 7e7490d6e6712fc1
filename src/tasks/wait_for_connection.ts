import * as z from 'zod';
import type { ActionContext, Fields } from '../model/module.ts';
import { int, optional } from './args.ts';
import { defineAction } from './define.ts';

const args = z.strictObject({
  timeout: int.default(600).describe('Seconds to wait in all, after `delay`.'),
  delay: int.default(0).describe('Seconds before the host is looked for.'),
  sleep: int.default(1).describe('Seconds between looks.'),
  connect_timeout: optional(int).describe("Seconds to wait for each connection; unset: the run's own, as Ansible's ssh takes it."),
});

/** https://docs.ansible.com/ansible/latest/collections/ansible/builtin/wait_for_connection_module.html */
export const waitForConnection = defineAction({
  name: 'wait_for_connection',
  summary: 'Wait until a shell of the host answers on a new connection. Skipped in check mode.',
  args,
  async run({ timeout, delay, sleep, connect_timeout }, context) {
    if (context.check) return { skipped: true, failed: false };
    const elapsedMs = stopwatch(context);
    if (delay > 0) await context.wait(delay * 1000);
    const lookedMs = stopwatch(context);
    for (;;) {
      const why = await context.reach(connect_timeout === undefined ? undefined : connect_timeout * 1000);
      if (why === undefined) return { changed: false, ...elapsed(elapsedMs) };
      await context.wait(Math.max(0, sleep) * 1000);
      if (lookedMs() >= timeout * 1000)
        return { failed: true, msg: `timed out waiting for ping module test: ${why}`, ...elapsed(elapsedMs) };
    }
  },
});

const stopwatch = ({ now }: ActionContext): (() => number) => {
  const startedAt = now().getTime();
  return () => now().getTime() - startedAt;
};
const elapsed = (durationMs: () => number): Fields => ({ elapsed: Math.floor(durationMs() / 1000) });
