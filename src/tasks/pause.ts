import * as z from 'zod';
import { KplayError } from '../model/errors.ts';
import { bool, float, optional, str } from './args.ts';
import { defineAction } from './define.ts';

const args = z.strictObject({
  seconds: optional(float).describe('How long to wait.'),
  minutes: optional(float).describe('How long to wait.'),
  prompt: optional(str).describe('What to say. Without a length of time a run with no terminal goes on at once, as Ansible does.'),
  echo: bool.default(true).describe('Taken for compatibility; nothing is read.'),
});

/** https://docs.ansible.com/ansible/latest/collections/ansible/builtin/pause_module.html */
export const pause = defineAction({
  name: 'pause',
  summary: 'Wait for a while.',
  args,
  bypassHostLoop: true,
  async run({ seconds, minutes, prompt }, context) {
    if (seconds !== undefined && minutes !== undefined)
      throw new KplayError('E_ARGS', 'parameters are mutually exclusive: minutes|seconds');
    const durationMs = Math.max(0, seconds !== undefined ? seconds * 1000 : (minutes ?? 0) * 60_000);
    await context.wait(durationMs);
    const said = `Paused for ${(durationMs / (minutes === undefined ? 1000 : 60_000)).toFixed(2)} ${minutes === undefined ? 'seconds' : 'minutes'}`;
    return {
      changed: false,
      rc: 0,
      stderr: '',
      stdout: said,
      delta: Math.trunc(durationMs / 1000),
      echo: true,
      user_input: '',
      ...(prompt !== undefined && { prompt }),
    };
  },
});
