import * as z from 'zod';
import { KplayError } from '../model/errors.ts';
import type { Plain } from '../model/module.ts';
import type { SemanticsVersion } from '../model/semantics.ts';
import { bool } from './args.ts';
import { defineAction } from './define.ts';

const args = z.looseObject({ cacheable: bool.default(false).describe('Keep the fact in the fact cache as well; kplay has none.') });

/** Ansible 2.18 reads these words as booleans, in any case, when they are a whole fact. */
const asFact = (value: Plain, semantics: SemanticsVersion): Plain =>
  semantics === '2.18' && typeof value === 'string' && /^(true|false|yes|no)$/i.test(value) ? /^(true|yes)$/i.test(value) : value;

/** https://docs.ansible.com/ansible/latest/collections/ansible/builtin/set_fact_module.html */
export const setFact = defineAction({
  name: 'set_fact',
  summary: 'Set variables of the host for the rest of the run.',
  args,
  open: true,
  facts: 'set_fact',
  run({ cacheable, ...given }, { semantics }) {
    const facts = Object.entries(given as Record<string, Plain>);
    if (facts.length === 0)
      throw new KplayError('E_ARGS', 'No key/value pairs provided, at least one is required for this action to succeed');
    for (const [name] of facts)
      if (!/^[A-Za-z_]\w*$/.test(name))
        throw new KplayError(
          'E_ARGS',
          `The variable name '${name}' is not valid. Variables must start with a letter or underscore character, and contain only letters, numbers and underscores.`,
        );
    return {
      ansible_facts: Object.fromEntries(facts.map(([name, value]) => [name, asFact(value, semantics)])),
      _ansible_facts_cacheable: cacheable,
    };
  },
});
