import * as z from 'zod';
import { KplayError } from '../model/errors.ts';
import { any, int, optional } from './args.ts';
import { defineAction } from './define.ts';

const args = z.strictObject({
  msg: optional(any).describe('What to print. Default: Hello world!'),
  var: optional(any).describe('An expression to print the value of.'),
  verbosity: int.default(0).describe('Print only at this -v level or above.'),
});

/** https://docs.ansible.com/ansible/latest/collections/ansible/builtin/debug_module.html */
export const debug = defineAction({
  name: 'debug',
  summary: 'Print a message or the value of an expression.',
  args,
  raw: ['var'],
  run({ msg, var: expression, verbosity }, context) {
    if (msg !== undefined && expression !== undefined) throw new KplayError('E_ARGS', "'msg' and 'var' are incompatible options");
    if (verbosity > Number(context.variable('ansible_verbosity') ?? 0))
      return { skipped: true, skipped_reason: 'Verbosity threshold not met.' };
    if (expression === undefined) return { msg: msg ?? 'Hello world!' };
    if (typeof expression !== 'string') return { [typeof expression]: context.template(expression) };
    const wholly = /^\s*\{\{.*\}\}\s*$/s.test(expression);
    const name = expression.includes('{{') && !wholly ? String(context.template(expression)) : expression;
    const written = name.replace(/^\s*\{\{(.*)\}\}\s*$/s, '$1').trim();
    try {
      return { [written]: context.template(`{{ ${written} }}`) };
    } catch (error) {
      if (error instanceof KplayError && error.code === 'E_UNDEFINED') return { [written]: 'VARIABLE IS NOT DEFINED!' };
      throw error;
    }
  },
});
