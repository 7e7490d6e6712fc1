import * as z from 'zod';
import { any, bool, optional, str } from './args.ts';
import { defineAction } from './define.ts';

const args = z.strictObject({
  that: any.describe('Conditions, all of which must hold; a list or one.'),
  fail_msg: optional(any).describe('What to say when one does not hold.'),
  success_msg: optional(str).describe('What to say when all hold.'),
  quiet: bool.default(false).describe('Do not show without -v that all hold.'),
});

/** https://docs.ansible.com/ansible/latest/collections/ansible/builtin/assert_module.html */
export const assert = defineAction({
  name: 'assert',
  aliases: { msg: 'fail_msg' },
  summary: 'Fail unless conditions hold.',
  args,
  raw: ['that'],
  run({ that, fail_msg: failure, success_msg: success, quiet }, context) {
    for (const condition of Array.isArray(that) ? that : [that]) {
      const holds = typeof condition === 'boolean' ? condition : context.condition(String(condition));
      if (holds) continue;
      const msg = failure ?? 'Assertion failed';
      return { failed: true, changed: false, evaluated_to: false, assertion: condition, msg };
    }
    return { msg: success ?? 'All assertions passed', changed: false, ...(quiet && { _ansible_verbose_always: false }) };
  },
});
