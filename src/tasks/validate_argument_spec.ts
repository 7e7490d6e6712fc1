import * as z from 'zod';
import { KplayError } from '../model/errors.ts';
import { isDict } from '../value/kinds.ts';
import { toPlain } from '../value/plain.ts';
import { str } from '../value/repr.ts';
import type { Dict, Value } from '../value/value.ts';
import { any } from './args.ts';
import { complaints, tellable } from './argument_spec.ts';
import { classOf } from './argument_types.ts';
import { defineAction } from './define.ts';

const value = z.custom<Value>(given => given !== undefined, { error: 'received undefined' });
const args = z.strictObject({
  argument_spec: value.describe("Options by name, each with its type, choices and so on, as in a role's `meta/argument_specs.yml`."),
  provided_arguments: value
    .default(() => new Map())
    .describe('Options that are given, by name; they come before variables of the same names.'),
  validate_args_context: any.default({}).describe('Comes back in the result.'),
});

/** https://docs.ansible.com/ansible/latest/collections/ansible/builtin/validate_argument_spec_module.html */
export const validateArgumentSpec = defineAction({
  name: 'validate_argument_spec',
  summary: 'Check variables against an argument spec. It is what a role with one begins with.',
  args,
  values: ['argument_spec', 'provided_arguments'],
  run({ validate_args_context, ...given }, context) {
    const spec = dictOf('argument_spec', given.argument_spec);
    const provided = dictOf('provided_arguments', given.provided_arguments);
    const all: Dict = new Map();
    for (const name of spec.keys()) {
      const variable = context.value(str(name)) as Value | undefined;
      if (variable !== undefined) all.set(name, variable);
    }
    for (const [name, item] of provided) all.set(name, item);
    const errors = complaints(spec, all);
    if (errors.length === 0) return { changed: false, msg: 'The arg spec validation passed', validate_args_context };
    return {
      failed: true,
      msg: `Validation of arguments failed:\n${errors.join('\n')}`,
      argument_errors: errors,
      argument_spec_data: toPlain(tellable(spec)),
      validate_args_context,
    };
  },
});

const dictOf = (name: string, given: Value): Dict => {
  if (isDict(given)) return given;
  throw new KplayError('E_ARGS', `Incorrect type for ${name}, expected dict and got ${classOf(given)}`);
};
