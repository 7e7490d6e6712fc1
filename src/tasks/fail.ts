import * as z from 'zod';
import { any } from './args.ts';
import { defineAction } from './define.ts';

const args = z.strictObject({ msg: any.default('Failed as requested from task').describe('What to say.') });

/** https://docs.ansible.com/ansible/latest/collections/ansible/builtin/fail_module.html */
export const fail = defineAction({
  name: 'fail',
  summary: 'Fail with a message.',
  args,
  run: ({ msg }) => ({ failed: true, msg }),
});
